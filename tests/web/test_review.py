"""Reading a branch and agreeing to it, cover, map, report and labels in the desk."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from desk import DeskClient, serving, text_of
from desk_forms import write
from signing import Key, Person, new_key

from smartreg.commands.export import ExportOptions, export_tables
from smartreg.workspace.workspace import open_workspace

POLE, BRANCH = "registry/supports/13047/pole.yaml", "desk/<b>&1/x"
ACTING = "</script><script>alert(1)</script>"
PLACE = f'address: "{ACTING}"\nlocation: {{lon: 4.98, lat: 43.51}}\n'
SETTINGS = 'name = "Istres"\nmetropole = "amp"\n[labels]\naddress = "https://x.example.org/{kind}/{id}"\n'
NO_COMMITS = ["-x", "--output=/tmp/x", "nobody", "main..HEAD", "HEAD:smartreg.toml", "\u202e", "a\0b"]


def support(owner: str, more: str = "") -> str:
    return f'id: pole\ntype: street_light\nowner: {owner}\nstatus: in_service\ninsee_code: "13047"\n{more}'


def party(id: str, key: Key) -> str:
    return f"id: {id}\nname: {id}\ncategory: private\nwriters:\n  keys: [{key.fingerprint}]\n"


@pytest.fixture(scope="module")
def istres(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return new_key(tmp_path_factory.mktemp("keys"), "istres")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, istres: Key) -> Path:
    """A registry of two parties with keys, and a branch by one of them that gives its support to the other."""
    root = tmp_path_factory.mktemp("review") / "root"
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    amp = Person("agent@amp.example.org", new_key(root.parent, "amp"))
    assert amp.key is not None
    amp.commits(
        root,
        {
            "smartreg.toml": SETTINGS,
            "registry/parties/amp.yaml": party("amp", amp.key),
            "registry/parties/istres.yaml": party("istres", istres),
            POLE: support("amp", PLACE),
            "registry/supports/13047/hidden.yaml": support("amp", "visibility: internal\n").replace("pole", "hidden"),
        },
    )
    amp.git(root, "checkout", "-q", "-b", BRANCH)
    more = 'notes: "*x* [y](javascript:z)"\nprevious_owners:\n  - owner: amp\n    until: 2026-01-01\n'
    amp.commits(root, {POLE: support("istres", PLACE + more)}, "<i>give</i>")
    amp.git(root, "checkout", "-q", "main")
    amp.git(root, "branch", "merged")
    for name, value in (("user.name", "A writer"), ("user.email", "agent@istres.example.org"),
                        ("gpg.format", "ssh"), ("user.signingKey", str(istres.file))):  # fmt: skip
        subprocess.run(["git", "config", name, value], cwd=root, check=True)
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[DeskClient]:
    with serving(root) as client:
        yield client


def test_branches_that_are_not_merged(client: DeskClient) -> None:
    page = client.get("/changes")
    assert f"{BRANCH} " in text_of(page)
    assert "<i>give</i>" in text_of(page)
    assert "merged</a>" not in page.text
    assert "<b>&1" not in page.text
    assert "<i>give" not in page.text


def test_a_branch_in_the_words_of_the_comment(client: DeskClient) -> None:
    page = client.get("/changes", branch=f"refs/heads/{BRANCH}")
    text = text_of(page)
    assert f"{BRANCH} → main" in text
    assert "istres has not agreed to support/pole" in text
    assert f"git switch {BRANCH}" in text
    assert "Transferred (1)" in text
    assert "<script>" not in page.text
    assert "javascript:" not in re.findall(r'href="([^"]*)', page.text)
    assert "Qui doit donner son accord" in client.get("/changes", branch=BRANCH, lang="fr").text


@pytest.mark.parametrize("name", NO_COMMITS)
def test_what_names_no_commit_is_400(client: DeskClient, name: str) -> None:
    assert client.get("/changes", branch=name).status == 400
    assert client.get("/changes", branch="main", base=name).status == 400
    assert client.get("/map", at=name).status == 400


def switch(client: DeskClient, root: Path, branch: str) -> None:
    """Check a branch out in a terminal, and let two seconds pass at once."""
    subprocess.run(["git", "checkout", "-q", branch], cwd=root, check=True)
    client.desk.reading.work(client.desk.reading.live.refresh)


def test_an_agreement_is_signed_by_the_page_and_counts(client: DeskClient, root: Path) -> None:
    switch(client, root, BRANCH)
    try:
        page = client.get("/changes", branch=BRANCH)
        link = re.search(r'href="[^"]*(/records/support/pole/agree\?[^"]*)"', page.text)
        assert link is not None
        commit = write(client, unescape(link[1]))
        said = subprocess.run(["git", "log", "-1", "--format=%G? %H %B"], cwd=root, check=True, capture_output=True)
        assert commit in said.stdout.decode()
        assert "Smartreg-Record: support/pole" in said.stdout.decode()
        assert "Nobody has to agree any more" in client.get("/changes", branch=BRANCH).text
    finally:
        switch(client, root, "main")


def test_cover_of_everything_and_of_one_record(client: DeskClient) -> None:
    assert "everything that needs a convention has one" in text_of(client.get("/coverage"))
    cover = text_of(client.get("/coverage", record="pole", on="2026-01-15"))
    assert "No exchange between parties here on 2026-01-15." in cover
    for wrong in ({"on": "2026-13-01"}, {"record": "<b>nobody"}, {"record": "pole", "ended": "nobody"}):
        reply = client.get("/coverage", **wrong)
        assert (reply.status, "<b>nobody" in reply.text) == (400, False)


def test_the_map_has_the_data_of_the_report(client: DeskClient, root: Path) -> None:
    page = client.get("/map", lang="fr")
    islands = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.text)
    data = json.loads(islands[0])
    assert {row[0] for row in data["records"]["support"]} == {"pole", "hidden"}
    assert (data["lang"], data["figures"]) == ("fr", [])
    assert ACTING not in page.text
    assert client.get("/static/map.js").headers["Content-Type"].startswith("text/javascript")
    assert client.get("/map", at="1999-01-01").status == 400


def test_the_report_is_its_own_page_or_a_file(client: DeskClient) -> None:
    assert "everybody" in client.get("/bilan").text
    page = client.get("/bilan/page", audience="public")
    assert page.text.startswith("<!DOCTYPE html>")
    assert page.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "default-src &#x27;none&#x27;" in page.text
    assert '"hidden",' not in page.text.partition('id="data">')[2].partition("</script>")[0]
    kept = client.get("/bilan/page", audience="public", keep="1")
    assert (kept.headers["Content-Disposition"].partition(";")[0], kept.body) == ("attachment", page.body)
    assert client.get("/bilan/page", until="tomorrow").status == 400
    assert client.get("/bilan/page", audience="press").status == 400


def test_the_label_is_that_of_the_export(client: DeskClient, root: Path) -> None:
    wanted = ExportOptions(["support"], ["id=pole"], audience="public")
    (file,) = export_tables(open_workspace(root), wanted, form="labels").files
    assert client.get("/records/support/pole/label").body == file.content
    assert client.get("/records/support/hidden/label").status == 400
    assert client.get("/records/party/amp/label").status == 400
    assert client.get("/records/support/nobody/label").status == 400

"""The pages of the desk: what they show, in both languages, whatever the records say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from desk import DeskClient, serving
from program import ROOT, copy_example, start
from pseudo_language import NAME, make_catalogue
from small import small_registry

from smartreg.web.app import find_pages

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "\u202egnp.exe",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "a\x7f\u200bb",
    "x" * 20_000,
)
ID = "/records/equipment/demo-istres-noise-001"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("desk") / "root")


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[DeskClient]:
    with serving(root) as client:
        yield client


def test_every_page_has_its_place_in_the_menu_or_none() -> None:
    paths = [page.path for page in find_pages()]
    assert len(paths) == len(set(paths))
    assert paths[:2] == ["/", "/records"]


def test_the_work_says_what_is_open(client: DeskClient) -> None:
    text = client.get("/").text
    assert "Last commits" in text
    assert re.search(r'href="/[^"]+/records\?kind=equipment"', text)
    assert "As of " in text
    assert "Derniers commits" in client.get("/", lang="fr").text


def test_records_are_found_by_words_kind_and_conditions(client: DeskClient) -> None:
    def ids(**query: str) -> list[str]:
        reply = client.get("/records", **query)
        assert reply.status == 200
        return re.findall(r'/records/\w+/([^"?]+)"', reply.text)

    assert len(ids()) == len(ids(after="party/allauch")) == 50
    assert set(ids(q="istres noise")) >= {"demo-istres-noise-001", "demo-istres-noise-002"}
    assert ids(q="istres noise", kind="equipment")
    assert ids(q="noise", where="id=demo-istres-noise-001") == ["demo-istres-noise-001"]
    assert ids(kind="equipment", where="id=demo-istres-noise-001") == ["demo-istres-noise-001"]
    assert ids(q="nothing at all") == []
    assert ids(kind="equipment", after="equipment/demo-istres-noise-001")[:1] != ["demo-istres-noise-001"]
    command = unescape(client.get("/records", q="noise", where="id!=x y").text)
    assert "smartreg find noise --where 'id!=x y'" in command
    assert start(
        "find", "noise", "--where", "id=demo-istres-noise-001", "-f", "ids", cwd=client.desk.folder
    ).stdout == ("equipment/demo-istres-noise-001\n")


def test_what_nobody_can_ask_is_said_with_its_status(client: DeskClient) -> None:
    for path, status in (
        ("/records?kind=nothing", 400),
        ("/records?kind=equipment&where=colour=red", 400),
        ("/records?where=x", 400),
        ("/records/equipment/nobody", 404),
        ("/records/nothing/nobody", 404),
        ("/records/equipment/nobody/fields", 404),
    ):
        reply = client.request("GET", path)
        assert (path, reply.status) == (path, status)
        assert "<h1>" in reply.text


def test_a_record_in_words(client: DeskClient) -> None:
    text = client.get(ID, lang="fr").text
    for words in ("Propriétaire", "Couverture aujourd&#39;hui", "Historique", "Ce qui la cite"):
        assert words in text
    assert re.search(r'href="/[^"]+/records/support/[^"]+\?lang=fr"', text)
    assert client.get(f"{ID}/fields").text.count("<tr>") > 3


def test_every_record_has_a_page(client: DeskClient) -> None:
    registry = client.desk.reading.work(client.desk.reading.live.recent).workspace.current
    for kind in registry.schemas.kinds:
        for id in list(registry.ids(kind))[:2]:
            assert client.get(f"/records/{kind}/{id}").status == 200, (kind, id)


@pytest.mark.promise("R11")
@pytest.mark.parametrize("words", HOSTILE[:-1])
def test_what_is_asked_never_becomes_markup(client: DeskClient, words: str) -> None:
    for query in ({"q": words}, {"where": words}, {"kind": words}, {"lang": words}, {"after": f"a/{words}"}):
        text = client.get("/records", **query).text
        assert "<script" not in text
        assert "<img" not in text
        assert "\u202e" not in re.sub(r'value="[^"]*"', "", text)
        assert "49" not in re.sub(r"\d\d:\d\d:\d\d", "", text)


@pytest.mark.promise("R11")
def test_hostile_records_act_nowhere(tmp_path: Path) -> None:
    """In values, ids and names of files; a file that cannot be read has a page as well."""
    quoted = [f'"{each.translate({34: None, 92: None, 0x7F: None})}"' for each in HOSTILE]
    records = {f"r{at}": f"id: r{at}\nname: {text}\nnote: {text}\ntags: [{text}]\n" for at, text in enumerate(quoted)}
    records |= {"a<b>": "id: a<b>\nname: x\n", 'a"b': "id: [\n", "a'&b": "name: {{x}}\n"}
    root = small_registry(tmp_path / "root", records)
    with serving(root) as client:
        pages = ["/", "/records", *(f"/records/org/r{at}" for at in range(len(quoted)))]
        pages += ["/records/org/a%3Cb%3E", "/records/org/a%22b", "/records/org/a%27%26b", "/records/org/r0/fields"]
        for path in pages:
            reply = client.request("GET", path)
            assert reply.status == 200, path
            assert "<script>alert" not in reply.text
            assert "<img" not in reply.text
            assert "<b>" not in reply.text
            assert "\u202e" not in reply.text
            assert 'href="javascript' not in reply.text
        assert client.request("GET", "/records/org/%2e%2e%2f%2e%2e%2fsmartreg.toml").status in (401, 404)


def test_what_others_change_is_shown_and_what_is_unchanged_is_not_opened_again(root: Path, client: DeskClient) -> None:
    live, work = client.desk.reading.live, client.desk.reading.work
    before = work(live.refresh)
    assert work(live.refresh).workspace is before.workspace
    file = root / "registry/parties/istres.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("name: ", "name: X", 1), "utf-8")
    after = work(live.refresh)
    assert after.workspace is not before.workspace
    assert "party/istres" in client.get("/").text
    file.write_text(text, "utf-8")
    work(live.refresh)
    done = start("set", "demo-istres-noise-001", "manufacturer=Kerlink", "-y", cwd=root, **AUTHOR)
    assert done.returncode == 0, done.stderr
    assert work(live.recent).workspace is not after.workspace  # the index says that it is left behind
    assert "Kerlink" in client.get(ID).text


AUTHOR = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def test_no_sentence_of_a_page_escapes_translation(
    client: DeskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a language that nobody speaks, every word that is not data is bracketed."""
    make_catalogue(tmp_path)
    monkeypatch.setenv("SMARTREG_LOCALE", str(tmp_path))
    for path in ("/", "/records", ID, f"{ID}/fields", "/nothing"):
        text = client.get(path, lang=NAME).text
        headings = re.findall(r"<(?:h1|h2|caption|summary|button|label)\b[^>]*>\s*([^<]*[^<\s])", text)
        assert headings
        assert [words for words in headings if not re.search(r"[^\x00-\x7f]|\d", words)] == []


def test_no_other_command_loads_the_desk(root: Path) -> None:
    script = (
        "import sys\nfrom smartreg.cli.run import run\nrun(['status'])\nrun(['show', 'istres'])\n"
        "print([name for name in ('starlette', 'uvicorn', 'jinja2', 'smartreg.web', 'segno') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"

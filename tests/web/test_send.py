"""What was made here is sent to a branch of its own, never to the one that others build on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import DeskClient, serving
from small import small_registry

from smartreg.features.setup.send import named_address

IDENTITY = ("-c", "user.name=Ann <b> Éa", "-c", "user.email=ann@example.org", "-c", "commit.gpgSign=false")
HOOK = "#!/bin/sh\necho 'To ask for a merge, visit:'\necho 'https://evil.example/x'\n"


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry that was cloned from a bare repository, whose branch has a name that is no markup."""
    made = small_registry(tmp_path / "made", {"a": "id: a\nname: A\n"})
    git(made, "branch", "-m", "main<b>")
    git(tmp_path, "clone", "--quiet", "--bare", str(made), "remote.git")
    hook = tmp_path / "remote.git/hooks/post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    git(tmp_path, "clone", "--quiet", str(tmp_path / "remote.git"), "root")
    return tmp_path / "root"


@pytest.fixture
def client(root: Path) -> Iterator[DeskClient]:
    with serving(root) as client:
        yield client


def change(root: Path, name: str) -> None:
    (root / "registry/org/a.yaml").write_text(f"id: a\nname: {name}\n")
    git(root, "commit", "--quiet", "--all", "-m", f"Set {name}")


def test_it_goes_to_a_branch_that_grows_until_it_is_merged(root: Path, client: DeskClient, tmp_path: Path) -> None:
    remote, main = tmp_path / "remote.git", git(root, "rev-parse", "HEAD")
    assert "Everything that was made here is in main&lt;b&gt;" in client.get("/").text
    assert client.post("/send").status == 422
    change(root, "B")
    branch = f"desk/ann-b-ea/{git(root, 'rev-parse', '--short=7', 'HEAD')}"
    client.desk.reading.work(client.desk.reading.live.refresh)
    assert f"Send to {branch}" in client.get("/").text
    for name in ("C", "D"):
        sent = client.post("/send")
        assert (sent.status, branch in sent.text, "evil.example" in sent.text) == (200, True, False)
        assert git(remote, "rev-parse", f"refs/heads/{branch}") == git(root, "rev-parse", "HEAD")
        assert "waits to be merged" in client.get("/").text
        change(root, name)
    assert git(remote, "rev-parse", "refs/heads/main<b>") == main
    assert len(git(remote, "for-each-ref", "refs/heads").splitlines()) == 2


def test_what_the_other_side_refuses_is_said(root: Path, client: DeskClient, tmp_path: Path) -> None:
    hook = tmp_path / "remote.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'no <b>thanks</b>'\nexit 1\n")
    hook.chmod(0o755)
    change(root, "B")
    sent = client.post("/send")
    assert (sent.status, "no &lt;b&gt;thanks" in sent.text) == (409, True)


@pytest.mark.parametrize(
    ("url", "said", "address"),
    [
        ("git@git.example:g/r.git", "remote: https://git.example/pulls/new?x=1", "https://git.example/pulls/new?x=1"),
        ("ssh://git@git.example:22/g/r", "https://evil.example/x https://Git.Example/y", "https://Git.Example/y"),
        ("https://x:secret@git.example/o/r.git", "https://git.example:8443/z", "https://git.example:8443/z"),
        ("https://git.example/o/r", "https://git.example.evil.example/x https://x@evil.example/git.example", None),
        ("https://git.example/o/r", "http://git.example/x javascript:alert(1) //git.example", None),
        ("/srv/git/r.git", "https://evil.example/x https://srv/x", None),
        ("C:/registry", "https://c/x", None),
        ("", "https://evil.example/", None),
    ],
)
def test_only_the_forge_itself_names_where_to_go_on(url: str, said: str, address: str | None) -> None:
    assert named_address(said, url) == address

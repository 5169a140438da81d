"""Files that Git keeps in another encoding on disk (working-tree-encoding): read from Git, never written (R6, R7)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.core.errors import StateFault
from smartreg.gitio import CommitMessage, Write, commit, open_repo, preflight
from smartreg.trees import WorkingTree

PATH, NEW = "registry/parties/evian.yaml", "registry/parties/nevers.yaml"
TEXT = "id: evian\nname: Évian\ncategory: private\n"
LATIN = "* working-tree-encoding=ISO-8859-1\n"
KINDS = (".gitattributes", ".git/info/attributes", "core.attributesFile", "a macro")


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry with one record, committed in UTF-8."""
    for path, text in ((PATH, TEXT), ("smartreg.toml", 'name = "R"\n')):
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "base")
    return git_repo


def lay(root: Path, git: Git, kind: str, line: str = LATIN) -> None:
    """Let a file of attributes name the encoding, and check the registry out by it."""
    place = root / (kind if kind.endswith("attributes") else ".git/info/attributes")
    if kind == "core.attributesFile":
        place = root.parent / "attributes"
        git("config", kind, str(place))
    place.write_text(f"[attr]old {line[2:]}registry/** old\n" if kind == "a macro" else line, encoding="utf-8")
    check_out(root, git)


def check_out(root: Path, git: Git) -> None:
    (root / PATH).unlink()
    git("checkout", "-q", "--", PATH)


@pytest.mark.promise("R14")
@pytest.mark.parametrize("kind", KINDS)
def test_what_git_would_convert_is_not_written(root: Path, git: Git, kind: str) -> None:
    lay(root, git, kind)
    before = git("status", "--porcelain"), git("rev-parse", "HEAD"), (root / PATH).read_bytes()
    message = CommitMessage("Add party/nevers", "", ())
    repo = open_repo(root)
    for make_commit in (True, False):
        with pytest.raises(StateFault, match=f"{NEW}: .*working-tree-encoding=ISO-8859-1"):
            commit(repo, [Write(NEW, b"id: x\n")], message, expected={NEW: None}, make_commit=make_commit)
    with pytest.raises(StateFault, match="working-tree-encoding=ISO-8859-1"):
        preflight(repo, (PATH,))
    assert (git("status", "--porcelain"), git("rev-parse", "HEAD"), (root / PATH).read_bytes()) == before


@pytest.mark.promise("R7")
@pytest.mark.parametrize("kind", KINDS)
def test_an_unchanged_file_says_what_its_blob_says_and_a_changed_one_nothing(root: Path, git: Git, kind: str) -> None:
    lay(root, git, kind)
    assert (root / PATH).read_bytes() == TEXT.encode("latin-1")
    (root / PATH).touch()
    tree = WorkingTree(root, open_repo(root))
    assert (tree.files()[PATH].special, tree.files()[PATH].blob) == ("", git("rev-parse", f"HEAD:{PATH}").strip())
    assert (tree.read(PATH), dict(tree.read_many([PATH]))) == (TEXT.encode(), {PATH: TEXT.encode()})

    # What an editor in UTF-8 writes, Git would store as `Ã‰vian`.
    (root / PATH).write_text(TEXT.replace("private", "commune"), encoding="utf-8")
    changed = WorkingTree(root, open_repo(root)).files()[PATH]
    assert (changed.special, changed.blob) == ("other encoding", None)


@pytest.mark.promise("R7")
@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16LE-BOM", "windows-1252", "UTF-8", "utf8"])
def test_encodings_that_git_knows(root: Path, git: Git, encoding: str) -> None:
    lay(root, git, ".git/info/attributes", f"* working-tree-encoding={encoding}\n")
    (root / PATH).touch()
    tree = WorkingTree(root, open_repo(root))
    assert tree.files()[PATH].special == ""
    assert tree.read(PATH) == TEXT.encode()


@pytest.mark.promise("R7")
@pytest.mark.parametrize("encoding", ["hex", "punycode", "nonsense", "../x"])
def test_encodings_that_nobody_knows(root: Path, git: Git, encoding: str) -> None:
    (root / PATH).write_bytes(b"changed: \xff\n" * 50_000)
    (root / ".git/info/attributes").write_text(f"* working-tree-encoding={encoding}\n", encoding="utf-8")
    assert WorkingTree(root, open_repo(root)).files()[PATH].special == "other encoding"


@pytest.mark.promise("R8")
def test_it_is_reported_with_its_place_and_the_attribute(root: Path, git: Git) -> None:
    lay(root, git, ".git/info/attributes")
    assert start("validate", "--select", "YML", cwd=root).returncode == 0
    refused = start("set", "evian", "name=Évian-les-Bains", "-y", cwd=root)
    assert (refused.returncode, "working-tree-encoding=ISO-8859-1" in refused.stderr) == (3, True)
    (root / PATH).write_text(TEXT.replace("private", "commune"), encoding="utf-8")
    done = start("validate", "--select", "YML", "--json", cwd=root)
    [finding] = json.loads(done.stdout)["findings"]
    assert (done.returncode, finding["code"], finding["file"]) == (1, "YML005", PATH)
    assert "working-tree-encoding" in finding["message"]
    assert "1 file cannot be read" in start("list", "party", cwd=root).stderr
    refused = start("remove", "evian", "-y", cwd=root)
    assert (refused.returncode, "cannot be read" in refused.stderr) == (3, True)

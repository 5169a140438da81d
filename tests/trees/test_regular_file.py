"""Files that are opened by a name from a tree: regular ones, opened once, up to a limit."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Git
from crashes import run
from test_sparse import FILES, lay

from smartreg.cli.shell import complete
from smartreg.commands.doctor_ci import ci_commands
from smartreg.core.errors import StateFault
from smartreg.core.files import NotRegular, read_regular
from smartreg.edit.merge import Versions
from smartreg.features.merge.merge_driver import merge_driver
from smartreg.gitio import CommitMessage, Write, commit, open_repo
from smartreg.gitio.merge_file import LineMerger
from smartreg.trees import OddSchema, WorkingTree, schema_texts

PACKAGE = Path(__file__).parents[2] / "smartreg"
# What opens files by another way, and whose they are.
ELSEWHERE = {
    "smartreg's own, in the package": {
        *(
            "commands/pipelines.py",
            "features/setup/welcome/__init__.py",
            "core/messages.py",
            "core/webpage.py",
            "domain/codes/__init__.py",
            "features/observatory/core.py",
            "features/observatory/crossing.py",
            "features/observatory/figures.py",
            "importing/terms.py",
            "schema/countries/__init__.py",
            "schema/schemas.py",
            "validation/manuals.py",
            "web/rendering.py",
        ),
    },
    "smartreg's own, in Git's folder": {
        *("commands/edit_.py", "core/locking.py"),
        *("gitio/direct.py", "gitio/journal.py", "gitio/signatures.py", "cli/editing.py"),
        "gitio/ssh_signatures.py",
    },
    "what the system tells of processes": {"gitio/stale_locks.py", "gitio/turns.py"},
    "the user's key": {"core/user_key.py"},
    "Git's own": {
        "features/merge/merge_driver.py",
        "features/merge/rename_in_merge.py",
        "gitio/repo.py",
        "gitio/sides.py",
    },
    "what a program that was started prints and reads": {
        *(
            "core/parallel.py",
            "cli/streams.py",
            "features/observatory/spark.py",
            "gitio/runner.py",
            "readers/foreign.py",
            "readers/isolated.py",
            "features/proofs/trail/openssl.py",
        ),
    },
    "folders and devices that a confined program may reach": {"readers/confinement.py"},
    "what the user names on the command line or in the environment": {
        *("features/setup/boundaries.py", "commands/destination.py", "workspace/output.py", "workspace/documents.py"),
    },
    "a draft of its own": {
        "features/setup/doctor_clone.py",
        "commands/export.py",
        "features/proofs/dossier.py",
        "exporters/parquet.py",
        "features/proofs/dossier_history.py",
        "features/observatory/tables.py",
    },
    "files of a dossier, once they are known to be regular": {"features/proofs/dossier_check.py"},
    "no file: the user's browser, a web server": {"web/serve.py", "release/fetching.py"},
    "parts of a file in memory": {"readers/formats.py", "readers/workbook.py"},
    "folders, and this function": {"trees/folders.py", "core/files.py"},
}


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    return lay(git_repo, git)


def put(place: Path, what: str) -> None:
    place.unlink(missing_ok=True)
    match what:
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case "socket":
            held = os.open(place.parent, os.O_RDONLY)  # an address has 107 bytes at most
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(f"/proc/self/fd/{held}/{place.name}")
            os.close(held)
        case device:
            place.symlink_to(device)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("what", ["pipe", "folder", "socket", "/dev/zero", "/etc/hostname"])
def test_only_a_regular_file_is_read(tmp_path: Path, what: str) -> None:
    place = tmp_path / "file"
    put(place, what)
    with pytest.raises(NotRegular):
        read_regular(place, 10)
    if what != "/etc/hostname":
        with pytest.raises(NotRegular):
            read_regular(place, 10, follow=True)


@pytest.mark.promise("R8")
def test_a_limit_holds_and_an_unknown_size_does_no_harm(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"0123456789")
    assert [read_regular(place, limit) for limit in (3, 10, sys.maxsize)] == [b"012", b"0123456789", b"0123456789"]
    assert read_regular("/proc/self/status", sys.maxsize).startswith(b"Name:")
    (tmp_path / "link").symlink_to(place)
    assert read_regular(tmp_path / "link", 3, follow=True) == b"012"
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "none", 3)


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("path", "what"),
    [("schemas/org.schema.json", "pipe"), ("schemas/org.fr.json", "/dev/zero"), ("smartreg.toml", "pipe")],
)
def test_nobody_waits_for_schemas_and_settings(
    root: Path, monkeypatch: pytest.MonkeyPatch, path: str, what: str
) -> None:
    put(root / path, what)
    ended = run(root, "add-org --name New -y")
    assert ended.code == 2
    assert f"error: {path} is " in ended.err
    assert "it must be a plain file" in ended.err
    assert run(root, "-h").code == 0
    monkeypatch.chdir(root)
    complete(["set", "org/base", ""], {})
    if path != "smartreg.toml":
        with pytest.raises(OddSchema, match=path):
            schema_texts(root)


@pytest.mark.promise("R8")
def test_whatever_else_has_a_name_from_the_tree(root: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root / "schemas/other.schema.json", "pipe")
    put(root / "registry/.gitattributes", "pipe")
    (root / ".github/workflows").mkdir(parents=True)
    put(root / ".github/workflows/x.yml", "pipe")
    sides = Versions(*(root / f".git/{name}" for name in ("base", "ours", "theirs")))
    for side in sides:
        side.write_text(FILES["registry/org/base.yaml"])
    assert merge_driver(root, sides, "registry/org/base.yaml", LineMerger(root)).merge.clean
    assert WorkingTree(root, open_repo(root)).files()["schemas/other.schema.json"].special == "other"
    assert ci_commands(root, "main") == []
    (root / "registry/org").rename(root / "away")
    put(root / "registry/org", str(root / "away"))
    monkeypatch.chdir(root)
    assert complete(["show", "org/"], {}) == ""


@pytest.mark.promise("R3")
def test_a_file_that_became_a_pipe_is_not_waited_for_by_a_write(root: Path) -> None:
    """Neither one that is written nor one that the plan relied on."""
    repo, base, far = open_repo(root), "registry/org/base.yaml", "registry/org/far/far.yaml"
    put(root / far, "pipe")
    expected = {path: FILES[path].encode() for path in (base, far)}
    for written in (base, far):
        for make_commit in (True, False):
            with pytest.raises(StateFault):
                commit(repo, [Write(written, b"x\n")], CommitMessage("x"), expected=expected, make_commit=make_commit)
    assert (root / base).read_text() == FILES[base]


@pytest.mark.promise("R8")
def test_the_users_own_files_may_be_pipes_and_are_read_up_to_a_limit(root: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -m smartreg add-org --from <(echo \'{{"name": "Piped"}}\') -y'],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert "name: Piped" in (root / "registry/org/piped.yaml").read_text()
    for line in ("add-org --from /dev/zero -y", "report --conclusion /dev/zero"):
        assert run(root, line).code == 2


@pytest.mark.promise("R8")
def test_no_other_module_opens_files() -> None:
    texts = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path, text in texts.items()
        if re.search(r"\b(?:fd)?open\(|\bread_(?:bytes|text)\(", text)  # to parse all takes two seconds
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and _opens(node.func)
    }
    assert found == set().union(*ELSEWHERE.values())


def _opens(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id == "open"
    if not isinstance(called, ast.Attribute) or not isinstance(
        called.value, ast.Name | ast.Attribute | ast.Call | ast.BinOp
    ):
        return False
    of = called.value.id if isinstance(called.value, ast.Name) else ""
    return called.attr in ("read_bytes", "read_text") or (called.attr in ("open", "fdopen") and of != "Index")

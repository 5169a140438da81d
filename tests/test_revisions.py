"""Options that name a revision: one commit, or exit 2 before another one is used."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Git

from smartreg.cli.run import run

LINES = (
    "audit --anchor REV",
    "audit --since REV",
    "blame istres --at REV",
    "diff -- REV",
    "diff HEAD REV",
    "export party -o - --at REV",
    "list party --at REV",
    "query SELECT+1 --at REV",
    "report -f json --at REV",
    "show istres --at REV",
    "undo -n -- REV",
    "validate --at REV",
    "validate --since REV",
    "verify x.json --at REV",
)


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    (git_repo / "registry/parties").mkdir(parents=True)
    (git_repo / "registry/parties/istres.yaml").write_text("id: istres\nname: Istres\ncategory: private\n", "utf-8")
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n', "utf-8")
    git("add", "-A")
    git("commit", "-qm", "begin")
    git("commit", "-qm", "again", "--allow-empty")
    (git_repo / "x.json").write_text("{}", "utf-8")
    return git_repo


@pytest.mark.promise("R12")
@pytest.mark.parametrize("line", LINES)
def test_what_names_no_single_commit_is_2(root: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    for rev in ("^HEAD", "HEAD~1..HEAD", "HEAD^{tree}", "index", ""):
        name, *words = (word.replace("+", " ").replace("REV", rev) for word in line.split())
        if name == "diff" and ".." in rev:  # names two, as in Git
            continue

        assert run(["-C", str(root), name, *(word.replace("x.json", str(root / "x.json")) for word in words)]) == 2

        captured = capsys.readouterr()
        assert captured.out == ""
        assert f'error: "{rev}" names no commit\n' in captured.err

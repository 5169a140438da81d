"""`edit` on a real terminal with a real editor: sed, with a plan of what to do each time it opens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git
from program import GIT_CONFIG, start
from terminal import talk

PARTY = "registry/parties/lyon.yaml"
TEXT = "# of the town\nid: lyon\nname: Lyon  # as ever\ncategory: private\n"
Edit: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    (folder / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    assert start("init", "registry", cwd=folder, HOME=str(folder)).returncode == 0
    root = folder / "registry"
    (root / PARTY).write_text(TEXT, encoding="utf-8")
    for words in (["add", "-A"], ["commit", "-qm", "lyon"]):
        subprocess.run(["git", *words], cwd=root, env={**os.environ, "HOME": str(folder)}, check=True)
    return root


@pytest.fixture
def root(registry: Path, home: Path) -> Path:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    return registry


@pytest.fixture
def edit(root: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """`edit(["s/a/b/", …], [("asked", "answer"), …])`: each opening of the editor takes the next command: of sed, or of
    the shell where it begins with `!`."""
    editor, plan = tmp_path / "editor", tmp_path / "plan"
    editor.write_text(
        f"#!/bin/sh\nnext=$(head -n 1 {plan}); sed -i 1d {plan}\n"
        'case $next in !*) eval "${next#!}";; *) sed -i "$next" "$1";; esac\n',
        encoding="utf-8",
    )
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))

    def run(plans: Sequence[str], exchange: Sequence[tuple[str, str]] = (), *words: str) -> tuple[int, str]:
        plan.write_text("".join(f"{line}\n" for line in plans), encoding="utf-8")
        return talk([sys.executable, "-m", "smartreg", "edit", "lyon", *words], root, home, exchange)

    return run


def drafts_of(root: Path) -> list[Path]:
    folder = root / ".git/smartreg/edit"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_a_sound_text_is_one_commit(root: Path, edit: Edit, git: Git) -> None:
    code, shown = edit(["s/name: Lyon/name: Ville de Lyon/"], [("(k)eep", "k\n")], "--reason", "new name")
    assert code == 0, shown
    assert "Ville de Lyon" in shown
    assert (root / PARTY).read_text(encoding="utf-8") == TEXT.replace("Lyon", "Ville de Lyon")
    assert (
        "Smartreg-Op: edit\nSmartreg-Record: party/lyon\nSmartreg-Field: party/lyon name\nSmartreg-Reason: new name"
        in git("log", "-1", cwd=root).replace("    ", "")
    )
    assert (git("status", "--porcelain", cwd=root), drafts_of(root)) == ("", [])


def test_errors_are_shown_and_the_text_edited_again(root: Path, edit: Edit) -> None:
    code, shown = edit(
        ["s/private/privat/", "s/privat$/public/", "s/public/parapublic/;$a siren: '123456782'"],
        [
            ("(e)dit again", "k\n"),
            ("(e)dit again", "e\n"),
            ("(e)dit again", "\n"),
            ("(k)eep", "k\n"),
        ],
    )
    assert code == 0, shown
    assert "SCH103" in shown
    assert "parapublic" in (root / PARTY).read_text(encoding="utf-8")


@pytest.mark.parametrize(("change", "asked"), [("s/private/privat/", "(e)dit again"), ("s/Lyon/L/", "(k)eep")])
def test_discarding_changes_nothing(root: Path, edit: Edit, change: str, asked: str) -> None:
    code, shown = edit([change], [(asked, "x\n")])
    assert (code, (root / PARTY).read_text(encoding="utf-8"), drafts_of(root)) == (130, TEXT, []), shown


def test_an_untouched_text_is_nothing(root: Path, edit: Edit, git: Git) -> None:
    head = git("rev-parse", "HEAD", cwd=root)
    code, shown = edit(["s/x/x/"])
    assert (code, git("rev-parse", "HEAD", cwd=root), drafts_of(root)) == (0, head, [])
    assert "Nothing to change" in shown


def test_ctrl_c_at_the_question_keeps_the_text(root: Path, edit: Edit) -> None:
    code, shown = edit(["s/Lyon/L/"], [("(k)eep", "\x03")])
    assert code == 130, shown
    assert [file.read_text(encoding="utf-8") for file in drafts_of(root)] == [TEXT.replace("Lyon", "L")]
    assert str(drafts_of(root)[0]) in shown.replace("\n", "")


def test_a_change_by_somebody_else_is_not_overwritten(root: Path, edit: Edit, git: Git) -> None:
    other = f"{sys.executable} -m smartreg set lyon nonprofit=true -y"
    code, shown = edit([f'!sed -i s/Lyon/L/ "$1"; {other} >/dev/null'], [], "-y")
    assert code == 3, shown
    assert "nonprofit: true" in (root / PARTY).read_text(encoding="utf-8")
    assert [file.read_text(encoding="utf-8") for file in drafts_of(root)] == [TEXT.replace("Lyon", "L")]
    assert "changed by someone else" in shown


def test_an_editor_that_fails_writes_nothing_and_keeps_the_text(root: Path, edit: Edit) -> None:
    code, shown = edit(['!sed -i s/Lyon/L/ "$1"; exit 3'])
    assert (code, (root / PARTY).read_text(encoding="utf-8"), len(drafts_of(root))) == (3, TEXT, 1), shown
    assert "the editor ended with 3" in shown
    code, shown = edit(['!rm "$1"'])
    assert (code, (root / PARTY).read_text(encoding="utf-8")) == (3, TEXT), shown


def test_what_cannot_be_read_can_be_edited(root: Path, edit: Edit, git: Git) -> None:
    (root / PARTY).write_text(TEXT + "name: [\n", encoding="utf-8")
    git("commit", "-qam", "broken", cwd=root)
    code, shown = edit(["$d"], [("(k)eep", "\n")])
    assert (code, (root / PARTY).read_text(encoding="utf-8")) == (0, TEXT), shown


def test_a_dry_run_shows_and_keeps_the_text(root: Path, edit: Edit, git: Git) -> None:
    code, shown = edit(["s/Lyon/L/"], [], "-n")
    assert (code, git("status", "--porcelain", cwd=root), len(drafts_of(root))) == (0, "", 1), shown


def test_without_a_terminal_nobody_can_edit(root: Path) -> None:
    done = start("edit", "lyon", cwd=root)
    assert (done.returncode, "smartreg set lyon" in done.stderr) == (2, True)
    assert start("edit", "lyon", "--lang", "fr", cwd=root).returncode == 2


def test_the_editor_is_the_one_that_git_would_start(root: Path, edit: Edit, home: Path) -> None:
    subprocess.run(["git", "config", "--global", "core.editor", "sed -i s/private/parapublic/"], check=True)
    code, shown = edit(["s/Lyon/L/"], [("(e)dit again", "x\n")])
    assert (code, "siren" in shown) == (130, True), shown

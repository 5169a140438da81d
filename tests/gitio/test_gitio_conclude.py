"""A merge that is concluded, stopped at every step: Git waits for all its files or none, and the commit can be made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from itertools import islice, product
from pathlib import Path

import crashes
import pytest
from conftest import Git
from crashes import Ended, Fault, run

from smartreg.core.errors import SmartregError
from smartreg.gitio import Write, conclude_merge, open_repo, recover

CHANGED, KEPT, NEW, MINE = "registry/a.yaml", "registry/b.yaml", "registry/c.yaml", "notes.txt"
WRITES = {CHANGED: b"id: both\n", NEW: b"id: new\n"}
SETTLED = sorted((*WRITES, KEPT))
EACH = pytest.mark.parametrize("stride", [13, pytest.param(1, marks=pytest.mark.long)])  # every one, or a sample


@pytest.fixture
def merging(git_repo: Path, git: Git) -> Path:
    """A merge that stopped at two files, of which one branch deleted one; and work of the user's."""

    def commits(texts: dict[str, str | None]) -> None:
        for path, text in texts.items():
            (git_repo / path).parent.mkdir(exist_ok=True)
            if text is None:
                (git_repo / path).unlink()
            else:
                (git_repo / path).write_text(text)
        git("add", "-A")
        git("commit", "-qm", "by hand")

    commits({CHANGED: "id: a\n", KEPT: "id: b\n", MINE: "mine\n"})
    git("switch", "-qc", "aside")
    commits({CHANGED: "id: theirs\n", KEPT: "id: changed\n"})
    git("switch", "-q", "-")
    commits({CHANGED: "id: ours\n", KEPT: None})
    (git_repo / MINE).write_text("mine, changed\n")
    assert subprocess.run(["git", "merge", "-q", "aside"], cwd=git_repo, capture_output=True, check=False).returncode
    return git_repo


def conclude(root: Path) -> str | None:
    """As the page does it, of the state that it finds."""
    repo = open_repo(root)
    expected = {path: (root / path).read_bytes() if (root / path).exists() else None for path in WRITES}
    writes = [Write(path, text) for path, text in WRITES.items() if text != expected[path]]
    return conclude_merge(repo, writes, SETTLED if repo.unmerged() else (), expected=expected)


def says(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def in_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        try:
            conclude(Path.cwd())
        except SmartregError as fault:
            sys.stderr.write(f"{fault}\n")
            sys.stderr.flush()
            os._exit(fault.exit_code)
        os._exit(0)

    monkeypatch.setattr(crashes, "main", main)


def start(root: Path, fault: Fault | None = None, **environ: str) -> Ended:
    return run(root, "conclude", fault, HOME=os.environ["HOME"], **environ)


def copy(root: Path) -> Path:
    work = root.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(root, work, symlinks=True)
    says(work, "status")
    return work


def left_after(root: Path, label: str) -> str:
    """What an interruption left, once the next write has looked at it: "before", "settled" or "after"."""
    recover(open_repo(root))
    merges, unmerged = (root / ".git/MERGE_HEAD").exists(), says(root, "ls-files", "--unmerged")
    texts = {path: (root / path).read_bytes() if (root / path).exists() else None for path in WRITES}
    if unmerged:
        assert texts[NEW] is None, label
        assert b"<<<<<<<" in (texts[CHANGED] or b""), label
        assert unmerged.count(CHANGED) == 3, label
        assert unmerged.count(KEPT) == 2, label
    else:
        assert texts == WRITES, label
        assert says(root, "diff", "--name-only").split() == [MINE], label
    return "before" if unmerged else "settled" if merges else "after"


def assert_concluded(root: Path, label: str) -> None:
    """One commit, of both branches, with what was settled and nothing else."""
    assert says(root, "rev-list", "--count", "HEAD").strip() == "4", label
    assert len(says(root, "rev-parse", "HEAD^@").split()) == 2, label
    assert says(root, "log", "-1", "--format=%s") == "Merge branch 'aside'\n", label
    assert says(root, "show", f"HEAD:{CHANGED}").encode() == WRITES[CHANGED], label
    assert says(root, "show", f"HEAD:{KEPT}") == "id: changed\n", label
    assert says(root, "status", "--porcelain", "-uall") == f" M {MINE}\n", label
    assert not (root / ".git/MERGE_HEAD").exists(), label
    assert not (root / ".git/smartreg/write/journal.json").exists(), label
    assert [lock for lock in (root / ".git").rglob("*.lock") if lock.parent.name != "smartreg"] == [], label
    says(root, "fsck", "--strict", "--no-dangling")


@pytest.mark.promise("R1")
@pytest.mark.usefixtures("in_fork")
@EACH
def test_a_kill_at_every_step(merging: Path, stride: int) -> None:
    log = merging.with_name("steps.log")
    assert start(copy(merging), Fault(log=log)).code == 0
    assert_concluded(merging.with_name("work"), "through")
    outcomes = set()
    steps = log.read_text("utf-8").splitlines()
    for at, step in islice(enumerate(steps, 1), stride // 2, None, stride):
        root, label = copy(merging), f"kill at step {at} ({step})"
        assert start(root, Fault(at, "kill")).code in (-signal.SIGKILL, 0), label  # one run has a step less
        outcomes.add(left := left_after(root, label))
        if left != "after":
            conclude(root)
        assert_concluded(root, label)
    assert "before" in outcomes
    assert stride > 1 or outcomes == {"before", "settled", "after"}


@pytest.mark.promise("R1")
@pytest.mark.usefixtures("in_fork")
@pytest.mark.parametrize("action", ["kill-before", "kill-after", "fail"])
@EACH
def test_git_stopped_at_every_call(merging: Path, action: str, stride: int) -> None:
    """Before it or after it, with its caller, or by itself."""
    calls = merging.parent / "calls"
    start(copy(merging), PATH=crashes.shims(merging.parent, 0, "none"))
    count = len(calls.read_text("utf-8").splitlines())
    for at in range(1 + stride // 2, count + 1, stride):
        root, label = copy(merging), f"{action} at call {at} of Git"
        calls.unlink()
        ended = start(root, PATH=crashes.shims(merging.parent, at, action))
        assert ended.code in ((0, 3) if action == "fail" else (-signal.SIGKILL,)), f"{label}: {ended}"
        left = left_after(root, label)
        assert ended.code != 0 or left == "after", f"{label}: {ended}"
        if left != "after":
            conclude(root)
        assert_concluded(root, label)


@pytest.mark.promise("R1")
@pytest.mark.usefixtures("in_fork")
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize(
    ("target", "who", "when"),
    [
        ("refs/heads/main", "git", "after"),
        ("refs/heads/main", "group", "after"),
        *(
            pytest.param(target, who, when, marks=pytest.mark.long)
            for target, who, when in product(("/index", "refs/heads/main"), ("git", "group"), ("before", "after"))
            if (target, when) != ("refs/heads/main", "after")
        ),
    ],
)
def test_git_killed_at_a_rename(merging: Path, target: str, who: str, when: str) -> None:
    """Also between the move of the branch and the end of the merge: no second commit."""
    root, library = copy(merging), crashes.build_killer(merging.parent)
    once = merging.parent / "killed"
    label = f"{who} killed {when} {target}"
    start(root, LD_PRELOAD=str(library), KILL_AT=target, KILL_WHO=who, KILL_WHEN=when, KILL_ONCE=str(once))
    assert once.exists(), label
    if left_after(root, label) != "after":
        conclude(root)
    assert_concluded(root, label)

"""Options that name a revision: one commit, or exit 2 before another one is used."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import Git

import smartreg
from smartreg.cli.run import run
from smartreg.core.errors import UsageFault
from smartreg.gitio import open_repo

LINES = (
    "agree istres --since REV -n",
    "audit --anchor REV",
    "audit --since REV",
    "blame istres --at REV",
    "coverage istres --at REV",
    "diff -- REV",
    "diff HEAD REV",
    "export party -o - --at REV",
    "graph --at REV",
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
    for message in ("again", "and again"):
        git("commit", "-qm", message, "--allow-empty")
    (git_repo / "x.json").write_text("{}", "utf-8")
    return git_repo


def run_with(root: Path, line: str, rev: str) -> int:
    name, *words = (word.replace("+", " ").replace("REV", rev) for word in line.split())
    return run(["-C", str(root), name, *(word.replace("x.json", str(root / "x.json")) for word in words)])


@pytest.mark.promise("R12")
@pytest.mark.parametrize("line", LINES)
def test_what_names_no_single_commit_is_2(root: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    for rev in ("^HEAD", "HEAD~1..HEAD", "HEAD^{tree}", "index", ""):
        if rev in ("HEAD~1..HEAD", "") and line.startswith(("diff", "agree")):  # two, as in Git; as without --since
            continue

        assert run_with(root, line, rev) == 2

        captured = capsys.readouterr()
        assert captured.out == ""
        assert f'error: "{rev}" names no commit\n' in captured.err


@pytest.mark.promise("R9")
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("steps", ["", "~0"])
def test_a_tag_takes_the_place_of_no_branch(
    root: Path, git: Git, capsys: pytest.CaptureFixture[str], line: str, steps: str
) -> None:
    """Git prefers the tag, which `git fetch` brought: the branch would be compared with itself."""
    git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    git("tag", "origin/main", "HEAD")
    git("config", "core.warnAmbiguousRefs", "false")

    assert run_with(root, line, f"origin/main{steps}") == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert f'"origin/main{steps}" is ambiguous' in captured.err
    hint = " ".join(captured.err.split())
    assert f"refs/tags/origin/main{steps}, refs/remotes/origin/main{steps}" in hint
    assert "git tag -d origin/main" in hint


def test_python_refuses_it_too(root: Path, git: Git) -> None:
    git("tag", "main", "HEAD~1")
    with pytest.raises(UsageFault, match="is ambiguous"):
        smartreg.open(root, at="main")
    assert smartreg.open(root, at="refs/heads/main")


def test_a_side_of_two_dots_is_a_name_as_well(root: Path, git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    """`A...B` begins at their merge base, whatever tag is called like its abbreviated id."""
    git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    git("tag", git("rev-parse", "HEAD~1").strip()[:7], "HEAD")
    assert run(["-C", str(root), "diff", "origin/main...HEAD"]) == 0
    git("tag", "origin/main", "HEAD")
    for dots in ("..", "..."):
        capsys.readouterr()
        assert run(["-C", str(root), "diff", f"origin/main{dots}HEAD"]) == 2
        assert '"origin/main" is ambiguous' in capsys.readouterr().err


def test_the_hint_works_as_printed(root: Path, git: Git) -> None:
    branch, tagged = git("rev-parse", "HEAD").strip(), git("rev-parse", "HEAD~1").strip()
    git("tag", "main", "HEAD~1")
    repo = open_repo(root)
    with pytest.raises(UsageFault) as caught:
        repo.resolve("main")
    assert caught.value.hint is not None
    assert "refs/tags/main, refs/heads/main" in caught.value.hint.in_("en")
    command = caught.value.hint.in_("en").rpartition("if the tag should not be there: ")[2]
    assert (repo.resolve("refs/tags/main"), repo.resolve("refs/heads/main")) == (tagged, branch)
    subprocess.run(command, cwd=root, shell=True, check=True, capture_output=True)
    assert repo.resolve("main") == branch


@pytest.mark.parametrize(
    ("refs", "ambiguous"),
    [
        (["tags/main"], ["main", "main~1", "main^0", "main^{commit}", "main^{/begin}", "@{-1}", "@{-1}~1"]),
        (["heads/origin/main", "remotes/origin/main"], ["origin/main"]),
        (["tags/origin", "remotes/origin/HEAD"], ["origin", "origin~1"]),
        (["tags/heads/main"], ["heads/main", "heads/main~1"]),
        (["tags/remotes/origin/main", "remotes/origin/main"], ["remotes/origin/main"]),
        (["x", "tags/x"], ["x"]),
        (["tags/SHORT", "heads/free"], ["SHORT", "SHORT~1"]),
        (["heads/SHORT"], ["SHORT"]),
        (["tags/v1-2-gSHORT"], ["v1-2-gSHORT"]),
    ],
)
def test_a_name_with_several_answers_is_refused(root: Path, git: Git, refs: list[str], ambiguous: list[str]) -> None:
    head, other = git("rev-parse", "HEAD").strip(), git("rev-parse", "HEAD~1").strip()
    git("checkout", "-qb", "side")
    for ref in refs:
        git("update-ref", f"refs/{ref.replace('SHORT', head[:7])}", other)
    repo = open_repo(root)
    for rev in ambiguous:
        with pytest.raises(UsageFault, match="is ambiguous") as caught:
            repo.resolve(rev.replace("SHORT", head[:7]))
        assert caught.value.hint is not None
        names = caught.value.hint.in_("en").removeprefix("write the full name: ").partition(";")[0].split(", ")
        assert len(names) == 2
        for name in names:  # each of them means one commit
            assert repo.resolve(name)


@pytest.mark.promise("R9")
def test_a_full_name_means_that_ref_alone(root: Path, git: Git) -> None:
    """HEAD, a full id, a day and `refs/…` are never those of a tag, and never one where Git looks next."""
    head, other = git("rev-parse", "HEAD").strip(), git("rev-parse", "HEAD~1").strip()
    today = git("log", "-1", "--format=%cs").strip()
    git("update-ref", "refs/remotes/origin/main", head)
    for name in ("main", "origin/main", "refs/heads/main", "refs/remotes/origin/main", "refs/heads/gone", head, today):
        git("update-ref", f"refs/tags/{name}", other)
    git("update-ref", "refs/tags/HEAD", other)
    git("update-ref", "refs/heads/refs/remotes/origin/gone", other)
    repo = open_repo(root)
    for rev in ("HEAD", "@", head, head + "^0", "refs/heads/main", "refs/remotes/origin/main", "main@{0}", today):
        assert repo.resolve(rev) == head, rev
    for rev in ("refs/tags/main", "refs/tags/refs/heads/gone", "HEAD~1", "refs/heads/main~1", "refs/heads/main^"):
        assert repo.resolve(rev) == other, rev
    for rev in ("refs/heads/gone", "refs/remotes/origin/gone", "refs/heads/gone~0", "refs/", "refs"):
        with pytest.raises(UsageFault, match="names no commit"):
            repo.resolve(rev)
    assert repo.upstream() == "refs/remotes/origin/main"
    assert (repo.branch(), repo.default_branch()) == ("main", "main")

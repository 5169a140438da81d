"""The short way to a commit: the commit that Git itself would make, where nothing of the user's own would act."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Git

from smartreg.gitio import CommitMessage, Write, ask_before_write, commit, open_repo

OLD = {"registry/équipe/a.yaml": b"a\n", 'registry/x/"b" c.yaml': b"b\n", "registry/gone.yaml": b"gone\n"}
WRITES = [
    Write("registry/équipe/a.yaml", b"# line\n\n\na: 1\n"),
    Write('registry/x/"b" c.yaml', b""),
    Write("registry/gone.yaml", None),
    Write("registry/new\\n/d.yaml", "é\n".encode()),
]
MESSAGE = CommitMessage(
    "Add equipment/é", "Why.\n\n\n\n# not a comment\n--- nor an end\n", (("Smartreg-Op", "add"), ("Empty", ""))
)


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    for path, content in OLD.items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_bytes(content)
    (git_repo / "registry/équipe/a.yaml").chmod(0o755)
    git("add", "-A")
    git("commit", "--quiet", "-m", "base")
    (git_repo / "staged.txt").write_text("mine\n")
    git("add", "staged.txt")
    return git_repo


def write(root: Path) -> str:
    expected = {path: OLD.get(path) for path, _ in WRITES}
    made = commit(open_repo(root), WRITES, MESSAGE, expected=expected)
    assert made is not None
    return made


def way(root: Path) -> str:
    """How the last commit was made, as the reflog tells."""
    return "short" if (root / ".git/logs/HEAD").read_bytes().endswith(b"\tfast-import\n") else "long"


def state_of(git: Git, root: Path, commit: str) -> tuple[str, str, str, str]:
    """Tree, author, message and what is staged: all that does not tell the time."""
    about = git("log", "-1", "--format=%T%n%an <%ae> %cn <%ce>", commit, cwd=root).split("\n")
    raw = git("cat-file", "commit", commit, cwd=root).partition("\n\n")[2]
    return about[0], about[1], raw, git("status", "--porcelain", "-uall", cwd=root)


def test_it_makes_the_commit_that_git_would(root: Path, git: Git, tmp_path: Path) -> None:
    hooked = tmp_path / "hooked"
    shutil.copytree(root, hooked, symlinks=True)
    hook = hooked / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    short, long = write(root), write(hooked)
    assert (way(root), way(hooked)) == ("short", "long")
    assert state_of(git, root, short) == state_of(git, hooked, long)
    assert git("status", "--porcelain", "-uall") == "A  staged.txt\n"
    assert git("ls-tree", "-z", "HEAD", "registry/équipe/a.yaml").startswith("100755")
    assert git("fsck", "--strict") == ""


@pytest.mark.parametrize(
    "setting",
    [
        ("commit.gpgSign", "true"),
        ("core.hooksPath", "/nowhere"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("hook.check.command", "true"),
    ],
    ids=lambda setting: setting[0],
)
def test_what_the_user_has_set_goes_the_long_way(root: Path, git: Git, setting: tuple[str, str]) -> None:
    git("config", *setting)
    git("config", "gpg.program", "/bin/false")
    if setting[0] == "commit.gpgSign":
        with pytest.raises(Exception, match="did not make the commit"):
            write(root)
        return
    write(root)
    assert way(root) == "long"


def test_a_filter_goes_the_long_way(root: Path, git: Git) -> None:
    (root / ".gitattributes").write_text("*.yaml filter=shout\n")
    git("config", "filter.shout.clean", "tr a-z A-Z")
    new = Write("registry/new.yaml", b"quiet\n")
    assert commit(open_repo(root), [new], MESSAGE, expected={new.path: None})
    assert way(root) == "long"
    assert git("cat-file", "blob", f"HEAD:{new.path}") == "QUIET\n"


def test_a_branch_that_moves_meanwhile_loses_nothing(
    root: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims = tmp_path / "bin"
    shims.mkdir()
    real = shutil.which("git")
    (shims / "git").write_text(
        f"""#!/bin/sh
        case "$*" in *fast-import*)
            other=$("{real}" commit-tree -p HEAD -m other HEAD^{{tree}}) && "{real}" update-ref HEAD "$other";;
        esac
        exec "{real}" "$@"
        """
    )
    (shims / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}:{os.environ['PATH']}")
    made = write(root)
    assert git("log", "--format=%s").splitlines() == ["Add equipment/é", "other", "base"]
    assert (git("rev-parse", "HEAD").strip(), way(root)) == (made, "long")


def test_what_was_looked_at_before_counts_only_for_the_same_index(root: Path, git: Git) -> None:
    repo = open_repo(root)
    expected = {path: OLD.get(path) for path, _ in WRITES}
    checks = ask_before_write(repo, expected)
    assert checks.holds(repo, list(expected))
    assert not checks.holds(repo, [*expected, "registry/other.yaml"])
    (root / "registry/équipe/a.yaml").write_bytes(b"mine\n")
    git("add", "registry")
    assert not checks.holds(repo, list(expected))
    checks.end()
    subprocess.run(["git", "checkout", "HEAD", "--", "registry"], cwd=root, check=True)

"""`undo`: a commit taken back by a commit, in real repositories; what it refuses, and that nothing is written then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest

from smartreg.commands.history import undo
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.edit import Outcome, RefusedWrite, WriteOptions
from smartreg.workspace.workspace import open_workspace

Git: TypeAlias = Callable[..., str]
ON = date(2026, 11, 25)
TOWN = "registry/parties/ville-d-istres.yaml"
CONVENTION = "registry/deliberations/d1.yaml"
TEXT = '# Une remarque.\nid: ville-d-istres\nname: "Istres"\ncategory: private\n'


@pytest.fixture
def commit(git_repo: Path, git: Git) -> Callable[..., str]:
    """`commit({path: text or None}, subject)` → its id; the registry begins with one party."""

    def run(files: dict[str, str | None], *message: str) -> str:
        for name, text in files.items():
            path = git_repo / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text, "utf-8")
        git("add", "-A")
        git("commit", "-qm", message[0], *(word for part in message[1:] for word in ("-m", part)))
        return git("rev-parse", "HEAD").strip()

    run({"smartreg.toml": "", "README.md": "x\n"}, "begin")
    run({TOWN: TEXT}, "Add ville-d-istres", "Smartreg-Op: add\nSmartreg-Convention: c1")
    return run


def undo_commit(root: Path, rev: str | None = None, *, dry_run: bool = False) -> Outcome:
    return undo(open_workspace(root), commit=rev, options=WriteOptions(on=ON, dry_run=dry_run))


@pytest.mark.parametrize("setting", ["core.ignoreStat=true", "core.checkStat=minimal", "core.trustctime=false"])
def test_a_commit_of_ours_is_undone_whatever_git_looks_at(
    commit: Callable[..., str], git_repo: Path, git: Git, setting: str
) -> None:
    git("config", *setting.split("="))
    commit({TOWN: TEXT.replace('"Istres"', '"Ville d\'Istres"')}, "Set the name", "Smartreg-Op: set")
    undo_commit(git_repo)
    undo_commit(git_repo)
    undo_commit(git_repo)
    assert (git_repo / TOWN).read_text("utf-8") == TEXT
    assert git("status", "--porcelain") == ""


def test_a_change_and_its_undo_and_the_undo_of_that(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    changed = TEXT.replace('"Istres"', '"Ville d\'Istres"')
    oid = commit({TOWN: changed}, "Set the name", "Smartreg-Op: set\nSmartreg-Convention: c1")

    first = undo_commit(git_repo)

    assert (git_repo / TOWN).read_text("utf-8") == TEXT
    assert first.commit == git("rev-parse", "HEAD").strip()
    message = git("log", "-1", "--format=%B")
    assert message.startswith(f'Revert "Set the name"\n\nThis undoes commit {oid}.\n\nSmartreg-Op: undo\n')
    assert "Smartreg-Record: party/ville-d-istres\nSmartreg-Convention: c1\n" in message
    assert [change.kind for change in first.changes] == ["changed"]
    assert git("status", "--porcelain") == ""

    with pytest.raises(Refused, match="already undone") as refusal:
        undo_commit(git_repo, oid)
    assert refusal.value.hint is not None
    assert first.commit is not None
    assert first.commit[:7] in refusal.value.hint.in_("en")

    second = undo_commit(git_repo, first.commit)
    assert second.edit.subject == 'Reapply "Set the name"'
    assert second.commit is not None
    assert undo_commit(git_repo, second.commit).edit.subject == 'Revert "Set the name"'
    undo_commit(git_repo)
    assert (git_repo / TOWN).read_text("utf-8") == changed


def test_what_was_added_goes_and_what_was_deleted_comes_back(
    commit: Callable[..., str], git_repo: Path, git: Git
) -> None:
    undo_commit(git_repo)
    assert not (git_repo / TOWN).exists()

    undo_commit(git_repo)
    assert (git_repo / TOWN).read_text("utf-8") == TEXT
    assert git("rev-list", "--count", "HEAD").strip() == "4"


def test_other_records_may_have_changed_since(commit: Callable[..., str], git_repo: Path) -> None:
    oid = commit({TOWN: TEXT.replace("Istres", "X")}, "change")
    commit({TOWN.replace("ville-d-istres", "fos"): "id: fos\nname: Fos\ncategory: private\n"}, "another")

    undo_commit(git_repo, oid)

    assert (git_repo / TOWN).read_text("utf-8") == TEXT


def test_a_dry_run_writes_nothing(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    head = git("rev-parse", "HEAD")

    outcome = undo_commit(git_repo, dry_run=True)

    assert [change.kind for change in outcome.changes] == ["removed"]
    assert (git("rev-parse", "HEAD"), git("status", "--porcelain")) == (head, "")


def test_refused_when_the_record_changed_since(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    oid = commit({TOWN: TEXT.replace("Istres", "X")}, "change")
    commit({TOWN: TEXT.replace("Istres", "Y")}, "change again")
    later = commit({TOWN: TEXT.replace("Istres", "Z")}, "and again")

    assert_refused(git_repo, git, oid, later[:7])


def test_refused_when_the_file_is_being_edited(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    (git_repo / TOWN).write_text(TEXT + "notes: mine\n", "utf-8")

    with pytest.raises(StateFault):
        undo_commit(git_repo)

    assert (git_repo / TOWN).read_text("utf-8").endswith("mine\n")


def test_refused_when_others_name_what_was_added(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    oid = git("rev-parse", "HEAD").strip()
    commit({CONVENTION: "id: d1\nnumber: x\nbody: ville-d-istres\ndate: 2023-03-16\nsubject: x\n"}, "name it")
    head = git("rev-parse", "HEAD")

    with pytest.raises(RefusedWrite) as refusal:
        undo_commit(git_repo, oid)

    assert {finding.code for finding in refusal.value.outcome.introduced} == {"REF201"}
    assert git("rev-parse", "HEAD") == head
    assert (git_repo / TOWN).exists()


def test_refused_with_foreign_files(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    oid = commit({TOWN: TEXT.replace("Istres", "X"), "README.md": "y\n"}, "two things")

    assert_refused(git_repo, git, oid, "README.md")


def test_refused_for_a_merge(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    git("checkout", "-qb", "side")
    commit({TOWN: TEXT.replace("Istres", "X")}, "side")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "merge", "side")

    assert_refused(git_repo, git, "HEAD", "merge")


def test_a_merge_that_settled_the_record_is_not_offered_to_be_undone(
    commit: Callable[..., str], git_repo: Path, git: Git
) -> None:
    git("checkout", "-qb", "side")
    commit({TOWN: TEXT.replace('"Istres"', '"Istres (13)"')}, "Name it on a branch")
    git("checkout", "-q", "-")
    changed = commit({TOWN: TEXT.replace('"Istres"', '"Ville d\'Istres"')}, "Name it here")
    git("merge", "-q", "-s", "ours", "--no-commit", "side")
    commit({TOWN: TEXT.replace('"Istres"', '"Istres 2"')}, "Merge side")

    refusal = assert_refused(git_repo, git, changed, f"{TOWN} changed since")
    assert refusal.hint is not None
    assert refusal.hint.in_("en") == f"a merge cannot be undone: correct {TOWN} by a further change"


def test_refused_for_the_beginning(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    git("rm", "-q", "README.md")
    git("commit", "-qm", "no readme")

    assert_refused(git_repo, git, "HEAD", "README.md")
    assert_refused(git_repo, git, "HEAD~2", "created this registry")


def test_refused_when_nothing_of_the_registry_would_be_left(git_repo: Path, git: Git) -> None:
    (git_repo / "smartreg.toml").write_text("", "utf-8")
    git("add", "-A")
    git("commit", "-qm", "begin")

    assert_refused(git_repo, git, "HEAD", "created this registry")


def test_refused_for_a_commit_of_another_branch(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    git("checkout", "-qb", "side")
    oid = commit({TOWN: TEXT.replace("Istres", "X")}, "side")
    git("checkout", "-q", "main")

    assert_refused(git_repo, git, oid, "not part of the current history")


def test_no_such_commit_and_no_commit(commit: Callable[..., str], git_repo: Path, git: Git) -> None:
    with pytest.raises(UsageFault, match="nowhere"):
        undo_commit(git_repo, "nowhere")
    git("checkout", "-q", "--orphan", "new")
    with pytest.raises(StateFault, match="no commit yet"):
        undo_commit(git_repo)


def assert_refused(root: Path, git: Git, rev: str, why: str) -> Refused:
    """The undo of `rev` is refused for this reason, and everything is as before."""
    before = git("rev-parse", "HEAD"), git("status", "--porcelain")
    with pytest.raises(Refused, match=why) as refusal:
        undo_commit(root, rev)
    assert (git("rev-parse", "HEAD"), git("status", "--porcelain")) == before
    return refusal.value

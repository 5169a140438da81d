"""LIF606 and LIF609 by the history of Git: what touches a record, what does not, and what of a history that is cut."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git

from smartreg.commands.validate import ValidateOptions, validate
from smartreg.edit import RefusedWrite, WriteOptions
from smartreg.index import index_files
from smartreg.workspace.add import add
from smartreg.workspace.workspace import open_workspace

ON = date(2026, 1, 15)
CODES = ("LIF606", "LIF609")
ACTIVE = (
    "id: {}\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: active\nsupport: pole\ninstalled_on: 2024-03-11\n"
)
PLANNED = "id: {}\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: planned\nsupport: pole\n"
Commit: TypeAlias = Callable[..., None]


@pytest.fixture
def commit(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """`commit("2024-03-12", {id: text or None}, op="set")`: a commit of that day; the registry begins empty."""

    def run(day: str, texts: dict[str, str | None], op: str | None = None) -> None:
        for id, text in texts.items():
            path = git_repo / f"registry/equipment/{id}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text.format(id), "utf-8")
        git("add", "-A")
        trailer = ("-m", f"Smartreg-Op: {op}") if op else ()
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00+0100")
        monkeypatch.setenv("GIT_AUTHOR_DATE", "2025-12-24T12:00:00+0100")  # setting it changes nothing
        git("commit", "-qm", "work", *trailer)

    (git_repo / "smartreg.toml").write_text("", "utf-8")
    return run


def stale(root: Path, on: date = ON, at: str | None = None) -> dict[str, str]:
    """The records that are reported, each with the day that the message gives."""
    found = validate(open_workspace(root), ValidateOptions(on, at=at, select=CODES)).findings
    return {Path(one.where.file).stem: one.message.in_("en").partition("since ")[2][:10] for one in found}


def test_what_the_record_says_counts_and_what_git_knows(git_repo: Path, commit: Commit) -> None:
    commit("2024-03-12", {"a": ACTIVE, "b": ACTIVE + "confirmed_on: 2025-11-02\n", "p": PLANNED})
    assert stale(git_repo) == {"a": "2024-03-12", "p": "2024-03-12"}
    commit("2025-12-01", {"a": ACTIVE + "model: X1\n", "p": PLANNED + "model: X1\n"}, "set")
    assert stale(git_repo) == {}
    assert stale(git_repo, date(2026, 6, 20)) == {"p": "2025-12-01"}
    # As of a day, what came later does not count, in the record as in the history.
    assert stale(git_repo, date(2025, 6, 1)) == dict.fromkeys("abp", "2024-03-12")
    assert stale(git_repo, at="HEAD~1") == {"a": "2024-03-12", "p": "2024-03-12"}


@pytest.mark.parametrize("op", ["correct", "fix", "format", "rename", "schema", "undo"])
def test_what_says_nothing_of_the_thing_does_not_touch_it(git_repo: Path, commit: Commit, op: str) -> None:
    commit("2024-03-12", {"a": ACTIVE})
    commit("2025-12-01", {"a": ACTIVE + "model: X1\n"}, op)
    assert stale(git_repo) == {"a": "2024-03-12"}


@pytest.mark.parametrize(("op", "reported"), [(None, True), ("set", True), ("import", False)])
def test_a_commit_that_goes_through_the_registry_touches_only_by_import(
    git_repo: Path, commit: Commit, op: str | None, reported: bool
) -> None:
    ids = [f"a{number}" for number in range(21)]
    commit("2024-03-12", dict.fromkeys(ids, ACTIVE))  # entering is news, however many come at once
    commit("2025-12-01", dict.fromkeys(ids, "# tidied\n" + ACTIVE), op)
    assert set(stale(git_repo)) == (set(ids) if reported else set())


def test_a_mass_move_is_no_entry(git_repo: Path, git: Git, commit: Commit) -> None:
    ids = [f"a{number}" for number in range(21)]
    commit("2024-03-12", dict.fromkeys(ids, ACTIVE))
    (git_repo / "registry/equipment/istres").mkdir()
    for id in ids:
        (git_repo / f"registry/equipment/{id}.yaml").rename(git_repo / f"registry/equipment/istres/{id}.yaml")
    commit("2025-12-01", {})
    assert set(stale(git_repo)) == set(ids)


def test_a_merge_is_no_news_and_what_it_brings_is(git_repo: Path, git: Git, commit: Commit) -> None:
    commit("2024-03-12", {"a": ACTIVE, "b": ACTIVE})
    git("checkout", "-qb", "side")
    commit("2025-12-01", {"b": ACTIVE + "model: X1\n"})
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert stale(git_repo) == {"a": "2024-03-12"}


def test_where_the_history_is_cut_only_what_it_has_counts(
    git_repo: Path, tmp_path: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit("2024-03-12", {"a": ACTIVE, "b": ACTIVE, "p": PLANNED})
    commit("2025-12-01", {"c": ACTIVE})
    commit("2025-12-02", {"a": ACTIVE + "model: X1\n"})
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{git_repo}", str(clone)], check=True)
    assert stale(clone) == {"b": "2024-03-11", "c": "2024-03-11"}  # the records' own days; of p nothing is known


def test_without_git_only_the_record_counts(git_repo: Path, tmp_path: Path, commit: Commit) -> None:
    commit("2025-12-01", {"a": ACTIVE, "p": PLANNED})
    (git_repo / ".git").rename(tmp_path / "gone")
    assert stale(git_repo) == {"a": "2024-03-11"}


def test_a_hole_in_the_history_is_no_reason_to_stop(git_repo: Path, git: Git, commit: Commit) -> None:
    commit("2024-03-12", {"a": ACTIVE})
    tree = git("rev-parse", "HEAD^{tree}").strip()
    commit("2025-12-01", {"a": ACTIVE + "model: X1\n"})
    (git_repo / f".git/objects/{tree[:2]}/{tree[2:]}").unlink()
    assert stale(git_repo) == {"a": "2024-03-11"}


def test_a_record_just_written_is_not_reported_as_untouched(git_repo: Path, commit: Commit) -> None:
    commit("2024-03-12", {"a": ACTIVE})
    work = open_workspace(git_repo)
    values = {"type": "sensor", "owner": "istres", "use_cases": [], "installed_on": "2020-01-01"}
    options = WriteOptions(on=ON, dry_run=True)
    with pytest.raises(RefusedWrite) as refused:  # for the party that is not there, and for nothing else
        add(work, work.current.schemas.kind("equipment"), values, id="z", options=options)
    found = {found.code for found in refused.value.outcome.introduced}
    assert "REF201" in found
    assert not found & set(CODES)


def test_what_the_index_says_of_the_history_is_never_believed(git_repo: Path, git: Git, commit: Commit) -> None:
    """The same days from the index, after further commits, on another branch, and when the index is damaged."""
    commit("2024-03-12", {f"a{number}": PLANNED for number in range(30)})
    everything = dict.fromkeys((f"a{number}" for number in range(30)), "2024-03-12")
    assert stale(git_repo) == everything
    (kept,) = index_files(git_repo / ".git/smartreg")
    commit("2024-05-01", {"a1": PLANNED + "model: X1\n"})
    assert stale(git_repo) == {**everything, "a1": "2024-05-01"}
    assert stale(git_repo, date(2025, 1, 1)) == {**everything, "a1": "2024-05-01"}
    assert stale(git_repo, date(2024, 4, 1)) == {}  # three weeks after they were entered
    content = kept.read_bytes()
    for damaged in (b"", content[:-9] + b"2020-01-01", b"\n[]", content + b" ", b"\xff"):
        kept.write_bytes(damaged)
        assert stale(git_repo) == {**everything, "a1": "2024-05-01"}

    git("reset", "-q", "--hard", "HEAD~1")
    assert stale(git_repo) == everything
    commit("2026-01-15", {"a2": PLANNED + "model: X1\n"})
    assert stale(git_repo) == {id: day for id, day in everything.items() if id != "a2"}

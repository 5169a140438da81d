"""When records came into their states, by Git: renames, merges, what cannot be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from registries import SCHEMAS

from smartreg.gitio import open_repo
from smartreg.history import History, Turn, states
from smartreg.index import Index

KIND = SCHEMAS.kinds["equipment"]


class StateStory:
    """Commits on given days, and what they tell."""

    def __init__(self, root: Path, git: Git, patch: pytest.MonkeyPatch) -> None:
        self.root, self.git, self.patch = root, git, patch

    def write(self, id: str, text: str) -> Path:
        path = self.root / "registry/equipment" / f"{id}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def commit(self, day: str, *words: str) -> None:
        self.on(day)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", *(words or ("-m", day)))

    def on(self, day: str) -> None:
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            self.patch.setenv(name, f"{day}T23:30:00+02:00")

    def turns(self, id: str) -> list[tuple[str, str]]:
        repo = open_repo(self.root)
        found = states(History(repo, Index.open(None, "")), SCHEMAS, KIND, repo.head() or "")
        return [(turn.day.isoformat(), turn.state) for turn in found.get(id, ())]


@pytest.fixture
def story_of_states(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> StateStory:
    return StateStory(git_repo, git, monkeypatch)


def test_only_commits_that_change_the_state(story_of_states: StateStory) -> None:
    """The day is the author's own, where he was."""
    story_of_states.write("a", "id: a\nstatus: planned\n")
    story_of_states.commit("2024-01-01")
    story_of_states.write("a", "id: a\nstatus: planned\nnotes: x\n")
    story_of_states.commit("2024-02-01")
    story_of_states.write("a", "id: a\nstatus: active\n")
    story_of_states.commit("2024-03-01")
    assert story_of_states.turns("a") == [("2024-01-01", "planned"), ("2024-03-01", "active")]


def test_what_cannot_be_read_or_says_no_state_changes_nothing(story_of_states: StateStory) -> None:
    story_of_states.write("a", "id: a\nstatus: active\n")
    story_of_states.commit("2024-01-01")
    for day, text in (("2024-02-01", "id: [\n"), ("2024-03-01", "id: a\n"), ("2024-04-01", "id: a\nstatus: active\n")):
        story_of_states.write("a", text)
        story_of_states.commit(day)
    assert story_of_states.turns("a") == [("2024-01-01", "active")]


def test_a_rename_takes_the_past_along(story_of_states: StateStory) -> None:
    old = story_of_states.write("a", "id: a\nstatus: planned\n")
    story_of_states.commit("2024-01-01")
    old.unlink()
    story_of_states.write("b", "id: b\nstatus: planned\n")
    story_of_states.commit("2024-02-01", "-m", "rename", "-m", "Smartreg-Op: rename")
    story_of_states.write("b", "id: b\nstatus: installed\n")
    story_of_states.commit("2024-03-01")
    assert story_of_states.turns("b") == [("2024-01-01", "planned"), ("2024-03-01", "installed")]


def test_a_merge_repeats_what_the_branch_said(story_of_states: StateStory) -> None:
    story_of_states.write("a", "id: a\nstatus: planned\n")
    story_of_states.commit("2024-01-01")
    story_of_states.git("switch", "--quiet", "--create", "work")
    story_of_states.write("a", "id: a\nstatus: active\n")
    story_of_states.commit("2024-02-01")
    story_of_states.git("switch", "--quiet", "main")
    story_of_states.write("c", "id: c\nstatus: active\n")
    story_of_states.commit("2024-03-01")
    story_of_states.on("2024-05-01")
    story_of_states.git("merge", "--quiet", "--no-edit", "work")
    assert story_of_states.turns("a") == [("2024-01-01", "planned"), ("2024-02-01", "active")]
    assert story_of_states.turns("c") == [("2024-03-01", "active")]


def test_up_to_a_commit_and_records_of_other_kinds_are_none(story_of_states: StateStory) -> None:
    story_of_states.write("a", "id: a\nstatus: planned\n")
    story_of_states.commit("2024-01-01")
    story_of_states.write("a", "id: a\nstatus: active\n")
    flow = story_of_states.root / "registry/flows/a.yaml"
    flow.parent.mkdir(parents=True)
    flow.write_text("id: a\nstatus: ended\n", encoding="utf-8")
    story_of_states.commit("2024-02-01")
    repo = open_repo(story_of_states.root)
    past = History(repo, Index.open(None, ""))
    assert states(past, SCHEMAS, KIND, repo.resolve("HEAD~1")) == {"a": (Turn(date(2024, 1, 1), "planned"),)}
    assert set(states(past, SCHEMAS, KIND, repo.resolve("HEAD"))) == {"a"}

"""The history as the index tells it: the same as read from Git anew, after whatever happened to the repository, and
whatever happens to the index (R15)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from children import begin, exit_code
from conftest import Git
from registries import SCHEMAS
from story import Story, trailers

from smartreg.core.values import Record, RecordId
from smartreg.gitio import open_repo
from smartreg.history import History, details, last_touched, states
from smartreg.history.blame import blame
from smartreg.history.entries import LogOptions, entries
from smartreg.index import Index, index_files
from smartreg.schema import Schemas

S1, S2 = "equipment/s1", "equipment/s2"
KIND = SCHEMAS.kinds["equipment"]
ON = date(2027, 1, 1)
COLUMNS = (
    ("about", "value"),
    ("commits", "content"),
    ("file_history", "content"),
    ("commit_changes", "records"),
    ("commit_changes", "fields"),
)


@pytest.fixture
def story(git_repo: Path, git: Git) -> Story:
    return Story(git_repo, git)


def folder(root: Path) -> Path:
    return root / ".git/smartreg"


def open_history(root: Path) -> History:
    """The history as the next command finds it."""
    return History(open_repo(root), Index.open(folder(root), ""))


def answers_from_index(root: Path) -> dict[str, object]:
    index = Index.open(folder(root), "")
    found = answers_of(History(open_repo(root), index))
    index.close()
    return found


def anew(root: Path) -> History:
    return History(open_repo(root), Index.open(None, ""))


def answers_of(past: History, schemas: Schemas = SCHEMAS) -> dict[str, object]:
    """Everything that is asked of a history."""
    start = past.repo.head()
    assert start is not None
    rids = {detail.rid for detail in details(past, schemas, start, fields=False)}
    records = [Record(rid, "", {"id": rid.id, "status": "active"}, "") for rid in sorted(rids)]
    touched = last_touched(past, schemas, start, ON)
    return {
        "log": list(entries(past, schemas, LogOptions())),
        "log of each": {str(rid): list(entries(past, schemas, LogOptions(), rid)) for rid in rids},
        "details": list(details(past, schemas, start, fields=True)),
        "states": states(past, schemas, KIND, start),
        "touched": {str(one.rid): touched(one) for one in records},
        "blame": [blame(past, schemas, one.rid, one.data, start) for one in records],
        "commits": dict(past.commits(start)),
    }


def grow(story: Story, git: Git, random: Random) -> None:
    """One thing that people do to a repository."""
    ids = ["s1", "s2", "s3", "p1", "p2"]

    def edit() -> None:
        places = ("equipment/{}", "equipment/istres/{}", "supports/{}", "devices/{}", "flows/{}")
        texts: dict[str, str | None] = {}
        for id in random.sample(ids, random.randint(1, 3)):
            there = list(story.root.glob(f"registry/**/{id}.yaml"))
            path = str(there[0].relative_to(story.root / "registry").with_suffix("")) if there else ""
            move = not there or random.random() < 0.2
            place = random.choice(places).format(id) if move else path
            if there and (move or random.random() < 0.1):
                texts[path] = None
            text = random.choice(["status: active", "status: faulty\nmodel: X1", "status: [", "# x\nstatus: active"])
            texts.setdefault(place, text)
        op = random.choice([None, None, "set", "rename", "import", "undo", "fix"])
        story.commit(texts, "work", *([trailers(op)] if op else []))

    def side() -> None:
        here = git("symbolic-ref", "--short", "HEAD").strip()
        git("checkout", "-q", "-b", f"side{story.hours}", random.choice(["HEAD", "HEAD~1"]))
        edit()
        name = git("symbolic-ref", "--short", "HEAD").strip()
        git("checkout", "-q", here)
        if random.random() < 0.5:
            edit()
        git("merge", "-q", "--no-ff", "-X", random.choice(["ours", "theirs"]), "-s", "ort", "-m", "merge", name)

    def rewrite() -> None:
        git("commit", "-q", "--amend", "-m", f"amended {story.hours}")

    def back() -> None:
        git("reset", "-q", "--hard", "HEAD~1")

    def nothing() -> None:
        git("commit", "-q", "--allow-empty", "-m", "nothing")

    deed = random.choice([edit, edit, edit, side, rewrite, back, nothing])
    count = int(git("rev-list", "--count", "HEAD"))
    (edit if count < 3 else deed)()


@pytest.mark.parametrize("seed", range(3))
def test_after_whatever_happened_it_says_what_git_says(story: Story, git: Git, seed: int) -> None:
    """Commits, moves, renames, merges, resets and amended commits at random; asked of the index after each."""
    random = Random(seed)
    story.commit({S1: "status: planned", "supports/p1": "type: mast"})
    for _ in range(6):
        try:
            grow(story, git, random)
        except subprocess.CalledProcessError:  # a conflict of files that came and went, or nothing to commit
            git("reset", "-q", "--hard")
        assert answers_from_index(story.root) == answers_of(anew(story.root))
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "-q", "--prune=now")
    assert answers_from_index(story.root) == answers_of(anew(story.root))


def test_a_record_is_followed_by_its_id_wherever_its_file_stood(story: Story, git: Git) -> None:
    """Folders of the kind, `git mv` between them, unreadable for a time, and another kind's record of the same id."""
    first = story.commit({"equipment/a/s1": "status: planned", "supports/s1": "type: mast"})
    git("mv", "registry/equipment/a", "registry/equipment/b")
    story.commit({})
    (story.root / "registry/equipment/istres").mkdir()
    git("mv", "registry/equipment/b/s1.yaml", "registry/equipment/istres/s1.yaml")
    story.commit({})
    story.commit({"equipment/istres/s1": "status: ["})
    last = story.commit({"equipment/istres/s1": "status: active"})
    late = story.commit({S2: "status: active"})

    assert [(entry.op, entry.commit) for entry in story.log(S1)][::-2] == [("add", first), ("set", last)]
    assert [entry.commit for entry in story.log("support/s1")] == [first]
    assert [entry.commit for entry in story.log("s2")] == [late]
    found = states(open_history(story.root), SCHEMAS, KIND, last)["s1"]
    assert [(turn.day.day, turn.state) for turn in found] == [(1, "planned"), (5, "active")]


def test_what_a_merge_takes_over_is_not_its_own(story: Story, git: Git) -> None:
    """Also where a branch is merged into another before, and where the merge says again what was said long ago."""
    story.commit({S1: "status: active", S2: "status: active"})
    story.commit({S1: "status: faulty"})
    git("checkout", "-qb", "side")
    git("checkout", "-qb", "other")
    story.commit({S2: "status: faulty"})
    git("checkout", "-q", "side")
    story.commit({S1: "status: retired"})
    git("merge", "-q", "--no-ff", "--no-commit", "other")
    evil = story.commit({S2: "status: lost"}, "merge with a value of its own")
    git("checkout", "-q", "main")
    story.commit({"equipment/s3": "status: active"})
    git("merge", "-q", "--no-ff", "--no-commit", "side")
    back = story.commit({S1: "status: active"}, "merge that goes back to the first state")

    assert [entry.commit for entry in story.log("s2") if entry.op == "merge"] == [evil]
    assert [entry.commit for entry in story.log("s1") if entry.op == "merge"] == [back]
    assert [entry.commit for entry in story.log() if entry.op == "merge"] == [back, evil]
    assert [turn.state for turn in states(open_history(story.root), SCHEMAS, KIND, back)["s1"]][-1] == "active"


def test_blame_goes_into_a_branch_that_was_merged_into_an_idle_line(story: Story, git: Git) -> None:
    story.commit({S1: "status: active"})
    git("checkout", "-qb", "side")
    side = story.commit({S1: "status: faulty"})
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    after = story.commit({S2: "status: active"})
    found = blame(
        open_history(story.root), SCHEMAS, RecordId("equipment", "s1"), {"id": "s1", "status": "faulty"}, after
    )
    assert [held.setting and held.setting.commit == side for held in found.values] == [False, True]


TABLES = ("about", "commits", "file_history", "commit_changes")
DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "noise": lambda path: path.write_bytes(Random(1).randbytes(40_000)),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "another format": lambda path: sql(path, "PRAGMA user_version = 77"),
    "no rows": lambda path: sql(path, *(f"DELETE FROM {table}" for table in TABLES)),
    "no walk": lambda path: sql(path, "DELETE FROM about WHERE name = 'walk'"),
    "no commits": lambda path: sql(path, "DELETE FROM commits"),
    "a commit less": lambda path: sql(path, "DELETE FROM commits WHERE oid = (SELECT min(oid) FROM commits)"),
    "changes less": lambda path: sql(path, "DELETE FROM commit_changes WHERE part = 0"),
    "one commit's changes less": lambda path: sql(
        path, "DELETE FROM commit_changes WHERE oid = (SELECT min(oid) FROM commit_changes)"
    ),
    "numbers": lambda path: sql(path, *(f"UPDATE {table} SET {column} = 5" for table, column in COLUMNS)),
}


def sql(path: Path, *statements: str) -> None:
    base = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        base.execute(statement)
    base.close()


@pytest.fixture
def eventful(story: Story, git: Git) -> Story:
    """A repository in which a little of everything happened."""
    story.commit({S1: "status: planned", S2: "status: planned", "supports/p1": "type: mast"}, "x", trailers("import"))
    git("checkout", "-qb", "side")
    story.commit({S1: "status: active"})
    git("checkout", "-q", "main")
    story.commit({S2: None, "equipment/s3": "status: planned"}, "x", trailers("rename"))
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    story.commit({S1: "status: ["})
    return story


def test_whatever_is_wrong_with_the_index_it_says_what_git_says(eventful: Story, git: Git) -> None:
    expected, before = answers_of(anew(eventful.root)), git("status", "--porcelain")
    assert answers_from_index(eventful.root) == expected
    (path,) = index_files(folder(eventful.root))
    whole = path.read_bytes()
    for name, damage in DAMAGE.items():
        for left in path.parent.glob("index-*"):
            left.unlink()
        path.write_bytes(whole)
        damage(path)
        assert answers_from_index(eventful.root) == expected, name
    assert answers_from_index(eventful.root) == expected
    assert git("status", "--porcelain") == before


def test_an_index_of_another_worktree_or_repository(eventful: Story, git: Git, tmp_path: Path) -> None:
    git("worktree", "add", "-q", str(tmp_path / "other"), "HEAD~1")
    assert answers_from_index(eventful.root) == answers_of(anew(eventful.root))
    (path,) = index_files(folder(eventful.root))
    there = open_repo(tmp_path / "other").git_dir / "smartreg"
    there.mkdir()
    (there / path.name).write_bytes(path.read_bytes())
    past = History(open_repo(tmp_path / "other"), Index.open(there, ""))
    assert answers_of(past) == answers_of(anew(tmp_path / "other"))

    git("checkout", "-q", "--orphan", "another")
    eventful.commit({S1: "status: active"}, "another beginning")
    assert answers_from_index(eventful.root) == answers_of(anew(eventful.root))


def test_other_schemas(eventful: Story) -> None:
    """Those of the working tree replace what was worked out; those of an older state are served from memory."""
    other = replace(SCHEMAS, kinds={"support": SCHEMAS.kinds["support"]}, digest="other")
    start = open_repo(eventful.root).resolve("HEAD~1")
    for schemas in (SCHEMAS, other, SCHEMAS):
        assert list(details(open_history(eventful.root), schemas, start, fields=True)) == list(
            details(anew(eventful.root), schemas, start, fields=True)
        )
    (path,) = index_files(folder(eventful.root))
    with sqlite3.connect(path) as base:
        assert base.execute("SELECT count(*) FROM commit_changes").fetchone() == (4,)
    base.close()
    head = open_repo(eventful.root).resolve("HEAD")
    found = [details(open_history(eventful.root), schemas, head, fields=False) for schemas in (other, SCHEMAS)]
    assert [{detail.rid.kind for detail in one} for one in found] == [{"support"}, {"support", "equipment"}]


def test_a_history_that_was_cut_is_not_kept(eventful: Story, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{eventful.root}", str(clone)], check=True)
    assert answers_from_index(clone) == answers_of(anew(clone))
    assert not index_files(folder(clone))
    subprocess.run(["git", "-C", str(clone), "fetch", "-q", "--unshallow"], check=True)
    assert answers_from_index(clone) == answers_of(anew(eventful.root))


def test_killed_at_every_step_of_a_refresh(eventful: Story) -> None:
    """The next command finds what was stored whole, or nothing of it."""
    expected = details_of(anew(eventful.root))
    for step in range(1, 1000, 3):
        for path in folder(eventful.root).glob("index-*"):
            path.unlink()
        if killed_at(eventful.root, step) == 0:
            break
        assert details_of(open_history(eventful.root)) == expected, step
    assert 30 < step < 1000


def test_in_a_folder_of_a_repository_with_long_ids(tmp_path: Path) -> None:
    """Files outside the registry do not belong to it; each registry of a repository has an index."""
    git = ("git", "-C", str(tmp_path))
    subprocess.run([*git, "init", "-q", "-b", "main", "--object-format=sha256"], check=True)
    for name in ("one", "two"):
        place = tmp_path / name / "registry/equipment"
        place.mkdir(parents=True)
        (tmp_path / name / "smartreg.toml").touch()
        (place / f"{name}.yaml").write_text(f"id: {name}\nstatus: active\n", "utf-8")
        (tmp_path / f"{name}.yaml").write_text("outside", "utf-8")
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", name], check=True)
    for name in ("one", "two", "one"):
        repo = open_repo(tmp_path / name)
        index = Index.open(repo.git_dir / "smartreg", repo.prefix)
        start = repo.resolve("HEAD")
        found = [
            (str(entry.rid), entry.op, len(entry.commit))
            for entry in entries(History(repo, index), SCHEMAS, LogOptions())
        ]
        assert found == [(f"equipment/{name}", "add", 64)]
        assert list(History(repo, index).line(start).places) == list(repo.parents(start))
    assert len(index_files(tmp_path / ".git/smartreg")) == 2


def test_several_at_once(eventful: Story) -> None:
    expected = details_of(anew(eventful.root))
    children = [begin(lambda: details_of(open_history(eventful.root)) != expected) for _ in range(4)]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert details_of(open_history(eventful.root)) == expected


def test_without_room_it_works_in_memory(eventful: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is locked by another program for longer than a moment."""
    expected = answers_of(anew(eventful.root))
    assert details_of(open_history(eventful.root))
    eventful.commit({S1: "status: lost"})
    (path,) = index_files(folder(eventful.root))
    monkeypatch.setattr("smartreg.index.database._BUSY_SECONDS", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert answers_from_index(eventful.root) == answers_of(anew(eventful.root)) != expected
    other.close()


def details_of(past: History) -> list[object]:
    start = past.repo.head()
    assert start is not None
    return list(details(past, SCHEMAS, start, fields=True))


def killed_at(root: Path, step: int) -> int:
    """The exit code of a process that asks, and is killed at this statement: 0 when it has fewer."""

    def work() -> bool:
        index = Index.open(folder(root), "")
        left = iter(range(step))
        with index.reading() as connection:
            pass
        connection.set_trace_callback(lambda _sql: None if next(left, None) is not None else os.kill(os.getpid(), 9))
        return not details_of(History(open_repo(root), index))

    return exit_code(begin(work))

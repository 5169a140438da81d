"""`blame`: who last set each field, against Git's own blame where a line is a field, and where it is not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from conftest import Git
from story import Story, trailers

from smartreg.cli.history import csv_of
from smartreg.commands.history import blame_record
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.styled import plain
from smartreg.diff import place_text
from smartreg.history.blame import Blame
from smartreg.reporters import blame_report
from smartreg.workspace.workspace import open_workspace

S1, S2 = "equipment/s1", "equipment/s2"
FLAT = ("status", "owner", "support", "network", "model", "notes")


PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def story(git_repo: Path, git: Git) -> Story:
    return Story(git_repo, git)


def blame(story: Story, record: str = "s1", at: str | None = None) -> Blame:
    return blame_record(open_workspace(story.root), record=record, at=at)[0]


def owners(found: Blame) -> dict[str, str | None]:
    return {place_text(held.path): held.setting.commit if held.setting else None for held in found.values}


def by_git(story: Story, git: Git, name: str = S1) -> dict[str, str | None]:
    """What `git blame` says of a file with one field a line."""
    lines = git("blame", "--line-porcelain", f"registry/{name}.yaml").splitlines()
    heads = [line for line in lines if len(line.split(" ")[0]) == 40]
    fields = [line[1:].partition(":")[0] for line in lines if line.startswith("\t")]
    return {field: head.split(" ")[0] for field, head in zip(fields, heads, strict=True)}


@pytest.mark.parametrize("seed", range(4))
def test_as_git_blames_lines(story: Story, git: Git, seed: int) -> None:
    """Random sets of fields on two branches that are merged, some merges with a value of their own."""
    random = Random(seed)
    values = dict.fromkeys(FLAT, "first")

    def text() -> str:
        return "\n".join(f"{name}: {name}-{value}" for name, value in values.items())

    story.commit({S1: text()})
    for turn in range(3):
        there = dict(values)
        git("checkout", "-qb", f"side{turn}")
        for name in random.sample(FLAT[:3], random.randint(1, 2)):
            values[name] = f"{turn}side{random.randrange(10)}"
            story.commit({S1: text()})
        side = dict(values)
        git("checkout", "-q", "main")
        values.clear()
        values.update(there)
        for name in random.sample(FLAT[3:], random.randint(1, 2)):
            values[name] = f"{turn}main{random.randrange(10)}"
            story.commit({S1: text(), S2: text()})
        git("merge", "-q", "--no-commit", "-s", "ours", f"side{turn}")
        values.update({name: side[name] for name in FLAT[:3]})
        if turn == 1:
            values["owner"] = "merged"
        story.commit({S1: text()}, "merge")
    assert owners(blame(story)) == by_git(story, git)
    assert {held.setting.op for held in blame(story).values if held.setting and held.value == "owner-merged"} <= {
        "merge"
    }


def test_items_are_named_by_their_keys(story: Story) -> None:
    first = story.commit({S1: "measures:\n  - {property: noiseLevel, unit: dB}"})
    second = story.commit({S1: "measures:\n  - {property: temperature, unit: K}\n  - {property: noiseLevel, unit: dB}"})
    third = story.commit(
        {S1: "measures:\n  - {property: temperature, unit: K}\n  - {property: noiseLevel, unit: 'dB[SPL]'}"}
    )
    assert owners(blame(story)) == {
        "id": first,
        "measures[temperature].property": second,
        "measures[temperature].unit": second,
        "measures[noiseLevel].property": first,
        "measures[noiseLevel].unit": third,
    }


def test_items_keep_their_commit_when_a_key_becomes_ambiguous(story: Story) -> None:
    one = "  - {date: '2024-03-11', kind: installation}\n"
    first = story.commit({S1: f"events:\n{one}"})
    second = story.commit({S1: f"events:\n{one}  - {{date: '2024-03-11', kind: calibration}}"})

    assert owners(blame(story)) == {
        "id": first,
        "events[2024-03-11 installation].date": first,
        "events[2024-03-11 installation].kind": first,
        "events[2024-03-11 calibration].date": second,
        "events[2024-03-11 calibration].kind": second,
    }


def test_a_value_that_came_back_is_of_the_commit_that_brought_it_back(story: Story) -> None:
    first = story.commit({S1: "status: active"})
    story.commit({S1: "status: faulty"})
    back = story.commit({S1: "status: active"})

    assert owners(blame(story)) == {"id": first, "status": back}
    assert owners(blame(story, at=first)) == {"id": first, "status": first}


def test_through_a_rename_a_move_and_comments(story: Story) -> None:
    first = story.commit({"supports/13047/old": "type: mast"})
    renamed = story.commit({"supports/13047/old": None, "supports/13047/p1": "type: mast"}, "x", trailers("rename"))
    story.commit({"supports/13047/p1": None, "supports/13001/p1": "type: mast"})
    story.commit({"supports/13001/p1": "# remark\ntype: mast"})

    assert owners(blame(story, "p1")) == {"id": renamed, "type": first}


def test_what_is_not_committed(story: Story) -> None:
    first = story.commit({S1: "status: active"})
    story.put({S1: "status: faulty", S2: "status: active"})

    assert owners(blame(story)) == {"id": first, "status": None}
    assert set(owners(blame(story, "s2")).values()) == {None}
    assert "not committed" in plain(blame_report.render_blame(blame(story, "s2"), lang="en", zone=PARIS))


def test_a_long_value_is_cut(story: Story) -> None:
    story.commit({S1: f"notes: {'a' * 40}\nmodel: {'b' * 41}\n"})
    shown = plain(blame_report.render_blame(blame(story), lang="en", zone=PARIS))
    assert f"{'a' * 40} " in shown
    assert f" {'b' * 39}… " in shown


def test_what_an_unreadable_text_lacked_counts_for_the_commit_that_fixed_it(story: Story) -> None:
    story.commit({S1: "status: active"})
    story.commit({S1: "status: ["})
    repaired = story.commit({S1: "status: active"})

    assert owners(blame(story)) == {"id": repaired, "status": repaired}
    story.put({S1: "status: ["})
    with pytest.raises(StateFault):
        blame(story)
    with pytest.raises(UsageFault):
        blame(story, "s9")


def test_under_which_convention_and_why(story: Story) -> None:
    story.commit({S1: "status: active"}, "x", trailers("add", "Smartreg-Convention: c1"), author="SI métropole")
    story.commit({S1: "status: faulty\nnotes: '=1+1'"}, "x", trailers("set", "Smartreg-Reason: no message for a week"))
    story.commit({S1: "status: faulty\nnotes: '=1+1'\nmodel: X"})
    found = blame(story)
    ids = [held.setting.commit[:7] for held in found.values if held.setting]

    assert plain(blame_report.render_blame(found, lang="en", zone=PARIS)).splitlines() == [
        "equipment/s1",
        f"id      s1      2026-09-01 10:00  add     SI métropole  {ids[0]}  under c1",
        f"status  faulty  2026-09-02 10:00  set     SIG Istres    {ids[1]}  reason: no message for a week",
        f"notes   =1+1    2026-09-02 10:00  set     SIG Istres    {ids[1]}",
        f"model   X       2026-09-03 10:00  manual  SIG Istres    {ids[3]}",
        "Times: Europe/Paris, the time zone of the registry.",
    ]
    assert plain(blame_report.render_blame(found, lang="fr", zone=PARIS)).splitlines()[1:3] == [
        f"id      s1      2026-09-01 10:00  ajout         SI métropole  {ids[0]}  au titre de c1",
        f"status  faulty  2026-09-02 10:00  modification  SIG Istres    {ids[1]}  motif : no message for a week",
    ]
    rows = list(csv.DictReader(io.StringIO(csv_of(found))))
    assert [(row["field"], row["value"], row["op"], row["conventions"]) for row in rows] == [
        ("id", "s1", "add", "c1"),
        ("status", "faulty", "set", ""),
        ("notes", "'=1+1", "set", ""),
        ("model", "X", "set", ""),
    ]
    content = json.loads(blame_report.render_blame_json(found))
    assert (content["version"], content["record"]) == (1, "equipment/s1")
    assert content["fields"][1]["set"]["reason"] == "no message for a week"
    assert content["fields"][3]["set"]["manual"] is True

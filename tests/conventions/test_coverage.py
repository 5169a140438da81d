"""`coverage`: it says of every record what the rules say, on every day, and what an end would take."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from conftest import Git
from conventions import CONVENTION, FILES, ON, OPTIONS, place, under_convention
from program import start
from registries import INDEXED, registry_and_edit

import smartreg
from smartreg.commands.coverage import COVER_COLUMNS, cover_rows, coverage, losses_by_edit
from smartreg.commands.show import show
from smartreg.core.errors import UsageFault
from smartreg.core.values import Record, RecordId
from smartreg.domain.conventions import titles
from smartreg.domain.coverage import REASONS, covers_about
from smartreg.domain.covers import SOURCE, Cover, covers_of, there
from smartreg.domain.days import day
from smartreg.domain.fields import has_ended, in_service, text
from smartreg.domain.losses import losses
from smartreg.domain.placements import owner_on, placement_on, placements_of
from smartreg.edit import Edit
from smartreg.features.lifecycle.move import move, transfer
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, all_rules
from smartreg.trees import MemoryTree
from smartreg.workspace.show_convention import convention_view
from smartreg.workspace.workspace import Workspace, open_workspace
from smartreg.yamlio import dump

SEEDS = range(300)
DAYS = [date(2023, 6, 1), date(2024, 6, 1), date(2026, 1, 15), date(2027, 1, 1)]
RULES = all_rules()
PAST = ("placements", "previous_owners", "placed_on")
JUDGED = ("CON301", "CON303", "NET401", "NET406", "DAT501", "DAT504")


@cache
def registries() -> tuple[Registry, ...]:
    """Parties that neither end nor begin: what is judged as if it had always been so has no successions."""
    made = (open_registry(MemoryTree(registry_and_edit(seed)[0]), None, INDEXED).load_all() for seed in SEEDS)
    return tuple(one.with_writes(dict(_everlasting(one))).load_all() for one in made)


def _everlasting(registry: Registry) -> Iterator[tuple[str, bytes]]:
    for record in registry.of_kind("party"):
        data = {name: value for name, value in record.data.items() if name not in ("ended_on", "successors")}
        if data != record.data:
            yield record.file, dump(data)


def is_comparable(registry: Registry, record: Record, on: date) -> bool:
    """Whether its status is that of the day: rules go by the status of today, cover by what was there on the day."""
    dates = (day(record, name) for name in ("decommissioned_on", "removed_on", "ended_on"))
    if record.rid.kind == "equipment" and not has_clear_past(registry, record):
        return False
    return there(registry, record, on) and not has_ended(registry, record) and not any(on < d for d in dates if d)


def has_clear_past(registry: Registry, device: Record) -> bool:
    """Whether nothing moved or changed hands, or the days of all places are known and no two of them overlap."""
    places, installed = placements_of(device), day(device, "installed_on")
    supports = (registry.get(RecordId("support", place.support)) for place in places if place.support)
    if all(one is None or one.data.keys().isdisjoint(PAST) for one in (device, *supports)):
        return True
    starts = [place.start for place in places]
    return installed is not None and all(
        start is not None and (before.until is None or before.until < start)
        for before, start in zip(places, starts[1:], strict=False)
    )


def as_of(registry: Registry, on: date) -> Registry:
    """The registry as if equipment had always been where it was on the day, and everything its owner's of that day."""
    texts = {}
    for record in registry.records():
        if not record.data.keys().isdisjoint(PAST):
            data = {name: value for name, value in record.data.items() if name not in (*PAST, "owner", "support")}
            stays = Record(record.rid, record.file, {**record.data, "removed_on": None}, "")
            place, owner = placement_on(stays, on), owner_on(registry, record, on)
            data |= {"support": place.support} if place and place.support else {}
            texts[record.file] = dump({**data, **({"owner": owner} if owner else {})})
    return registry.with_writes(texts) if texts else registry


def by_the_rules(registry: Registry, records: Iterable[Record], on: date) -> Counter[tuple[str, str]]:
    """(code, file) of what the rules find, each place once."""
    context, found, files = Context(registry.schemas, registry.config, on), set(), {record.file for record in records}
    for code in JUDGED:
        subjects = [one for one in registry.records() if one.file in files and one.rid.kind in RULES[code].kinds]
        found |= {
            (code, fault.where.file, fault.where.path) for fault in RULES[code].check(registry, subjects, context)
        }
    return Counter((code, file) for code, file, _ in found)


def by_cover(registry: Registry, records: Iterable[Record], on: date) -> Counter[tuple[str, str]]:
    """The same from what the cover says."""
    found: Counter[tuple[str, str]] = Counter()
    for record in records:
        for cover in covers_of(registry, record, on):
            code = code_of(registry, cover, on)
            if code is not None:
                found[code, record.file] += 1
    return found


def code_of(registry: Registry, cover: Cover, on: date) -> str | None:
    if cover.state(on) != "uncovered":
        return None
    family, record = cover.exchange.family, cover.record
    if family == "data":
        return "DAT504" if cover.exchange.field == SOURCE else "DAT501"
    if family == "connectivity":
        return "NET406" if text(record, "type") == "gateway" else "NET401"
    if not cover.titles:  # a named convention between the two is judged by CON310 instead
        named = titles(registry).find(text(record, "convention"))
        return "CON301" if named is None or not named.binds(cover.exchange) else None
    ended = [title.overdue_after or on for title in cover.titles if title.has_ended(on)]
    return "CON303" if ended and max(ended) < on and in_service(registry, record) else None


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_cover_and_rules_agree(on: date) -> None:
    counts: Counter[str] = Counter()
    for registry in registries():
        records = [record for record in registry.records() if is_comparable(registry, record, on)]
        expected = by_the_rules(as_of(registry, on), records, on)
        assert by_cover(registry, records, on) == expected
        counts.update(code for code, _ in expected)
        counts.update(cover.state(on) for record in records for cover in covers_of(registry, record, on))
    assert min(counts[code] for code in ("CON301", "NET401", "DAT501", "DAT504")) > 3
    assert counts["covered"] > 5 or on < date(2023, 12, 1)


@pytest.mark.parametrize("on", DAYS[1:3], ids=str)
def test_losses_are_what_the_rules_find_once_the_convention_has_ended(on: date) -> None:
    counts: Counter[str] = Counter()
    for registry in registries():
        records = [record for record in registry.records() if is_comparable(registry, record, on)]
        covers = [cover for record in records for cover in covers_of(registry, record, on)]
        for convention in list(registry.of_kind("convention")):
            title = titles(registry).of(convention)
            lost = [loss.cover for loss in losses(registry, title, on, covers)]
            if lost:
                ended_then = {**convention.data, "status": "terminated", "terminated_on": on.isoformat()}
                before = as_of(registry, on)
                after = before.with_writes({convention.file: dump(ended_then)})
                new = by_the_rules(after, records, on) - by_the_rules(before, records, on)
                away = [cover for cover in lost if cover.exchange.family != "installation"]
                assert len(away) == sum(n for (code, _), n in new.items() if code != "CON303")
                counts.update(cover.exchange.family for cover in lost)
    assert counts["installation"] > 0
    assert counts["connectivity"] + counts["data"] > 0


def test_every_record_has_an_answer_whatever_its_faults() -> None:
    for registry in registries():
        every = [cover for record in registry.records() for cover in covers_of(registry, record, ON)]
        for record in registry.records():
            covers = covers_about(registry, record, ON)
            assert all(cover.state(ON) for cover in covers)
            if record.rid.kind == "convention":
                assert set(map(key, covers)) == {
                    key(cover)
                    for cover in every
                    if any(title.record.file == record.file for title in cover.titles or ())
                }
                assert convention_view(registry, record, ON).standing


def key(cover: Cover) -> tuple[str, str, str, tuple[str, ...]]:
    return cover.record.file, cover.exchange.field, cover.exchange.user, cover.exchange.partners


# -- a registry that people can follow ---------------------------------------------------------------------------

GOLDEN = Path(__file__).parents[1] / "golden" / "convention"
MACHINE = (
    ("coverage", "c", "--if-ended", "c", "--on", "2026-06-01", "-f", "csv"),
    ("coverage", "istres", "--on", "2026-01-15", "-f", "markdown"),
)
POLE = "registry/supports/13047/pole.yaml"
NEXT = """id: next
title: Next
parties: [amp, istres]
families: [installation]
status: signed
deliberations: [d]
signed_on: "2026-06-01"
effective_from: "2026-07-01"
"""


@pytest.fixture
def work(git_repo: Path, git: Git) -> Workspace:
    return under_convention(git_repo, git)


def states_on(work: Workspace, word: str, on: date = ON, ending: str | None = None) -> dict[tuple[str, str], str]:
    """(record, family) → state on the day."""
    found = coverage(open_workspace(work.root), word, on, today=on, ending=ending)
    return {(cover.record.rid.id, cover.exchange.family): cover.state(on) for cover in found.covers}


def lost(work: Workspace, on: date, word: str = "c") -> dict[str, tuple[str, str, str, bool]]:
    """Record → remove by, next convention, from when, whether it must be named."""
    found = coverage(open_workspace(work.root), word, on, today=on, ending="c")
    return {
        loss.cover.record.rid.id: (
            str(loss.remove_by or ""),
            loss.next.id if loss.next else "",
            str(loss.next_from or ""),
            loss.must_name,
        )
        for loss in found.losses
    }


def test_each_kind_of_record_has_its_answer(work: Workspace) -> None:
    hosted, guest, levels = ("hosted", "installation"), ("guest", "connectivity"), ("levels", "data")
    assert states_on(work, "hosted") == {hosted: "covered", levels: "covered"}
    assert states_on(work, "guest") == {guest: "covered"}
    assert states_on(work, "pole") == {hosted: "covered"}
    assert states_on(work, "lora") == {guest: "covered"}
    assert states_on(work, "levels") == {levels: "covered"}
    assert (
        states_on(work, "istres")
        == states_on(work, "amp")
        == states_on(work, "c")
        == dict.fromkeys((hosted, guest, levels), "covered")
    )
    assert states_on(work, "bureau") == {}
    with pytest.raises(UsageFault):
        coverage(work, "noise", ON, today=ON)


def test_own_support_and_network_need_no_convention(work: Workspace) -> None:
    found = coverage(work, "guest", ON, today=ON)
    assert [(item.family, str(item.through.rid)) for item in found.own] == [("installation", "support/pole")]
    assert [title.id for title in coverage(work, "pole", ON, today=ON).opened] == ["c"]


def test_days_before_and_after(work: Workspace) -> None:
    assert states_on(work, "hosted", date(2024, 3, 10)) == {("levels", "data"): "covered"}  # not yet installed
    assert states_on(work, "guest", date(2026, 12, 31)) == {("guest", "connectivity"): "covered"}
    assert states_on(work, "guest", date(2027, 1, 1)) == {("guest", "connectivity"): "uncovered"}
    assert states_on(work, "levels", date(2023, 11, 30)) == {("levels", "data"): "uncovered"}


def test_what_has_been_removed_since_was_covered_then(work: Workspace) -> None:
    file = "registry/equipment/hosted.yaml"
    text = (work.root / file).read_text(encoding="utf-8").replace("status: active", "status: removed")
    place(work.root, file, f'{text}decommissioned_on: "2025-03-01"\nremoved_on: "2025-04-01"\n')

    assert states_on(work, "pole", date(2025, 3, 31)) == {("hosted", "installation"): "covered"}
    assert states_on(work, "pole", date(2025, 4, 1)) == {}


def test_public_data_and_paid_networks_need_none(work: Workspace) -> None:
    for file, old, new in (
        ("registry/flows/levels.yaml", "access: restricted", "access: public\nlicence: etalab-2.0"),
        ("registry/networks/lora.yaml", "access: shared", "access: commercial"),
    ):
        text = (work.root / file).read_text(encoding="utf-8")
        place(work.root, file, text.replace(old, new))

    assert states_on(work, "c") == {
        ("hosted", "installation"): "covered",
        ("guest", "connectivity"): "not_needed",
        ("levels", "data"): "not_needed",
    }
    assert lost(work, date(2026, 6, 1)) == {"hosted": ("2026-06-30", "", "", False)}


def test_the_next_convention_takes_over_once_it_is_named(work: Workspace) -> None:
    place(work.root, "registry/conventions/next.yaml", NEXT)
    assert lost(work, date(2026, 6, 1))["hosted"] == ("2026-06-30", "next", "2026-07-01", False)
    assert "hosted" not in lost(work, date(2026, 7, 1))  # both count, and the next one is in force

    file = "registry/equipment/hosted.yaml"
    place(work.root, file, (work.root / file).read_text(encoding="utf-8") + "convention: c\n")
    assert lost(work, date(2026, 7, 1))["hosted"] == ("2026-07-30", "next", "2026-07-01", True)


def test_the_end_of_a_convention_that_is_not_in_force_takes_nothing(work: Workspace) -> None:
    assert lost(work, date(2027, 6, 1)) == {}
    assert lost(work, date(2026, 6, 1), "bureau") == {}


def test_what_it_covered_that_day_as_it_was_known_another_day(
    work: Workspace, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed for the summer by mistake; corrected in July: on 1 June nobody knew that it covered 1 March."""
    file = work.root / CONVENTION
    right = file.read_text(encoding="utf-8")
    for when, said in (
        ("2024-05-01", right.replace('signed_on: "2023-12-01"', 'signed_on: "2024-04-02"')),
        ("2024-07-01", right),
    ):
        file.write_text(said, encoding="utf-8")
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"{when}T12:00:00Z")
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{when}T12:00:00Z")
        git("add", "-A", cwd=work.root)
        git("commit", "--amend" if when == "2024-05-01" else "-q", "-qm", "by hand", cwd=work.root)

    answers = {
        at: json.loads(start("coverage", "levels", "--on", "2024-03-01", *at, "--json", cwd=work.root).stdout)
        for at in ((), ("--at", "2024-06-01"), ("--at", "2024-07-02"))
    }

    assert {at: answer["covers"][0]["state"] for at, answer in answers.items()} == {
        (): "covered",
        ("--at", "2024-06-01"): "uncovered",
        ("--at", "2024-07-02"): "covered",
    }


def test_what_moved_and_changed_hands_is_covered_as_it_was_on_the_day(
    git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded on the day itself, so that `--on` and `--at` have to agree: onto a mast of its owner's and back, then
    both the device and the pole change hands."""
    at_noon(monkeypatch, "2024-06-01")
    place(git_repo, "registry/supports/13047/mast.yaml", FILES[POLE].replace("pole", "mast").replace("istres", "amp"))
    work = under_convention(git_repo, git)
    for record, target, said in (
        ("hosted", "mast", "2025-02-01"),
        ("hosted", "pole", "2025-06-01"),
        ("hosted", "istres", "2025-09-01"),
        ("support/pole", "amp", "2025-11-01"),
    ):
        at_noon(monkeypatch, said)
        if target in ("mast", "pole"):
            move(open_workspace(work.root), record, target, None, on=date.fromisoformat(said), options=OPTIONS)
        else:
            transfer(open_workspace(work.root), record, target, on=date.fromisoformat(said), options=OPTIONS)

    states, work = {}, open_workspace(work.root)
    for said in ("2025-01-31", "2025-02-01", "2025-05-31", "2025-06-01", "2025-09-01", "2025-11-01"):
        on, answers = date.fromisoformat(said), []
        for at in (None, said):
            found = {word: coverage(work, word, on, today=ON, at=at) for word in ("hosted", "pole", "mast")}
            answers.append([
                {(cover.record.rid.id, cover.exchange.family): cover.state(on) for cover in one.covers}
                for one in found.values()
            ])  # fmt: skip
            own = {str(item.through.rid) for item in found["hosted"].own if item.family == "installation"}
        assert answers[0] == answers[1]
        states[said] = (*(answers[0][0].get(("hosted", family)) for family in ("installation", "connectivity")), own)
    assert states == {
        "2025-01-31": ("covered", None, set()),
        "2025-02-01": (None, None, {"support/mast"}),
        "2025-05-31": (None, None, {"support/mast"}),
        "2025-06-01": ("covered", None, set()),
        "2025-09-01": (None, "covered", {"support/pole"}),
        "2025-11-01": ("covered", "covered", set()),
    }
    text = start("coverage", "hosted", "--on", "2025-03-01", cwd=work.root).stdout
    assert "support/mast is used by its owner" in text
    assert "On 2025-03-01: 1 covered, 2 needing none." in text, "what is its own is counted as it is shown"


def at_noon(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Commits are made on this day."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, f"{day}T12:00:00Z")


def test_an_end_in_the_past_takes_cover_from_what_is_there_today(work: Workspace) -> None:
    """guest was removed between the end and today."""
    guest = "registry/equipment/guest.yaml"
    gone = 'status: removed\ndecommissioned_on: "2026-06-10"\nremoved_on: "2026-06-10"\n'
    place(work.root, guest, (work.root / guest).read_text().replace("status: active\n", gone))
    later = open_workspace(work.root)
    end = (later.root / CONVENTION).read_text("utf-8").replace("2026-12-31", "2026-05-31").encode()
    edit = Edit("set", (RecordId("convention", "c"),), {CONVENTION: end}, "")

    for today, lost in ((date(2026, 6, 1), {"guest", "hosted", "levels"}), (date(2026, 7, 1), {"hosted", "levels"})):
        (found,) = losses_by_edit(later.current, edit, today)
        assert found.on == date(2026, 6, 1)
        assert {loss.cover.record.rid.id for loss in found.losses} == lost


def test_a_past_day_says_what_it_does_not_know(work: Workspace) -> None:
    """Whoever asks about a day before the history must not take the recipients recorded later for those of then."""
    day = work.git.commit_day(work.git.resolve("HEAD"))
    answers = [
        start("coverage", "levels", "--on", "2024-03-01", *words, cwd=work.root)
        for words in ((), ("-f", "csv"), ("--at", "HEAD"), ("--json",))
    ]
    assert [f"is as recorded on {day}" in answer.stderr for answer in answers] == [True, True, True, False]
    assert json.loads(answers[-1].stdout)["recorded_on"] == f"{day}"
    text = (work.root / CONVENTION).read_text("utf-8")
    place(work.root, CONVENTION, text.replace('effective_until: "2026-12-31"', 'effective_until: "2025-01-31"'))
    said = [start("coverage", "hosted", "--on", day, cwd=work.root).stdout for day in ("2025-03-02", "2025-03-03")]
    assert ["; remove it by 2025-03-02" in text for text in said] == [True, False]
    assert ["; it should have been removed by 2025-03-02" in text for text in said] == [False, True]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_golden(work: Workspace, lang: str, request: pytest.FixtureRequest) -> None:
    place(work.root, "registry/conventions/next.yaml", NEXT)
    shown = [
        f"$ smartreg {' '.join(words)}\n{start(*words, '--lang', lang, cwd=work.root).stdout}"
        for words in (
            ("coverage", "hosted", "--on", "2026-01-15"),
            ("coverage", "istres", "--on", "2027-06-01"),
            ("coverage", "hosted", "--on", "2026-09-01"),
            ("coverage", "pole", "--on", "2023-01-01"),
            ("coverage", "c", "--if-ended", "c", "--on", "2026-06-01"),
            ("coverage", "c", "--if-ended", "c", "--on", "2028-06-01"),
            *(MACHINE if lang == "en" else ()),
        )
    ]
    expected = GOLDEN / f"coverage.{lang}.txt"
    if request.config.getoption("--update"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text("\n".join(shown), encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == "\n".join(shown)


def test_show_says_who_is_responsible_for_what(work: Workspace) -> None:
    found = json.loads(start("show", "c", "--json", cwd=work.root).stdout)["convention"]

    assert found["responsible"] == {
        "amp": {
            "owner": ["equipment/hosted", "network/lora"],
            "operator": ["equipment/hosted", "network/lora"],
            "maintainer": ["equipment/hosted"],
            "producer": ["flow/levels"],
        },
        "istres": {
            "owner": ["equipment/guest", "support/pole"],
            "manager": ["support/pole"],
            "operator": ["equipment/guest"],
        },
        "bureau": {"maintainer": ["equipment/guest"]},
    }
    (act,) = found["acts"]
    assert (act["number"], act["cites"]) == ("IVIS-009-13539/23/BM", ["IVIS-002-08327/20/CM"])
    text = start("show", "c", "--lang", "fr", cwd=work.root).stdout
    assert all(word in text for word in ("Qui répond de quoi", "mainteneur : 1 équipement", "IVIS-009-13539/23/BM"))


@pytest.mark.parametrize(
    ("status", "dates", "standing"),
    [
        ("draft", "", "draft"),
        ("adopted", "", "adopted"),
        ("signed", 'effective_from: "2999-01-01"', "not_yet"),
        ("signed", "", "in_force"),
        ("signed", 'effective_until: "2024-01-01"', "expired"),
        ("terminated", 'terminated_on: "2024-01-01"', "terminated"),
        ("terminated", 'terminated_on: "2999-01-01"', "in_force"),
    ],
)
def test_show_gives_the_state_of_a_convention(work: Workspace, status: str, dates: str, standing: str) -> None:
    text = NEXT.replace("status: signed", f"status: {status}").replace('effective_from: "2026-07-01"\n', f"{dates}\n")
    place(work.root, "registry/conventions/next.yaml", text.replace("2026-06-01", "2023-06-01"))

    found = show(work, "next", ON).convention
    assert found is not None
    assert found.standing == standing


@pytest.mark.parametrize("on", DAYS)
def test_the_table_has_a_row_for_each_answer_of_the_rules(on: date) -> None:
    for registry in registries()[:60]:
        rows = [dict(zip(COVER_COLUMNS, row, strict=True)) for row in cover_rows(registry, on)]
        records = [record for kind in ("equipment", "flow") for record in registry.of_kind(kind)]
        covers = [cover for record in records for cover in covers_of(registry, record, on)]
        assert [(row["kind"], row["id"], row["state"]) for row in rows] == [
            (*cover.record.rid, cover.state(on)) for cover in covers
        ]
        for row, cover in zip(rows, covers, strict=True):
            assert (row["convention"] is None) == (row["why_not"] is not None) == (cover.state(on) != "covered")
            if row["convention"] is not None:
                assert str(row["from_day"] or "") <= on.isoformat() <= str(row["until_day"] or "9999")
            assert row["why_not"] is None or row["why_not"] in REASONS
            lapsed = [title.id for title in cover.titles or ()] if cover.state(on) == "uncovered" else []
            assert row["not_in_force"] == ("|".join(dict.fromkeys(lapsed)) or None)


def test_command_table_and_python_say_the_same(work: Workspace) -> None:
    (work.root / CONVENTION).write_text(
        (work.root / CONVENTION).read_text("utf-8").replace('effective_until: "', 'effective_until: "2024-01-31"  # "'),
        "utf-8",
    )
    registry = smartreg.open(work.root)
    for asked in (date(2023, 6, 1), date(2024, 6, 1), None):
        rows = registry.coverage(asked)
        words = ("--on", asked.isoformat()) if asked else ()
        told = json.loads(start("coverage", "--uncovered", *words, "--json", cwd=work.root).stdout)
        expected = [(f"{row['kind']}/{row['id']}", row["family"]) for row in rows if row["state"] == "uncovered"]
        assert [(cover["record"], cover["family"]) for cover in told["covers"]] == expected
        if asked is None:
            assert expected
            assert registry.query("SELECT * FROM coverage") == rows
            for record, family in expected:
                alone = json.loads(start("coverage", record, "--json", cwd=work.root).stdout)["covers"]
                assert "uncovered" in {cover["state"] for cover in alone if cover["family"] == family}
    text = start("coverage", "--uncovered", cwd=work.root).stdout
    assert "NOT COVERED: c ended on 2024-01-31" in text
    assert "Without cover on" in text
    assert start("coverage", "levels", "--uncovered", cwd=work.root).returncode == 2

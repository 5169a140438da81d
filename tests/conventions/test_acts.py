"""A convention as its initial act and its amending acts: what holds on which day, for whom, by which act."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Git
from conventions import CONVENTION, FILES, OPTIONS, place, under_convention
from program import start

from smartreg.commands.amend import Amendment, act_between, amend
from smartreg.commands.coverage import coverage
from smartreg.commands.export import ExportOptions, export_tables, write_files
from smartreg.commands.page import ChangesShown, look
from smartreg.commands.report import BilanOptions, bilan
from smartreg.commands.show import listing, show
from smartreg.commands.terminate import Ending, terminate
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Data, Json, Record, RecordId
from smartreg.domain.acts import acts, apply_act, versions
from smartreg.domain.convention_versions import COLUMNS, convention_versions
from smartreg.domain.renewal import earliest_termination, later, notice_days, notice_end
from smartreg.domain.titles import next_notice, read_on, title, title_on, title_versions
from smartreg.edit import RefusedWrite, WriteOptions
from smartreg.features.roundtrip.verify import verify
from smartreg.features.setup.status import status
from smartreg.reporters.cover_wording import describe_cover
from smartreg.reports.page.whole import whole
from smartreg.schema import bundled_files, read_schemas
from smartreg.tables import View
from smartreg.workspace.acts import Acts
from smartreg.workspace.conventions import KIND
from smartreg.workspace.output import Output
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import Workspace, open_workspace, today_in

BASE: dict[str, Json] = {
    "parties": ["amp", "istres"],
    "families": ["installation"],
    "status": "signed",
    "signed_on": "2023-12-01",
    "effective_until": "2027-12-31",
}
TODAY = date(2026, 11, 27)
NOBODY = View(read_schemas(bundled_files()), {})  # no parties, so nobody has succeeded anybody


def convention(*items: Data, **more: Json) -> Record:
    data = {**BASE, **more, **({"amendments": list(items)} if items else {})}
    return Record(RecordId("convention", "c"), "registry/conventions/c.yaml", data, "")


def stretches(record: Record, name: str) -> list[tuple[str, str, Json]]:
    """First and last day of each version, and what it holds for a field."""
    return [(str(one.start), str(one.last), one.terms.get(name)) for one in title_versions(NOBODY, record)]


def test_a_record_without_acts_reads_as_before() -> None:
    record = convention()

    (only,) = title_versions(NOBODY, record)
    assert only == title(record) == title_on(NOBODY, record, TODAY)
    assert (only.start, only.last) == (date(2023, 12, 1), date(2027, 12, 31))
    assert sorted(only.parties) == ["amp", "istres"]


def test_acts_apply_by_their_day_then_by_their_place() -> None:
    record = convention(
        {"number": "2", "signed_on": "2026-06-01", "effective_from": "2026-07-01", "adds": {"parties": ["martigues"]}},
        {"number": "1", "signed_on": "2025-02-01", "sets": {"removal_days": 60}},
        {"number": "3", "signed_on": "2026-07-01", "removes": {"parties": ["istres"]}, "unsets": ["removal_days"]},
    )

    assert [act.number for act in acts(record)] == ["1", "2", "3"]
    assert stretches(record, "parties") == [
        ("2023-12-01", "2025-01-31", ["amp", "istres"]),
        ("2025-02-01", "2026-06-30", ["amp", "istres"]),
        ("2026-07-01", "2027-12-31", ["amp", "martigues"]),
    ]
    assert [one[2] for one in stretches(record, "removal_days")] == [None, 60, None]
    assert title_on(NOBODY, record, date(2025, 6, 1)).removal_days == 60


def test_an_act_after_the_end_has_no_effect() -> None:
    revived = convention({"signed_on": "2028-02-01", "sets": {"effective_until": "2030-12-31"}})
    backdated = convention(
        {"signed_on": "2028-02-01", "effective_from": "2027-12-01", "sets": {"effective_until": "2030-12-31"}}
    )

    for record in (revived, backdated):
        assert stretches(record, "effective_until") == [("2023-12-01", "2027-12-31", "2027-12-31")]


SAME_DAY = "2026-07-01"


def same_day(number: str, **said: Json) -> dict[str, Json]:
    return {"number": number, "signed_on": f"2026-06-0{number}", "effective_from": SAME_DAY, **said}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_acts_with_the_same_first_day_make_one_version(order: tuple[int, ...]) -> None:
    """In the order of their signatures, wherever they stand in the list."""
    items = (
        same_day("1", adds={"parties": ["martigues"]}),
        same_day("2", sets={"removal_days": 10}),
        same_day("3", removes={"families": ["installation"]}, adds={"families": ["data"]}),
    )
    record = convention(
        {"number": "0", "signed_on": "2025-01-01", "sets": {"notice_days": 5}}, *(items[n] for n in order)
    )

    first, second, third = title_versions(NOBODY, record)
    assert [[act.number for act in one.acts] for one in (first, second, third)] == [
        [],
        ["0"],
        ["1", "2", "3"],
    ]
    assert (second.last, third.start, third.last) == (date(2026, 6, 30), date(2026, 7, 1), date(2027, 12, 31))
    assert (third.families, third.removal_days, sorted(third.parties)) == (
        ("data",),
        10,
        ["amp", "istres", "martigues"],
    )
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in convention_versions(NOBODY, [record])]
    assert [row["act"] for row in rows] == [None, "0", "1|2|3"]


def test_acts_on_the_first_day_of_the_convention_make_one_version_with_it() -> None:
    record = convention(
        {"number": "1", "signed_on": "2023-12-01", "adds": {"families": ["data"]}},
        {"number": "2", "signed_on": "2023-12-01", "sets": {"removal_days": 10}},
    )

    (only,) = title_versions(NOBODY, record)
    assert ([act.number for act in only.acts], only.removal_days) == (["1", "2"], 10)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_act_on_the_day_of_the_termination_begins_no_version(order: tuple[int, ...]) -> None:
    items = (same_day("1", sets={"removal_days": 10}), same_day("2", sets={"terminated_on": SAME_DAY}))
    record = convention(*(items[n] for n in order), status="terminated")

    assert stretches(record, "removal_days") == [("2023-12-01", "2026-06-30", None)]


def test_scope_is_never_widened_or_narrowed_by_mistake() -> None:
    record = convention(
        {"signed_on": "2024-02-01", "adds": {"scope.networks": ["lora"]}},
        {"signed_on": "2024-03-01", "removes": {"scope.supports": ["pole"]}},
        {"signed_on": "2024-04-01", "unsets": ["scope.supports"]},
        scope={"supports": ["pole"]},
    )

    assert [one[2] for one in stretches(record, "scope")] == [{"supports": ["pole"]}] * 2 + [{"supports": []}, None]


def test_an_end_by_an_act_is_known_before_it_comes() -> None:
    record = convention(
        {"signed_on": "2026-01-10", "effective_from": "2026-06-30", "sets": {"terminated_on": "2026-06-30"}},
        status="terminated",
    )

    assert stretches(record, "terminated_on") == [("2023-12-01", "2026-06-29", "2026-06-30")]
    assert title(record).in_force(date(2026, 6, 29))
    assert title(record).reason_not_in_force(date(2026, 6, 30)).in_("en") == "ended on 2026-06-29"


JUDGED = {"judged_on": "2026-02-12", "court": "TA Marseille", "reference": "2401234"}


def test_an_annulled_convention_never_covered_anything() -> None:
    void = title(convention(annulment=JUDGED, removal_days=30))
    for day in (date(2023, 12, 1), date(2025, 6, 1), date(2027, 12, 31)):
        assert not void.in_force(day)
        assert void.reason_not_in_force(day).in_("en") == "was annulled on 2026-02-12 (TA Marseille)"
    assert (void.removal_by, void.out_of_force(date(2025, 1, 1))) == (None, "annulled")


def test_a_court_may_leave_what_a_convention_has_covered() -> None:
    ending = title(convention(annulment={**JUDGED, "from": "2026-07-01"}, removal_days=30))
    assert (ending.in_force(date(2026, 6, 30)), ending.in_force(date(2026, 7, 1))) == (True, False)
    assert (str(ending.last), str(ending.removal_by)) == ("2026-06-30", "2026-07-30")


def test_an_annulled_amendment_has_no_effect() -> None:
    act = {"number": "1", "signed_on": "2025-01-10", "sets": {"removal_days": 60}}
    assert title(convention(act)).removal_days == 60
    assert title(convention({**act, "annulment": JUDGED})).removal_days is None


RENEWAL = {"tacit": True, "period": "P1Y", "notice": "P3M", "at_most": 2}


def test_tacit_renewal_counts_as_in_force() -> None:
    one = title(convention(renewal=RENEWAL))

    assert one.last == date(2029, 12, 31)
    assert next_notice(one, date(2026, 1, 1)) == (date(2027, 9, 30), date(2027, 12, 31))
    assert next_notice(one, date(2027, 10, 1)) == (date(2028, 9, 30), date(2028, 12, 31))
    assert next_notice(one, date(2028, 10, 1)) is None
    assert title(convention(renewal={"tacit": True, "period": "P1Y"})).last is None
    assert title(convention(renewal={"tacit": False, "period": "P1Y"})).last == date(2027, 12, 31)
    end = {"signed_on": "2026-06-01", "effective_from": "2027-10-31", "sets": {"terminated_on": "2027-10-31"}}
    assert next_notice(title(convention(end, renewal=RENEWAL, status="terminated")), date(2026, 7, 1)) is None


@pytest.mark.parametrize(
    ("given", "last"),
    [("2027-09-30", "2027-12-31"), ("2027-10-01", "2028-12-31"), ("2028-10-01", "2029-12-31")],
    ids=["in time", "too late for the first", "too late for all"],
)
def test_a_notice_ends_the_first_term_that_it_reaches(given: str, last: str) -> None:
    record = convention({"signed_on": given, "notice": {"by": "istres", "of": "non_renewal"}}, renewal=RENEWAL)

    assert str(title(record).last) == last


@pytest.mark.parametrize(
    ("until", "period", "ends"),
    [
        ("2024-06-30", "P6M", ["2024-12-31", "2025-06-30", "2025-12-31"]),
        ("2023-02-28", "P1Y", ["2024-02-29", "2025-02-28", "2026-02-28"]),
        ("2024-02-29", "P1Y", ["2025-02-28", "2026-02-28", "2027-02-28"]),
        ("2024-01-31", "P1M", ["2024-02-29", "2024-03-31", "2024-04-30"]),
        ("2023-11-30", "P1Y3M", ["2025-02-28", "2026-05-31", "2027-08-31"]),
        ("2024-02-28", "P1Y", ["2025-02-28", "2026-02-28", "2027-02-28"]),
        ("2024-06-29", "P6M", ["2024-12-29", "2025-06-29", "2025-12-29"]),
        ("2024-06-30", "P4W", ["2024-07-28", "2024-08-25", "2024-09-22"]),
        ("2024-06-30", "P6M1D", ["2024-12-31", "2025-07-02", "2026-01-02"]),
        ("2024-12-31", "P1Y", ["2025-12-31", "2026-12-31", "2027-12-31"]),
    ],
)
def test_a_term_that_ends_with_its_month_is_renewed_to_the_end_of_a_month(
    until: str, period: str, ends: list[str]
) -> None:
    """Notices keep the calendar day: two months before 31 December is 31 October, before 28 February 28 December."""
    renewal = {"tacit": True, "period": period, "notice": "P2M"}
    found = [
        title(convention(effective_until=until, renewal={**renewal, "at_most": times})).last for times in (1, 2, 3)
    ]

    assert list(map(str, found)) == ends
    days = dict(notice_days(convention(effective_until=until, renewal={**renewal, "at_most": 3}).data))
    assert {str(end): str(by) for end, by in days.items()} == {
        end: str(later(date.fromisoformat(end), "P2M", -1)) for end in (until, *ends[:-1])
    }


@pytest.mark.parametrize("given", ["2023-06-15", "2023-08-30", "2023-08-31", "2023-02-28", "2024-02-29", "2023-12-31"])
@pytest.mark.parametrize("notice", ["P6M", "P1M", "P2W", 90, 0])
def test_a_notice_runs_until_one_day_by_whichever_road(given: str, notice: str | int) -> None:
    """The last day of the notice is in force, of a termination and of a convention that is not renewed."""
    day = date.fromisoformat(given)
    last = notice_end(day, notice)
    assert last is not None
    assert earliest_termination(day, notice) == last + timedelta(1)
    if isinstance(notice, int):
        return
    renewal = {"tacit": True, "period": "P5Y", "notice": notice}
    act = {"signed_on": given, "notice": {"by": "istres", "of": "non_renewal"}}
    for end, runs_on in ((last, False), (last - timedelta(1), True)):
        refused = title(convention(act, signed_on="2020-01-01", effective_until=str(end), renewal=renewal))
        assert (refused.last == end) is not runs_on
        assert refused.in_force(last)


@pytest.mark.parametrize("removal", [30, 0, None])
def test_one_end_has_one_day_of_removal_by_whichever_road(removal: int | None) -> None:
    """A term to 30 June, a termination from 1 July, an act of 1 July that takes the family out: one last day."""
    more = {"removal_days": removal} if removal is not None else {}
    first = {"signed_on": "2024-01-10", "effective_from": "2024-07-01"}
    roads = [
        title(convention(effective_until="2024-06-30", **more)),
        title(convention({**first, "sets": {"terminated_on": "2024-07-01"}}, status="terminated", **more)),
        title(convention(terminated_on="2024-07-01", status="terminated", **more)),
        title_versions(NOBODY, convention({**first, "removes": {"families": ["data"]}}, **more))[0],
    ]
    by = date(2024, 6, 30) + timedelta(removal) if removal is not None else None
    assert {(str(one.last), one.removal_by) for one in roads} == {("2024-06-30", by)}
    after = date(2024, 7, 1)
    assert {one.reason_not_in_force(after).in_("en") for one in roads[:3]} == {"ended on 2024-06-30"}


@pytest.mark.parametrize(
    ("period", "days"),
    [("P1M", "2024-02-29"), ("P2W", "2024-02-14"), ("P1Y1M", "2025-02-28"), ("PT1H", "None"), (12, "None")],
)
def test_periods(period: Json, days: str) -> None:
    assert str(later(date(2024, 1, 31), period)) == days


def test_the_difference_of_two_versions_is_an_act_that_leads_from_one_to_the_other() -> None:
    before = {**BASE, "scope": {"supports": ["a", "b"]}, "third_parties": [{"party": "x"}], "notice_days": 30}
    after = {
        **BASE,
        "families": ["installation", "data"],
        "scope": {"supports": ["b", "c"], "networks": ["n"]},
        "third_parties": [{"party": "x", "interface_clause_on": "2026-01-01"}],
    }
    said = act_between(before, after)

    assert said["adds"]["scope.supports"] == ["c"]
    assert said["removes"]["scope.supports"] == ["a"]
    assert said["sets"] == {"scope.networks": ["n"]}
    assert said["unsets"] == ["notice_days"]
    (act,) = acts(convention({"signed_on": "2026-01-01", **said}))
    known = {key: value for key, value in after.items() if key != "status"}
    assert {key: value for key, value in apply_act(before, act).items() if key != "status"} == known


# -- in a registry -----------------------------------------------------------------------------------------------

MORE = {
    CONVENTION: FILES[CONVENTION].replace("2026-12-31", "2030-12-31"),
    "registry/parties/martigues.yaml": (
        'id: martigues\nname: Martigues\ncategory: commune\nsiren: "211300561"\ninsee_code: "13056"\n'
    ),
    "registry/supports/13056/mole.yaml": (
        'id: mole\ntype: street_light\nowner: martigues\ninsee_code: "13056"\nlocation: {lon: 5.04747, lat: 43.40545}\n'
        "status: in_service\n"
    ),
    "registry/equipment/far.yaml": (
        "id: far\ntype: sensor\nowner: amp\nuse_cases: [noise]\nstatus: active\nsupport: mole\nnetwork: lora\n"
        'installed_on: "2024-06-11"\ndev_eui: "70B3D57ED0061236"\n'
    ),
    **{
        f"registry/deliberations/{id}.yaml": (
            f'id: {id}\nnumber: {number}\nbody: {body}\ndate: "2026-05-12"\nsubject: Avenant\n'
        )
        for id, number, body in (
            ("a2", "IVIS-011-20001/26/BM", "amp"),
            ("i2", "2026-41", "istres"),
            ("m2", "2026-77", "martigues"),
        )
    },
}
ALL = Acts(("a2", "i2", "m2"))
NOW = WriteOptions(on=TODAY)
SIGNED = Amendment(ALL, date(2026, 6, 1), effective_from=date(2026, 7, 1))


@pytest.fixture
def work(git_repo: Path, git: Git) -> Workspace:
    under_convention(git_repo, git)
    for path, text in MORE.items():
        place(git_repo, path, text)
    git("add", "-A", cwd=git_repo)
    git("commit", "-qm", "Martigues", cwd=git_repo)
    return open_workspace(git_repo)


def again(work: Workspace) -> Workspace:
    return open_workspace(work.root)


def states(work: Workspace, word: str, on: str) -> list[tuple[str, str, list[str]]]:
    """What passes by a record on a day: family, state, and the acts of the conventions in force."""
    when = date.fromisoformat(on)
    found = coverage(again(work), word, when, today=when).covers
    return [
        (cover.exchange.family, cover.state(when), [one.act.number if one.act else "" for one in cover.by(when)])
        for cover in found
    ]


def test_a_party_that_an_act_adds_is_covered_from_its_day_on(work: Workspace) -> None:
    amend(work, "c", SIGNED, ["parties+=martigues"], [], NOW)

    assert states(work, "far", "2026-06-30") == [("installation", "uncovered", [])]
    assert states(work, "far", "2026-07-01") == [("installation", "covered", ["1"])]
    assert ("installation", "covered", [""]) in states(work, "hosted", "2024-07-01")
    checked = again(work)
    found = checked.checker(checked.current, TODAY).check(checked.current).findings
    cover_findings = [finding for finding in found if finding.code in ("CON301", "CON302", "CON303", "CON310")]
    assert [(finding.code, finding.where.file) for finding in cover_findings] == [
        ("CON301", "registry/equipment/far.yaml")
    ]
    assert (
        cover_findings[0].message.in_("en").endswith('no convention between them covered "installation" on 2024-06-11')
    )
    assert cover_findings[0].hint is not None
    assert cover_findings[0].hint.in_("en").startswith("c covers it only from 2026-07-01 (amendment 1): ")
    assert cover_findings[0].related[1].where.path == ("amendments", 0)


def test_the_versions_are_reported_everywhere_alike(work: Workspace) -> None:
    amend(work, "c", SIGNED, ["parties+=martigues", "removal_days=60"], [], NOW)

    for on, standing in ((date(2026, 6, 30), ["amp", "istres"]), (TODAY, ["amp", "istres", "martigues"])):
        found = show(again(work), "convention/c", on).convention
        assert found is not None
        assert found.terms["parties"] == standing
        assert [act.number for act in found.version.acts] == ([] if len(standing) == 2 else ["1"])
        assert "martigues" in standing or "martigues" not in found.responsible
        assert RecordId("equipment", "far") in found.responsible["amp"]["owner"] or "martigues" not in standing
        assert [(str(one.start), len(one.acts), one.changes) for one in found.versions] == [
            ("2023-12-01", 0, ()),
            ("2026-07-01", 1, ("parties += martigues", "removal_days = 60")),
        ]
        asked = listing(again(work), "convention", where=["parties=martigues"], columns=["removal_days"], on=on)
        assert [values for _, values in asked.rows] == ([(60,)] if "martigues" in standing else [])
    rows = [
        dict(zip(COLUMNS, row, strict=True))
        for row in convention_versions(again(work).current, again(work).current.of_kind(KIND))
    ]
    assert [(row["from_day"], row["until_day"], row["act"], row["parties"], row["removal_days"]) for row in rows] == [
        ("2023-12-01", "2026-06-30", None, "amp|istres", 30),
        ("2026-07-01", "2030-12-31", "1", "amp|istres|martigues", 60),
    ]


def cover_of(work: Workspace, word: str, on: str) -> str:
    """What `coverage` says about the installation of a device on a day."""
    when = date.fromisoformat(on)
    (cover,) = (
        one for one in coverage(again(work), word, when, today=TODAY).covers if one.exchange.family == "installation"
    )
    return describe_cover(cover, when).in_("en")


def acting(work: Workspace, *items: Data) -> None:
    text = MORE[CONVENTION] + f"amendments: {json.dumps(items)}\n"
    place(work.root, CONVENTION, text)


KEPT = "covered by c, 2023-12-01 → 2030-12-31: both are parties to it"


@pytest.mark.parametrize(
    ("items", "before", "after"),
    [
        ([same_day("1", sets={"removal_days": 5}), same_day("2", sets={"notice_days": 5})], KEPT, KEPT),
        ([same_day("1", adds={"parties": ["martigues"]}), same_day("2", sets={"removal_days": 5})], KEPT, KEPT),
        (
            [same_day("1", removes={"families": ["installation"]}), same_day("2", adds={"families": ["installation"]})],
            KEPT,
            KEPT,
        ),
        (
            [same_day("1", sets={"removal_days": 5}), same_day("2", removes={"families": ["installation"]})],
            "covered by c, 2023-12-01 → 2026-06-30: both are parties to it",
            "NOT COVERED: c no longer covers it since 2026-07-01 (amendment 2); it should have been removed by"
            " 2026-07-05",
        ),
        (
            [same_day("1", removes={"families": ["installation"]}), same_day("2", sets={"removal_days": 400})],
            "covered by c, 2023-12-01 → 2026-06-30: both are parties to it",
            "NOT COVERED: c no longer covers it since 2026-07-01 (amendment 1); remove it by 2027-08-04",
        ),
    ],
    ids=["terms only", "another party", "out and in", "days, then out", "out, then days"],
)
def test_cover_goes_on_or_ends_by_the_acts_of_a_day_together(
    work: Workspace, items: list[Data], before: str, after: str
) -> None:
    acting(work, *items)

    assert cover_of(work, "hosted", "2026-06-30") == before
    assert cover_of(work, "hosted", str(TODAY)) == after
    lapsed = [one for one in findings(work) if one.code == "CON303"]
    assert [one.where.file for one in lapsed] == ["registry/equipment/hosted.yaml"] * ("should" in after)
    for one in lapsed:
        assert "no longer covers it since 2026-07-01 (amendment 2)" in one.message.in_("en")
        assert one.related[0].where.path == ("amendments", 1)


@pytest.mark.parametrize(("order", "number"), [((0, 1), "2"), ((1, 0), "2")])
def test_cover_begins_by_the_act_of_the_day_that_brings_it(
    work: Workspace, order: tuple[int, ...], number: str
) -> None:
    items = (same_day("1", sets={"removal_days": 5}), same_day("2", adds={"parties": ["martigues"]}))
    acting(work, *(items[n] for n in order))

    assert cover_of(work, "far", "2026-06-30") == (
        f"NOT COVERED: c covers it only from 2026-07-01 (amendment {number})"
    )
    assert cover_of(work, "far", SAME_DAY).startswith(f"covered by c (amendment {number}), 2026-07-01 → 2030-12-31")
    shown = start("show", "convention/c", "--on", SAME_DAY, cwd=work.root).stdout
    assert ("as it reads on 2026-07-01 (amendment 1, signed on 2026-06-01; amendment 2, signed on 2026-06-02)") in shown
    asked = start("query", "SELECT from_day, act FROM convention_versions", "-f", "csv", cwd=work.root).stdout
    assert asked.splitlines()[1:] == ["2023-12-01,", "2026-07-01,1|2"]


def findings(work: Workspace) -> list[Finding]:
    checked = again(work)
    return list(checked.checker(checked.current, TODAY).check(checked.current).findings)


def test_the_versions_are_exported_and_the_page_shows_that_of_its_day(work: Workspace, tmp_path: Path) -> None:
    amend(work, "c", SIGNED, ["parties+=martigues", "removal_days=60"], [], NOW)
    made = export_tables(again(work), ExportOptions((KIND,), ("parties=martigues",)), form="csv")
    (table,) = [item.content.decode().splitlines() for item in made.files if item.name == "convention_versions.csv"]
    assert [line.split(",")[:6] for line in table[1:]] == [
        ["c", "1", "2023-12-01", "2026-06-30", "", "amp|istres"],
        ["c", "2", "2026-07-01", "2030-12-31", "1", "amp|istres|martigues"],
    ]
    for form in ("csv", "xlsx", "sqlite"):
        write_files(export_tables(again(work), ExportOptions((KIND,)), form=form), Output(tmp_path / "out", None))
    for name in ("convention_versions.csv", "registry.xlsx", "registry.sqlite"):
        assert verify(again(work), tmp_path / "out" / name).same == "bytes"
    seen = whole(look(again(work), bilan(again(work), BilanOptions(), today=TODAY), ChangesShown()))
    (keys,) = [kind["keys"] for kind in seen["kinds"] if kind["name"] == KIND]
    ((_, values, *_),) = seen["records"][KIND]
    assert values[keys.index("parties")] == ["amp", "istres", "martigues"]
    assert seen["terms"]["c"]["amendment"] == "1"


def test_a_termination_is_a_row_of_its_own() -> None:
    end = {"signed_on": "2026-01-10", "effective_from": "2026-03-01", "sets": {"terminated_on": "2026-03-01"}}
    record = convention({"number": "1", **end}, status="terminated")
    assert [read_on(NOBODY, record, date(2026, *day)).data["status"] for day in ((2, 28), (3, 1))] == [
        "signed",
        "terminated",
    ]
    early, given = date(2026, 1, 9), date(2026, 1, 10)
    assert [read_on(NOBODY, record, day).data.get("terminated_on") for day in (early, given)] == [None, "2026-03-01"]
    assert [title_on(NOBODY, record, day).terms.get("terminated_on") for day in (early, given)] == [None, "2026-03-01"]
    rows = list(convention_versions(NOBODY, [record]))
    assert [row[:6] for row in rows] == [
        ("c", "2023-12-01", "2026-02-28", None, "amp|istres", "installation"),
        ("c", "2026-03-01", None, "1", None, None),
    ]
    assert rows[1][COLUMNS.index("terminated_on")] == "2026-03-01"


def test_the_manual_lists_the_conventions_whose_end_moved(work: Workspace) -> None:
    manual = (Path(__file__).parents[2] / "docs/conventions.md").read_text("utf-8")
    (sql,) = re.findall(r"(?s)```sql\n(SELECT convention, effective_until.*?)```", manual)
    for id, until, period in (
        ("moved", "2025-06-30", "P6M"),
        ("february", "2023-02-28", "P1Y"),
        ("long", "2025-12-31", "P1Y"),
        ("weeks", "2025-06-30", "P26W"),
        ("inside", "2025-06-29", "P6M"),
    ):
        text = FILES[CONVENTION].replace("id: c\n", f"id: {id}\n").replace("2026-12-31", until)
        text += f"renewal: {{tacit: true, period: {period}, notice: P1M}}\n"
        place(work.root, f"registry/conventions/{id}.yaml", text)

    done = start("query", sql, "-f", "csv", cwd=work.root)
    assert done.stdout.splitlines()[1:] == ["february,2023-02-28,P1Y", "moved,2025-06-30,P6M"], done.stderr


@pytest.mark.parametrize(
    ("assignments", "unset", "advice"),
    [
        (["parties+=martigues"], [], "amend c parties+=martigues"),
        (["removal_days=3650"], [], "amend c removal_days=3650"),
        (["notice_days=1"], [], "amend c notice_days=1"),
        (["effective_until=2035-12-31"], [], "amend c effective_until=2035-12-31"),
        (["scope.supports=pole"], [], 'amend c \'scope={"supports": ["pole"]}\''),
        ([], ["removal_days"], "amend c --unset removal_days"),
        (['third_parties=[{"party": "bureau"}]'], [], "annex c FILE --kind interface_clause"),
        (["status=terminated", "terminated_on=2026-06-30"], [], "terminate c"),
    ],
)
def test_what_binds_is_not_overwritten(work: Workspace, assignments: list[str], unset: list[str], advice: str) -> None:
    with pytest.raises(RefusedWrite) as refused:
        set_fields(work, "convention/c", assignments, unset, NOW)

    (found,) = [one for one in refused.value.outcome.introduced if one.code == "CHG805"]
    assert found.hint is not None
    assert f"smartreg {advice}" in found.hint.in_("en")


def test_what_was_typed_wrongly_is_corrected_with_its_reason(work: Workspace) -> None:
    why = replace(NOW, message="as the act says")
    done = set_fields(work, "convention/c", ["removal_days=45", "notice_days=60"], [], why, correct=True)

    assert [(one.code, one.severity) for one in done.introduced] == [("CHG805", "warning")] * 2


@pytest.mark.parametrize(
    ("assignment", "hint"),
    [
        ("scope.networks+=lora", "scope.networks=VALUE"),
        ("scope.supports-=pole", "--unset scope.supports"),
    ],
)
def test_amend_does_not_guess_what_a_scope_becomes(work: Workspace, assignment: str, hint: str) -> None:
    amend(
        work, "c", replace(SIGNED, signed_on=date(2026, 5, 20), effective_from=None), ["scope.supports=pole"], [], NOW
    )

    with pytest.raises(UsageFault) as refused:
        amend(again(work), "c", SIGNED, [assignment], [], NOW)
    assert refused.value.hint is not None
    assert hint in refused.value.hint.in_("en")


def test_an_act_that_was_recorded_stays(work: Workspace) -> None:
    amend(work, "c", SIGNED, ["parties+=martigues"], [], NOW)

    with pytest.raises(RefusedWrite) as refused:
        set_fields(again(work), "convention/c", ["amendments[0].effective_from=2024-06-01"], [], NOW)
    assert "CHG820" in {one.code for one in refused.value.outcome.introduced}
    with pytest.raises(UsageFault, match='has "martigues" by an amendment') as caught:
        set_fields(again(work), "convention/c", ["parties-=martigues"], [], NOW)
    assert caught.value.hint is not None
    assert caught.value.hint.in_("en") == "record another act: smartreg amend c parties-=martigues --deliberation ID"


def test_an_older_amendment_is_brought_in(work: Workspace) -> None:
    initially = replace(SIGNED, initially=("families-=data", "removal_days=90"), effective_from=None)
    found = amend(
        work,
        "c",
        replace(initially, signed_on=date(2026, 5, 20)),
        ["families+=data", "removal_days=30"],
        [],
        replace(NOW, message="data came by amendment 1 only"),
    )

    assert {one.severity for one in found.introduced} == {"warning"}
    record = again(work).current.get(RecordId("convention", "c"))
    assert record is not None
    assert record.data["families"] == ["installation", "connectivity"]
    assert stretches(record, "removal_days") == [("2023-12-01", "2026-05-19", 90), ("2026-05-20", "2030-12-31", 30)]
    assert versions(record)[1].terms["families"] == ["installation", "connectivity", "data"]


def test_old_schemas_are_refreshed_first(work: Workspace, git: Git) -> None:
    old = {name: text for name, text in bundled_files().items() if name != "convention.fr.json"}
    old["convention.schema.json"] = old["convention.schema.json"].replace(b'"amendments": {', b'"later_acts": {')
    for name, text in old.items():
        (work.root / "schemas").mkdir(exist_ok=True)
        (work.root / "schemas" / name).write_bytes(text)
    git("add", "-A", cwd=work.root)
    git("commit", "-qm", "old schemas", cwd=work.root)

    with pytest.raises(StateFault) as refused:
        amend(again(work), "c", SIGNED, ["parties+=martigues"], [], NOW)
    assert refused.value.hint is not None
    assert "smartreg schema --refresh" in refused.value.hint.in_("en")


def test_one_side_ends_it_where_the_convention_lets_it(work: Workspace) -> None:
    terms = ["renewal.tacit=true", "renewal.period=P1Y", "renewal.notice=P3M", "renewal.at_most=3"]
    alone = Ending(date(2027, 6, 30), TODAY, "istres")
    told = terminate(work, "c", alone, Acts(), replace(NOW, dry_run=True)).introduced
    assert ("CON327", "warning") in {(one.code, one.severity) for one in told}

    allowed = [*terms, "termination.unilateral=true", "termination.notice=P6M"]
    amend(work, "c", SIGNED, allowed, [], NOW)
    assert [(one.convention, str(one.by)) for one in status(again(work), on=TODAY).notices] == [("c", "2030-09-30")]
    assert terminate(again(work), "c", alone, Acts(), replace(NOW, dry_run=True)).introduced == ()

    terminate(again(work), "c", Ending(None, TODAY, "istres"), Acts(), NOW)
    record = again(work).current.get(RecordId("convention", "c"))
    assert record is not None
    assert (record.data["status"], title(record).last) == ("signed", date(2030, 12, 31))
    assert status(again(work), on=TODAY).notices == ()


def test_a_number_of_thousands_of_digits_is_a_finding_and_breaks_no_command(work: Workspace) -> None:
    numbers = ("1", "9" * 5000, "8" * 5000)
    endless = [
        {"number": number, "signed_on": f"2024-0{month}-01", "sets": {"removal_days": month}}
        for month, number in enumerate(numbers, 1)
    ]
    place(work.root, CONVENTION, MORE[CONVENTION] + f"amendments: {json.dumps(endless)}\n")
    end = ("terminate", "c", "--on", "2030-06-30", "--notice-by", "istres", "--reason", "budget", "-n")
    for words in (("validate",), end, ("show", "c")):
        assert start(*words, cwd=work.root).returncode in (0, 1), words


@pytest.mark.day(str(TODAY))
@pytest.mark.parametrize("option", ["--notice-by", "--party"])
def test_only_a_party_gives_notice(work: Workspace, option: str) -> None:
    end = ("terminate", "c", "--on", "2027-06-30", "--reason", "budget", "-n")
    other = start(*end, option, "martigues", cwd=work.root)
    assert (other.returncode, other.stdout) == (1, "")
    assert other.stderr == ("error: martigues is not a party to convention c\nhelp: its parties are amp, istres\n")
    alone = start(*end, "--notice-by", "istres", cwd=work.root)
    assert "CON327" in alone.stdout
    past = start(*end[:3], "2024-06-30", *end[4:], "--notice-by", "istres", cwd=work.root)
    assert "CON303" in past.stdout


def decided(work: Workspace, on: str, months: int) -> list[tuple[str, str, str, int, int]]:
    """By when, what, of which convention, how many devices and flows."""
    words = ("deadlines", "--on", on, "--months", str(months), "-f", "csv")
    rows = [line.split(",") for line in start(*words, cwd=work.root).stdout.splitlines()[1:]]
    return [(by, what, id, int(devices), int(flows)) for by, what, id, _end, devices, _networks, flows in rows]


def test_what_has_to_be_decided_by_when(work: Workspace) -> None:
    (work.root / "registry/equipment/far.yaml").unlink()
    renewed = "renewal: {tacit: true, period: P1Y, notice: P3M, at_most: 2}\n"
    place(work.root, CONVENTION, MORE[CONVENTION].replace("2030-12-31", "2027-12-31") + renewed)

    assert decided(work, "2027-01-01", 60) == [
        ("2027-09-30", "notice", "c", 2, 1),
        ("2028-09-30", "notice", "c", 2, 1),
        ("2029-12-31", "end", "c", 2, 1),
        ("2030-01-30", "removal", "c", 1, 0),
    ]
    assert [row[0] for row in decided(work, "2027-09-30", 12)] == ["2027-09-30", "2028-09-30"]
    assert [row[0] for row in decided(work, "2027-10-01", 12)] == ["2028-09-30"]
    assert [row[1] for row in decided(work, "2030-01-30", 0)] == ["removal"]
    assert decided(work, "2030-01-31", 12) == []

    given = {"number": "1", "signed_on": "2027-02-01", "notice": {"by": "istres", "of": "non_renewal"}}
    place(work.root, CONVENTION, (work.root / CONVENTION).read_text("utf-8") + f"amendments: [{json.dumps(given)}]\n")
    assert [row[:2] for row in decided(work, "2027-02-01", 60)] == [("2027-12-31", "end"), ("2028-01-30", "removal")]

    text = FILES[CONVENTION].replace("id: c\n", "id: next\n").replace("2023-12-01", "2028-01-01")
    place(work.root, "registry/conventions/next.yaml", text.replace("2026-12-31", "2040-12-31"))
    assert decided(work, "2027-02-01", 60) == []


@pytest.mark.parametrize(
    ("act", "removal"),
    [
        ({"removes": {"families": ["installation"]}}, "2027-07-30"),
        ({"removes": {"families": ["installation"]}, "sets": {"removal_days": 10}}, "2027-07-10"),
        ({"sets": {"scope.supports": ["pole-9"]}}, "2027-07-30"),
        ({"removes": {"families": ["data"]}}, None),
    ],
)
def test_an_act_that_narrows_has_its_deadlines(work: Workspace, act: dict[str, Json], removal: str | None) -> None:
    (work.root / "registry/equipment/far.yaml").unlink()
    narrowed = [{"number": "1", "signed_on": "2027-01-10", "effective_from": "2027-07-01", **act}]
    place(work.root, CONVENTION, MORE[CONVENTION] + f"amendments: {json.dumps(narrowed)}\n")
    after = [(removal, "removal")] if removal else []
    decisions = [("2027-06-30", "partial_end"), *after]

    assert [row[:2] for row in decided(work, "2027-02-01", 12)] == decisions
    assert [row[:2] for row in decided(work, "2027-07-05", 12)] == after
    soon = status(again(work), on=date(2027, 6, 30)).ends
    assert [(str(one.by), one.decision) for one in soon] == decisions


@pytest.mark.parametrize("act", [{"sets": {"removal_days": 10}}, {"adds": {"families": ["connectivity"]}}])
def test_an_act_that_narrows_nothing_has_no_deadline(work: Workspace, act: dict[str, Json]) -> None:
    (work.root / "registry/equipment/far.yaml").unlink()
    changed = [{"number": "1", "signed_on": "2027-01-10", "effective_from": "2027-07-01", **act}]
    place(work.root, CONVENTION, MORE[CONVENTION] + f"amendments: {json.dumps(changed)}\n")
    assert decided(work, "2027-02-01", 12) == []


@pytest.mark.parametrize(
    ("notice", "on", "ends"),
    [
        ("", "2030-10-01", []),
        ("", "2030-10-02", ["2030-12-31"]),
        ("notice_days: 200\n", "2030-06-14", ["2030-12-31"]),
        ("notice_days: 200\n", "2030-06-13", []),
        ("termination: {unilateral: true, notice: P6M}\n", "2030-06-30", []),
        ("termination: {unilateral: true, notice: P6M}\n", "2030-07-01", ["2030-12-31"]),
        ("", "2031-01-15", ["2031-01-30"]),
        ("", "2031-01-31", []),
    ],
)
def test_status_says_what_ends_within_the_notice_period(work: Workspace, notice: str, on: str, ends: list[str]) -> None:
    (work.root / "registry/equipment/far.yaml").unlink()
    place(work.root, CONVENTION, MORE[CONVENTION] + notice)
    found = status(again(work), on=date.fromisoformat(on)).ends

    assert [str(one.by) for one in found] == ends


def test_status_and_deadlines_name_the_day_and_what_depends_on_it(work: Workspace) -> None:
    (work.root / "registry/equipment/far.yaml").unlink()
    soon = today_in("Europe/Paris") + timedelta(20)
    place(work.root, CONVENTION, MORE[CONVENTION].replace("2030-12-31", str(soon)))

    for lang, heading, row in (
        ("en", "To decide soon", "c  ends"),
        ("fr", "À décider prochainement", "c  prend fin"),
    ):
        text = start("status", "--lang", lang, cwd=work.root).stdout
        assert heading in text
        assert f"  {soon}  {row}" in text
        assert f"  {soon}  {row}" in start("deadlines", "--lang", lang, cwd=work.root).stdout
    end, removal = json.loads(start("status", "--json", cwd=work.root).stdout)["ends"]
    assert [(one["by"], one["decision"], one["equipment"]) for one in (end, removal)] == [
        (str(soon), "end", 2),
        (str(soon + timedelta(30)), "removal", 1),
    ]


def test_a_convention_that_follows_may_be_named(work: Workspace) -> None:
    """What was installed under the old one stays covered by it in its time (CON303, CON309)."""
    text = FILES[CONVENTION].replace("2026-12-31", "2024-12-31")
    place(work.root, CONVENTION, text)
    follows = (
        text.replace("id: c\n", "id: next\n").replace("2023-12-01", "2025-01-01").replace("2024-12-31", "2030-12-31")
    )
    place(work.root, "registry/conventions/next.yaml", follows)

    done = set_fields(again(work), "equipment/hosted", ["convention=next"], [], replace(OPTIONS, dry_run=True))

    assert [one.code for one in done.introduced if one.severity == "error"] == []
    named = work.root / "registry/equipment/hosted.yaml"
    named.write_text(named.read_text("utf-8") + "convention: next\n", "utf-8")
    for on in ("2024-07-01", "2026-07-01"):
        assert ("installation", "covered", [""]) in states(work, "hosted", on)


NEXT = FILES[CONVENTION].replace("id: c\n", "id: next\n").replace("2023-12-01", "2025-01-01").replace("2026-", "2030-")


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("NET401", {CONVENTION: MORE[CONVENTION].replace("  - connectivity\n", "")}),
        ("CON301", {CONVENTION: MORE[CONVENTION].replace("  - installation\n", "")}),
        ("CON301", {CONVENTION: MORE[CONVENTION] + "scope: {supports: [mole]}\n"}),
        (
            "CON303",
            {
                CONVENTION: FILES[CONVENTION].replace("2026-12-31", "2024-12-31"),
                "registry/conventions/next.yaml": NEXT,
                "registry/equipment/hosted.yaml": FILES["registry/equipment/hosted.yaml"] + "convention: c\n",
            },
        ),
        ("CON309", {"registry/conventions/next.yaml": NEXT}),
    ],
    ids=["NET401 family", "CON301 family", "CON301 scope", "CON303 name the next", "CON309 name one"],
)
def test_the_command_that_a_help_names_mends_its_case(
    work: Workspace, git: Git, code: str, texts: dict[str, str]
) -> None:
    act = FILES["registry/deliberations/d.yaml"].replace("id: d\n", "id: d3\n").replace("13539/23", "13540/23")
    for path, text in {**texts, "registry/deliberations/d3.yaml": act}.items():
        place(work.root, path, text)
    (work.root / "registry/equipment/far.yaml").unlink()
    git("add", "-A", cwd=work.root)
    git("commit", "-qm", "case", cwd=work.root)
    before = hints_of(work, code)
    file, hint = before[0]

    command = re.search(r"smartreg (?:amend|set) [^;,)]+?(?= \(|, or |$)", hint)
    assert command is not None, hint
    words = (
        command[0]
        .replace("--signed-on DATE", "--signed-on 2024-01-15")
        .replace("--deliberation ID", "--deliberation d3")
    )
    done = start(*shlex.split(words)[1:], "-y", cwd=work.root)

    assert done.returncode == 0, done.stderr
    assert file not in [where for where, _ in hints_of(work, code)]


def hints_of(work: Workspace, code: str) -> list[tuple[str, str]]:
    """Files and help of what a rule finds today."""
    checked = again(work)
    found = checked.checker(checked.current, TODAY).check(checked.current).findings
    return [(one.where.file, one.hint.in_("en")) for one in found if one.code == code and one.hint is not None]

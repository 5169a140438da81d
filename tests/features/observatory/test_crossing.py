"""Findings across registries, asked of small tables: each case is a few rows, and the findings that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest

from smartreg.core.findings import Severity
from smartreg.features.observatory.core import core
from smartreg.features.observatory.crossing import Crossing, find_crossing, questions
from smartreg.features.observatory.decisions import Decision, Verdict
from smartreg.features.observatory.standing import Standing
from smartreg.validation.check import Selection


def source(alias: str, registry: str, name: str, serial: int) -> Standing:
    day = "2026-12-01T04:00:00Z"
    return Standing(alias, registry, name, serial, "", "", day, day, 0, "in order", "", "etalab-2.0", serial)


AMP = source("amp", "11111111-1111-4111-8111-111111111111", "AMP", 12)
MTP = source("mtp", "22222222-2222-4222-8222-222222222222", "Montpellier", 4)
CD13 = source("cd13", "33333333-3333-4333-8333-333333333333", "CD 13", 7)
SOURCES = (AMP, MTP, CD13)
ELSEWHERE = "99999999-9999-4999-8999-999999999999"

Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def base() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for view in core().views:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in view.columns)
            connection.execute(f'CREATE TABLE "{view.name}" ({columns})')
        yield connection


@pytest.fixture
def cross(base: duckdb.DuckDBPyConnection) -> Any:
    """What is found in rows, by view; each says its source, and is in it under its id."""
    equipment = {column.name: column for view in core().views if view.name == "equipment" for column in view.columns}
    derived = ", ".join(f"{name} = {equipment[name].source}" for name in ("in_place", "retired"))

    def find(
        *decisions: Decision,
        sources: Sequence[Standing] = SOURCES,
        severity: Mapping[str, str] = {},
        **views: Sequence[Row],
    ) -> Crossing:
        for view in core().views:
            base.execute(f'DELETE FROM "{view.name}"')
        for source in sources:
            base.execute(
                "INSERT INTO sources BY NAME SELECT ? AS registry, ? AS alias", [source.registry, source.alias]
            )
        for name, rows in views.items():
            for row in rows:
                source, id = row["source"], row["id"]
                about = {"registry": source.registry, "key": f"{source.registry}:{id}", **row}
                del about["source"]
                cells = ", ".join(f'? AS "{column}"' for column in about)
                base.execute(f'INSERT INTO "{name}" BY NAME SELECT {cells}', [*about.values()])
        base.execute(f"UPDATE equipment t SET {derived}")
        asked = questions(decisions)
        answers = {name: base.execute(sql).fetchall() for name, sql in asked.items()}
        return find_crossing(sources, answers, decisions, Selection((), (), severity).grade)

    return find


def device(source: Standing, id: str, value: str | None, status: str = "active", **more: Any) -> Row:
    return {"source": source, "id": id, "device_identifier": value, "status": status, **more}


def decided(one: str, other: str, verdict: Verdict = "same") -> Decision:
    return Decision(frozenset((one, other)), verdict, "the keepers were asked")


def shown(crossing: Crossing) -> list[tuple[str, ...]]:
    """The code of each finding, and its records."""
    return [(finding.code, *map(str, finding.subjects)) for finding in crossing.findings]


# -- a device in two registries ------------------------------------------------------------------------------------


def test_a_device_in_two_registries_is_one_finding_with_both(cross: Any) -> None:
    found = cross(equipment=[device(AMP, "n-1", "70B3"), device(MTP, "b-9", "70B3"), device(MTP, "b-8", "70B4")])
    assert shown(found) == [("OBS953", "equipment/amp:n-1", "equipment/mtp:b-9")]
    (finding,) = found.findings
    assert finding.message.in_("en") == (
        "equipment/amp:n-1 (AMP, release 12) and equipment/mtp:b-9 (Montpellier, release 4) "
        "have the same identifier, 70B3"
    )
    assert found.devices == (2, 3)  # with and without the duplicate


def test_two_devices_of_one_registry_are_for_that_registry(cross: Any) -> None:
    assert not shown(cross(equipment=[device(AMP, "n-1", "70B3"), device(AMP, "n-2", "70B3")]))


def test_devices_without_an_identifier_are_compared_with_none(cross: Any) -> None:
    found = cross(equipment=[device(AMP, "n-1", None), device(MTP, "b-9", None)])
    assert (shown(found), found.devices) == ([], (2, 2))


def test_an_empty_identifier_and_a_monstrous_one_identify_nothing(cross: Any) -> None:
    for value in ("", "7" * 1_000_000):
        assert not shown(cross(equipment=[device(AMP, "n-1", value), device(MTP, "b-9", value)]))


def test_each_of_three_registries_is_paired_once(cross: Any) -> None:
    found = cross(equipment=[device(source, "n-1", "70B3") for source in SOURCES])
    assert shown(found) == [
        ("OBS953", "equipment/amp:n-1", "equipment/mtp:n-1"),
        ("OBS953", "equipment/amp:n-1", "equipment/cd13:n-1"),
    ]
    assert found.devices == (1, 3)


def test_a_second_record_of_the_first_registry_is_paired_with_the_other(cross: Any) -> None:
    found = cross(equipment=[device(AMP, "n-1", "X"), device(AMP, "n-2", "X"), device(MTP, "b", "X")])
    assert {row[1:] for row in shown(found)} == {
        ("equipment/amp:n-1", "equipment/mtp:b"),
        ("equipment/amp:n-2", "equipment/mtp:b"),
    }
    assert found.devices == (1, 3)


@pytest.mark.parametrize("status", ["removed", "decommissioned", "cancelled"])
def test_a_device_that_was_sold_changed_hands_and_is_no_duplicate(cross: Any, status: str) -> None:
    found = cross(equipment=[device(MTP, "b-9", "70B3"), device(AMP, "n-1", "70B3", status)])
    assert shown(found) == []
    assert [(str(item.before), str(item.after)) for item in found.transfers] == [
        ("equipment/amp:n-1", "equipment/mtp:b-9")
    ]
    assert found.devices == (1, 1)


def test_a_device_that_both_retired_is_nothing(cross: Any) -> None:
    found = cross(equipment=[device(AMP, "n-1", "70B3", "removed"), device(MTP, "b-9", "70B3", "removed")])
    assert (shown(found), found.transfers, found.devices) == ([], (), (0, 0))


def test_a_sale_within_a_registry_is_for_that_registry(cross: Any) -> None:
    assert not cross(equipment=[device(AMP, "n-1", "X", "removed"), device(AMP, "n-2", "X")]).transfers


# -- decisions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "devices"), [("same", (1, 1)), ("joint", (1, 1)), ("different", (2, 2))])
def test_a_decision_closes_the_finding_and_says_the_number(
    cross: Any, verdict: Verdict, devices: tuple[int, int]
) -> None:
    pair = decided("equipment/mtp:b-9", "equipment/amp:n-1", verdict)
    found = cross(pair, equipment=[device(AMP, "n-1", "70B3"), device(MTP, "b-9", "70B3")])
    assert (shown(found), found.devices) == ([], devices)
    assert found.rulings == ((pair, ()),)


def test_people_may_decide_on_devices_that_nobody_asked_about(cross: Any) -> None:
    """As where no source publishes identifiers."""
    pair = decided("equipment/mtp:b-9", "equipment/amp:n-1")
    found = cross(pair, equipment=[device(AMP, "n-1", None), device(MTP, "b-9", None)])
    assert found.devices == (1, 1)
    sold = cross(pair, equipment=[device(AMP, "n-1", None, "removed"), device(MTP, "b-9", None)])
    assert [tuple(map(str, item)) for item in sold.transfers] == [("equipment/amp:n-1", "equipment/mtp:b-9")]
    assert sold.devices == (1, 1)


def test_a_decision_on_records_that_are_gone_is_told(cross: Any) -> None:
    pairs = [
        decided("equipment/amp:n-1", "equipment/mtp:gone"),
        decided("equipment/amp:n-1", "equipment/nobody:x"),
        decided("thing/amp:n-1", "thing/mtp:'; DROP TABLE equipment; --"),
    ]
    found = cross(*pairs, equipment=[device(AMP, "n-1", "70B3")])
    assert [ruling.gone for ruling in found.rulings] == [
        ("equipment/mtp:gone",),
        ("equipment/nobody:x",),
        ("thing/amp:n-1", "thing/mtp:'; DROP TABLE equipment; --"),
    ]
    assert found.devices == (1, 1)


def test_a_decision_on_one_pair_leaves_the_other_open(cross: Any) -> None:
    devices = [device(source, "n-1", "70B3") for source in SOURCES]
    found = cross(decided("equipment/amp:n-1", "equipment/mtp:n-1"), equipment=devices)
    assert shown(found) == [("OBS953", "equipment/amp:n-1", "equipment/cd13:n-1")]
    assert found.devices == (1, 2)


# -- codes, names and numbers --------------------------------------------------------------------------------------


def party(source: Standing, id: str, siren: str | None, name: str | None = None, **more: Any) -> Row:
    return {"source": source, "id": id, "siren": siren, "name": name or id, **more}


def pole(source: Standing, id: str, owner: str, reference: str | None, status: str = "in_service") -> Row:
    key = f"{source.registry}:{owner}"
    return {"source": source, "id": id, "owner_key": key, "local_ref": reference, "status": status}


OWNERS = [party(CD13, "cd13", "221300015", "CD 13"), party(AMP, "dept", "221300015", "CD 13")]


@pytest.mark.parametrize(
    ("poles", "expected"),
    [
        ([pole(CD13, "ep-1", "cd13", "412"), pole(AMP, "m-7", "dept", "412")], 1),
        ([pole(CD13, "ep-1", "cd13", "412"), pole(AMP, "m-7", "dept", "413")], 0),
        ([pole(CD13, "ep-1", "cd13", None), pole(AMP, "m-7", "dept", None)], 0),
        ([pole(CD13, "ep-1", "cd13", "412"), pole(AMP, "m-7", "dept", "412", "removed")], 0),
        ([pole(CD13, "ep-1", "cd13", "412"), pole(CD13, "ep-2", "cd13", "412")], 0),
    ],
    ids=["same", "another", "none", "removed", "one registry"],
)
def test_a_reference_of_one_owner_in_two_registries(cross: Any, poles: list[Row], expected: int) -> None:
    found = cross(parties=OWNERS, supports=poles)
    assert shown(found) == [("OBS954", "support/amp:m-7", "support/cd13:ep-1")][:expected]


@pytest.mark.parametrize(
    ("sirens", "ended", "expected"),
    [(("1", "2"), None, 1), (("1", "1"), None, 0), (("1", "2"), "2025-12-31", 0)],
    ids=["another SIREN", "the same", "ended"],
)
def test_a_commune_with_two_sirens(cross: Any, sirens: tuple[str, str], ended: str | None, expected: int) -> None:
    communes = [
        party(AMP, "istres", sirens[0], "Istres", category="commune", insee_code="13047"),
        party(MTP, "istres", sirens[1], "Istres", category="commune", insee_code="13047", ended_on=ended),
    ]
    assert shown(cross(parties=communes)) == [("OBS954", "party/amp:istres", "party/mtp:istres")][:expected]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Département des Bouches-du-Rhône", "Département de l'Hérault"), 1),
        (("Département des Bouches-du-Rhône", "DEPARTEMENT DES BOUCHES DU RHONE"), 0),
    ],
    ids=["another", "capitals and accents"],
)
def test_a_siren_with_several_names(cross: Any, names: tuple[str, str], expected: int) -> None:
    found = cross(parties=[party(AMP, "a", "221300015", names[0]), party(MTP, "b", "221300015", names[1])])
    assert shown(found) == [("OBS955", "party/amp:a", "party/mtp:b")][:expected]
    closed = cross(
        decided("party/amp:a", "party/mtp:b"),
        parties=[party(AMP, "a", "221300015", names[0]), party(MTP, "b", "221300015", names[1])],
    )
    assert shown(closed) == []


def test_a_party_without_a_siren(cross: Any) -> None:
    found = cross(
        parties=[party(AMP, "a", None, "A"), party(MTP, "b", "2"), party(AMP, "old", None, ended_on="2020-01-01")]
    )
    assert shown(found) == [("OBS956", "party/amp:a")]


# -- references, refused releases, severities ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (f"{CD13.registry}:ep-1", []),
        (f"{CD13.registry}:ep-9", [("OBS952", "equipment/amp:n-1", "support/cd13:ep-9")]),
        (f"{CD13.registry}:cd13", [("OBS952", "equipment/amp:n-1", "support/cd13:cd13")]),  # a party of that id
        (f"{ELSEWHERE}:ep-9", []),  # no source
        (f"{AMP.registry}:ep-9", []),  # of its own registry: withheld there
        (None, []),
    ],
)
def test_a_reference_to_what_its_source_does_not_publish(cross: Any, there: str | None, expected: list[Any]) -> None:
    rows = {"supports": [pole(CD13, "ep-1", "cd13", None)], "parties": OWNERS}
    found = cross(equipment=[device(AMP, "n-1", None, support_key=there)], **rows)
    assert shown(found) == expected


def test_nothing_dangles_into_a_source_whose_data_were_withdrawn(cross: Any) -> None:
    withdrawn = CD13._replace(shown=None)
    there = f"{CD13.registry}:ep-9"
    assert not shown(cross(equipment=[device(AMP, "n-1", None, support_key=there)], sources=(AMP, withdrawn)))


@pytest.mark.parametrize(
    ("view", "kind", "field"),
    [
        ("equipment", "equipment", "network"),
        ("equipment", "equipment", "owner"),
        ("supports", "support", "owner"),
        ("networks", "network", "owner"),
        ("networks", "network", "operator"),
        ("flows", "flow", "producer"),
    ],
)
def test_every_reference_is_followed(cross: Any, view: str, kind: str, field: str) -> None:
    found = cross(**{view: [{"source": AMP, "id": "x", f"{field}_key": f"{CD13.registry}:gone"}]})
    target = "network" if field == "network" else "party"
    assert shown(found) == [("OBS952", f"{kind}/amp:x", f"{target}/cd13:gone")]


def test_a_refused_release_is_told_of_the_source(cross: Any) -> None:
    found = cross(sources=(AMP, CD13._replace(refused="loss")))
    assert shown(found) == [("OBS951", "cd13")]


@pytest.mark.parametrize(
    ("severity", "expected"), [({}, ["warning"]), ({"OBS951": "error"}, ["error"]), ({"OBS951": "off"}, [])]
)
def test_the_settings_say_how_severe_it_is(cross: Any, severity: dict[str, str], expected: list[Severity]) -> None:
    found = cross(sources=(AMP._replace(refused="loss"),), severity=severity)
    assert [finding.severity for finding in found.findings] == expected

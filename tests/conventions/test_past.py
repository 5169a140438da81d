"""The registry of a past day: every figure, the page and `coverage` answer as the registry did on that day, where
everything was recorded on its day; what was recorded late counts from its own day, and is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from bilans import (
    CONVENTIONS,
    FLOWS,
    KINDS,
    NETWORKS,
    PARTIES,
    SETTINGS,
    SUPPORTS,
    USE_CASES,
    A,
    B,
    C,
    D,
    Records,
    commit,
    write,
)
from exports import smartreg

from smartreg.commands.coverage import coverage
from smartreg.commands.page import ChangesShown, look
from smartreg.commands.report import BilanOptions, bilan
from smartreg.domain.covers import Cover
from smartreg.reports.page.whole import whole
from smartreg.workspace.workspace import open_workspace

ON_MAST = {"support": "mast", "placed_on": "2024-08-01"}
STAY = {"support": "pole", "from": "2024-02-05", "until": "2024-07-31"}
FAULT = {"date": "2024-07-01", "kind": "fault", "note": "Choc"}
REPAIR = {"date": "2024-07-31", "kind": "repair"}
NOISE = {**USE_CASES["noise"], "indicators": [{"name": "Capteurs", "baseline": 2, "value": 3, "target": 8,
         "measured_on": "2024-01-05"}], "assessments": []}  # fmt: skip
FIRST = {"date": "2024-06-30", "rating": 3, "recommendation": "continue", "summary": "Utile"}
GONE = {"decommissioned_on": "2025-02-03", "removed_on": "2025-02-10"}
ACT = {"number": "1", "signed_on": "2024-11-04", "sets": {"effective_until": "2026-03-01"}}
MAST: dict[str, Any] = {**SUPPORTS["pole"], "owner": "metropole", "location": {"lon": 4.98912, "lat": 43.51421}}
# Day → folder → what the commit of that day says of which records: all on the day on which it came true.
LIFE: dict[str, dict[str, Records]] = {
    "2024-01-10": {
        **{folder: dict(records) for folder, records in KINDS.items() if folder != "use-cases"},
        "use-cases": {"noise": NOISE, "waste": USE_CASES["waste"]},
        "equipment": {
            "a": {**A, "status": "planned"},
            "b": {**B, "status": "active"},
            "c": {**C, "status": "active"},
            "sketch": {**A, "status": "planned", "cost_eur": 70},
        },
    },
    "2024-02-05": {"equipment": {"a": {**A, "status": "installed", "installed_on": "2024-02-05"}}},
    "2024-02-19": {"equipment": {"a": {**A, "status": "active", "installed_on": "2024-02-05"}}},
    "2024-07-01": {
        "equipment": {"b": {**B, "status": "faulty", "events": [FAULT]}},
        "use-cases": {"noise": {**NOISE, "assessments": [FIRST]}},
        "networks": {"fibre": {**NETWORKS["lora"], "name": "Fibre", "technology": "fibre", "lorawan": None,
                               "access": "own_use", "shared_with": None}},
    },
    "2024-08-01": {
        "supports/13047": {"mast": MAST},
        "equipment": {
            "a": {**A, "status": "active", "installed_on": "2024-02-05", **ON_MAST, "placements": [STAY]},
            "b": {**B, "status": "active", "events": [FAULT, REPAIR], "network": "fibre"},
        },
    },
    "2024-11-04": {
        "conventions": {"accord": {**CONVENTIONS["accord"], "amendments": [ACT]}},
        "networks": {"lora": {**NETWORKS["lora"], "access": "commercial", "operator": "bureau", "shared_with": None}},
        "flows": {
            "levels": {**FLOWS["levels"], "consumers": ["istres"], "equipment": ["a", "c"], "access": "public",
                       "licence": "etalab-2.0", "personal_data": {"involved": False}},
            "later": {**FLOWS["open"], "consumers": ["metropole", "labo"]},
        },
        "use-cases": {
            "noise": {**NOISE, "status": "production", "assessments": [FIRST], "indicators": [
                {"name": "Capteurs", "baseline": 2, "value": 6, "target": 8, "measured_on": "2024-11-01"}]},
            "light": {**USE_CASES["waste"], "title": "Éclairage", "domain": "lighting"},
        },
        "parties": {"labo": {**PARTIES["labo"], "category": "parapublic"}},
        "supports/13047": {
            "pole": {**SUPPORTS["pole"], "owner": "bureau", "previous_owners": [{"owner": "istres",
                     "until": "2024-11-03"}]},
        },
    },
    "2025-02-10": {
        "equipment": {
            "c": {**C, "status": "removed", "use_cases": ["light"], **GONE},
            "d": {**D, "cost_eur": 100, "installed_on": "2025-02-10", "network": "fibre"},
            "a": {**A, "status": "faulty", "installed_on": "2024-02-05", **ON_MAST, "placements": [STAY],
                  "network": "fibre", "use_cases": ["light"]},
        },
        "supports/13047": {"mast": {**MAST, "status": "out_of_service"}},
        "conventions": {
            "accord": {**CONVENTIONS["accord"], "status": "terminated", "amendments": [ACT, {"number": "2",
                       "signed_on": "2025-02-10", "sets": {"terminated_on": "2025-03-01"}}]},
            "next": {**CONVENTIONS["accord"], "title": "Suite", "signed_on": "2025-02-03", "effective_until": None},
        },
    },
}  # fmt: skip
KINDS_ASKED = ("party", "support", "equipment", "network", "flow", "convention")
AUTHOR = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
          for key, value in (("NAME", "Registre"), ("EMAIL", "registre@example.org"))}  # fmt: skip
DAYS = ("2024-02-10", "2024-07-15", "2024-12-31")


def live(root: Path, until: str = "9999") -> Path:
    """The registry with its commits up to a day, in a new folder."""
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=root, check=True)
    (root / "smartreg.toml").write_text(SETTINGS.replace("2025-12-31", "2026-12-31"), encoding="utf-8")
    for day, folders in LIFE.items():
        for folder, records in folders.items():
            write(root, folder, {id: {name: value for name, value in data.items() if value is not None}
                                 for id, data in records.items()})  # fmt: skip
        if day <= until:
            commit(root, day)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live(tmp_path_factory.mktemp("past") / "registry")


@pytest.fixture
def own(root: Path, tmp_path: Path) -> Path:
    """A copy to write in."""
    return shutil.copytree(root, tmp_path / "own")


def report(root: Path, *words: str) -> Any:
    done = smartreg("report", "--json", *words, cwd=root)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["figures"]


def page(root: Path, **options: Any) -> Mapping[str, Any]:
    """What the page shows, without where it comes from and what changed since."""
    workspace = open_workspace(root)
    made = whole(look(workspace, bilan(workspace, BilanOptions(**options), today=date(2026, 1, 1)),
                      ChangesShown(options.get("at"))))  # fmt: skip
    return {name: part for name, part in made.items() if name not in ("source", "provenance", "changes")}


@pytest.mark.parametrize("day", DAYS)
def test_every_figure_of_a_past_day_is_that_of_the_registry_of_the_day(root: Path, day: str) -> None:
    then, now = report(root, "--at", day, "--until", day), report(root, "--until", day)
    assert len(now) == 14
    for before, found in zip(then, now, strict=True):
        assert found == before


@pytest.mark.parametrize("day", DAYS)
def test_the_page_of_a_past_day_is_that_of_the_registry_of_the_day(root: Path, day: str) -> None:
    then = page(root, at=day, until=date.fromisoformat(day))
    for name, part in page(root, until=date.fromisoformat(day)).items():
        assert part == then[name], name


@pytest.mark.parametrize("day", DAYS)
def test_coverage_on_a_past_day_is_that_of_the_registry_of_the_day(root: Path, day: str) -> None:
    """Of every record that can be asked about, of flows, networks and parties too."""
    workspace, today, on = open_workspace(root), date(2025, 3, 1), date.fromisoformat(day)
    registry = workspace.registry(day)
    asked = [f"{kind}/{id}" for kind in KINDS_ASKED for id in registry.ids(kind)]
    assert len(asked) > 12
    for word in asked:
        then, now = (coverage(workspace, word, on, today=today, at=at) for at in (day, None))
        assert [states(found.covers, on) for found in (now,)] == [states(then.covers, on)], word
        assert [(one.family, one.through.rid) for one in now.own] == [(one.family, one.through.rid) for one in then.own]
    for word in ("flow/later", "network/fibre") if day < "2024-07" else ():
        assert not coverage(workspace, word, on, today=today).covers


def states(covers: Iterable[Cover], on: date) -> list[tuple[str, ...]]:
    return [
        (str(one.record.rid), one.exchange.family, one.exchange.user, *one.exchange.partners, one.state(on))
        for one in covers
    ]


def measures(found: Any) -> dict[str, Any]:
    return {f"{one['figure']}.{item['key']}": item["value"] for one in found for item in one["measures"]}


def without_findings(found: Any) -> dict[str, Any]:
    """Without what rules find about a record that lay untouched for long: a new id begins anew."""
    return {key: value for key, value in measures(found).items() if not key.startswith("B11.")}


SUCCESSIONS = {"CON313", "REC114", "REF207", "REF226"}


def table(found: Any, code: str, name: str) -> list[dict[str, Any]]:
    figure = next(one for one in found if one["figure"] == code)
    return next(one["rows"] for one in figure["tables"] if one["name"] == name)


def test_what_was_recorded_late_counts_from_its_own_day_and_is_told(own: Path) -> None:
    """A device that hung there since December, on a pole and a network that nobody had recorded either; the removal of
    b; a fault. The network that the device changed to since is none of that year's."""
    new = {**A, "status": "active", "installed_on": "2024-12-02", "support": "quay", "network": "wifi", "cost_eur": 90}
    write(own, "supports/13047", {"quay": {**MAST, "owner": "istres"}, "unused": MAST})
    write(own, "networks", {"wifi": {**NETWORKS["lora"], "name": "Wi-Fi", "technology": "wifi"}})
    write(own, "equipment", {"late": new})
    commit(own, "2025-04-01")
    moved = {
        "support": "mast",
        "placed_on": "2025-04-20",
        "placements": [{"support": "quay", "from": "2024-12-02", "until": "2025-04-19"}],
    }
    removed = {"decommissioned_on": "2024-12-10", "removed_on": "2024-12-20"}
    write(own, "equipment", {
        "late": {**new, "network": "lora", "status": "faulty", **moved},
        "b": {**B, "status": "removed", "events": [FAULT, REPAIR], "network": "fibre", **removed},
    })  # fmt: skip
    commit(own, "2025-05-01")

    before, found = report(own, "--at", "2024-12-31"), report(own, "--until", "2024-12-31")

    changed = {key: (measures(before)[key], value) for key, value in measures(found).items()
               if value != measures(before)[key] and key[:3] in ("B1.", "B5.", "B7.", "B12")}  # fmt: skip
    assert changed["B7.installed"] == (1, 2)
    assert changed["B7.removed"] == (0, 1)
    assert [(row["network"], row["equipment"]) for row in table(found, "B5", "networks")] == [
        *(("fibre", 0), ("lora", 2), ("wifi", 1)),
    ]
    assert ("istres", "metropole", 1) in {
        (row["host"], row["guest"], row["present"]) for row in table(found, "B1", "matrix")
    }
    supports = {row["party"]: row["supports"] for row in table(found, "B10", "parties")}
    assert supports["metropole"] == 1  # not the unused one, of which no day is known
    assert found[0]["notes"][1].startswith("3 records were entered only later: ")
    assert not [one for one in before if len(one["notes"]) > 1 and "later" in one["notes"][1]]


def test_a_succession_and_papers_that_were_recorded_later_are_no_faults_of_the_year_before(own: Path) -> None:
    """A commune nouvelle from March 2025, with the order of the prefect; a convention whose paper came later."""
    order = b"%PDF order\n" * 200_000  # more than a record may have
    place = own / "registry/parties/annexes/order.pdf"
    place.parent.mkdir()
    place.write_bytes(order)
    succession = {"party": "berre", "document": "annexes/order.pdf", "sha256": sha256(order).hexdigest()}
    write(own, "parties", {
        "istres": {**PARTIES["istres"], "ended_on": "2025-03-01", "successors": [succession]},
        "berre": {"name": "Berre", "category": "commune", "siren": "200099109", "insee_code": "13047"},
    })  # fmt: skip
    paper = {"id": "text", "kind": "convention", "title": "Texte", "path": "annexes/order.pdf"}
    annexed = {**CONVENTIONS["accord"], "annexes": [{**paper, "sha256": succession["sha256"]}]}
    (own / "registry/conventions/annexes").mkdir()
    (own / "registry/conventions/annexes/order.pdf").write_bytes(order)
    write(own, "conventions", {"late": {**annexed, "title": "Late"}})
    commit(own, "2025-04-01")

    assert {row["code"] for row in table(report(own, "--until", "2025-04-02"), "B11", "codes")}.isdisjoint(SUCCESSIONS)
    for day in ("2024-12-31", "2023-12-31"):
        found = {row["code"] for row in table(report(own, "--until", day), "B11", "codes")}
        assert found.isdisjoint(SUCCESSIONS), day


def test_what_was_corrected_since_counts_as_corrected(own: Path) -> None:
    """c was installed a year later than had been typed, and was never on that network; who receives a flow changed."""
    c = {**C, "status": "active", "installed_on": "2024-06-03", "network": "fibre"}
    write(own, "equipment", {"c": {**c, "status": "removed", "use_cases": ["light"], **GONE}})
    trailers = "Put right\n\nSmartreg-Op: correct\nSmartreg-Record: equipment/c\nSmartreg-Reason: work order"
    commit(own, "2025-04-01", trailers)

    found = report(own, "--until", "2024-03-01")

    assert {row["equipment"] for row in table(found, "B9", "equipment")} == {"a", "b"}
    assert [row["equipment"] for row in table(report(own, "--until", "2024-07-15"), "B5", "networks")] == [1, 2]


def test_renamed_and_deleted_records_are_those_of_the_day(own: Path) -> None:
    """A party and a planned device get other ids, and a planned flow goes: nothing is counted twice or lost."""
    before = without_findings(report(own, "--until", "2024-12-31"))
    for old, new in (("party/labo", "laboratoire"), ("equipment/sketch", "drawing")):
        done = smartreg("rename", old, new, "--yes", cwd=own, GIT_COMMITTER_DATE="2025-04-01T12:00:00+01:00", **AUTHOR)
        assert done.returncode == 0, done.stderr
    found = report(own, "--until", "2024-12-31")
    assert without_findings(found) == before
    third = table(report(own, "--until", "2024-07-15"), "B6", "third_parties")
    assert [row["party"] for row in third] == ["bureau", "laboratoire"]
    (own / "registry/equipment/drawing.yaml").unlink()
    commit(own, "2025-04-02")
    assert without_findings(report(own, "--until", "2024-12-31")) == before


def test_before_the_history_and_without_it_every_figure_says_as_recorded_when(own: Path) -> None:
    found = report(own, "--until", "2023-12-31")
    assert {one["notes"][1].split(": ")[0][-10:] for one in found if not one["why_not"]} == {"2024-01-10"}
    assert {row["equipment"] for row in table(found, "B9", "equipment")} == {"b", "c"}  # a was not there yet
    shallow = own.parent / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{own}", shallow], check=True)
    found = report(shallow, "--until", "2024-07-15")
    assert {one["notes"][1].split(": ")[0][-10:] for one in found if not one["why_not"]} == {"2025-02-10"}
    assert {row["equipment"] for row in table(found, "B9", "equipment")} == {"a", "b", "c"}


def test_before_the_history_nothing_counts_that_came_later_unless_its_own_days_say_so(own: Path) -> None:
    found = report(own, "--until", "2023-12-31")
    new = {**A, "status": "active", "installed_on": "2023-11-02"}
    write(own, "equipment", {"late": new})  # a day of its own says that it was there; none does of the flow
    write(own, "flows", {"newer": {**FLOWS["open"], "title": "Newer"}})
    commit(own, "2025-04-01")
    with_late = report(own, "--until", "2023-12-31")
    assert measures(with_late)["B6.flows"] == measures(found)["B6.flows"]
    assert {row["equipment"] for row in table(with_late, "B9", "equipment")} == {"b", "c", "late"}
    assert "2024-01-10: nothing older is known. 1 record was entered only later: " in with_late[0]["notes"][1]


def test_what_is_internal_today_is_in_no_public_figure_of_the_past(own: Path) -> None:
    write(own, "equipment", {"b": {**B, "status": "active", "events": [FAULT, REPAIR], "visibility": "internal"}})
    commit(own, "2025-04-01")
    found = report(own, "--until", "2024-07-15", "--audience", "public")
    assert {row["equipment"] for row in table(found, "B9", "equipment")} == {"a", "c"}

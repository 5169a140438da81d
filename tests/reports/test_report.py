"""The bilan: figures that can be computed by hand, its formats, the command."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bilans import CONVENTIONS, PARTIES, SETTINGS, SUPPORTS, USE_CASES, A, B, D, commit, write
from exports import smartreg
from markdown_it import MarkdownIt

from smartreg.commands.report import BilanOptions, bilan, deliveries, render_files
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Text, verbatim
from smartreg.reports.figure import Figure, Measure
from smartreg.reports.material import Period
from smartreg.reports.story import story_of
from smartreg.workspace.workspace import open_workspace


@pytest.fixture
def own(year_of_commits: Path, tmp_path: Path) -> Path:
    """A copy to write in."""
    return shutil.copytree(year_of_commits, tmp_path / "own")


@pytest.fixture(scope="module")
def all_figures(year_of_commits: Path) -> Mapping[str, Any]:
    return figures(year_of_commits)


def figures(root: Path, *words: str) -> Mapping[str, Any]:
    """The figures by code."""
    done = smartreg("report", "-f", "json", *words, cwd=root)
    assert done.returncode == 0, done.stderr
    return {found["figure"]: found for found in json.loads(done.stdout)["figures"]}


def values(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Key → value; of a share, what it was computed of."""
    return {
        item["key"]: (item["part"], item["whole"]) if "part" in item else item["value"] for item in figure["measures"]
    }


def rows(figure: Mapping[str, Any], name: str) -> list[tuple[Any, ...]]:
    """The cells of a table without the words for people."""
    table = next(table for table in figure["tables"] if table["name"] == name)
    keys = [column["key"] for column in table["columns"]]
    return [tuple(row[key] for key in keys) for row in table["rows"]]


def test_reciprocity(all_figures: Mapping[str, Any]) -> None:
    assert rows(all_figures["B1"], "matrix") == [("istres", "istres", 1, 0), ("istres", "metropole", 2, 2)]
    assert rows(all_figures["B1"], "balance") == [("istres", 2, 0, 2), ("metropole", 0, 2, -2)]
    assert values(all_figures["B2"]) == {"on_others": (2, 3), "used": 1, "shared": 1}


def test_communes(all_figures: Mapping[str, Any]) -> None:
    found = values(all_figures["B3"])
    assert (found["equipped"], found["under_convention"], found["elsewhere"], found["nowhere"]) == (
        (1, 2),
        (1, 2),
        0,
        0,
    )
    ((code, people, equipment, density, convention),) = rows(all_figures["B3"], "communes")
    assert (code, equipment, convention) == ("13047", 3, "yes")
    assert density == pytest.approx(30_000 / people, rel=1e-3)


def test_use_cases(all_figures: Mapping[str, Any]) -> None:
    assert rows(all_figures["B4"], "use_cases") == [
        ("noise", "noise", "pilot", 3, 2, 1, "2023-12-01", "2024-10-10"),
        ("waste", "waste", "idea", 1, 1, 1, "2024-02-05", "2024-02-05"),
    ]
    assert rows(all_figures["B4"], "indicators") == [("noise", "Capteurs", None, 2, 5, 8, "2024-12-01", 0.5)]


def test_networks_and_flows(all_figures: Mapping[str, Any]) -> None:
    assert values(all_figures["B5"]) == {"on_others": (1, 3), "on_shared": (3, 3), "on_commercial": (0, 3)}
    assert rows(all_figures["B5"], "owners") == [("lora", "istres", 1), ("lora", "metropole", 2)]
    assert values(all_figures["B6"]) == {
        "flows": 2,
        "public": (1, 2),
        "consumed": (1, 2),
        "third_parties": (1, 2),
        "personal": 1,
        "assessed": (1, 1),
    }
    assert rows(all_figures["B6"], "third_parties") == [
        ("bureau", "2024-03-01", "2024-04-01", "yes"),
        ("labo", None, None, "no"),
    ]


def test_life_cycle(all_figures: Mapping[str, Any]) -> None:
    assert values(all_figures["B7"]) == {
        "installed": 2,
        "decommissioned": 1,
        "removed": 1,
        "planned_to_installed": 30,
        "installed_to_active": 10,
        "decommissioned_to_removed": 20,
        "survival_12": (2, 2),
        "survival_24": None,
    }
    assert rows(all_figures["B7"], "quarters") == [
        ("2024-Q1", 1, 3, 0, 0, 0),
        ("2024-Q2", 0, 3, 0, 0, 0),
        ("2024-Q3", 0, 3, 0, 1, 0),
        ("2024-Q4", 1, 3, 0, 0, 1),
    ]
    assert rows(all_figures["B7"], "replacements") == [("Sonde", "S0", 1)]


def test_incidents(all_figures: Mapping[str, Any]) -> None:
    """1 043 days in service: a 331, b 366, c 263 (up to its decommissioning), d 83."""
    found = values(all_figures["B8"])
    assert (found["incidents"], found["repair_days"]) == (1, 30)
    assert found["device_months"] == pytest.approx(1043 / 30.4375, rel=1e-4)
    assert rows(all_figures["B8"], "models")[1][:3] == ("Sonde S1", 1, 0)


def test_availability(own: Path) -> None:
    """Faulty for 30 days; active from the 15th day on. 9 days of b and c and 82 of d lie before their first commit.
    What came beyond the expected messages makes no other device complete. Of b it is known only that it was there."""
    device = own / "registry/equipment/b.yaml"
    text = device.read_text(encoding="utf-8")
    assert 'installed_on: "2023-12-01"' in text
    device.write_text(text.replace('installed_on: "2023-12-01"', 'installed_before: "2024-01-01"'), encoding="utf-8")
    commit(own, "2024-12-31")
    rows_of = "equipment_id;expected;received\na;100;96\nb;200;100\nc;10;19\n"
    (own / "messages.csv").write_text(rows_of, encoding="utf-8")
    found = figures(own, "--deliveries", "messages.csv")["B9"]
    assert [(id, *cells) for id, _, *cells, _ in rows(found, "equipment")] == [
        ("b", 366, "2024-01-10", 327),
        ("a", 331, None, 317),
        ("c", 263, "2024-01-10", 254),
        ("d", 83, "2024-12-31", 1),
    ]
    assert values(found) == {
        "active": (899, 943), "known": (943, 1043), "observed": 357,
        "received": (206, 310), "beyond": 9, "as_promised": (1, 2),
    }  # fmt: skip
    assert found["notes"][1].startswith("100 days in place, before")
    assert found["notes"][2] == "1 device sent more messages than expected: check how many were expected."
    assert rows(found, "deliveries") == [
        ("b", 200, 100, 0, 0.5, 0.95, "no"),
        ("a", 100, 96, 0, 0.96, 0.95, "yes"),
        ("c", 10, 19, 9, 1, None, None),
    ]


def test_conventions(all_figures: Mapping[str, Any]) -> None:
    assert values(all_figures["B10"]) == {
        "conventions": 2,
        "in_force": 1,
        "ending_90": 1,
        "ending_180": 1,
        "signature_days": 30,
    }
    assert rows(all_figures["B10"], "statuses") == [("expired", 1), ("signed", 1)]
    assert {family for _, family, _ in rows(all_figures["B10"], "families")} == {"installation", "connectivity", "data"}


def test_compliance_is_what_validate_finds_month_by_month(
    year_of_commits: Path, all_figures: Mapping[str, Any]
) -> None:
    for month, on, at in (("2024-02", "2024-02-29", "HEAD~4"), ("2024-12", "2024-12-31", "HEAD")):
        found = json.loads(smartreg("validate", "--json", "--at", at, "--on", on, cwd=year_of_commits).stdout)["counts"]
        row = next(row for row in rows(all_figures["B11"], "months") if row[0] == month)
        assert row[2:] == (found["error"], found["warning"], found["info"])
    assert values(all_figures["B11"])["errors"] == sum(
        count for _, word, count in rows(all_figures["B11"], "codes") if word == "error"
    )
    assert values(all_figures["B11"])["confirmed"] == (6, 6)


def test_costs(all_figures: Mapping[str, Any]) -> None:
    assert values(all_figures["B12"]) == {
        "total": 1000.5,
        "period": 400,
        "budget": 1000,
        "budget_initial": 500,
        "charged": 800,
        "of_others": 200.5,
        "spent": 0.8,
        "per_active": 200.166667,
        "with_cost": (4, 4),
        "year_to_come": None,
    }
    assert rows(all_figures["B12"], "year_to_come") == []
    assert rows(all_figures["B12"], "use_cases") == [("noise", 4, 850.5), ("waste", 1, 150)]


def test_a_budget_is_compared_with_what_its_holder_bought(own: Path) -> None:
    """What another party spends on its own device is not charged to the holder; a device that it gave away later is."""
    given = {**A, "status": "active", "installed_on": "2024-02-05", "owner": "istres"}
    given["previous_owners"] = [{"owner": "metropole", "until": "2024-11-30"}]
    dear = {**B, "status": "active", "cost_eur": 100_000}
    write(own, "equipment", {"a": given, "b": dear})
    commit(own, "2024-12-31")
    found = values(figures(own)["B12"])
    assert (found["total"], found["charged"], found["of_others"], found["spent"]) == (100_800, 800, 100_000, 0.8)
    codes = [row[0] for row in rows(figures(own)["B11"], "codes")]
    assert "LIF612" not in codes
    settings = own / "smartreg.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('metropole = "metropole"\n', ""), encoding="utf-8")
    (spent,) = (item for item in figures(own)["B12"]["measures"] if item["key"] == "spent")
    assert (spent["value"], spent["why_not"]) == (None, "the registry does not say whose budget it is")


def test_the_cost_of_the_year_to_come(own: Path) -> None:
    """What is planned, and what reaches its planned end in the twelve months and nothing planned replaces."""
    installed = {**A, "status": "active", "installed_on": "2024-02-05"}
    planned = {**D, "status": "planned", "replaces": "d"}
    planned.pop("installed_on")
    write(
        own,
        "equipment",
        {
            "a": {**installed, "active_until": "2025-12-31"},
            "b": {**B, "status": "active", "active_until": "2026-01-01"},
            "d": {**D, "cost_eur": 100, "active_until": "2024-06-30"},
            "e": {**planned, "cost_eur": 120},
            "f": {**planned, "replaces": "c"},
        },
    )
    commit(own, "2024-12-31")
    found = figures(own)["B12"]

    assert values(found)["year_to_come"] == 420
    assert rows(found, "year_to_come") == [("planned", 2, 1, 120), ("planned_end", 1, 1, 300)]
    write(own, "equipment", {"a": installed, "e": planned})
    commit(own, "2024-12-31")
    found = figures(own)["B12"]
    (measure,) = (item for item in found["measures"] if item["key"] == "year_to_come")
    assert (measure["value"], measure["why_not"]) == (
        None,
        "none of the devices planned, or to replace, has a recorded cost",
    )


def test_mutualisation(all_figures: Mapping[str, Any]) -> None:
    assert values(all_figures["B13"]) == {"several_use_cases": (1, 3), "several_consumers": (1, 2)}
    assert rows(all_figures["B13"], "pairs") == [("b", "istres", "d", "metropole", "noiseLevel")]


def test_qualitative(all_figures: Mapping[str, Any]) -> None:
    """An assessment after the reference date is not known yet; the average is of the last rating of each use case."""
    assert rows(all_figures["B14"], "assessments") == [
        ("noise", "2024-12-15", 4, "scale", "Très utile"),
        ("noise", "2024-06-30", 3, "continue", "Utile"),
    ]
    assert rows(all_figures["B14"], "events") == [("2024-07-01", "b", "noise", "fault", "Choc")]
    assert values(all_figures["B14"]) == {"assessed": 1, "rating": 4}


def test_a_shorter_period_and_an_earlier_state(year_of_commits: Path) -> None:
    found = figures(year_of_commits, "--from", "2024-10-01", "--until", "2024-12-31")
    assert values(found["B7"])["installed"] == 1
    assert [values(found["B7"])[key] for key in ("planned_to_installed", "decommissioned_to_removed")] == [None, 20]
    assert [row[0] for row in rows(found["B7"], "quarters")] == ["2024-Q4"]
    then = figures(year_of_commits, "--at", "2024-07-15")
    assert [row[4] for row in rows(then["B9"], "equipment")] == [148, 173, 188]
    assert values(then["B10"])["ending_90"] == 0


def test_a_closed_period_is_reported_as_of_its_last_day(year_of_commits: Path) -> None:
    """What happened since (c was removed, d came, the convention came to its end) is not part of it."""
    found = figures(year_of_commits, "--from", "2024-01-01", "--until", "2024-06-30")
    assert {one["as_of"] for one in found.values() if not one["why_not"]} == {"2024-06-30"}
    assert (found["B2"]["notes"], found["B8"]["why_not"][:11]) == (["As of 2024-06-30."], "no incident")
    assert rows(found["B4"], "indicators") == [("noise", "Capteurs", None, 2, None, 8, None, None)]  # of December
    assert rows(found["B1"], "matrix") == [("istres", "istres", 1, 0), ("istres", "metropole", 2, 1)]
    assert rows(found["B5"], "owners") == [("lora", "istres", 1), ("lora", "metropole", 2)]
    assert sorted(row[0:2] for row in rows(found["B9"], "equipment")) == [
        *(("a", "active"), ("b", "active"), ("c", "active")),
    ]
    assert (values(found["B10"])["in_force"], values(found["B10"])["ending_180"]) == (1, 0)
    assert [values(found["B12"])[key] for key in ("total", "per_active")] == [900.5, 300.166667]
    before = figures(year_of_commits, "--from", "2022-01-01", "--until", "2022-12-31")
    assert [values(before["B10"])[key] for key in ("conventions", "in_force", "ending_90")] == [1, 1, 1]
    late = figures(year_of_commits, "--from", "2023-01-01", "--until", "2023-12-31")
    assert values(late["B9"])["active"] is None
    assert late["B9"]["measures"][0]["why_not"] == "unknown before 2024-01-10, when the history of the registry begins"
    assert [row[1:4] for row in rows(late["B7"], "quarters")] == [(n, None, None) for n in (0, 1, 0, 1)]


def test_who_hosts_whom_depends_on_the_supports_and_owners_of_the_day(own: Path) -> None:
    """Since August a hangs on a mast of the Métropole, b is the Métropole's, and the pole is the office's."""
    bought = {"owner": "bureau", "previous_owners": [{"owner": "istres", "until": "2024-11-30"}]}
    mast = {**SUPPORTS["pole"], "owner": "metropole"}
    write(own, "supports/13047", {"pole": {**SUPPORTS["pole"], **bought}, "mast": mast})
    stay = {"support": "pole", "from": "2024-02-05", "until": "2024-07-31"}
    moved = {"installed_on": "2024-02-05", "support": "mast", "placed_on": "2024-08-01", "placements": [stay]}
    sold = {"owner": "metropole", "previous_owners": [{"owner": "istres", "until": "2024-09-30"}]}
    write(own, "equipment", {"a": {**A, "status": "active", **moved}, "b": {**B, "status": "active", **sold}})
    renewed = {"effective_until": "2025-03-01", "renewal": {"tacit": True, "period": "P1Y", "notice": "P3M"}}
    write(own, "conventions", {"accord": {**CONVENTIONS["accord"], **renewed}})

    then, now = (figures(own, "--from", "2024-01-01", "--until", day) for day in ("2024-06-30", "2024-12-31"))

    assert rows(then["B1"], "matrix") == [("istres", "istres", 1, 0), ("istres", "metropole", 2, 1)]
    assert rows(now["B1"], "matrix") == [("bureau", "metropole", 2, 1), ("metropole", "metropole", 1, 1)]
    assert rows(then["B5"], "owners") == [("lora", "istres", 1), ("lora", "metropole", 2)]
    assert rows(now["B5"], "owners") == [("lora", "metropole", 3)]
    assert values(then["B2"])["on_others"] == (2, 3)
    notice = [next(row[5] for row in rows(one["B10"], "conventions") if row[0] == "accord") for one in (then, now)]
    assert notice == ["2024-12-01", "2025-12-01"]


def test_what_cannot_be_computed_says_why(own: Path) -> None:
    shallow = own.parent / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{own}", shallow], check=True)
    (shallow / "smartreg.toml").write_text('name = "Bilan"\n', encoding="utf-8")
    for name in ("a", "b", "c", "d"):
        path = shallow / "registry/equipment" / f"{name}.yaml"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "cost_eur" not in line]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = figures(shallow)
    reasons = {code: {item["key"]: item["why_not"] for item in one["measures"]} for code, one in found.items()}
    assert "territory" in reasons["B3"]["equipped"]
    assert "part of its history" in reasons["B7"]["planned_to_installed"]
    assert "part of its history" in reasons["B9"]["active"]
    assert "cost" in found["B12"]["why_not"]
    assert (
        "part of its history" in next(table for table in found["B11"]["tables"] if table["name"] == "months")["why_not"]
    )
    assert not [
        item for one in found.values() for item in one["measures"] if item["value"] is None and not item["why_not"]
    ]


def test_an_empty_registry_has_no_zeros_that_lie(tmp_path: Path) -> None:
    (tmp_path / "smartreg.toml").write_text('name = "Vide"\n', encoding="utf-8")
    (tmp_path / "registry").mkdir()
    found = figures(tmp_path)
    assert [code for code, one in found.items() if one["why_not"]] == [
        *("B1", "B2", "B4", "B5", "B6", "B7", "B8", "B10", "B12"),
    ]
    assert len(found) == 14


def test_unreadable_records_are_reported(own: Path) -> None:
    (own / "registry/equipment/a.yaml").write_text("id: [\n", encoding="utf-8")
    done = smartreg("report", "--json", cwd=own)
    source = json.loads(done.stdout)["source"]
    assert (source["commit"], source["records"], source["left_out"]) == (None, 16, 1)
    assert source["unreadable"] == ["registry/equipment/a.yaml"]
    assert b"registry/equipment/a.yaml" in done.stderr


def test_same_commit_same_bytes(year_of_commits: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", year_of_commits, clone], check=True)
    for form in ("markdown", "json"):
        here = smartreg("report", "-f", form, cwd=year_of_commits).stdout
        there = smartreg("report", "-f", form, cwd=clone, TZ="Pacific/Kiritimati", LC_ALL="fr_FR.UTF-8")
        assert here == there.stdout


def test_partners_are_listed_in_the_order_of_the_convention(own: Path) -> None:
    """Bytes that change from one run to the next make `verify` call a true report a false one."""
    partners = ["labo", "istres", "bureau"]
    write(own, "conventions", {"accord": {**CONVENTIONS["accord"], "parties": ["metropole", *partners]}})
    for seed in ("1", "2"):
        done = smartreg("report", "--json", cwd=own, PYTHONHASHSEED=seed)
        b10 = next(one for one in json.loads(done.stdout)["figures"] if one["figure"] == "B10")
        assert next(row[1] for row in rows(b10, "conventions") if row[0] == "accord") == "labo istres bureau"


def test_audience(year_of_commits: Path) -> None:
    done = smartreg("report", "--json", "--audience", "public", cwd=year_of_commits)
    assert b"Choc" not in done.stdout
    assert b"1000.5" not in done.stdout
    found = {one["figure"]: one for one in json.loads(done.stdout)["figures"]}
    assert found["B12"]["why_not"]
    assert [table["name"] for table in found["B11"]["tables"]] == ["confirmed"]
    assert [note for note in found["B11"]["notes"] if "keep the registry" in note]


def test_what_an_audience_does_not_see_is_nowhere(own: Path) -> None:
    """Neither in a table nor in a sum, whatever the file of deliveries says."""
    hidden = own / "registry/equipment/b.yaml"
    hidden.write_text(hidden.read_text(encoding="utf-8") + "visibility: internal\n", encoding="utf-8")
    commit(own, "2025-01-01")
    (own / "messages.csv").write_text("equipment_id,expected,received\na,100,96\nb,200,100\n", encoding="utf-8")
    found = figures(own, "--deliveries", "messages.csv", "--audience", "partners")
    assert values(found["B9"])["received"] == (96, 100)
    assert [row[0] for row in rows(found["B9"], "deliveries")] == ["a"]
    assert sorted(row[0] for row in rows(found["B9"], "equipment")) == ["a", "c", "d"]
    assert rows(found["B1"], "matrix") == [("istres", "metropole", 2, 2)]
    assert rows(found["B14"], "events") == []


def test_csv_files(own: Path) -> None:
    """Stable headings in both languages; what an earlier report had and this one has not goes away."""
    done = smartreg("report", "-f", "csv", "-o", "bilan", "--lang", "fr", cwd=own)
    assert done.returncode == 0
    content = (own / "bilan/b01_matrix.csv").read_text(encoding="utf-8")
    assert list(csv.reader(io.StringIO(content))) == [
        ["host", "host_label", "guest", "guest_label", "present", "installed"],
        ["istres", "Ville d'Istres", "istres", "Ville d'Istres", "1", "0"],
        ["istres", "Ville d'Istres", "metropole", "Métropole", "2", "2"],
    ]
    source = json.loads((own / "bilan/source.json").read_text(encoding="utf-8"))
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=own, check=True, capture_output=True, text=True).stdout
    assert source["commit"] == head.strip()
    assert (source["reference_date"], source["records"], source["left_out"]) == ("2024-12-31", 17, 0)
    again = smartreg("report", "-f", "csv", "-o", "bilan", cwd=own)
    assert (again.returncode, b"--force" in again.stderr) == (2, True)
    assert (own / "bilan/b12_use_cases.csv").exists()
    smartreg("report", "-f", "csv", "-o", "bilan", "--force", "--audience", "public", cwd=own)
    assert not (own / "bilan/b12_use_cases.csv").exists()


HOSTILE = "<img src=x onerror=alert(1)> | `` **x** ![i](http://h)"


def test_hostile_names_stay_text(own: Path) -> None:
    write(own, "parties", {"istres": {**PARTIES["istres"], "name": HOSTILE}})
    write(own, "use-cases", {"noise": {"title": "=cmd|x", "owner": "metropole", "domain": "noise", "status": "pilot"}})
    commit(own, "2025-01-01")
    text = smartreg("report", cwd=own).stdout.decode()
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<img" not in html
    assert "<strong>x" not in html
    assert 'href="http://h"' not in html
    assert html.count("&lt;img src=x") >= 3
    smartreg("report", "-f", "csv", "-o", "bilan", cwd=own)
    labels = [row[1] for row in csv.reader(io.StringIO((own / "bilan/b04_use_cases.csv").read_text(encoding="utf-8")))]
    assert labels[1] == "'=cmd|x"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "2025-02-01", "--until", "2025-01-01"), "before it starts"),
        (("--from", "demain"), "not a date"),
        (("-f", "csv"), "-o bilan/"),
        (("-f", "pdf"), "there are markdown"),
        (("--audience", "all"), "public, partners, internal"),
        (("--at", "nowhere"), "names no commit"),
        (("--conclusion", "none.md"), "there is no file none.md"),
        (("--deliveries", "bad.csv"), "line 2"),
        (("--at", "nowhere", "-o", "none/x.html"), "there is no folder none\nhelp: make it first"),
    ],
)
def test_bad_input(own: Path, words: tuple[str, ...], message: str) -> None:
    (own / "bad.csv").write_text("equipment_id,expected,received\nz,1,1\n", encoding="utf-8")
    done = smartreg("report", *words, cwd=own)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,n\n", "no column equipment_id"),
        ("equipment_id,expected,received\na,1\n", 'received ""'),
        ("equipment_id,expected,received\na,1,-1\n", 'received "-1"'),
        ("equipment_id,expected,received\na,1,1\na,1,1\n", "comes twice"),
        ('equipment_id,expected,received\n"a,1,1\n', "not CSV"),
    ],
)
def test_bad_deliveries(content: str, message: str) -> None:
    with pytest.raises(UsageFault) as fault:
        deliveries(content, {"a"})
    assert message in fault.value.message.in_("en")


def test_conclusion_follows_the_decision(own: Path) -> None:
    (own / "fin.md").write_text("On **continue**.\n", encoding="utf-8")
    done = smartreg("report", "--lang", "fr", "--conclusion", "fin.md", "-o", "bilan.md", cwd=own)
    assert done.returncode == 0, done.stderr
    text = (own / "bilan.md").read_text(encoding="utf-8")
    assert "\n## Conclusion\n\nOn **continue**.\n\n## Chiffres\n" in text
    assert "sha256:" in text


@pytest.mark.parametrize("first", ["# Conclusion", "# **Conclusion** :", "Conclusion\n==========", "## CONCLUSION"])
def test_a_conclusion_does_not_repeat_the_heading_of_its_section(own: Path, first: str) -> None:
    (own / "fin.md").write_text(f"{first}\n\nOn continue.\n\n## Budget\n\nVoté.\n", encoding="utf-8")
    done = smartreg("report", "--conclusion", "fin.md", cwd=own)
    assert "\n## Conclusion\n\nOn continue.\n\n### Budget\n\nVoté.\n\n## Figures\n" in done.stdout.decode()
    html = smartreg("report", "-f", "html", "--conclusion", "fin.md", cwd=own).stdout.decode()
    assert '<div class="written"><p>On continue.</p>\n<h3>Budget</h3>' in html


def test_the_first_page_says_what_no_total_of_it_counts(own: Path) -> None:
    """Devices and a use case that are not for everybody, and a record that cannot be read."""
    for kind, id in (("equipment", "a"), ("equipment", "b"), ("use-cases", "waste")):
        record = own / f"registry/{kind}/{id}.yaml"
        record.write_text(f"{record.read_text('utf-8')}visibility: internal\n", encoding="utf-8")
    (own / "registry/equipment/broken.yaml").write_text("id: [", encoding="utf-8")
    public, french = (
        smartreg("report", "--audience", *words, cwd=own).stdout.decode().partition("\n- ")[0]
        for words in (("public",), ("partners", "--lang", "fr"))
    )
    assert "\nNot for the public, and in no total of this edition: 2 of 4 devices and 1 of 2 use cases.\n" in public
    assert "\n1 record cannot be read: no total counts it.\n" in public
    told = "Hors de cette édition et de ses totaux, car non destinés aux partenaires : 2 équipements sur 4 et 1 cas"
    assert told.replace(" :", "\u00a0:") in french
    whole = smartreg("report", cwd=own).stdout.decode()
    assert "in no total of this edition" not in whole
    assert "1 record cannot be read" in whole


def test_an_example_says_that_it_is_one_on_the_page_and_in_every_figure(own: Path) -> None:
    """The records whose ids begin as the settings say; those of this repository's own registry among them."""
    (own / "smartreg.toml").write_text(f'{SETTINGS}\n[report]\nexamples = ["a", "demo-"]\n', encoding="utf-8")
    found = bilan(open_workspace(own), BilanOptions(), today=date(2024, 12, 31))
    english, french = (render_files(found, "markdown", lang).files[0].content.decode() for lang in ("en", "fr"))
    counted = "1 of 1 deliberation, 2 of 2 conventions and 1 of 4 devices"
    sentence = f"Examples, which are nothing real, are counted here: {counted}."
    computed = [figure for figure in found.figures if figure.why_not is None]
    assert english.replace("\u00a0", " ").count(sentence) == 1 + len(computed)
    assert english.index(sentence[:20]) < english.index("As of 31")
    assert "Des exemples, qui n'ont rien de réel, sont comptés ici" in french
    page = smartreg("report", "-f", "html", cwd=own).stdout.decode()
    assert "which are nothing real" in page
    (own / "smartreg.toml").write_text(SETTINGS, encoding="utf-8")
    assert "Examples" not in in_markdown(own, "en")
    repository = Path(__file__).parents[2]
    shown = smartreg("report", "--lang", "en", cwd=repository).stdout.decode().replace("\u00a0", " ")
    assert "4 of 4 devices" in shown.partition("## Decision")[0]


def test_what_presses_is_never_left_out_of_the_outcomes(own: Path) -> None:
    """A convention that ends within 180 days comes first; devices without any convention before it."""
    workspace, options, today = open_workspace(own), BilanOptions(), date(2024, 12, 31)
    soon = bilan(workspace, options, today=today).story.outcomes
    assert soon[2].sentence.in_("en") == "1 convention is in force; 1 ends within 180 days."
    for convention in ("accord", "ancienne"):
        (own / f"registry/conventions/{convention}.yaml").unlink()
    without = bilan(open_workspace(own), options, today=today).story.outcomes
    assert [(one.figure, one.sentence.in_("en")) for one in without[:3]] == [
        ("B11", "No convention in force covers either of the 2 devices on another party's support."),
        ("B11", "No convention in force covers 1 device on another party's network."),
        ("B11", "No convention in force covers 1 data flow between parties."),
    ]


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ({"effective_until": "2024-11-30"}, "ended"),  # CON303, not CON301: only a table of codes told it
        ({"status": "terminated", "terminated_on": "2024-11-30"}, "ended"),
        ({"status": "adopted", "signed_on": None}, "not_signed"),
        ({"families": ["data"]}, "no_convention"),
    ],
    ids=["expired", "terminated", "not signed", "other family"],
)
def test_occupation_without_title_is_one_figure_by_coverage_and_opens_the_page(
    own: Path, act: dict[str, Any], why: str
) -> None:
    accord = {**CONVENTIONS["accord"], **act}
    write(own, "conventions", {"accord": {key: value for key, value in accord.items() if value is not None}})
    commit(own, "2024-12-31")
    found = figures(own)["B11"]
    uncovered = rows(found, "uncovered")
    on_supports = [row[0] for row in uncovered if row[1] == "installation"]

    assert values(found)["hosted"] == 2
    assert values(found)["without_convention"] == len(on_supports) == 2
    assert {row[5] for row in uncovered if row[1] == "installation"} == {why}
    told = json.loads(smartreg("coverage", "--uncovered", "--on", "2024-12-31", "--json", cwd=own).stdout)
    by_coverage = [one for one in told["covers"] if one["family"] == "installation"]
    assert sorted(one["record"].removeprefix("equipment/") for one in by_coverage) == sorted(on_supports)
    text = smartreg("report", "--lang", "fr", cwd=own).stdout.decode().replace("\u00a0", " ")
    first = next(line for line in text.splitlines() if line.startswith("- "))
    assert first.startswith(
        "- Aucune convention en vigueur ne couvre l'un ou l'autre des 2 équipements posés sur le support d'une autre "
        "partie (occupation sans titre)."
    )


def test_a_title_of_every_device_is_told_too_and_an_unreadable_one_is_not_taken_for_one(own: Path) -> None:
    workspace, today = open_workspace(own), date(2024, 12, 31)
    covered = bilan(workspace, BilanOptions(), today=today).story.outcomes[0]
    assert (covered.figure, covered.sentence.in_("en")) == (
        "B11",
        "Conventions in force cover both devices on another party's support.",
    )
    flow = own / "registry/flows/levels.yaml"
    flow.write_text(f"{flow.read_text(encoding='utf-8')}convention: accord\n", encoding="utf-8")
    (own / "registry/conventions/accord.yaml").write_text("id: accord\nparties: [\n", encoding="utf-8")
    unknown = bilan(open_workspace(own), BilanOptions(), today=today).story.outcomes
    assert [one.sentence.in_("en") for one in unknown[:2]] == [
        "No convention in force covers either of the 2 devices on another party's support.",
        "Whether a convention covers 1 device or flow is unknown: the one that it names cannot be read.",
    ]


def test_each_outcome_says_what_changed_since_the_last_period(own: Path) -> None:
    """In the second half of 2024 against the first; every number is that of a bilan of its own."""
    file = own / "registry/equipment/b.yaml"  # before its first event, incidents are unknown and not none
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("events:", "events:\n  - date: '2024-03-01'\n    kind: maintenance"), encoding="utf-8")
    words = ("--from", "2024-07-01", "--until", "2024-12-31")
    text = smartreg("report", *words, cwd=own).stdout.decode().replace("\u00a0", " ").partition("\n## Decision")[0]
    before = figures(own, "--from", "2024-01-01", "--until", "2024-06-30")
    now = figures(own, *words)
    since = "compared with 1 January 2024 to 30 June 2024"
    for code, key, line in (
        (
            "B11",
            "without_convention",
            "Devices on another party's support that no convention in force covers: {} " + since,
        ),
        ("B12", "total", "Recorded costs, including tax: {} " + since),
    ):
        new, old = (
            next(one["value"] for one in found[code]["measures"] if one["key"] == key) for found in (now, before)
        )
        difference = ("no change" if new == old else f"{new - old:+d}") if code == "B11" else f"+€{new - old:,.2f}"
        assert f"\n  *{line.format(difference)}.*\n" in text
    unknown = smartreg("report", "--from", "2024-01-01", "--until", "2024-06-30", cwd=own).stdout.decode()
    assert "compared with 1" not in unknown  # the history begins on 10 January 2024
    page = smartreg("report", "-f", "html", *words, cwd=own).stdout.decode()
    assert '"change":["+1 compared with 1' in page


def test_in_service_is_said_of_devices_only_where_it_is_their_status(all_figures: Mapping[str, Any]) -> None:
    """`in_service` is the status of supports and flows; `active`, "en service" in French, that of devices."""
    titles = {
        (code, item["title"])
        for code, figure in all_figures.items()
        for item in (*figure["measures"], *(column for table in figure["tables"] for column in table["columns"]))
    }
    assert {item for item in titles if "in service" in item[1]} == {
        ("B6", "flows in service"), ("B10", "supports in service")}  # fmt: skip
    assert {item for item in titles if "active" in item[1]} == {
        ("B7", "active at the end"), ("B12", "cost per active device")}  # fmt: skip


def in_markdown(root: Path, lang: Language, settings: str = "") -> str:
    (root / "smartreg.toml").write_text(SETTINGS + settings, encoding="utf-8")
    found = bilan(open_workspace(root), BilanOptions(), today=date(2024, 12, 31))
    (file,) = render_files(found, "markdown", lang).files
    return file.content.decode()


def test_the_bilan_in_french_begins_with_its_story(own: Path) -> None:
    text = (
        in_markdown(own, "fr", '[report]\ntitle = "Bilan 2024 : *ce qui compte*"\n')
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )
    assert text.startswith(
        "# `Bilan 2024 : *ce qui compte*`\n\nBilan · Du 1er janvier 2024 au 31 décembre 2024 · à usage interne\n"
    )
    synthesis, *rest = text.split("\n## Chiffres\n")
    assert len(rest) == 1
    outcomes = [line.rpartition(" (")[0] for line in synthesis.splitlines() if line.startswith("- ")][:6]
    assert outcomes == [
        "- Des conventions en vigueur couvrent les 2 équipements posés sur le support d'une autre partie.",
        "- 1 flux de données entre parties n'est couvert par aucune convention en vigueur.",
        "- 1 convention est en vigueur ; 1 arrive à terme dans les 180 jours.",
        "- Des 3 équipements posés sur un support (candélabre, mât, bâtiment…), 2 (66,7 %) sont sur le support "
        "d'une autre partie.",
        "- 1 des 2 communes du territoire a des équipements ; 1 a une convention en vigueur.",
        "- Les coûts inscrits des équipements s'élèvent à 1 000,50 € TTC, dont 800,00 € pour ceux que le titulaire du "
        "budget a achetés, soit 80,0 % de 1 000,00 €.",
    ]
    assert (
        "Les évaluations proposent d'étendre 1 cas d'usage.\n\n- **Étendre : Bruit.** Évalué le 15 décembre 2024"
        in synthesis
    )
    assert "Évalué le 15 décembre 2024, noté 4 sur 5" in synthesis
    assert "Capteurs : 5 au 1er décembre 2024 (2 au départ, cible 8)" in synthesis
    assert "## L'essentiel\n\nAu 31 décembre 2024 :\n\n- " in synthesis
    assert "*Un équipement est un capteur," in synthesis  # no word to look up
    assert "« Très utile »" in synthesis
    assert "\n- **Sans évaluation : Déchets.** 1 équipement dans 1 commune ([B4]" in synthesis
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        *("## L'essentiel", "## La décision demandée", "## Chiffres", "## Conventions", "## Parties"),
        "## Origine de ce bilan",
    ]
    assert text.count("\n### B") == 14
    headings = {line.lstrip("# ") for line in text.splitlines() if line.startswith("### B")}
    linked = set(re.findall(r"\(#([^)]+)\)", synthesis))
    assert linked <= {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
    assert "| Ville d'Istres | 2 | 1 |" in text  # the largest column first
    assert "Part du budget : **80,0 %**" in text
    assert "| Accord | Ville d'Istres | signée | 1er décembre 2023 | 1er mars 2025 |" in text
    story = text[: text.index("## Origine")]
    assert not re.search(r"smartreg|toml|--|cost_eur|commit|assessments|\bpole\b", story.replace("---", ""))


def test_notes_are_whole_sentences(year_of_commits: Path) -> None:
    done = smartreg("report", "--lang", "en", "--audience", "public", cwd=year_of_commits)
    assert b"2024. Findings are for those who keep the registry.\n" in done.stdout.replace(b"\xc2\xa0", b" ")


def test_indicators_have_their_unit_and_day_and_their_own_decimals(own: Path) -> None:
    water = {"name": "Eau", "unit": "m3", "baseline": 12000, "value": 10250.5, "target": 9000}
    noise = USE_CASES["noise"]
    indicators = [{**water, "measured_on": "2024-06-30"}, *noise["indicators"]]
    write(own, "use-cases", {"noise": {**noise, "indicators": indicators}})
    text = in_markdown(own, "fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert "| Bruit | Eau | m³ | 12 000 | 10 250,5 | 9 000 | 30 juin 2024 | 58,3 % |" in text
    assert "| Bruit | Capteurs | — | 2 | 5 | 8 | 1er décembre 2024 | 50,0 % |" in text
    assert "; Eau : 10 250,5 m³ au 30 juin 2024 (12 000 au départ, cible 9 000) ;" in text


def test_all_of_them_is_said_so() -> None:
    def outcomes(hosted: int) -> list[Text]:
        word = verbatim("")
        figures = [Figure(2, word, (Measure("on_others", word, "share", hosted / 3, parts=(hosted, 3)),))]
        return [one.sentence for one in story_of(figures, Period(None, date(2024, 6, 1))).outcomes]

    (every,) = outcomes(3)
    assert (every.in_("en"), every.in_("fr")) == (
        "All 3 devices on supports (street lights, masts, buildings…) are on another party's.",
        "Les 3 équipements posés sur un support (candélabre, mât, bâtiment…) sont tous sur le support d'une autre "
        "partie.",
    )
    (one,) = outcomes(1)
    assert (
        one.in_("en")
        == "Of the 3 devices on supports (street lights, masts, buildings…), 1 (33.3%) is on another party's."
    )


def test_the_bilan_in_english_and_of_nothing(own: Path, tmp_path: Path) -> None:
    text = in_markdown(own, "en").replace("\u00a0", " ")
    hosted = "Of the 3 devices on supports (street lights, masts, buildings…), 2 (66.7%) are on another party's."
    assert f"- {hosted} ([B2](#b2-shared-supports))" in text
    assert "The assessments propose scaling up 1 use case." in text
    empty = tmp_path / "empty"
    (empty / "registry").mkdir(parents=True)
    bare = in_markdown(empty, "fr")
    assert "Rien n'est encore en place" in bare
    assert "Aucun cas d'usage n'a encore été évalué" in bare

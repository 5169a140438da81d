"""Change rules see each record that came, went or says something else, once, and nothing that nobody can read."""

from __future__ import annotations

from datetime import date

import pytest

from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, all_rules, indexed_fields
from smartreg.trees import MemoryTree
from smartreg.validation.check import Checker, Selection

FOLDER = "registry/equipment"
RULES = all_rules()
TEXT = """\
id: noise-1
type: {}
owner: amp-metropole
use_cases: [noise-observatory]
status: active
support: pole
installed_on: "2024-03-11"
"""
SENSOR, METER = TEXT.format("sensor").encode(), TEXT.format("meter").encode()


def open_files(files: dict[str, bytes]) -> Registry:
    return open_registry(
        MemoryTree({f"{FOLDER}/{path}": text for path, text in files.items()}), None, indexed_fields(RULES.values())
    )


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ({"noise-1.yaml": SENSOR}, {"noise-1.yaml": METER}, ["CHG804"]),
        ({"noise-1.yaml": SENSOR}, {}, ["CHG802"]),
        ({}, {"noise-1.yaml": SENSOR}, []),
        # Another folder, another order of keys, a comment: the record says the same.
        ({"noise-1.yaml": SENSOR}, {"istres/noise-1.yaml": SENSOR}, []),
        ({"noise-1.yaml": SENSOR}, {"noise-1.yaml": b"# seen\n" + SENSOR}, []),
        ({"noise-1.yaml": SENSOR}, {"istres/noise-1.yaml": METER}, ["CHG804"]),
        # What cannot be read is not gone, and YML tells of it.
        ({"noise-1.yaml": SENSOR}, {"noise-1.yaml": b"id: [\n"}, []),
        ({"noise-1.yaml": b"id: [\n"}, {"noise-1.yaml": METER}, []),
        # Two files of one id: one that stays keeps the id; each is compared with itself.
        ({"noise-1.yaml": SENSOR, "a/noise-1.yaml": METER}, {"a/noise-1.yaml": METER}, []),
        (
            {"noise-1.yaml": SENSOR, "a/noise-1.yaml": SENSOR},
            {"noise-1.yaml": SENSOR, "a/noise-1.yaml": METER},
            ["CHG804"],
        ),
    ],
)
def test_changes(before: dict[str, bytes], after: dict[str, bytes], codes: list[str]) -> None:
    sides = open_files(before), open_files(after)
    context = Context(sides[0].schemas, sides[0].config, date(2026, 1, 15))
    found = Checker(RULES, context, Selection()).compare(*sides).of_change().findings
    assert [finding.code for finding in found] == codes


def test_settings_grade_change_rules_too() -> None:
    sides = open_files({"noise-1.yaml": SENSOR}), open_files({"noise-1.yaml": METER})
    context = Context(sides[0].schemas, sides[0].config, date(2026, 1, 15))
    grades = {"CHG804": "warning"}
    (found,) = Checker(RULES, context, Selection(severity=grades)).compare(*sides).of_change().findings
    assert found.severity == "warning"
    assert Checker(RULES, context, Selection(ignore=("CHG",))).compare(*sides).of_change().findings == []


def test_a_change_does_not_call_a_waiver_unused() -> None:
    """It is checked by a part of the rules: another finding may need the waiver."""
    waiver = b'[[waiver]]\ncode = "REF214"\nrecord = "party/a"\nreason = "r"\ndecided_by = "d"\nuntil = 2099-12-31\n'
    before, after = (
        open_registry(
            MemoryTree({f"{FOLDER}/noise-1.yaml": text, "smartreg.toml": b'name = "I"\n' + waiver}),
            None,
            indexed_fields(RULES.values()),
        )
        for text in (SENSOR, METER)
    )
    checker = Checker(RULES, Context(before.schemas, before.config, date(2026, 1, 15)), Selection())
    assert [finding.code for finding in checker.compare(before, after).of_change().findings] == ["CHG804"]
    assert "WAI902" in {finding.code for finding in checker.check(after).findings}

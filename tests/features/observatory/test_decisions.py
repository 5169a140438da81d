"""`decisions.yaml`: what it may say, and what is said of what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartreg.core.errors import UsageFault
from smartreg.features.observatory.decisions import Decision, read_decisions

PAIR = "records: [equipment/amp:n-1, equipment/mtp:b-9]"
SOURCES = ("amp", "mtp")
ENTRY = f"decisions:\n  - {PAIR}\n    decision: same\n    reason: Both keepers were asked\n"


def test_a_decision_is_about_two_records(tmp_path: Path) -> None:
    (tmp_path / "decisions.yaml").write_text(ENTRY, "utf-8")
    pair = frozenset(("equipment/amp:n-1", "equipment/mtp:b-9"))
    assert read_decisions(tmp_path, SOURCES) == (Decision(pair, "same", "Both keepers were asked"),)


def test_without_a_file_nothing_is_decided(tmp_path: Path) -> None:
    assert read_decisions(tmp_path, SOURCES) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("same", "sam", 'decisions.yaml:3:15: decisions[0].decision is "sam"'),
        ("reason:", "raison:", 'decisions.yaml:4:5: unknown field "decisions[0].raison"'),
        ("    reason: Both keepers were asked\n", "", "decisions.yaml:2:5: required field"),
        ("Both keepers were asked", '""', "decisions.yaml:4:13: decisions[0].reason"),
        ("equipment/amp:n-1", "amp:n-1", 'decisions.yaml:2:15: decisions[0].records[0] is "amp:n-1"'),
        ("equipment/amp:n-1, ", "", "decisions.yaml:2:14: decisions[0].records is"),
        ("equipment/mtp:b-9", "equipment/amp:n-1", "decisions.yaml:2:14: decisions[0].records"),
        ("mtp:b-9", "mpt:b-9", 'decisions.yaml:2:34: no source "mpt"'),
        ("decisions:", "decision:", "decisions.yaml:1:1: unknown field"),
        (ENTRY, "- a list\n", "decisions.yaml:1:1:"),
        (ENTRY, "decisions: [\n", "decisions.yaml:2:1:"),
        (
            "  - ",
            "  - records: [equipment/mtp:b-9, equipment/amp:n-1]\n    decision: joint\n    reason: Both\n  - ",
            "decisions.yaml:5:14: there are two decisions on equipment/amp:n-1 and equipment/mtp:b-9",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    (tmp_path / "decisions.yaml").write_text(ENTRY.replace(old, new), "utf-8")
    with pytest.raises(UsageFault) as refused:
        read_decisions(tmp_path, SOURCES)
    assert str(refused.value).startswith(expected)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(ENTRY, "utf-8")
    (tmp_path / "decisions.yaml").symlink_to("elsewhere")
    with pytest.raises(UsageFault, match=r"decisions\.yaml cannot be read"):
        read_decisions(tmp_path, SOURCES)

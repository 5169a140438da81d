"""What rules read, recorded while they check one record after the other: all cases of all rules, and a few generated
registries. It is what they declare: the day, the files, and only the history of the record itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import Reads, Recorder
from registries import ON, registry_and_edit
from test_rules import CASES, RULES

from smartreg.core.values import Record
from smartreg.rules import Rule
from smartreg.trees import MemoryTree, WorkingTree

STORED = {code: rule for code, rule in RULES.items() if rule.scope in ("schema", "record", "registry")}
"""The rules whose findings are stored."""
GENERATED = 8


@pytest.fixture(scope="module")
def recorders() -> list[Recorder]:
    folders = sorted({path.parent for path in Path(CASES).glob("*/**/registry")})
    trees = [WorkingTree(folder, None) for folder in folders]
    generated = [MemoryTree(registry_and_edit(seed)[0]) for seed in range(GENERATED)]
    return [Recorder(tree, RULES.values(), ON) for tree in (*trees, *generated)]


def recorded(recorders: list[Recorder]) -> Iterator[tuple[Recorder, Rule, Record, Reads]]:
    """What each rule reads to check each record."""
    for recorder in recorders:
        for rule in STORED.values():
            for record in recorder.records:
                if rule.speaks_of(record.rid.kind):
                    yield recorder, rule, record, recorder.run(rule, record)


def test_a_rule_reads_what_it_declares(recorders: list[Recorder]) -> None:
    reading_the_day = set()
    for recorder, rule, record, reads in recorded(recorders):
        if "on" in reads.context:
            reading_the_day.add(rule.code)
        files = {recorder.registry.config.territory.boundaries, *(rule.reads(record) if rule.reads else ())}
        assert reads.files <= files, f"{rule.code}: `reads` does not name a file that it reads"
        assert reads.history <= {record.rid}, f"{rule.code} reads the history of another record"
    assert reading_the_day == {code for code, rule in STORED.items() if rule.dated}, "which rules are `dated`"

"""The findings of earlier audits, stored in the index by commit, its day and what is wrong with its date. They are
stored only if they depend on nothing but the commit and its ancestors: not on other commits (seals, undone commits, id
clashes), keys, or plug-in rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from smartreg.core.findings import Finding, finding_of, row_of
from smartreg.core.messages import SOURCE
from smartreg.features.proofs.trail.clocks import Clocks
from smartreg.index import Index, load_answers, question, store_answers


class CommitFindings(NamedTuple):
    """The findings of one commit, whether records were changed by hand in it, and whether it is signed. `lasting`:
    every audit of a history with this commit finds the same."""

    findings: tuple[Finding, ...]
    by_hand: bool
    signed: bool
    lasting: bool = True


@dataclass(frozen=True)
class StoredTraces:
    """The stored findings of the commits that an audit lists; `touching`: those that changed the registry;
    `head_frame`: identifies the schemas with which the oldest ones are read."""

    index: Index
    clocks: Clocks
    touching: Collection[str]
    head_frame: str = ""

    def load(self, listed: Collection[str]) -> dict[str, CommitFindings]:
        """The stored findings, by commit id."""
        names = {oid: self._name(oid) for oid in listed}
        values = load_answers(self.index, names.values())
        findings = {}
        for oid, name in names.items():
            if name in values:
                rows, by_hand, signed = values[name]
                findings[oid] = CommitFindings(tuple(map(finding_of, rows)), by_hand, signed)
        return findings

    def store(self, by_commit: Mapping[str, CommitFindings]) -> None:
        """Store lasting findings, by commit id."""
        lasting = ((oid, one) for oid, one in by_commit.items() if one.lasting)
        values = {self._name(oid): ([*map(row_of, one.findings)], one.by_hand, one.signed) for oid, one in lasting}
        store_answers(self.index, values)

    def _name(self, oid: str) -> str:
        day, fault = self.clocks.days.get(oid, date.min).isoformat(), self.clocks.fault_of(oid)
        return question("trace", oid, day, fault.in_(SOURCE) if fault else "", oid in self.touching, self.head_frame)

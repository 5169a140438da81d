"""What earlier audits found in commits, kept in the index by commit and day.

A trace is kept only where nothing decides on it but the commit and what it rests on: not other commits that are looked
at (seals, what is undone, clashes of ids), keys, or rules of others. The day is the last one of the commit and of all
that it rests on, by which signatures are asked for.
"""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from smartreg.core.findings import Finding, finding_of, row_of
from smartreg.history.audit.states import State
from smartreg.index import Index, load_values, question, store_values

_FORMAT = 4  # of marshal: every Python since 3.4 reads and writes it


class CommitFindings(NamedTuple):
    """What is found in one commit, whether records were changed by hand in it, and whether it is signed. `lasting`:
    every audit of a history that holds the commit finds the same."""

    findings: tuple[Finding, ...]
    by_hand: bool
    signed: bool
    lasting: bool = True


@dataclass(frozen=True)
class StoredTraces:
    """What the index has of the commits that an audit lists, each by its day; `touching`: those that changed the
    registry; `lent`: what tells the schemas that the oldest ones are read by from others."""

    index: Index
    days: Mapping[str, date]
    touching: Collection[str]
    lent: str = ""

    def load(self, listed: Collection[str]) -> dict[str, CommitFindings]:
        """What is there, by commit id."""
        names = {oid: self._name(oid) for oid in listed}
        values = load_values(self.index, "answer", names.values())
        found = {}
        for oid, name in names.items():
            if name in values:
                rows, by_hand, signed = marshal.loads(values[name])
                found[oid] = CommitFindings(tuple(map(finding_of, rows)), by_hand, signed)
        return found

    def store(self, found: Mapping[str, CommitFindings]) -> None:
        """Keep what lasts, by commit id."""
        rows = []
        for oid, one in found.items():
            if one.lasting:
                content = ([*map(row_of, one.findings)], one.by_hand, one.signed)
                rows.append((self._name(oid), marshal.dumps(content, _FORMAT)))
        store_values(self.index, "answer", rows)

    def _name(self, oid: str) -> str:
        return question("trace", oid, self.days.get(oid, date.min).isoformat(), oid in self.touching, self.lent)


def is_sure(states: Iterable[State | None]) -> bool:
    """Whether these states are what they are for every audit: registries that can be used and that hold something, so
    that it does not count where the audit begins, judged by the rules of smartreg alone."""
    return all(
        state is not None and state.registry is not None and state.tree.files() and not state.registry.config.plugins
        for state in states
    )

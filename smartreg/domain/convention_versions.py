"""The versions of conventions as rows: from when to when, by which act, and the fields in force then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from smartreg.core.values import Json, Record
from smartreg.domain.acts import TERMS, termination
from smartreg.domain.renewal import ENDED
from smartreg.domain.successions import PartySource
from smartreg.domain.titles import title_versions

COLUMNS = ("convention", "from_day", "until_day", "act", *TERMS)
"""Of each row: the convention, the first and last day, the numbers of the acts that begin the version (None: as first
signed), and the fields then in force; lists are joined by "|", groups are JSON."""


def convention_versions(registry: PartySource, conventions: Iterable[Record]) -> Iterator[tuple[Json, ...]]:
    """One row for each version of each convention, by convention and day; the cells are those of `COLUMNS`. A
    termination is a separate row, from its day on: nothing is in force then."""
    for record in conventions:
        versions = title_versions(registry, record)
        for version in versions:
            days = (day.isoformat() if day else None for day in (version.start, version.last))
            terms = (_cell(version.terms.get(name)) for name in TERMS)
            yield (record.rid.id, *days, "|".join(act.number for act in version.acts) or None, *terms)
        end = versions[-1].terminated
        if end is not None and versions[-1].ends_by_termination:
            act = termination(record)
            over = (end.isoformat() if name == ENDED else None for name in TERMS)
            yield (record.rid.id, end.isoformat(), None, act.number if act else None, *over)


def _cell(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value

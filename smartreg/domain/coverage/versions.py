"""The versions of conventions as rows: from when to when, by which act, and the fields then in force."""

from __future__ import annotations

import json
from collections.abc import Iterator

from smartreg.core.values import Json
from smartreg.domain.acts import TERMS
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import KIND
from smartreg.domain.titles import title_versions

COLUMNS = ("convention", "from_day", "until_day", "act", *TERMS)
"""Of each row: the convention, the first and last day, the number of the act that begins the version (None: as first
signed), and the fields then in force; lists are joined by "|", groups are JSON."""


def convention_versions(registry: Snapshot) -> Iterator[tuple[Json, ...]]:
    """One row for each version of each convention, by convention and day; the cells are those of `COLUMNS`."""
    for record in registry.of_kind(KIND):
        for one in title_versions(record):
            days = (day.isoformat() if day else None for day in (one.start, one.last))
            terms = (_cell(one.terms.get(name)) for name in TERMS)
            yield (record.rid.id, *days, one.act.number if one.act else None, *terms)


def _cell(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value

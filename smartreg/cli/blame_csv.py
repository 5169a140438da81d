"""Who set which field, as CSV."""

from __future__ import annotations

import json

from smartreg.core.escape import csv_text
from smartreg.core.values import Json
from smartreg.diff import place_text
from smartreg.history import Blame, Held

COLUMNS = (
    *("field", "value", "date", "author", "email", "op", "manual"),
    *("conventions", "reason", "commit", "signed"),
)


def csv_of(found: Blame) -> str:
    """A row per field, in the order of the record; of a value that is not committed, field and value alone."""
    return csv_text(COLUMNS, map(_row, found.values))


def _row(held: Held) -> tuple[Json, ...]:
    value = held.value if isinstance(held.value, (str, int, float)) else json.dumps(held.value, ensure_ascii=False)
    setting = held.setting
    if setting is None:
        return (place_text(held.path), value, *("" for _ in COLUMNS[2:]))
    return (
        *(place_text(held.path), value, setting.date.isoformat(), setting.author, setting.email, setting.op),
        *("true" if setting.manual else "false", "|".join(setting.conventions), setting.reason or ""),
        *(setting.commit, "true" if setting.signed else "false"),
    )

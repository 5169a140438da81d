"""Who set which field, as CSV: comma, UTF-8, LF; cells that a spreadsheet would run are made inert."""

from __future__ import annotations

import csv
import io
import json

from smartreg.diff import place_text
from smartreg.exporters.cells import encodable
from smartreg.history import Blame, Held
from smartreg.inert import cell_text

COLUMNS = (
    *("field", "value", "date", "author", "email", "op", "manual"),
    *("conventions", "reason", "commit", "signed"),
)


def csv_of(found: Blame) -> str:
    """A row per field, in the order of the record; of a value that is not committed, field and value alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell_text(encodable(cell)) for cell in _row(held)] for held in found.values)
    return text.getvalue()


def _row(held: Held) -> tuple[str, ...]:
    value = held.value if isinstance(held.value, str) else json.dumps(held.value, ensure_ascii=False)
    setting = held.setting
    if setting is None:
        return (place_text(held.path), value, *("" for _ in COLUMNS[2:]))
    return (
        *(place_text(held.path), value, setting.date.isoformat(), setting.author, setting.email, setting.op),
        *("true" if setting.manual else "false", "|".join(setting.conventions), setting.reason or ""),
        *(setting.commit, "true" if setting.signed else "false"),
    )

"""The rows of a query: JSON, CSV, Markdown, and cells for people."""

from __future__ import annotations

from smartreg.commands.query import Answer
from smartreg.core.escape import code, csv_text, encodable, json_text
from smartreg.core.values import Json


def text_of(value: Json) -> str:
    """A cell as text; nothing where there is no value."""
    return "" if value is None else encodable(value) if isinstance(value, str) else repr(value)


def json_of(found: Answer) -> str:
    """A document with the origin of the data, the columns in order, and an object per row."""
    content: dict[str, Json] = {
        "version": 1,
        "source": dict(found.source),
        "columns": list(found.columns),
        "rows": [dict(zip(found.columns, row, strict=True)) for row in found.rows],
        "more": found.more,
    }
    return json_text(content)


def csv_of(found: Answer) -> str:
    """The columns, then a row per row."""
    return csv_text(found.columns, found.rows)


def markdown_of(found: Answer) -> str:
    """A table; text stands in code spans, where nothing in it acts."""
    head = [_cell(name) for name in found.columns]
    rows = [[_cell(value) for value in row] for row in found.rows]
    lines = [head, ["---" if not _numeric(found, at) else "--:" for at in range(len(head))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Json) -> str:
    if not isinstance(value, str):
        return text_of(value)
    return code(value).replace("|", "\\|") if value else ""


def _numeric(found: Answer, at: int) -> bool:
    values = [row[at] for row in found.rows if row[at] is not None]
    return bool(values) and not any(isinstance(value, str) for value in values)

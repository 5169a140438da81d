"""What all workbooks have alike, whichever program they are for: the names of their sheets, and the one that states the
origin; how they are read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from smartreg.core.escape import encodable
from smartreg.core.messages import Language, Message, languages
from smartreg.core.sheets import LONGEST, about_sheets, sheet_name
from smartreg.core.values import Json
from smartreg.exporters.chosen import Chosen
from smartreg.readers.foreign import read_grids
from smartreg.readers.formats import WORKBOOKS, Bundle, form_in
from smartreg.readers.sheet import SheetGrid
from smartreg.tables import Table
from smartreg.tables.table import free

GUIDE, QUESTIONS = Message("Read me first"), Message("Open questions")
_DASH = " – "
_TOLD = {
    "version": Message("form of these lines"),
    "registry": Message("registry"),
    "commit": Message("commit"),
    "reference_date": Message("as of"),
    "rules": Message("rules in force (digest)"),
    "audience": Message("for whom"),
    "kinds": Message("kinds"),
    "where": Message("only where"),
    "columns": Message("columns"),
    "crs": Message("coordinates also in"),
    "labels": Message("language of the labels"),
    "each": Message("one workbook for each"),
    "unreadable": Message("left out, cannot be read"),
    "unreadable_records": Message("records left out, cannot be read"),
    "withheld_values": Message("contacts of people withheld"),
    "digest": Message("digest of the data"),
}


def sheet_names(tables: Sequence[Table], labels: Language | None = None) -> dict[str, Table]:
    """The name of the sheet of each table; with labels, in their language."""
    taken = {*about_sheets(), *guide_sheets(), "history"}  # the last is Excel's own
    names = [sheet_title(table, labels) if labels else table.name for table in tables]
    cut = [name if len(name) <= LONGEST else name[: LONGEST - 3] for name in names]
    return {free(name, taken): table for name, table in zip(cut, tables, strict=True)}


def guide_sheets() -> set[str]:
    """The names of the sheets before the tables, in every language, folded."""
    return {text.in_(lang).casefold() for text in (GUIDE, QUESTIONS) for lang in languages()}


def sheet_title(table: Table, lang: Language) -> str:
    """The plural of the kind; for a list, as much of it as fits, and the name of the list."""
    kind = sheet_name(table.kind.plural.in_(lang))
    if table.main:
        return kind
    field = table.kind.by_path.get(table.path)
    own = sheet_name((field or table).title.in_(lang))
    if field is None:
        return own[:LONGEST]
    room = LONGEST - len(own) - len(_DASH)
    return f"{kind if len(kind) <= room else f'{kind[: max(room - 1, 0)].rstrip()}…'}{_DASH}{own}"


def cell_text(value: Json) -> str:
    """A value as the text of a cell."""
    return encodable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def about_rows(chosen: Chosen) -> Iterator[Sequence[str]]:
    """The origin: name and value; with labels, first what the name means in their language, and the name last."""
    lang = chosen.labels
    for name, value in chosen.origin.items():
        shown = "" if value is None else cell_text(value)
        yield (_TOLD[name].in_(lang) if name in _TOLD else name, shown, name) if lang else (name, shown)


def read_sheets(file: str, content: bytes) -> list[SheetGrid]:
    """The sheets of a workbook, as Excel or LibreOffice saved it. UsageFault when it cannot be read."""
    form = form_in(file, content)
    return read_grids(Bundle(file, form if form in WORKBOOKS else WORKBOOKS[0], content))

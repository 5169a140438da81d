"""CI services: whether one runs us, and text whose lines its log would take for commands (`::error::`, `##[error]`).

What can be escaped is escaped everywhere (`styled.visible`, `inert.inert_json`). CSV and YAML cannot be without meaning
something else: they are refused where a CI service would read them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from typing import TextIO, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.styled import command_in

NO = ("", "0", "false", "no")
SERVICES = ("CI", "GITHUB_ACTIONS", "TF_BUILD")
Placing: TypeAlias = Callable[[str, int], Text]
_FILE = Message("write it to a file: -o FILE (a CI service runs what it takes for a command)")


def is_job(environ: Mapping[str, str]) -> bool:
    """Whether a CI service runs us."""
    return any(environ.get(name, "").lower() not in NO for name in SERVICES)


def is_logged(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a CI service may read what goes to the stream: one runs us, and the stream is no regular file."""
    if not is_job(environ):
        return False
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # no file at all
        return True


def refuse_commands(text: str, place: Placing) -> None:
    """UsageFault where a CI service would find a command in the text."""
    at = command_in(text)
    if at is not None:
        where = place(text, at)
        raise UsageFault(
            Message("{where}: a CI service would take this text for a command", where=where),
            _FILE,
        )


def line_at(text: str, at: int) -> Text:
    """The line of a text that a place is in."""
    number = text.count("\n", 0, at) + 1
    return Message("line {number}", number=number)


def cell_at(record: Callable[[int, str], str] | None = None, delimiter: str = ",") -> Placing:
    """Finds the cell of a CSV text that a place is in. Rows are counted as spreadsheets do, headings first; `record`
    names that of a row, given how many rows stand above it and its first cell."""
    cell = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^"{delimiter}\r\n]*))({delimiter}|\r?\n)')

    def place(text: str, at: int) -> Text:
        headings: list[str] = []
        row, cells = -1, [""]
        for match in cell.finditer(text):
            cells[-1] = match[2] if match[1] is None else match[1].replace('""', '"')
            if match.end() > at:
                break
            if match[3] != delimiter:
                row, headings, cells = row + 1, headings or cells, []
            cells.append("")
        column = len(cells)
        if not headings:
            return Message("heading {column}", column=column)
        where = f"{row + 2}{f' ({record(row, cells[0])})' if record else ''}, {headings[column - 1]}"
        return Message("row {where}", where=where)

    return place

"""Ids made from the names in a row, the same for the same row in any order of the sheet.

A template such as `{CAR_LIEU}` or `mtp-{CAR_LIEU}` gives the *stem*. A row whose stem nobody else has takes it as its
id. Namesakes add a tail made from what they say, `place-ernest-granier-3fa2`, so that no id depends on a row number.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, computed
from smartreg.core.spelling import MAX_LENGTH, slug
from smartreg.core.values import Data, KeyPath, value_at
from smartreg.importing.columns import SheetColumn
from smartreg.importing.mapping import ImportMapping
from smartreg.importing.syntax import HOLE
from smartreg.importing.values import number_in
from smartreg.readers.formats import FOLDER
from smartreg.readers.objects import FILE
from smartreg.readers.sheet import Row, Sheet
from smartreg.schema import Kind, find_field, key_path

ID: KeyPath = ("id",)
_TAILS = (4, 8, 16, 64)  # hexadecimal digits


class KeyPart(NamedTuple):
    """A field that a row and its record have in common, or a column that fills none. `name`: as typed."""

    name: str
    path: KeyPath | None
    place: int | None


def key_parts(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], words: Sequence[str]) -> tuple[KeyPart, ...]:
    """The fields and columns that words name, a field before a column. UsageFault for a word that is neither."""
    filled = {column.place: column.path for column in columns}
    parts = []
    for word in words:
        try:
            path = key_path(word)
            find_field(kind, path)
            parts.append(KeyPart(word, path, None))
        except UsageFault:
            place = sheet.column(word)
            parts.append(KeyPart(word, filled.get(place), place))
    return tuple(parts)


@dataclass(frozen=True)
class Template:
    """The rule for ids: pieces of text and, between them, columns of the sheet. `paths` are the fields that these
    columns fill, None where one fills none. `is_name`: ids are made from what people call a record."""

    text: str
    pieces: tuple[str | int, ...]
    paths: Mapping[int, KeyPath | None]
    is_name: bool

    def stem(self, row: Row) -> str:
        return slug("".join(piece if isinstance(piece, str) else row.cells[piece].strip() for piece in self.pieces))

    def stem_of(self, data: Data) -> str | None:
        """The stem that the row of a record would have; None if its fields do not determine it."""
        words = []
        for piece in self.pieces:
            path = self.paths.get(piece) if isinstance(piece, int) else None
            word = piece if isinstance(piece, str) else None if path is None else value_at(data, path)
            if not isinstance(word, str):
                return None
            words.append(word)
        return slug("".join(words))


def template_of(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], mapping: ImportMapping) -> Template | None:
    """The rule for ids; None when a column gives them. UsageFault when nothing names the records."""
    if mapping.options.id_from is None and any(column.path == ID for column in columns):
        return None
    text = mapping.options.id_from or _default(kind, sheet, columns, mapping)
    if not HOLE.search(text):
        text = f"{{{text}}}"
    pieces = tuple(
        sheet.column(word) if index % 2 else word for index, word in enumerate(HOLE.split(text)) if word or index % 2
    )
    filled = {column.place: column.path for column in columns}
    paths = {piece: filled.get(piece) for piece in pieces if isinstance(piece, int)}
    return Template(text, pieces, paths, not mapping.options.key and text == _name_of(kind, sheet, columns))


def _name_of(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn]) -> str | None:
    """The column of the first field by which people call such a record."""
    by_name = {column.path[0]: column for column in columns if len(column.path) == 1}
    names = (by_name[name] for name in kind.label if name in by_name and _is_name(by_name[name]))
    return next((f"{{{sheet.word(column.place)}}}" for column in names), None)


def _default(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], mapping: ImportMapping) -> str:
    """The columns of the key, else the column of the first field by which people call such a record."""
    parts = key_parts(kind, sheet, columns, mapping.options.key)
    filled = {column.path: column.place for column in columns}
    places = [place for part in parts if (place := filled.get(part.path or (), part.place)) is not None]
    chosen = "-".join(f"{{{sheet.word(place)}}}" for place in places)
    if not chosen and sheet.form == FOLDER:
        return f"{{{FILE}}}"
    chosen = chosen or _name_of(kind, sheet, columns) or ""
    if not chosen:
        raise UsageFault(
            Message("the sheet has no ids, and no column that names the records"),
            _id_hint(sheet, columns),
        )
    return chosen


def _id_hint(sheet: Sheet, columns: Sequence[SheetColumn]) -> Text:
    measured = {column.place for column in columns if column.field and column.field.kind in ("number", "integer")}
    places = (place for place in range(len(sheet.headings)) if place not in measured)
    unique = next((place for place in places if tells_apart(sheet, place)), None)
    if unique is None:
        return Message("say what ids are made from: --id-from COLUMN, or a template such as 'prefix-{COLUMN}'")
    word = sheet.word(unique)
    option = shlex.quote(word)
    prefix = Message("prefix")
    return Message(
        "say what ids are made from: every row has its own {word}, so --id-from {option}, or a template such as "
        "--id-from {template}",
        word=word,
        option=option,
        template=computed(lambda lang: shlex.quote(f"{prefix.in_(lang)}-{{{word}}}")),
    )


def tells_apart(sheet: Sheet, place: int) -> bool:
    """Whether every row has a word or whole number of its own in the column."""
    cells = [row.cells[place].strip() for row in sheet.rows]
    whole = all(cell.isdecimal() or number_in(cell) is None for cell in cells)
    return whole and bool(sheet.headings[place]) and len({slug(cell) for cell in cells} - {""}) == len(cells)


def _is_name(column: SheetColumn) -> bool:
    field = column.field
    return field is not None and field.kind == "string" and not field.enum and not field.refs


def with_tails(stem: str, texts: Sequence[str], is_taken: Callable[[str], bool]) -> list[str]:
    """An id for each of several different rows of one stem, made from what they say."""
    for length in _TAILS:
        prefix = stem[: max(0, MAX_LENGTH - 1 - length)].rstrip("-")
        ids = [f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:length]}".lstrip("-") for text in texts]
        if len(set(ids)) == len(ids) and not any(map(is_taken, ids)):
            return ids
    return ids

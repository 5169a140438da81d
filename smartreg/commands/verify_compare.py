"""Compare an exported file with the registry, cell by cell, by row and column of the file.

`verify` of a report: the bilan in Markdown or JSON, or the page, made again at the commit that it comes from.

The Markdown says where it comes from in a list at its end, JSON in `source`, the page in its island of data.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal, NamedTuple, TypeAlias

from smartreg.commands.page import ChangesShown, page, tiles
from smartreg.commands.report import BilanOptions, bilan, render_files
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.escape import cell_text, encodable, json_text
from smartreg.core.spelling import day_in
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import LANGUAGES, Json, Words
from smartreg.exporters.cells import DECIMALS
from smartreg.importers.origin import Origin, origin_of
from smartreg.importers.sheet import GridRow, SheetGrid, short_name
from smartreg.importers.values import number_in
from smartreg.reports.origin import ORIGIN_NAMES
from smartreg.tables import Table

What: TypeAlias = Literal[
    "cell",
    "row missing",
    "row added",
    "column missing",
    "column added",
    "table missing",
    "table added",
    "origin",
    "content",
]
_ALIGNED = 50_000  # maximum number of lines that are aligned: difflib takes quadratic time
TRUE, FALSE = {"true", "vrai", "1"}, {"false", "faux", "0"}


@dataclass(frozen=True)
class Difference:
    """One difference: in which table, in which row of the file (None: it is not in the file), of which record or item
    (its key), under which heading; what the registry said (`exported`) and what the file says (`present`)."""

    what: What
    table: str
    row: int | None = None
    key: str = ""
    column: str = ""
    exported: str | None = None
    present: str | None = None


class RecordedTable(NamedTuple):
    """What the registry said in one table: the names that each column may bear (the first is shown), rows, of which
    the first `key` cells tell them apart; and whether a cell of the file says a value."""

    name: str
    columns: Sequence[Sequence[str]]
    rows: Sequence[Sequence[Json]]
    key: int
    says: Callable[[Json, Json], bool]


def table_as_shown(table: Table) -> RecordedTable:
    """A table of the registry as CSV and workbooks show it."""
    columns = [(column.heading.en, column.heading.fr, column.name) for column in table.columns]
    return RecordedTable(table.name, columns, [tuple(row) for row in table.rows()], table.key, says)


def table_of_file(grid: SheetGrid, key: int) -> RecordedTable:
    """A table of a file that was made again."""
    columns = [(name,) for name in grid.headings]
    return RecordedTable(grid.name, columns, [row.cells for row in grid.rows], key, lambda cell, value: cell == value)


def says(cell: Json, value: Json) -> bool:
    """Whether a cell of a sheet says a value, however a spreadsheet has written it: `4,98747`, `11/03/2024`, `VRAI`."""
    text = "" if cell is None else str(cell).replace("\r\n", "\n").replace("\r", "\n")
    if value is None:
        return not text
    if isinstance(value, bool):
        return text.casefold() in (TRUE if value else FALSE)
    if isinstance(value, (int, float)):
        number = number_in(text)
        return number is not None and round(number, DECIMALS) == round(value, DECIMALS)
    said = encodable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    said = said.replace("\r\n", "\n").replace("\r", "\n")
    return text in (said, cell_text(said)) or (len(said) == 10 and day_in(text) == said)


def differences(present: SheetGrid, recorded: RecordedTable) -> Iterator[Difference]:
    """Every difference, in the order of the file; then what is missing in it."""
    places = _places(present, recorded)
    for place, names in enumerate(recorded.columns):
        if place not in places:
            yield Difference("column missing", recorded.name, column=names[0])
    for index, heading in enumerate(present.headings):
        if index not in places.values() and any(index < len(row.cells) and row.cells[index] for row in present.rows):
            yield Difference("column added", recorded.name, column=heading)
    if any(place not in places for place in range(recorded.key)):
        return  # nothing tells the rows apart
    known = _index_by_key([tuple(map(_key_text, row[: recorded.key])) for row in recorded.rows])
    own = [tuple(_key_text(_cell(row, places[at])) for at in range(recorded.key)) for row in present.rows]
    found = _index_by_key(own)
    for key, index in found.items():
        row = present.rows[index]
        if key in known:
            yield from _cells(recorded, present, places, (row, recorded.rows[known[key]]))
        else:
            yield Difference("row added", recorded.name, row.number, " ".join(key[0]))
    for key in known.keys() - found.keys():
        yield Difference("row missing", recorded.name, key=" ".join(key[0]))


def _places(present: SheetGrid, recorded: RecordedTable) -> Mapping[int, int]:
    """Column of the registry → column of the file."""
    for test in (lambda name: name, lambda name: short_name(name).casefold()):
        headings = {test(heading): index for index, heading in reversed(list(enumerate(present.headings)))}
        found = {
            place: headings[test(name)]
            for place, names in enumerate(recorded.columns)
            for name in reversed([*names, *map(cell_text, names)])
            if test(name) in headings
        }
        if len(found) == len(recorded.columns):
            break
    return found


def _index_by_key(keys: Sequence[tuple[str, ...]]) -> dict[tuple[tuple[str, ...], int], int]:
    """Index by key; several rows of one key are numbered."""
    met: Counter[tuple[str, ...]] = Counter()
    found = {}
    for index, key in enumerate(keys):
        found[key, met[key]] = index
        met[key] += 1
    return found


def _key_text(value: Json) -> str:
    text = "" if value is None else str(value)
    return text[1:] if text.startswith("'") else text


def _cells(
    recorded: RecordedTable, present: SheetGrid, places: Mapping[int, int], pair: tuple[GridRow, Sequence[Json]]
) -> Iterator[Difference]:
    row, values = pair
    key = " ".join(_key_text(value) for value in values[: recorded.key])
    for place, index in places.items():
        cell = _cell(row, index)
        if not recorded.says(cell, values[place]):
            sides = (_format(values[place]), _format(cell))
            yield Difference("cell", recorded.name, row.number, key, present.headings[index], *sides)


def _cell(row: GridRow, index: int) -> Json:
    return row.cells[index] if index < len(row.cells) else None


def _format(value: Json) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_LINE = re.compile(r"^- ([^:\n]+?)\u00a0?: (`+) ?(.*?) ?\2$", re.MULTILINE)
_NEEDED = {"registry", "commit", "reference_date", "period", "audience"}
_ISLAND = re.compile(rb'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
_WRITTEN = re.compile(rb'<section id="conclusion"[^>]*>(.*?)</section>', re.DOTALL)
_OPEN = "…"  # a period without a first day
_TEXTS = {"conclusion": "--conclusion", "deliveries": "--deliveries"}


@dataclass(frozen=True)
class Reported:
    """What a report says of itself: its format and origin, what it was asked for besides the texts that came with it,
    and how it is shown, where it is a page (`since`: what the state that changes count from is called)."""

    form: str
    origin: Origin
    wanted: BilanOptions
    shown: ChangesShown
    since: tuple[str | None, ...] = (None,)


def report_in(content: bytes) -> Reported | None:
    """What a file says of itself when it is a report; None for any other."""
    try:
        for form, read in _READERS.items():
            if (found := read(content)) is not None:
                return _parse_report(form, *found)
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    return None


def compare_report(
    workspace: Workspace, name: str, content: bytes, reported: Reported, texts: Mapping[str, str]
) -> list[Difference] | None:
    """The differences of a report from the same report made again, line by line; none if only its
    formatting differs, None if its bytes are the same. `texts`: the conclusion and the deliveries that it was made
    with. UsageFault if one of them is missing."""
    said = dict(reported.origin.said)
    for word, option in _TEXTS.items():
        if said.get(word) and word not in texts:
            raise UsageFault(
                Words(f"{name} was made with {option} FILE", f"{name} a été produit avec {option} FICHIER"),
                Words(f"give that file: {option} FILE", f"donnez ce fichier : {option} FICHIER"),
            )
    anew = list(_anew(workspace, reported, texts))
    if content in anew:
        return None
    return min((list(_lines(reported.form, name, content, made)) for made in anew), key=len)


def _anew(workspace: Workspace, reported: Reported, texts: Mapping[str, str]) -> Iterator[bytes]:
    """The report in every way in which it may have been made."""
    wanted = replace(
        reported.wanted,
        at=reported.origin.commit,
        conclusion=texts.get("conclusion"),
        deliveries=texts.get("deliveries"),
    )
    found = bilan(workspace, wanted, today=date.min)
    if reported.form != "html":
        yield render_files(found, reported.form, reported.shown.lang or LANGUAGES[0]).files[0].content
        return
    for since in reported.since:
        try:
            yield page(workspace, found, replace(reported.shown, at=wanted.at, since=since)).files[0].content
        except UsageFault:
            if since is None:
                raise


def _lines(form: str, name: str, content: bytes, anew: bytes) -> Iterator[Difference]:
    """The lines that differ, in lines of the file; of a page, in those of its data. A line that only one side has is
    one difference, and does not shift the rest."""
    present, exported = (_text(form, each).splitlines() for each in (content, anew))
    start = next((at for at, (old, new) in enumerate(zip(exported, present, strict=False)) if old != new), None)
    start = min(len(exported), len(present)) if start is None else start
    exported, present = exported[start:], present[start:]
    while exported and present and exported[-1] == present[-1]:
        exported.pop()
        present.pop()
    if max(len(exported), len(present)) <= _ALIGNED:
        blocks = SequenceMatcher(None, exported, present).get_opcodes()
    else:
        blocks = [("replace", 0, len(exported), 0, len(present))]
    for _, old, old_end, new, new_end in (block for block in blocks if block[0] != "equal"):
        pairs = zip_longest(exported[old:old_end], present[new:new_end])
        for number, (was, is_) in enumerate(pairs, start + new + 1):
            if was != is_:
                yield Difference("cell", name, number, exported=was, present=is_)


def _text(form: str, content: bytes) -> str:
    """What a report says, in lines; of a page its data, then the conclusion that it holds as markup."""
    found = _ISLAND.search(content) if form == "html" else None
    if found is None:
        return content.decode("utf-8", "replace")
    written = _WRITTEN.search(content)
    return json_text(read_json(found[1])) + (written[1] if written else b"").decode("utf-8", "replace")


def _parse_report(form: str, said: dict[str, Any], data: Mapping[str, Any]) -> Reported | None:
    origin = origin_of(said)
    if origin is None:
        return None
    period = said["period"]
    days = [_day(word) for word in (period["from"], period["until"], said["reference_date"])]
    wanted = BilanOptions(start=days[0], until=days[1], audience=origin.audience, on=days[2])
    lang = next((lang for lang in LANGUAGES if lang == data.get("lang")), None)
    background = data.get("tiles")
    ground = tiles(background["url"], background["credit"]) if isinstance(background, Mapping) else None
    changes = data.get("changes")
    name, short = changes["before"] if changes else (None, None)
    since = dict.fromkeys((None, name[0] if isinstance(name, list) else name, short))
    return Reported(form, origin, wanted, ChangesShown(lang=lang, tiles=ground), tuple(since))


def _day(word: Any) -> date | None:
    return date.fromisoformat(word) if isinstance(word, str) else None


def _in_markdown(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    """What the last lines of each name say, where the report ends; the names tell the language."""
    if not content.startswith(b"# "):
        return None
    found = _LINE.findall(content.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = {name: text for name, _, text in found}
    for lang in LANGUAGES:
        names = {words.in_(lang): key for key, words in ORIGIN_NAMES.items()}
        said: dict[str, Any] = {names[name]: text for name, text in lines.items() if name in names}
        if said.keys() >= _NEEDED:
            start, _, until = said["period"].partition(" → ")
            commit = None if " " in said["commit"] else said["commit"]  # a sentence where no commit holds the state
            return said | {"commit": commit, "period": {"from": None if start == _OPEN else start, "until": until}}, {
                "lang": lang
            }
    return None


def _in_json(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    return _in_document(read_json(content)) if content.startswith(b'{\n  "version": 1,\n  "source": {') else None


def _in_page(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    found = _ISLAND.search(content)
    return _in_document(read_json(found[1])) if found else None


def _in_document(document: Json) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    if not isinstance(document, Mapping) or "figures" not in document:
        return None
    return document["source"], document


_READERS = {"markdown": _in_markdown, "json": _in_json, "html": _in_page}

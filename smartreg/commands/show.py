"""`show` one record, `list` many, `find` some by words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from typing import TypeVar

from smartreg.commands.show_places import PlacesView, places_view
from smartreg.core.messages import Language, Message, Text, verbatim
from smartreg.core.secret import mask
from smartreg.core.values import Json, KeyPath, Link, Record, RecordId
from smartreg.domain.days import day
from smartreg.domain.kinds import is_party
from smartreg.domain.search import find_unreadable, search_records
from smartreg.domain.titles import read_on
from smartreg.registry import Indexed, Registry, label_identifiers, label_with_identifier, position
from smartreg.schema import Field, Kind
from smartreg.schema.cells import cell
from smartreg.tables import Tables, tables_of
from smartreg.tables.database import decode_path, encode, encode_path
from smartreg.workspace.conditions import Condition, field_named, field_value, parse_conditions
from smartreg.workspace.conventions import KIND as CONVENTION
from smartreg.workspace.origin import find_record
from smartreg.workspace.show_convention import (
    ConventionView,
    PartyView,
    convention_view,
    party_view,
)
from smartreg.workspace.workspace import Workspace

Row = TypeVar("Row")
HEADINGS = {"kind": Message("kind"), "label": Message("label")}
CHUNK = 200
FEW = 3  # fields that a kind without a label is listed by


@dataclass(frozen=True)
class RecordView:
    """A record (as its file says, and as it reads on the day) with its kind, its label, its place (lon, lat; WGS 84),
    and the links from and to it; of a convention also what follows from it, of a party who it is on the day, of what
    hangs or is owned where it was and whose on the day that was asked for."""

    record: Record
    read: Record
    kind: Kind
    label: str
    place: tuple[float, float] | None
    names: tuple[Link, ...]
    named_by: tuple[Link, ...]
    convention: ConventionView | None
    party: PartyView | None
    places: PlacesView | None

    def values(self) -> Iterator[tuple[KeyPath, Field | None, Json]]:
        """Every value as it reads on the day but the id, secrets masked, with its path and field; lists of plain values
        are whole."""
        for path, value in _leaves(mask(self.read.data), ()):
            if path != ("id",):
                yield path, self.kind.field_at(path), value


@dataclass(frozen=True)
class RecordListing:
    """Rows of a list: the columns (key names) and, per record, its values; the kinds that were looked at; the files
    whose text cannot be read; whether some convention reads otherwise, in what was asked for, than it was recorded; the
    ids of the conventions in the rows that were signed after the day; `indexed`: the fields that rules look up;
    `is_named`: the words that were searched name at least one, rather than stand in all of them here and there."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Record, tuple[Json, ...]], ...]
    total: int
    kinds: Mapping[str, Kind]
    unreadable: tuple[str, ...]
    amended: bool = False
    signed_later: tuple[str, ...] = ()
    indexed: Indexed = frozenset()
    is_named: bool = True

    def heading(self, name: str) -> Text:
        """What the schemas call a column; its name where they do not."""
        fields = (field for kind in self.kinds.values() for field in kind.fields)
        return HEADINGS.get(name) or next((field.title for field in fields if field.name == name), verbatim(name))

    def word(self, record: Record, name: str, value: Json, lang: Language) -> str:
        """The cell of a record as the schemas call it, secrets masked."""
        kind = self.kinds[record.rid.kind]
        if name == "kind":
            return kind.title.in_(lang)
        if name == "label":
            return label_with_identifier(kind, self.indexed, record.data, lang)
        return cell(kind, kind.by_path.get(tuple(name.split("."))), mask(value, name.rpartition(".")[2]), lang)


def show(
    workspace: Workspace,
    word: str,
    today: date,
    *,
    on: date | None = None,
    at: str | None = None,
    refs: bool = False,
    lang: Language = "en",
) -> RecordView:
    """One record, here or in another registry; a convention in its state on the day `on` (today without one); with `on`
    also where it was and whose on that day; with `refs` everything that names it."""
    registry = workspace.registry(at, use_current_schemas=True)
    record = _find_abroad(workspace, registry, word) or find_record(workspace, registry, word, at)
    kind = registry.schemas.kinds[record.rid.kind]
    named_by = tuple(registry.links_to(record.rid)) if refs else ()
    return RecordView(
        record,
        read_on(registry, record, on or today),
        kind,
        kind.label_of(record.data, lang),
        position(registry, record),
        tuple(registry.links_from(record.rid)),
        named_by,
        convention_view(registry, record, on or today) if record.rid.kind == CONVENTION else None,
        party_view(registry, record, on or today) if is_party(record.rid) else None,
        places_view(workspace, registry, record, on, at) if on else None,
    )


def _find_abroad(workspace: Workspace, registry: Registry, word: str) -> Record | None:
    """The record of another registry that people call `word`; None if the word names no source."""
    if not registry.config.sources:
        return None
    from smartreg.workspace.kept_sources import find_unnamed  # and with it how releases are read

    return registry.abroad.find(word) or find_unnamed(workspace, registry, word)


def listing(
    workspace: Workspace,
    kind: str | None,
    *,
    where: Sequence[str] = (),
    columns: Sequence[str] = (),
    sort: str | None = None,
    limit: int | None = None,
    at: str | None = None,
    on: date = date.max,
    after: RecordId | None = None,
) -> RecordListing:
    """The records of a kind (or of a preset, such as sensors), or of all, conventions as they read on a day; `where`
    are conditions FIELD=VALUE or FIELD!=VALUE, all of which must hold; of them the rows that come `after` a record.
    UsageFault for a value that the field cannot have."""
    registry = workspace.registry(at, use_current_schemas=True)
    kinds, tests = _parse_request(registry, kind, where)
    names = tuple(field_named(kinds, name) for name in columns) or _usual(registry, kinds)
    tables = tables_of(registry)
    tables.need(item.name for item in kinds)
    key = field_named(kinds, sort.removeprefix("-")) if sort else None
    if sort and key:
        hits = [each for item in kinds for each in _filter(registry, tables, item, tests, key, on)]
        hits.sort(key=lambda each: _sortable(each[1]), reverse=sort.startswith("-"))
        total = len(hits)
        shown = _rows_after([file for file, _ in hits], registry.files_of(after) if after else ())[:limit]
    elif tests:
        matching = [_matching(registry, tables, item, tests, on) for item in kinds]
        total = sum(map(len, matching))
        shown = list(islice(_files_behind(kinds, matching, after), limit))
    else:
        total = sum(tables.count(item.name) for item in kinds)
        shown = list(islice(_files_after(registry, kinds, after), limit))
    registry.load(shown)
    records = [read_on(registry, record, on) for file in shown if (record := registry.at(file)) is not None]
    rows = tuple((record, tuple(_value(registry, record, name) for name in names)) for record in records)
    by_name = {item.name: item for item in kinds}
    asked_for = {*names, *(test.name for test in tests), *([key] if key else [])}
    amended = any(
        _value(registry, record, name) != _value(registry, read_on(registry, record, on), name)
        for record in (registry.of_kind(CONVENTION) if CONVENTION in by_name else ())
        for name in asked_for
    )
    conventions = [record for record in records if record.rid.kind == CONVENTION]
    later = tuple(record.rid.id for record in conventions if (signed := day(record, "signed_on")) and signed > on)
    return RecordListing(
        names, rows, total, by_name, tuple(tables.unreadable(by_name)), amended, later, registry.frame.indexed
    )


def find(
    workspace: Workspace,
    words: Sequence[str],
    today: date,
    *,
    kind: str | None = None,
    where: Sequence[str] = (),
    limit: int | None = None,
    after: RecordId | None = None,
) -> RecordListing:
    """The records of a kind (or of a preset), or of all, that have all of these words (see `search_records`) and meet
    the conditions, the best first; of them those that come `after` a record; conventions as they read today."""
    registry = workspace.current
    kinds, tests = _parse_request(registry, kind, where)
    names = [item.name for item in kinds]
    found, unreadable = search_records(registry, names, " ".join(words)), tuple(find_unreadable(registry, names))
    rids = [each.rid for each in found]
    if tests:
        registry.load_records(rids)
        rids = [rid for rid in rids if (record := registry.get(rid)) and all(test(record) for test in tests)]
    rids = [rid for rid in rids if not unreadable or not set(registry.files_of(rid)).issubset(unreadable)]
    shown = _rows_after(rids, [after] if after else ())[:limit]
    registry.load_records(shown)
    records = [read_on(registry, record, today) for rid in shown if (record := registry.get(rid)) is not None]
    columns = _usual(registry, kinds)
    rows = tuple((record, tuple(_value(registry, record, name) for name in columns)) for record in records)
    return RecordListing(
        columns,
        rows,
        len(rids),
        {item.name: item for item in kinds},
        unreadable,
        indexed=registry.frame.indexed,
        is_named=any(each.is_named for each in found),
    )


def _parse_request(registry: Registry, kind: str | None, where: Sequence[str]) -> tuple[list[Kind], list[Condition]]:
    """The kinds that a word names (None: all), and the conditions, those of a preset first."""
    only, preset = registry.schemas.kind_or_preset(kind) if kind is not None else (None, {})
    kinds = list(registry.schemas.kinds.values()) if only is None else [only]
    conditions = (*(f"{name}={value}" for name, value in preset.items()), *where)
    return kinds, parse_conditions(registry, kinds, conditions)


def _files_after(registry: Registry, kinds: Sequence[Kind], after: RecordId | None) -> Iterator[str]:
    """The files of the readable records of these kinds, sorted by kind and id; those that come after a record."""
    names = [kind.name for kind in kinds]
    for name in names[names.index(after.kind) :] if after and after.kind in names else names:
        ids = registry.ids(name)
        rids = (RecordId(name, id) for id in ids[bisect_right(ids, after.id) if after and after.kind == name else 0 :])
        while some := list(islice(rids, CHUNK)):
            registry.load_records(some)
            yield from (file for rid in some for file in registry.files_of(rid) if registry.at(file) is not None)


def _matching(
    registry: Registry, tables: Tables, kind: Kind, tests: Sequence[Condition], on: date
) -> Sequence[tuple[Json | bytes, bytes]]:
    """The ids and files of the records of a kind that meet all conditions, as the tables hold them. Fields of the table
    are selected; for items of lists, and for conventions, each record is read."""
    stored = {**tables.layout.stored[kind.name], ("id",): tables.layout.stored[kind.name][()]}
    of_fields = [(tuple(test.name.split(".")), test) for test in tests if test.name != "kind"]
    if kind.name == CONVENTION or any(path not in stored for path, _ in of_fields):
        files = [file for file, _ in _filter(registry, tables, kind, tests, None, on)]
        return [(encode("string", registry.by_file[file].id), encode_path(file)) for file in files]
    if not all(test.matches(kind.name, kind.name) for test in tests if test.name == "kind"):
        return []
    return tables.ids_where(kind.name, [(stored[path], partial(test.matches, kind.name)) for path, test in of_fields])


def _files_behind(
    kinds: Sequence[Kind], matching: Sequence[Sequence[tuple[Json | bytes, bytes]]], after: RecordId | None
) -> Iterator[str]:
    """The files of these records, kind by kind; those that come after a record."""
    names = [kind.name for kind in kinds]
    first = names.index(after.kind) if after and after.kind in names else 0
    for name, rows in list(zip(names, matching, strict=True))[first:]:
        last = encode("string", after.id) if after and after.kind == name else None
        start = bisect_right(rows, _sql_order(last), key=lambda row: _sql_order(row[0])) if last is not None else 0
        yield from (decode_path(file) for _, file in rows[start:])


def _sql_order(id: Json | bytes) -> tuple[bool, Json | bytes]:
    """Texts before bytes, as SQLite sorts them."""
    return isinstance(id, bytes), id


def _rows_after(rows: Sequence[Row], last: Collection[Row]) -> Sequence[Row]:
    """The rows behind these; all where none of them is there any more."""
    return rows[1 + max((at for at, row in enumerate(rows) if row in last), default=-1) :] if last else rows


def _filter(
    registry: Registry, tables: Tables, kind: Kind, tests: Sequence[Condition], key: str | None, on: date
) -> Iterator[tuple[str, Json]]:
    """The files of the records of a kind that meet all conditions, each with what it is sorted by. Fields of the table
    are selected; for items of lists, and for conventions, each record is read."""
    names = [*(test.name for test in tests), *([key] if key else [])]
    stored = {**tables.layout.stored[kind.name], ("id",): tables.layout.stored[kind.name][()]}
    paths = [tuple(name.split(".")) for name in names if name != "kind"]
    if kind.name != CONVENTION and all(path in stored for path in paths):
        for file, values in tables.values(kind.name, [stored[path] for path in paths]):
            values_by_name = {"kind": kind.name, **dict(zip((".".join(path) for path in paths), values, strict=True))}
            if all(test.matches(kind.name, values_by_name[test.name]) for test in tests):
                yield file, values_by_name[key] if key else None
        return
    for record in (read_on(registry, record, on) for record in registry.of_kind(kind.name)):
        if all(test(record) for test in tests):
            yield record.file, _value(registry, record, key) if key else None


def _leaves(value: Json, path: KeyPath) -> Iterator[tuple[KeyPath, Json]]:
    """Every value that is no mapping, by its path; lists of plain values stay whole."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _usual(registry: Registry, kinds: list[Kind]) -> tuple[str, ...]:
    if len(kinds) > 1:
        return ("kind", "id", "label")
    kind = kinds[0]
    short = [name for name in kind.label if name != "id"] or _first_few(kind)
    state = [kind.lifecycle.field] if kind.lifecycle and kind.lifecycle.field not in short else []
    telling = label_identifiers(kind, registry.frame.indexed)[:1]
    return tuple(dict.fromkeys(("id", *short, *telling, *state)))


def _first_few(kind: Kind) -> list[str]:
    """The fields that tell records apart where the schema does not say what they are called."""
    plain = (field.name for field in kind.fields if len(field.path) == 1 and field.kind not in ("object", "array"))
    return [name for name in plain if name != "id"][:FEW]


def _value(registry: Registry, record: Record, name: str) -> Json:
    if name == "label":
        return label_with_identifier(registry.schemas.kinds[record.rid.kind], registry.frame.indexed, record.data, "en")
    return field_value(registry, record, name)


def _sortable(value: Json) -> tuple[int, float, str]:
    if isinstance(value, (int, float)):
        return (0, float(value), "")
    return (2, 0.0, "") if value is None else (1, 0.0, str(value))

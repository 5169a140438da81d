"""`show` one record and `list` many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from smartreg.commands.conventions import KIND as CONVENTION
from smartreg.commands.origin import find_record
from smartreg.commands.show_convention import (
    ConventionView,
    PartyView,
    PlacesView,
    convention_view,
    party_view,
    places_view,
)
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.spelling import did_you_mean, slug, suggestion
from smartreg.core.values import Json, Language, Link, Record, Words, value_at
from smartreg.domain.codes import communes_called
from smartreg.domain.days import day
from smartreg.domain.kinds import is_party
from smartreg.domain.titles import read_on
from smartreg.registry import WRITE_THE_ID, RecordsByName, Registry, Several, position
from smartreg.schema import (
    INSEE_CODE,
    ITEM,
    PROPERTY,
    Field,
    FieldPath,
    Kind,
    fields_under,
    holds_commune,
    suggest_name,
    value_hint,
    values_called,
)
from smartreg.tables import Readable, Tables, table_name, tables_of

LISTED = 12  # most possible values named if one is wrong
FEW = 3  # fields that a kind without a label is listed by
BY_COMMUNE = ("commune", "nom-commune")  # what exports show beside its code


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
    convention: ConventionView | None = None
    party: PartyView | None = None
    places: PlacesView | None = None


@dataclass(frozen=True)
class RecordListing:
    """Rows of a list: the columns (key names) and, per record, its values; the kinds that were looked at; the files
    whose text cannot be read; whether some convention reads otherwise, in what was asked for, than it was recorded; the
    ids of the conventions in the rows that were signed after the day."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Record, tuple[Json, ...]], ...]
    total: int
    kinds: Mapping[str, Kind]
    unreadable: tuple[str, ...] = ()
    amended: bool = False
    signed_later: tuple[str, ...] = ()


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
    """One record, a convention in its state on the day `on` (today without one); with `on` also where it was and whose
    on that day; with `refs` everything that names it."""
    registry = workspace.registry(at, use_current_schemas=True)
    record = find_record(workspace, registry, word, at)
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
) -> RecordListing:
    """The records of a kind (or of a preset, such as sensors), or of all, conventions as they read on a day; `where`
    are conditions FIELD=VALUE or FIELD!=VALUE, all of which must hold. UsageFault for a value that the field cannot
    have."""
    registry = workspace.registry(at, use_current_schemas=True)
    only, preset = registry.schemas.kind_or_preset(kind) if kind is not None else (None, {})
    kinds = list(registry.schemas.kinds.values()) if only is None else [only]
    tests = [condition(kinds, text) for text in (*(f"{name}={value}" for name, value in preset.items()), *where)]
    for test in tests:
        test.judge(registry)
    names = tuple(_name(kinds, name) for name in columns) or _usual(kinds)
    tables = tables_of(registry)
    tables.need(item.name for item in kinds)
    key = _name(kinds, sort.removeprefix("-")) if sort else None
    found = [each for item in kinds for each in _filter(registry, tables, item, tests, key, on)]
    if sort:
        found.sort(key=lambda each: _sortable(each[1]), reverse=sort.startswith("-"))
    registry.load(file for file, _ in found[:limit])
    records = [read_on(registry, record, on) for file, _ in found[:limit] if (record := registry.at(file)) is not None]
    rows = tuple((record, tuple(_value(registry, record, name) for name in names)) for record in records)
    by_name = {item.name: item for item in kinds}
    asked_for = {*names, *(test.name for test in tests), *([key] if key else [])}
    amended = any(
        _value(registry, record, name) != _value(registry, read_on(registry, record, on), name)
        for record in (registry.of_kind(CONVENTION) if CONVENTION in by_name else ())
        for name in asked_for
    )
    later = tuple(record.rid.id for record in records if _is_signed_later(record, on))
    return RecordListing(names, rows, len(found), by_name, tuple(tables.unreadable(by_name)), amended, later)


def _is_signed_later(record: Record, on: date) -> bool:
    signed = day(record, "signed_on") if record.rid.kind == CONVENTION else None
    return signed is not None and signed > on


def _filter(
    registry: Registry, tables: Tables, kind: Kind, tests: Sequence[condition], key: str | None, on: date
) -> Iterator[tuple[str, Json]]:
    """The files of the records of a kind that meet all conditions, each with what it is sorted by. Fields of the table
    are selected; for items of lists, and for conventions, each record is read."""
    names = [*(test.name for test in tests), *([key] if key else [])]
    stored = {**tables.layout.stored[kind.name], ("id",): tables.layout.stored[kind.name][()]}
    paths = [tuple(name.split(".")) for name in names if name != "kind"]
    if kind.name != CONVENTION and all(path in stored for path in paths):
        for file, values in tables.values(kind.name, [stored[path] for path in paths]):
            known = {"kind": kind.name, **dict(zip((".".join(path) for path in paths), values, strict=True))}
            if all(test.matches(kind.name, known[test.name]) for test in tests):
                yield file, known[key] if key else None
        return
    for record in (read_on(registry, record, on) for record in registry.of_kind(kind.name)):
        if all(test(record) for test in tests):
            yield record.file, _value(registry, record, key) if key else None


def _usual(kinds: list[Kind]) -> tuple[str, ...]:
    if len(kinds) > 1:
        return ("kind", "id", "label")
    kind = kinds[0]
    short = [name for name in kind.label if name != "id"] or _first_few(kind)
    state = [kind.lifecycle.field] if kind.lifecycle and kind.lifecycle.field not in short else []
    return ("id", *short, *state)


def _first_few(kind: Kind) -> list[str]:
    """What tells records apart where the schema does not say what they are called."""
    plain = (field.name for field in kind.fields if len(field.path) == 1 and field.kind not in ("object", "array"))
    return [name for name in plain if name != "id"][:FEW]


def _value(registry: Registry, record: Record, name: str) -> Json:
    if name in ("kind", "id"):  # the id of its file: by this one a record is found
        return record.rid.kind if name == "kind" else record.rid.id
    if name == "label":
        return registry.schemas.kinds[record.rid.kind].label_of(record.data, "en")
    return _read(record.data, _path(name))


def _path(name: str) -> FieldPath:
    """`measures[].unit` → ("measures", "[]", "unit")."""
    return tuple(name.replace(ITEM, f".{ITEM}").split("."))


def _read(data: Json, path: FieldPath) -> Json:
    """The value at a path; of a field in a list those of all items."""
    if ITEM not in path:
        return value_at(data, path)
    at = path.index(ITEM)
    items = value_at(data, path[:at])
    if not isinstance(items, list):
        return None
    found = [value for item in items if (value := _read(item, path[at + 1 :])) is not None]
    return list(chain.from_iterable(value if isinstance(value, list) else [value] for value in found)) or None


def _name(kinds: list[Kind], name: str) -> str:
    """The field of this name, else the only one with this heading or title. UsageFault when there is none."""
    known = {field.name: field for kind in kinds for field in kind.fields}
    if name in ("kind", "label", *known):
        return name
    if slug(name) in BY_COMMUNE and INSEE_CODE in known:
        return INSEE_CODE
    fields = [field for kind in kinds for field in kind.fields]
    found = fields_under(name, (field for field in fields if not field.in_list)) or fields_under(name, fields)
    if len(found) == 1:
        return found[0]
    hint = Words(f"it is {' or '.join(found)}", f"c'est {' ou '.join(found)}") if found else None
    if slug(name) in BY_COMMUNE and kinds[0].position:  # which tables have for what is on a support, too
        query = _query(kinds[0], "commune = '…'")
        hint = Words(f"it is that of a support: {query}", f"c'est celle d'un support : {query}")
    near = suggest_name(name, (field for field in known.values() if not field.in_list)) or name
    raise UsageFault(
        Words(f'no field "{name}"', f"il n'y a pas de champ « {name} »"), hint or did_you_mean(near, known)
    )


def _query(kind: Kind, where: str) -> str:
    return f'smartreg query "SELECT id FROM {table_name(kind)} WHERE {where}"'


class condition:  # noqa: N801  read as a function: condition(kinds, text)(record)
    """`status=active`, `owner!=istres`, also by heading, title and label (`statut=actif`): a test on one field; a list
    matches when one of its items does, a group in it when one of its fields does."""

    def __init__(self, kinds: list[Kind], text: str) -> None:
        name, equals, value = text.partition("=")
        if not equals or name.endswith(("<", ">")):
            query = _query(kinds[0], "…")
            raise UsageFault(
                Words(f'"{text}" is not of the form FIELD=VALUE', f"« {text} » n'est pas de la forme CHAMP=VALEUR"),
                Words(f"or FIELD!=VALUE; for any other: {query}", f"ou CHAMP!=VALEUR ; pour toute autre : {query}"),
            )
        self.wanted = not name.endswith("!")
        self.name, self.value = _name(kinds, name.removesuffix("!").strip()), value
        self.kinds = kinds
        self._called = {kind.name: tuple(self._values_meant(item)) for kind in kinds if (item := self._item(kind))}

    def _item(self, kind: Kind) -> Field | None:
        """The field of a kind, or the items of its list."""
        field = kind.by_path.get(_path(self.name))
        return kind.by_path.get((*field.path, ITEM), field) if field else None

    def _values_meant(self, field: Field) -> Sequence[Json]:
        """The values that people call so: codes by their labels, of communes by their names."""
        by_name = not any(map(str.isdigit, self.value))
        if by_name and holds_commune(field):
            return [commune.insee_code for commune in communes_called(self.value)]
        return values_called(field, self.value)

    def _id_of_name(self, names: RecordsByName, refs: Sequence[str]) -> str:
        """The id, where the value is the name of a record. UsageFault where several have it."""
        found = names.resolve_name(refs, self.value)
        if isinstance(found, Several):
            raise UsageFault(found.message(self.name), WRITE_THE_ID)
        return found

    def judge(self, registry: Readable) -> None:
        """Take the name of a record for its id. UsageFault when the field cannot have the value, and no record has it
        all the same: a typing error."""
        items = [item for kind in self.kinds if (item := self._item(kind))]
        names, refs = RecordsByName(registry), [ref for item in items for ref in item.refs]
        self.value = self._id_of_name(names, refs)
        if PROPERTY[0] in _path(self.name):
            self.value = registry.schemas.property_called(self.value)
        for kind in self.kinds:
            if (item := self._item(kind)) and item.identifier:  # an EUI in lower case
                self.value = registry.schemas.judges[kind.name].respell(item.path, self.value)
        known = list(dict.fromkeys(self._possible(registry)))
        if not known or any(self._called.values()) or any(_same(value, self.value) for value in known):
            return
        if any(self._holds(record) for kind in self.kinds for record in registry.of_kind(kind.name)):
            return
        hint = next((hint for item in items if item.enum and (hint := value_hint(item, self.value))), None)
        hint = hint or did_you_mean(self.value, map(str, known), suggestion(names.nearest(refs, self.value)))
        if hint is None and len(known) <= LISTED:
            offered = [_describe_value(items, value) for value in known]
            en, fr = ", ".join(one.en for one in offered), ", ".join(one.fr for one in offered)
            hint = Words(f"it can be {en}", f"valeurs admises : {fr}")
        message = Words(f'no {self.name} "{self.value}"', f"{self.name} n'a pas de valeur « {self.value} »")
        raise UsageFault(message, hint)

    def _possible(self, registry: Readable) -> Iterator[Json]:
        """What the field can be, where that is a closed list: an enumeration, the ids that it may name, true or
        false, the kinds."""
        if self.name == "kind":
            yield from registry.schemas.kinds
        for kind in self.kinds:
            for field in (item for item in kind.fields if item.name == self.name):
                item = kind.by_path.get((*field.path, ITEM), field)
                yield from item.enum
                yield from (id for ref in item.refs if ref in registry.schemas.kinds for id in registry.ids(ref))
                yield from (True, False) if item.kind == "boolean" else ()

    def __call__(self, record: Record) -> bool:
        return self._holds(record) == self.wanted

    def matches(self, kind: str, value: Json) -> bool:
        """Whether a record of this kind meets it whose field has this value."""
        return self._fits(kind, value) == self.wanted

    def _holds(self, record: Record) -> bool:
        own = {"kind": record.rid.kind, "id": record.rid.id}
        return self._fits(record.rid.kind, own.get(self.name) or _read(record.data, _path(self.name)))

    def _fits(self, kind: str, value: Json) -> bool:
        if self.name in ("kind", "id"):
            return bool(value == self.value)
        values = value if isinstance(value, list) else [value]
        inner = chain.from_iterable(item.values() if isinstance(item, dict) else [item] for item in values)
        return any(_same(item, self.value) or item in self._called.get(kind, ()) for item in inner)


def _describe_value(items: Sequence[Field], value: Json) -> Words:
    """A value that a field can have, with its label."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return next((item.choice(value) for item in items if value in item.enum), Words(text, text))


def _same(value: Json, text: str) -> bool:
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    return value is not None and str(value) == text


def _sortable(value: Json) -> tuple[int, float, str]:
    if isinstance(value, (int, float)):
        return (0, float(value), "")
    return (2, 0.0, "") if value is None else (1, 0.0, str(value))

"""The part of a registry that an audience may see, and which of its records were requested.

An audience is `public`, `partners` (parties to the conventions) or `internal` (the keepers of the registry). A
record is visible to the audience that its `visibility` names, and to closer ones. Internal sees everything.
Partners do not see costs and notes; nor does the public, which also does not see identifiers of devices and
contacts of people. From both are withheld the fields that no schema describes, every reference to a record that
they do not see, and what is looked up through it.

The names of withheld fields are here and not in the schemas, which a registry may replace and which change over
time: an export of an old revision must not reveal more than one of today.

Contacts of people, which no public file may hold, are the values in which REC121 finds an e-mail address or a
telephone number of a person.

Severities and waivers do not count here: they determine what the registry may keep, not what it may publish. Except
for an e-mail field, which is there to be published: a `[[waiver]]` of REC121 for its record says that the mailbox is no
person's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from smartreg.core.values import Data, Json, KeyPath, Record, RecordId
from smartreg.domain.kinds import PARTY
from smartreg.domain.municipalities import by_code, of_parties
from smartreg.domain.successions import Successions
from smartreg.registry import NOWHERE, Abroad, RecordsById, Registry, read_abroad
from smartreg.rules import Context
from smartreg.rules.rec121_personal_contact import check, is_email
from smartreg.schema import ITEM, Field, FieldPath, Kind, Schemas
from smartreg.schema.countries import FRANCE
from smartreg.tables.current import tables_of
from smartreg.tables.database import Tables
from smartreg.tables.layout import layout_of


class Readable(RecordsById, Protocol):
    """A source of tables: a registry, or a view of it."""

    @property
    def derived(self) -> dict[Callable[[Any], Any], Any]: ...

    def of_kind(self, kind: str) -> Iterator[Record]: ...

    def ids(self, kind: str) -> Sequence[str]: ...

    def with_id(self, id: str) -> Sequence[RecordId]: ...


FEW = 1000
"""Largest kind that is read alone, as conventions are for the table of their versions. To read all kinds one by one
takes half as long again as to read everything at once."""


@dataclass(frozen=True)
class View:
    """The visible records by kind, each without what is withheld; `schemas` describe what is left. `of_kind` gives
    the `requested` ones by kind (None: all); `get` gives any: a requested sensor may be on a support that was not
    requested. `withheld`: the number of records that are not visible, by kind; `contacts`: the records of which
    contacts of people are withheld, with the number of values. `whole`: the registry, if everything is visible;
    `part_of`: the view of everything requested and not, whose tables it shares; `abroad`: records of other registries,
    which these publish; `country`: that of the registry; `language`: that of its texts, if not that of the country."""

    schemas: Schemas
    seen: Mapping[str, Sequence[Record]]
    withheld: Mapping[str, int] = field(default_factory=dict)
    requested: Mapping[str, Sequence[Record]] | None = None
    part_of: View | None = field(default=None, repr=False)
    whole: Registry | None = None
    contacts: Mapping[RecordId, int] = field(default_factory=dict)
    abroad: Abroad = NOWHERE
    country: str = FRANCE
    language: str = ""

    @cached_property
    def derived(self) -> dict[Callable[[Any], Any], Any]:
        """Values derived from it: the successions and municipalities of all visible parties, whichever were
        requested."""
        parties = self.seen.get(PARTY, ())
        return {Successions: Successions(parties, self.abroad.here), of_parties: by_code(parties)}

    def get(self, rid: RecordId) -> Record | None:
        """The visible part of a record, requested or not, here or abroad; None if it is not visible."""
        return self._by_id.get(rid) or self.abroad.records.get(rid)

    def of_kind(self, kind: str) -> Iterator[Record]:
        """The requested visible records of a kind, sorted by id."""
        return iter((self.seen if self.requested is None else self.requested).get(kind, ()))

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of the requested visible records of a kind."""
        return list(dict.fromkeys(record.rid.id for record in self.seen.get(kind, ())))

    def with_id(self, id: str) -> Sequence[RecordId]:
        """Every record with this id, whatever its kind."""
        return [RecordId(kind, id) for kind in self.schemas.kinds if RecordId(kind, id) in self._by_id]

    def only(self, requested: Mapping[str, Sequence[Record]]) -> View:
        """The same view, of which these records alone were requested."""
        return replace(self, requested=requested, part_of=self.part_of or self)

    @cached_property
    def tables(self) -> Tables:
        """The tables of all visible records."""
        if self.part_of is not None:
            return self.part_of.tables
        if self.whole is not None:
            return tables_of(self.whole)
        seen, layout = self.seen, layout_of(self.schemas)

        def fill(kind: str) -> Iterator[tuple[str, Record | None]]:
            return ((each.file, each) for each in seen.get(kind, ()))

        if not self.schemas.sources:
            return Tables(layout, fill)
        here, abroad = self._by_id, self.abroad.records  # the tables must not lead back to this view
        return Tables(layout, fill, None, lambda rid: here.get(rid) or abroad.get(rid))

    @cached_property
    def _by_id(self) -> Mapping[RecordId, Record]:
        """The first of the records that claim an id, as in a registry."""
        if self.part_of is not None:
            return self.part_of._by_id
        return {record.rid: record for records in self.seen.values() for record in reversed(records)}


class Everything(Mapping[str, Sequence[Record]]):
    """The records of a registry by kind; all kinds are read when one with more than a few records is needed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._read: dict[str, Sequence[Record]] = {}

    def __getitem__(self, kind: str) -> Sequence[Record]:
        if kind not in self._read and len(self._registry.ids(kind)) <= FEW:
            self._read[kind] = tuple(self._registry.of_kind(kind))
        elif kind not in self._read:
            self._registry.load_all()
            self._read |= {name: tuple(self._registry.of_kind(name)) for name in self}
        return self._read[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry.schemas.kinds)

    def __len__(self) -> int:
        return len(self._registry.schemas.kinds)


def without_contacts(
    records: Mapping[str, Sequence[Record]], registry: Registry
) -> tuple[dict[str, tuple[Record, ...]], Mapping[RecordId, int]]:
    """Records by kind without contacts of people, and the number of values that each record lost."""
    context = Context(registry.schemas, registry.config, date.min)
    confirmed = {waiver.record for waiver in registry.config.waivers if waiver.code == check.code}
    lost: Counter[RecordId] = Counter()

    def cut(record: Record) -> Record:
        paths = {fault.where.path for fault in check.check(record, context)}
        if confirmed & {str(record.rid), record.rid.id, record.file}:
            paths = {path for path in paths if not is_email(path)}
        if not paths:
            return record
        lost[record.rid] += len(paths)
        return record._replace(data=_without_paths(record.data, (), paths))

    return {kind: tuple(map(cut, some)) for kind, some in records.items()}, lost


def _without_paths(value: Json, path: KeyPath, paths: Collection[KeyPath]) -> Json:
    if isinstance(value, Mapping):
        return {
            name: _without_paths(item, (*path, name), paths)
            for name, item in value.items()
            if (*path, name) not in paths
        }
    if isinstance(value, list):
        return [_without_paths(item, (*path, at), paths) for at, item in enumerate(value) if (*path, at) not in paths]
    return value


Audience: TypeAlias = Literal["public", "partners", "internal"]
AUDIENCES: tuple[Audience, ...] = ("public", "partners", "internal")
VISIBILITY = "visibility"
ATTRIBUTES = "attributes"  # what sources say in addition: not checked for publication

_KEPT = r"costs?(_.*)?|.*_cost(s|_eur)?|notes?|reasons?|attributes"
_DEVICE = r".*eui|mac(_address)?|imei|imsi|iccid|serial(_number|_no)?|writers"
_WITHHELD = {"partners": re.compile(_KEPT), "public": re.compile(f"{_KEPT}|{_DEVICE}")}


def view(registry: Registry, audience: str) -> View:
    """The view that an audience has of a registry."""
    kinds, every = registry.schemas.kinds, Everything(registry)
    if audience == AUDIENCES[-1]:
        return View(
            registry.schemas,
            every,
            whole=registry,
            abroad=registry.abroad,
            country=registry.config.country,
            language=registry.config.language,
        )
    public = registry.config.public_attributes
    seen = {name: [record for record in every[name] if _sees(audience, kinds[name], record)] for name in kinds}
    named = {record.rid for records in seen.values() for record in records}
    named -= {record.rid for name in kinds for record in every[name] if not _sees(audience, kinds[name], record)}
    named |= registry.abroad.records.keys() | registry.abroad.gone.keys()
    left = kinds_for(registry.schemas, audience, public)
    sights = {name: _Sight(left.kinds[name], audience, kinds, named, public) for name in kinds}
    shown = {name: tuple(sights[name].of(record) for record in seen[name]) for name in kinds}
    hidden = {name: len(every[name]) - len(seen[name]) for name in kinds}
    withheld = {name: number for name, number in hidden.items() if number}
    sources, abroad = registry.config.sources, NOWHERE
    if sources:  # which party abroad is one of ours shows only where ours is visible
        abroad = read_abroad(registry.tree, kinds, sources, lambda kind: shown[kind])
    contacts: Mapping[RecordId, int] = {}
    if audience == AUDIENCES[0]:
        shown, contacts = without_contacts(shown, registry)
    return View(
        left,
        shown,
        withheld,
        contacts=contacts,
        abroad=abroad,
        country=registry.config.country,
        language=registry.config.language,
    )


def kinds_for(schemas: Schemas, audience: str, public: Collection[str] = ()) -> Schemas:
    """The schemas without the fields withheld from an audience; `public` names attributes that everybody sees."""
    if audience == AUDIENCES[-1]:
        return schemas
    return replace(schemas, kinds={name: _without(kind, audience, public) for name, kind in schemas.kinds.items()})


def is_hidden(name: str, audience: str) -> bool:
    """Whether fields of this name are withheld from an audience, whatever their spelling."""
    rule = _WITHHELD.get(audience)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-.\s]+", "_", name)
    return rule is not None and rule.fullmatch(words.lower()) is not None


def hidden_fields(kinds: Collection[Kind], audience: str, public: Collection[str] = ()) -> list[str]:
    """The fields of these kinds that are withheld from an audience."""
    return sorted({field.name for kind in kinds for field in kind.fields if _in_hidden(field, audience, public)})


def _in_hidden(field: Field, audience: str, public: Collection[str]) -> bool:
    if field.path == (ATTRIBUTES,) and public:
        return False
    return any(is_hidden(part, audience) for part in field.path)


def _without(kind: Kind, audience: str, public: Collection[str]) -> Kind:
    return replace(kind, fields=tuple(field for field in kind.fields if not _in_hidden(field, audience, public)))


def _sees(audience: str, kind: Kind, record: Record) -> bool:
    """Whether an audience sees a record; a visibility other than the three words hides it."""
    field = kind.by_path.get((VISIBILITY,))
    usual = field.schema.get("default", AUDIENCES[0]) if field else AUDIENCES[0]
    word = record.data.get(VISIBILITY, usual)
    return isinstance(word, str) and word in AUDIENCES[: AUDIENCES.index(audience) + 1]


@dataclass(frozen=True)
class _Sight:
    """The view that an audience has of the records of a kind: the fields of `kind`, references to the records `named`,
    and the attributes that are `public`."""

    kind: Kind
    audience: str
    kinds: Collection[str]
    named: Collection[RecordId]
    public: Collection[str]

    def of(self, record: Record) -> Record:
        """The record without what is withheld."""
        return record._replace(data=self._object(record.data, ()))

    def _object(self, data: Data, path: FieldPath) -> dict[str, Json]:
        parts = ((name, self._value(item, (*path, name))) for name, item in data.items() if self._has((*path, name)))
        return {name: value for name, value in parts if value is not None}

    def _has(self, path: FieldPath) -> bool:
        if path in self.kind.by_path:
            return True
        if path[0] == ATTRIBUTES:
            return path[-1] in self.public
        return self._is_free(path[:-1]) and not is_hidden(path[-1], self.audience)

    def _is_free(self, path: FieldPath) -> bool:
        """Whether the schema allows any name at this path."""
        return any(path[:length] in self._free for length in range(1, len(path) + 1))

    @cached_property
    def _free(self) -> frozenset[FieldPath]:
        described = {field.path[:-1] for field in self.kind.fields}
        return frozenset(
            field.path
            for field in self.kind.fields
            if field.kind in ("object", "array") and field.path not in described
        )

    def _value(self, value: Json, path: FieldPath) -> Json:
        """The visible part of a value; None if there is none. A value of another shape than its field is withheld."""
        field = self.kind.by_path.get(path)
        if field is not None and _shape(value) != (field.kind if field.kind in ("object", "array") else "plain"):
            return None
        if isinstance(value, Mapping):
            return self._object(value, path) or (None if path == (ATTRIBUTES,) else {})
        if isinstance(value, list):
            items = (self._value(item, (*path, ITEM)) for item in value)
            return [item for item in items if item is not None]
        return value if field is None or self._names(field.refs, value) else None

    def _names(self, refs: Sequence[str], id: Json) -> bool:
        """Whether a value may stay: it is no reference, or refers to a visible record."""
        visible_kinds = [ref for ref in refs if ref in self.kinds]
        return not visible_kinds or (
            isinstance(id, str) and any(RecordId(ref, id) in self.named for ref in visible_kinds)
        )


def _shape(value: Json) -> str:
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "plain"

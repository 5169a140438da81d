"""Conditions on records, FIELD=VALUE and FIELD!=VALUE, as `list`, `set` and `export` take them.

The commune of a record is its own, or that of the support it is on, as in the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.spelling import did_you_mean, slug, suggestion
from smartreg.core.values import Json, Record, value_at
from smartreg.domain.codes import commune as commune_at
from smartreg.domain.codes import communes_called
from smartreg.domain.municipalities import municipalities_called
from smartreg.registry import WRITE_THE_ID, RecordsById, RecordsByName, Several, code_of_place
from smartreg.schema import (
    CODE_FIELDS,
    ITEM,
    PROPERTY,
    Field,
    FieldPath,
    Kind,
    code_name,
    fields_under,
    holds_commune,
    suggest_name,
    value_hint,
    values_called,
)
from smartreg.tables import Readable, table_name

LISTED = 12  # most possible values named if one is wrong
BY_COMMUNE = ("commune", "nom-commune", "municipality")  # what exports show beside its code


def field_path_of(name: str) -> FieldPath:
    """`measures[].unit` → ("measures", "[]", "unit")."""
    return tuple(name.replace(ITEM, f".{ITEM}").split("."))


def values_at(data: Json, path: FieldPath) -> Json:
    """The value at a path; of a field in a list those of all items."""
    if ITEM not in path:
        return value_at(data, path)
    at = path.index(ITEM)
    items = value_at(data, path[:at])
    if not isinstance(items, list):
        return None
    values = [value for item in items if (value := values_at(item, path[at + 1 :])) is not None]
    return list(chain.from_iterable(value if isinstance(value, list) else [value] for value in values)) or None


def field_named(kinds: list[Kind], name: str) -> str:
    """The field of this name, else the only one with this heading or title. UsageFault when there is none."""
    fields_by_name = {field.name: field for kind in kinds for field in kind.fields}
    if name in ("kind", "label", *fields_by_name):
        return name
    code = code_name(kinds)
    if (slug(name) in BY_COMMUNE or name == code) and (code in fields_by_name or any(map(_borrows_commune, kinds))):
        return code
    fields = [field for kind in kinds for field in kind.fields]
    names = fields_under(name, (field for field in fields if not field.in_list)) or fields_under(name, fields)
    if len(names) == 1:
        return names[0]
    hint = Message("it is {found}", found=joined(names, Message(" or "))) if names else None
    near = suggest_name(name, (field for field in fields_by_name.values() if not field.in_list)) or name
    raise UsageFault(Message('no field "{name}"', name=name), hint or did_you_mean(near, fields_by_name))


def has_field(kind: Kind, name: str) -> bool:
    """Whether records of this kind may have a value for a condition on the field of this name."""
    return field_path_of(name) in kind.by_path or (name in CODE_FIELDS and _borrows_commune(kind))


def _borrows_commune(kind: Kind) -> bool:
    """Whether records of this kind are in the commune of what they are attached to."""
    return len(kind.position) > 1 and not any((name,) in kind.by_path for name in CODE_FIELDS)


def field_value(registry: RecordsById, record: Record, name: str) -> Json:
    """The value of the field that a condition or a column names."""
    own: dict[str, Json] = {"kind": record.rid.kind, "id": record.rid.id}
    if name in own:
        return own[name]
    return code_of_place(registry, record) if name in CODE_FIELDS else values_at(record.data, field_path_of(name))


def parse_conditions(registry: Readable, kinds: Sequence[Kind], texts: Iterable[str]) -> list[Condition]:
    """The conditions that somebody typed. UsageFault for another form, an unknown field, and a value that the field
    cannot have."""
    tests = [Condition(registry, list(kinds), text) for text in texts]
    for test in tests:
        test.judge()
    return tests


class Condition:
    """`status=active`, `owner!=istres`, also by heading, title and label (`statut=actif`): a test on one field; a list
    matches when one of its items does, a group in it when one of its fields does."""

    def __init__(self, registry: Readable, kinds: list[Kind], text: str) -> None:
        name, equals, value = text.partition("=")
        if not equals or name.endswith(("<", ">")):
            query = f'smartreg query "SELECT id FROM {table_name(kinds[0])} WHERE …"'
            raise UsageFault(
                Message('"{text}" is not of the form FIELD=VALUE', text=text),
                Message("or FIELD!=VALUE; for any other: {query}", query=query),
            )
        self.wanted = not name.endswith("!")
        self.name, self.value = field_named(kinds, name.removesuffix("!").strip()), value
        self.registry, self.kinds = registry, kinds
        self._called = {kind.name: tuple(self._values_meant(self._item(kind))) for kind in kinds}

    def _item(self, kind: Kind) -> Field | None:
        """The field of a kind, or the items of its list."""
        field = kind.by_path.get(field_path_of(self.name))
        return kind.by_path.get((*field.path, ITEM), field) if field else None

    def _values_meant(self, field: Field | None) -> Sequence[Json]:
        """The values that people call so: codes by their labels, of communes by their names."""
        if self._names_commune(field):
            called = (*communes_called(self.value), *municipalities_called(self.registry, self.value))
            return [commune.insee_code for commune in called]
        return values_called(field, self.value) if field is not None else ()

    def _names_commune(self, field: Field | None) -> bool:
        """Whether the value stands for a commune and is not a code; supports lend theirs to equipment."""
        codes = self.name in CODE_FIELDS or (field is not None and holds_commune(field))
        return codes and not any(map(str.isdigit, self.value))

    def judge(self) -> None:
        """Take the name of a record for its id. UsageFault when several records have that name, and when the field
        cannot have the value, and no record has it all the same: a typing error."""
        registry, items = self.registry, [item for kind in self.kinds if (item := self._item(kind))]
        names, refs = RecordsByName(registry), [ref for item in items for ref in item.refs]
        id = names.resolve_name(refs, self.value)
        if isinstance(id, Several):
            raise UsageFault(id.message(self.name), WRITE_THE_ID)
        self.value = id
        if PROPERTY[0] in field_path_of(self.name):
            self.value = registry.schemas.property_called(self.value)
        for kind in self.kinds:
            if (item := self._item(kind)) and item.identifier:  # an EUI in lower case
                self.value = registry.schemas.judges[kind.name].respell(item.path, self.value)
        if not any(self._called.values()) and any(self._names_commune(self._item(kind)) for kind in self.kinds):
            raise self._no_commune()
        possible = list(dict.fromkeys(self._possible(registry)))
        if not possible or any(self._called.values()) or any(_same(value, self.value) for value in possible):
            return
        if any(map(self._holds, self._records())):
            return
        hint = next((hint for item in items if item.enum and (hint := value_hint(item, self.value))), None)
        hint = hint or did_you_mean(self.value, map(str, possible), suggestion(names.nearest(refs, self.value)))
        if hint is None and len(possible) <= LISTED:
            offered = joined(_describe_value(items, value) for value in possible)
            hint = Message("it can be {values}", values=offered)
        message = Message('no {name} "{value}"', name=self.name, value=self.value)
        raise UsageFault(message, hint)

    def _no_commune(self) -> UsageFault:
        """The fault of a name that no commune has; the communes of records are those that it may mean."""
        values = (field_value(self.registry, record, self.name) for record in self._records())
        codes = {code for value in values for code in (value if isinstance(value, list) else [value])}
        names = (commune.name for code in codes if isinstance(code, str) and (commune := commune_at(code)))
        return UsageFault(Message('no commune "{value}"', value=self.value), did_you_mean(self.value, sorted(names)))

    def _records(self) -> Iterator[Record]:
        return chain.from_iterable(self.registry.of_kind(kind.name) for kind in self.kinds)

    def _possible(self, registry: Readable) -> Iterator[Json]:
        """The values that the field can have, where that is a closed list: an enumeration, the ids that it may name,
        true or false, the kinds."""
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
        """True if a record of this kind meets it whose field has this value."""
        return self._fits(kind, value) == self.wanted

    def _holds(self, record: Record) -> bool:
        return self._fits(record.rid.kind, field_value(self.registry, record, self.name))

    def _fits(self, kind: str, value: Json) -> bool:
        if self.name in ("kind", "id"):
            return bool(value == self.value)
        values = value if isinstance(value, list) else [value]
        inner = chain.from_iterable(item.values() if isinstance(item, dict) else [item] for item in values)
        return any(_same(item, self.value) or item in self._called.get(kind, ()) for item in inner)


def _describe_value(items: Sequence[Field], value: Json) -> Text:
    """A value that a field can have, with its label."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return next((item.choice(value) for item in items if value in item.enum), verbatim(text))


def _same(value: Json, text: str) -> bool:
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    return value is not None and str(value) == text

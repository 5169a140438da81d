"""`show` one record and `list` many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smartreg.errors import UsageFault
from smartreg.registry import Registry, position
from smartreg.schema import Field, Kind, did_you_mean
from smartreg.values import Json, Language, Link, Record, Words, value_at
from smartreg.workspace import Workspace, record_of


@dataclass(frozen=True)
class Shown:
    """A record with its kind, its label, its place (lon, lat; WGS 84), and the links from and to it."""

    record: Record
    kind: Kind
    label: str
    place: tuple[float, float] | None
    names: tuple[Link, ...]
    named_by: tuple[Link, ...]


@dataclass(frozen=True)
class Listing:
    """Rows of a list: the columns (key names) and, per record, its values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Record, tuple[Json, ...]], ...]
    total: int


def show(workspace: Workspace, word: str, *, at: str | None = None, refs: bool = False, lang: Language = "en") -> Shown:
    """One record; with `refs` also everything that names it."""
    registry = workspace.registry(at)
    record = record_of(registry, word)
    kind = registry.schemas.kinds[record.rid.kind]
    named_by = tuple(registry.links_to(record.rid)) if refs else ()
    return Shown(
        record,
        kind,
        kind.label_of(record.data, lang),
        position(registry, record),
        tuple(registry.links_from(record.rid)),
        named_by,
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
) -> Listing:
    """The records of a kind, or of all; `where` are conditions FIELD=VALUE or FIELD!=VALUE, all of which must hold."""
    registry = workspace.registry(at)
    kinds = [registry.schemas.kind(kind)] if kind else list(registry.schemas.kinds.values())
    tests = [condition(kinds, text) for text in where]
    names = tuple(columns) or _usual(kinds)
    for name in (*names, *((sort.removeprefix("-"),) if sort else ())):
        _field(kinds, name)
    found = [record for item in kinds for record in registry.of_kind(item.name) if all(test(record) for test in tests)]
    if sort:
        key = sort.removeprefix("-")
        found.sort(key=lambda record: _sortable(_value(registry, record, key)), reverse=sort.startswith("-"))
    rows = tuple((record, tuple(_value(registry, record, name) for name in names)) for record in found[:limit])
    return Listing(names, rows, len(found))


def _usual(kinds: list[Kind]) -> tuple[str, ...]:
    if len(kinds) > 1:
        return ("kind", "id", "label")
    kind = kinds[0]
    short = [name for name in kind.label if name != "id"]
    state = [kind.lifecycle.field] if kind.lifecycle and kind.lifecycle.field not in short else []
    return ("id", *short, *state)


def _value(registry: Registry, record: Record, name: str) -> Json:
    if name == "kind":
        return record.rid.kind
    if name == "label":
        return registry.schemas.kinds[record.rid.kind].label_of(record.data, "en")
    return value_at(record.data, tuple(name.split(".")))


def _field(kinds: list[Kind], name: str) -> Field | None:
    if name in ("kind", "label"):
        return None
    known = {field.name: field for kind in kinds for field in kind.fields}
    if name not in known:
        raise UsageFault(Words(f'no field "{name}"', f"il n'y a pas de champ « {name} »"), did_you_mean(name, known))
    return known[name]


class condition:  # noqa: N801  read as a function: condition(kinds, text)(record)
    """`status=active`, `owner!=istres`: a test on one field; a list matches when one of its items does."""

    def __init__(self, kinds: list[Kind], text: str) -> None:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageFault(
                Words(f'"{text}" is not of the form FIELD=VALUE', f"« {text} » n'est pas de la forme CHAMP=VALEUR")
            )
        self.wanted = not name.endswith("!")
        self.name, self.value = name.removesuffix("!"), value
        _field(kinds, self.name)

    def __call__(self, record: Record) -> bool:
        if self.name == "kind":
            return (record.rid.kind == self.value) == self.wanted
        value = value_at(record.data, tuple(self.name.split(".")))
        values = value if isinstance(value, list) else [value]
        return any(_same(item, self.value) for item in values) == self.wanted


def _same(value: Json, text: str) -> bool:
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    return value is not None and str(value) == text


def _sortable(value: Json) -> tuple[int, float, str]:
    if isinstance(value, (int, float)):
        return (0, float(value), "")
    return (2, 0.0, "") if value is None else (1, 0.0, str(value))

"""`add`: one new record of any kind."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, verbatim
from smartreg.core.spelling import slug
from smartreg.core.values import Json, KeyPath, Record, RecordId, path_text
from smartreg.domain.typed import assignment
from smartreg.edit import Edit, Outcome, WriteOptions, file_of, new_text, with_status
from smartreg.registry import Registry, identifiers
from smartreg.schema import CODE_FIELDS, Field, Kind, Schemas
from smartreg.workspace.workspace import Workspace, write

DRAFT_ID = "draft"  # of a record that is not complete yet
_NUMBERED = r"(.*?)(\d+)"
_CHARACTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: without i, l, o and u
_RANDOM = rf"(.+-)[0-9][{_CHARACTERS}]{{5}}"


def add(
    workspace: Workspace,
    kind: Kind,
    values: Mapping[str, Json],
    *,
    id: str | None = None,
    options: WriteOptions,
    decimals: int = 0,
) -> Outcome:
    """Write a new record of `kind`. Without `id` one is made (`new_id`). `decimals`: with how many its position was
    typed. UsageFault if the id is taken or the values do not determine its folder; RefusedWrite if it would add
    errors."""
    registry = workspace.current
    given = id if id is not None else values.get("id")
    data = with_status(kind, {**values, "id": new_id(registry, kind, values) if given is None else str(given)})
    rid = RecordId(kind.name, data["id"])
    if rid in registry:
        raise UsageFault(
            Message("{rid} exists already", rid=rid),
            Message("choose another --id, or change it: smartreg set {rid} …", rid=rid),
        )
    file = file_of(kind, data)
    edit = Edit("add", (rid,), {file: new_text(kind, data, file)}, f"Add {rid}", decimals={rid: decimals})
    return write(workspace, registry, edit, options)


def new_id(registry: Registry, kind: Kind, values: Mapping[str, Json], predecessor: str = "") -> str:
    """A readable id: the slug of its name or title, if any; else the series of its predecessor or of its
    neighbours continued (`istres-noise-002` → `istres-noise-003`), else the noun with a number. With `new_ids =
    "random"`, random characters instead of a number (`istres-noise-4kx7dq`): not derived from an identifier, which an
    id would publish, nor from the author, who may have two computers."""
    random = registry.config.new_ids == "random"
    taken = set(registry.ids(kind.name))
    for name in kind.label:
        field, text = kind.by_path.get((name,)), values.get(name)
        names = field and not (field.enum or field.refs or field.schema.get("format") == "date")
        if names and isinstance(text, str) and slug(text):
            return (
                _with_random_suffix(slug(text), taken) if random and slug(text) in taken else _free(slug(text), taken)
            )
    series = _split_number(predecessor) or _series(registry, kind, values) or (f"{_first_enum(kind, values)}-", 3)
    if random:
        return _with_random_suffix(series[0].rstrip("-"), taken)
    numbers = [int(match[2]) for id in taken if (match := re.fullmatch(_NUMBERED, id)) and match[1] == series[0]]
    return f"{series[0]}{max(numbers, default=0) + 1:0{series[1]}d}"


def _with_random_suffix(stem: str, taken: Collection[str]) -> str:
    """The stem, and a digit with five more characters: among a thousand ids that are made apart, two meet once in six
    hundred times."""
    while True:
        id = f"{stem}-{secrets.choice(string.digits)}{''.join(secrets.choice(_CHARACTERS) for _ in range(5))}"
        if id not in taken:
            return id


def _free(stem: str, taken: set[str]) -> str:
    return (
        stem
        if stem not in taken
        else next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)
    )


def _series(registry: Registry, kind: Kind, values: Mapping[str, Json]) -> tuple[str, int] | None:
    """Prefix and width of the numbers of a record of the same kind and type that names the same others in a list."""
    targets = []
    for field in kind.references:
        value = values.get(field.path[0])
        targets += [(ref, item) for item in (value if isinstance(value, list) else ()) for ref in field.refs]
    for ref, target in targets:
        for link in registry.links_to(RecordId(ref, str(target))):
            series = _split_number(link.source.id) if link.source.kind == kind.name else None
            if series:
                neighbour = registry.get(link.source)
                if neighbour is not None and _first_enum(kind, neighbour.data) == _first_enum(kind, values):
                    return series
    return None


def _split_number(id: str) -> tuple[str, int] | None:
    """The prefix of an id that ends in a number or in random characters, and how many digits the number has."""
    random = re.fullmatch(_RANDOM, id)
    if random and not id.removeprefix(random[1]).isdigit():
        return random[1], 3
    match = re.fullmatch(_NUMBERED, id)
    return (match[1], len(match[2])) if match and match[1] else None


def _first_enum(kind: Kind, values: Mapping[str, Json]) -> str:
    """The first word of its label that comes from a list (`sensor`, `street-light`), else the noun of the kind."""
    names = [name for name in kind.label if (field := kind.by_path.get((name,))) and field.enum]
    word = next((values[name] for name in names if isinstance(values.get(name), str)), kind.noun)
    return slug(str(word))


def put(data: dict[str, Json], path: KeyPath, value: Json) -> None:
    """Set a value in a record that is being made; a list grows at its end. UsageFault for any other index."""
    here: Any = data
    for part, after in zip(path, [*path[1:], None], strict=True):
        last = after is None
        empty: Json = value if last else [] if isinstance(after, int) else {}
        if isinstance(part, int):
            if not isinstance(here, list) or part > len(here):
                raise UsageFault(
                    Message("{path} has nothing before it", path=path_text(path)),
                    Message("lists are filled from index 0"),
                )
            here[part:] = [empty, *here[part + 1 :]] if last or part == len(here) else here[part:]
        elif not isinstance(here, dict):
            raise UsageFault(Message("{path} is not there", path=path_text(path)))
        elif last or part not in here:
            here[part] = empty
        here = here[part]


def assign(registry: Registry, kind: Kind, data: dict[str, Json], assignments: Sequence[str]) -> None:
    """Put the values of `PATH=VALUE` texts into a record that is being made."""
    for text in assignments:
        path, value = assignment(kind, text, registry)
        put(data, path, value)


def like(kind: Kind, registry: Registry, record: Record) -> dict[str, Json]:
    """A copy of what a new record may take from another: not what is its own (id, identifiers that must be unique, its
    place, the state of its life, every date, what it replaces, its events, its notes)."""
    if record.rid.kind != kind.name:
        raise UsageFault(
            Message("{record} is not of kind {kind}", record=record.rid, kind=kind.name, title=kind.title),
            verbatim(f"smartreg list {kind.name}"),
        )
    own = {"id", "notes", "siret", *place_fields(kind), *unique_fields(registry, kind)}
    if kind.lifecycle:
        own.add(kind.lifecycle.field)
    for field in kind.fields:
        if (
            (len(field.path) == 1 and _is_day(field))
            or kind.name in field.refs
            or (field.kind == "array" and field.option is None)
        ):
            own.add(field.path[0])
    data = {name: deepcopy(value) for name, value in record.data.items() if name not in own}
    for field in filter(_is_day, kind.fields):
        if isinstance(data.get(field.path[0]), Mapping) and len(field.path) == 2:  # the last calibration was another's
            data[field.path[0]] = {name: item for name, item in data[field.path[0]].items() if name != field.path[1]}
    return data


def place_fields(kind: Kind) -> tuple[str, ...]:
    """The fields that say where a record is, or what carries it."""
    return (*kind.position, *CODE_FIELDS, "address")


def _is_day(field: Field) -> bool:
    return field.schema.get("format") == "date"


def unique_fields(registry: Registry, kind: Kind) -> list[str]:
    """The identifiers by which rules tell records of this kind apart, in the order of the schema."""
    return identifiers(kind, registry.frame.indexed)


def find_missing_fields(kind: Kind, schemas: Schemas, values: Mapping[str, Json]) -> list[Field]:
    """The fields that the schema asks for, the position first, then in the order of the schema. Of fields
    that stand for each other the first reference is asked for; of a group what it would lack when it was there. What an
    item of a list lacks is left to the check of the record, which says of which item."""
    draft = deepcopy(with_status(kind, {**values, "id": values.get("id") or DRAFT_ID}))
    missing = _find_missing(kind, schemas, draft)
    groups = [path for path, field in missing.items() if field.kind == "object"]
    for path in groups:
        put(draft, path, {})
    inside = _find_missing(kind, schemas, draft) if groups else {}
    whole = {path for path in groups if not any(other[: len(path)] == path for other in inside)}
    missing = inside | {path: field for path, field in missing.items() if path not in groups or path in whole}
    order = {path: at for at, path in enumerate(kind.by_path)}
    return sorted(missing.values(), key=lambda field: (field.path[0] not in kind.position, order[field.path]))


def _find_missing(kind: Kind, schemas: Schemas, draft: Mapping[str, Json]) -> dict[tuple[str, ...], Field]:
    missing: dict[tuple[str, ...], Field] = {}
    for fault in schemas.judges[kind.name].faults(draft):
        if fault.code != "SCH101":
            continue
        if fault.keyword in ("anyOf", "oneOf"):
            fields = [kind.by_path[(name,)] for name in fault.wanted if (name,) in kind.by_path]
            required = next((field for field in fields if field.refs), fields[0] if fields else None)
        else:
            required = kind.field_at(fault.path)
        for field in _leaves_of(kind, required):
            if not field.in_list:
                missing[field.path] = field
    return missing


def _leaves_of(kind: Kind, field: Field | None) -> list[Field]:
    """The field, or what a group of fields requires."""
    if field is None:
        return []
    inside = [item for item in kind.fields if item.path[:-1] == field.path and item.required]
    return (
        [leaf for item in inside for leaf in _leaves_of(kind, item)] if field.kind == "object" and inside else [field]
    )

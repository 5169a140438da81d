"""What a new record still lacks by its schema, as fields that people can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

from smartreg.cli.add_options import Made, placeholder
from smartreg.cli.needed import lacking
from smartreg.commands.add import put, with_status
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Words
from smartreg.schema import Field, Kind, Schemas

DRAFT_ID = "draft"
LISTED = 8  # so many values of an enumeration are listed


def missing(kind: Kind, schemas: Schemas, values: Mapping[str, Json]) -> list[Field]:
    """The fields that the schema asks for, where the record stands first, then in the order of the schema. Of fields
    that stand for each other the first reference is asked for; of a group what it would lack when it was there. What an
    item of a list lacks is left to the check of the record, which says of which item."""
    draft = deepcopy(with_status(kind, {**values, "id": values.get("id") or DRAFT_ID}))
    found = _lacking(kind, schemas, draft)
    groups = [path for path, field in found.items() if field.kind == "object"]
    for path in groups:
        put(draft, path, {})
    inside = _lacking(kind, schemas, draft) if groups else {}
    whole = {path for path in groups if not any(other[: len(path)] == path for other in inside)}
    found = inside | {path: field for path, field in found.items() if path not in groups or path in whole}
    order = {path: at for at, path in enumerate(kind.by_path)}
    return sorted(found.values(), key=lambda field: (field.path[0] not in kind.position, order[field.path]))


def _lacking(kind: Kind, schemas: Schemas, draft: Mapping[str, Json]) -> dict[tuple[str, ...], Field]:
    found: dict[tuple[str, ...], Field] = {}
    for fault in schemas.judges[kind.name].faults(draft):
        if fault.code != "SCH101":
            continue
        if fault.keyword in ("anyOf", "oneOf"):
            fields = [kind.by_path[(name,)] for name in fault.wanted if (name,) in kind.by_path]
            wanted = next((field for field in fields if field.refs), fields[0] if fields else None)
        else:
            wanted = kind.field_at(fault.path)
        for field in _leaves(kind, wanted):
            if not field.in_list:
                found[field.path] = field
    return found


def _leaves(kind: Kind, field: Field | None) -> list[Field]:
    """The field, or what a group of fields requires."""
    if field is None:
        return []
    inside = [item for item in kind.fields if item.path[:-1] == field.path and item.required]
    return [leaf for item in inside for leaf in _leaves(kind, item)] if field.kind == "object" and inside else [field]


def refused(
    kind: Kind, fields: Sequence[Field], options: Sequence[Made], typed_line: Sequence[str], why: Words
) -> UsageFault:
    """All of them at once, with a command line that is ready to be filled in."""
    by_field = {option.field.path: option.flag for option in options}
    flags = [by_field.get(field.path, f"--set {field.name}=") for field in fields]
    missing = [(flag, placeholder(kind, field)) for field, flag in zip(fields, flags, strict=True)]
    return lacking(missing, typed_line, why, _values(kind, fields, by_field))


def _values(kind: Kind, fields: Sequence[Field], flags: Mapping[tuple[str, ...], str]) -> Words | None:
    """What the enumerations among them can be."""
    lines = []
    for field in fields:
        item = kind.by_path.get((*field.path, "[]"), field)
        if item.enum:
            more = ", …" if len(item.enum) > LISTED else ""
            lines.append(f"{flags.get(field.path, field.name)}: {', '.join(map(str, item.enum[:LISTED]))}{more}")
    return Words("\n".join(lines), "\n".join(lines)) if lines else None

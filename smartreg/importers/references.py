"""Cells and constants that name things: a record by its name or title, a commune by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath, Location, path_text
from smartreg.edit import INSEE_CODE, commune_code
from smartreg.importers.causes import UNKNOWN
from smartreg.importers.cells import FORM, fault_of_value
from smartreg.importers.columns import SheetColumn
from smartreg.importers.rows import Draft
from smartreg.importers.values import Bad
from smartreg.registry import WRITE_THE_ID, Registry, Several
from smartreg.schema import ITEM, Kind


class Resolved(NamedTuple):
    """The drafts with ids and codes for names, what cannot be resolved, and which names were taken for what."""

    drafts: list[Draft]
    faults: list[Finding]
    taken: Mapping[str, str]


def resolve_names(
    registry: Registry, kind: Kind, file: str, columns: Iterable[SheetColumn], drafts: Sequence[Draft]
) -> Resolved:
    """The drafts, with the id of a record and the code of a commune for their names."""
    bearing = [column for column in columns if _is_commune(column.path) or _refers(kind, column.path)]
    found: dict[tuple[KeyPath, str], Json | Bad] = {}
    faults: list[Finding] = []
    taken: dict[str, str] = {}
    made = []
    for draft in drafts:
        values = dict(draft.values)
        for column in bearing:
            value = values.get(column.path)
            if value is None:
                continue
            key = (column.path, repr(value))
            if key not in found:
                found[key] = _resolve(registry, kind, column.path, value, column.heading)
            meant = found[key]
            if isinstance(meant, Bad):
                del values[column.path]
                where = Location(file, column.path, row=draft.row.number, column=column.heading)
                faults.append(Finding(meant.code, "error", meant.message, where, meant.hint))
            else:
                values[column.path] = meant
                taken |= {name: id for name, id in zip(_words(value), _words(meant), strict=True) if name != id}
        made.append(replace(draft, values=values) if bearing else draft)
    return Resolved(made, faults, taken)


def resolve_constant(registry: Registry, kind: Kind, path: KeyPath, value: Json) -> Json:
    """What a constant means. UsageFault for the name of several records or communes, or of no commune."""
    option = f"--constant {path_text(path)}"
    meant = _resolve(registry, kind, path, value, option)
    if isinstance(meant, Bad):
        raise UsageFault(meant.message, meant.hint)
    return meant


def _resolve(registry: Registry, kind: Kind, path: KeyPath, value: Json, place: str) -> Json | Bad:
    """The value at a key path, names replaced; Bad where nobody can say what a name means. `place` names it."""
    if _is_commune(path):
        if not isinstance(value, str):
            return value
        if any(map(str.isdigit, value)):
            return fault_of_value(registry.schemas.judges[kind.name], path, value) or value
        try:
            return commune_code(registry, value)
        except UsageFault as fault:
            return Bad(FORM, fault.message, fault.hint)
    found = registry.by_name.resolve(kind, path, value)
    return Bad(UNKNOWN, found.message(place), WRITE_THE_ID) if isinstance(found, Several) else found


def _is_commune(path: KeyPath) -> bool:
    return path[-1] == INSEE_CODE


def _refers(kind: Kind, path: KeyPath) -> bool:
    return any(one is not None and one.refs for one in (kind.field_at(path), kind.field_at((*path, ITEM))))


def _words(value: Json) -> list[str]:
    """The texts of a value, in its order."""
    if isinstance(value, str):
        return [value]
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []

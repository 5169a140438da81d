"""References by name: a cell that gives the name or the title of a record, as people call it, means its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath, Location
from smartreg.importers.columns import SheetColumn
from smartreg.importers.consequences import UNKNOWN
from smartreg.importers.rows import Draft
from smartreg.registry import WRITE_THE_ID, RecordsByName, Several
from smartreg.schema import ITEM, Kind


class Referring(NamedTuple):
    """The drafts with ids for names, what cannot be told, and which names were taken for which ids."""

    drafts: list[Draft]
    faults: list[Finding]
    taken: Mapping[str, str]


def resolve_references(
    names: RecordsByName, kind: Kind, file: str, columns: Iterable[SheetColumn], drafts: Sequence[Draft]
) -> Referring:
    """The drafts, a name in a column of references replaced by the id of the record that is called so."""
    bearing = [column for column in columns if _refers(kind, column.path)]
    faults: list[Finding] = []
    taken: dict[str, str] = {}
    made = []
    for draft in drafts:
        values = dict(draft.values)
        for column in bearing:
            value = values.pop(column.path, None)
            found = names.resolve(kind, column.path, value)
            if isinstance(found, Several):
                where = Location(file, column.path, row=draft.row.number, column=column.heading)
                faults.append(Finding(UNKNOWN, "error", found.message(column.heading), where, WRITE_THE_ID))
            elif column.path in draft.values:
                values[column.path] = found
                taken |= {name: id for name, id in zip(_words(value), _words(found), strict=True) if name != id}
        made.append(replace(draft, values=values) if bearing else draft)
    return Referring(made, faults, taken)


def _refers(kind: Kind, path: KeyPath) -> bool:
    return any(one is not None and one.refs for one in (kind.field_at(path), kind.field_at((*path, ITEM))))


def _words(value: Json) -> list[str]:
    """The texts of a value, in its order."""
    if isinstance(value, str):
        return [value]
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []

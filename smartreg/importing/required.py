"""The fields that every new record needs, and those of them that nothing in a sheet fills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, Value, joined
from smartreg.core.values import KeyPath, Location, path_text
from smartreg.importing.columns import SheetColumn, within
from smartreg.importing.findings import MISSING
from smartreg.importing.naming import ID
from smartreg.importing.places import place_columns
from smartreg.readers.sheet import Sheet, short_name
from smartreg.schema import INSEE_CODE, Kind

_LISTED = 12  # most headings that are named


def unfilled_fault(
    kind: Kind,
    sheet: Sheet,
    columns: Sequence[SheetColumn],
    missing: Sequence[KeyPath],
    used_otherwise: Iterable[int],
) -> Finding:
    """SCH101 for the fields `missing` that every new record needs; `used_otherwise`: further columns that serve, as in
    ids."""
    names = ", ".join(map(path_text, missing))
    pairs = [f"{short_name(column.heading)} → {path_text(column.path)}" for column in columns[:_LISTED]]
    used = ", ".join(pairs) or Message("none")
    places = {column.place for column in columns} | set(used_otherwise)
    others = [short_name(word) for place, word in enumerate(sheet.headings) if place not in places]
    left = ", ".join(others[:_LISTED]) + (", …" if len(others) > _LISTED else "")
    if left:
        message = Message(
            "no column gives what every {kind} needs: {names}. Columns used: {used}; not used: {left}",
            kind=kind.name,
            title=kind.title,
            names=names,
            used=used,
            left=left,
        )
    else:
        message = Message(
            "no column gives what every {kind} needs: {names}. Columns used: {used}",
            kind=kind.name,
            title=kind.title,
            names=names,
            used=used,
        )
    return Finding(
        MISSING,
        "error",
        message,
        Location(sheet.file, missing[0]),
        _hint(kind, missing, columns),
    )


def _hint(kind: Kind, missing: Sequence[KeyPath], columns: Sequence[SheetColumn]) -> Text:
    ways: list[Text] = [
        Message(
            "for each field: --map COLUMN={field}, or one value for all rows: --constant {field}=VALUE",
            field=path_text(missing[0]),
        )
    ]
    if (INSEE_CODE,) in missing and next(place_columns(kind, columns), None) is not None:
        ways.append(Message("insee_code of each row, from the nearest centre of a commune: --commune-from nearest"))
    for field in filter(None, map(kind.field_at, missing)):
        if field.enum:
            more: list[Value] = ["…"] if len(field.enum) > _LISTED else []
            shown = [*map(field.choice, field.enum[:_LISTED]), *more]
            ways.append(Message("{field} must be one of {listed}", field=field.name, listed=joined(shown)))
    return joined(ways, Message("; "))


def find_missing_fields(kind: Kind, filled: Iterable[KeyPath]) -> list[KeyPath]:
    """The fields of a new record that are not among the `filled`."""
    filled_paths = list(filled)
    return [path for path in _required_fields(kind) if not any(within(path, other) for other in filled_paths)]


def _required_fields(kind: Kind) -> list[KeyPath]:
    """The fields of a new record that nothing makes up: ids come from names, the first status from the life cycle."""
    given = {ID, (kind.lifecycle.field,) if kind.lifecycle else ID}
    return [
        field.path
        for field in kind.fields
        if len(field.path) == 1 and field.path not in given and (field.required or field.path[0] in kind.folder_fields)
    ]

"""Which value every row most likely has in a field that each record needs and no column fills."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.core.spelling import bare, fold
from smartreg.core.values import KeyPath, path_text
from smartreg.domain.boundaries import name_commune
from smartreg.domain.days import BEFORE
from smartreg.domain.fields import code_of, is_municipality
from smartreg.importing.columns import SheetColumn
from smartreg.importing.kind_evidence import guess_type
from smartreg.importing.places import commune_path
from smartreg.importing.required import find_missing_fields
from smartreg.importing.survey import Whereabouts
from smartreg.readers.sheet import Sheet
from smartreg.registry import Registry
from smartreg.schema import ITEM, Kind
from smartreg.schema.countries import CATEGORIES


class ProposedValue(NamedTuple):
    """A field that no column fills, the value that every row would get (None: only its owner can say), and why."""

    name: str
    value: str | None
    why: Text


def propose_values(
    registry: Registry,
    kind: Kind,
    sheet: Sheet,
    columns: Sequence[SheetColumn],
    filled: Sequence[KeyPath],
    where: Whereabouts,
    on: date,
) -> Iterator[ProposedValue]:
    """The fields that every new record needs and nothing fills, the status among them, with what most likely holds."""
    for path in find_missing_fields(kind, filled):
        yield _proposed_value(registry, kind, sheet, path, where)
    yield from _proposed_status(kind, sheet, columns, filled, on)


def _proposed_value(registry: Registry, kind: Kind, sheet: Sheet, path: KeyPath, where: Whereabouts) -> ProposedValue:
    name, field = path_text(path), kind.by_path.get(tuple(map(str, path)))
    unknown = ProposedValue(name, None, Message("nothing in the file says it"))
    only = where.communes[0][0] if len(where.communes) == 1 else None
    if field is None:
        return unknown
    if path == commune_path(kind):
        if only is None:
            return unknown
        if where.exact:
            return ProposedValue(name, only, Message("all points lie in {commune}", commune=name_commune(only)))
        return ProposedValue(name, only, Message("{commune} is nearest to all points", commune=name_commune(only)))
    if field.enum:
        typed = guess_type(registry, kind, sheet) if path == ("type",) else None
        if typed is not None:
            return ProposedValue(name, *typed)
        if "other" in field.enum:
            return ProposedValue(name, "other", Message("nothing in the file says it"))
        return unknown
    refs = field.refs or getattr(kind.field_at((*path, ITEM)), "refs", ())
    return _proposed_record(registry, name, refs, sheet, only) or unknown


def _proposed_record(
    registry: Registry, name: str, kinds: Sequence[str], sheet: Sheet, commune: str | None
) -> ProposedValue | None:
    """The only record that there is; else one that the file is called by, the party of the commune in which all rows
    lie, and the metropolis whose registry it is."""
    records = [record for each in kinds for record in registry.of_kind(each)]
    if len(records) == 1:
        return ProposedValue(name, records[0].rid.id, Message("there is no other"))
    stem = f"-{fold(sheet.file.rpartition('.')[0])}-"
    for record in records:
        label = bare(fold(registry.schemas.kinds[record.rid.kind].label_of(record.data, "fr")))
        if label and f"-{label}-" in stem:
            return ProposedValue(name, record.rid.id, Message("the file is called so"))
    for record in records:
        if commune is not None and code_of(record) == commune and is_municipality(record):
            return ProposedValue(name, record.rid.id, Message("the commune of all rows"))
    own = [
        record
        for record in records
        if record.data.get("category") in ("metropole", CATEGORIES["metropole"])
        or record.rid.id == registry.config.metropole
    ]
    return ProposedValue(name, own[0].rid.id, Message("whose registry this is")) if len(own) == 1 else None


def _proposed_status(
    kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], filled: Sequence[KeyPath], on: date
) -> Iterator[ProposedValue]:
    """The status of things that stand somewhere: an inventory lists what is there. Of others that with which records
    begin. Nothing where a column has it, or the day that implies it."""
    life = kind.lifecycle
    if life is None or (life.field,) in filled or any((name,) in filled for name in life.dates.values()):
        return
    first = next(iter(life.transitions))
    stands = next((state for state in life.transitions if state in life.in_service), first)
    day_field = life.dates.get(stands)
    if ("location", "lon") not in kind.by_path or (day_field is not None and (BEFORE,) not in kind.by_path):
        yield ProposedValue(life.field, first, Message("with which records begin"))
        return
    yield ProposedValue(life.field, stands, Message("an inventory lists what is there"))
    if day_field is not None and (BEFORE,) not in filled:
        yield ProposedValue(BEFORE, on.isoformat(), Message("since when, nobody says: it is there today"))


def placeholder(name: str) -> str:
    """The placeholder of a value that somebody has to fill in."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper())

"""Records before and after, as change rules see them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from smartreg.core.values import Record, RecordId, value_at
from smartreg.domain.checks import Snapshot
from smartreg.domain.fields import WithSchemas, lifecycle_of, text

Changes: TypeAlias = Sequence[tuple[Record | None, Record | None]]

_IDENTITIES = (  # the fields that identify a thing, whatever its record is called
    ("dev_eui",),
    ("gateway_eui",),
    ("imei",),
    ("mac_address",),
    ("manufacturer", "serial_number"),
    ("owner", "local_ref"),
)


def pairs_of(changes: Changes, *kinds: str) -> Iterator[tuple[Record, Record]]:
    """The records (of these kinds; by default of all) that exist on both sides."""
    for before, after in changes:
        if before is not None and after is not None and (not kinds or before.rid.kind in kinds):
            yield before, after


def was_in_service(registry: WithSchemas, record: Record) -> bool:
    """Whether its status says that it is, or was, in service."""
    life = lifecycle_of(registry, record)
    return life is not None and text(record, life.field) in life.served


def removed_records(after: Snapshot, changes: Changes) -> Iterator[Record]:
    """The former records whose id no file has any more."""
    for record, now in changes:
        if record is not None and now is None and not after.files_of(record.rid):
            yield record


def find_renamed(before: Snapshot, after: Snapshot, changes: Changes) -> Mapping[RecordId, Record]:
    """The ids that disappeared, each with the new record that describes the same thing under another id."""
    lost = list(removed_records(after, changes))
    came: dict[tuple[str, ...], Record] = {}
    for old, new in changes if lost else ():
        if old is None and new is not None and not before.files_of(new.rid):
            for trait in _traits(new):
                came.setdefault(trait, new)
    renamed = ((old.rid, next((came[trait] for trait in _traits(old) if trait in came), None)) for old in lost)
    return {rid: new for rid, new in renamed if new is not None}


def new_ids(before: Snapshot, after: Snapshot, changes: Changes) -> Mapping[RecordId, str]:
    """The records whose ids disappeared, each with the id of the new record with the same content."""
    lost = list(removed_records(after, changes))
    came = {
        (new.rid.kind, _but_for_id(new)): new.rid.id
        for old, new in (changes if lost else ())
        if old is None and new is not None and not before.files_of(new.rid)
    }
    renamed = ((old.rid, came.get((old.rid.kind, _but_for_id(old)))) for old in lost)
    return {rid: id for rid, id in renamed if id is not None}


def under_new_ids(registry: WithSchemas, record: Record, ids: Mapping[RecordId, str]) -> Record:
    """The record with its references to renamed records updated."""
    kind = registry.schemas.kinds.get(record.rid.kind)
    if not ids or kind is None:
        return record
    data = copy.deepcopy(dict(record.data))
    for link in kind.links(record):
        new = next((ids[rid] for name in link.kinds if (rid := RecordId(name, link.target)) in ids), None)
        around: Any = value_at(data, link.path[:-1])
        if new is not None and around is not None:
            around[link.path[-1]] = new
    return record._replace(data=data)


def _but_for_id(record: Record) -> str:
    data = {name: value for name, value in record.data.items() if name != "id"}
    return json.dumps(data, sort_keys=True, default=str)


def _traits(record: Record) -> Iterator[tuple[str, ...]]:
    """Traits that identify the record: its identifiers, or else its whole content."""
    kind = record.rid.kind
    for fields in _IDENTITIES:
        values: Iterable[str | None] = [text(record, field) for field in fields]
        given = [value for value in values if value is not None]
        if len(given) == len(fields):
            yield kind, *fields, *given
    yield kind, repr(sorted((key, repr(value)) for key, value in record.data.items() if key != "id"))

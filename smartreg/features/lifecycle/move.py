"""`move` a device to another place, `transfer` a thing to another owner: the earlier state stays in the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from smartreg.core.errors import Refused, UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.fields import has_ended, text
from smartreg.domain.placements import (
    OWNERS,
    PLACEMENTS,
    Placement,
    earlier_item,
    owner_on,
    present_placement,
    recorded_owners,
    same_place,
)
from smartreg.edit import Edit, Outcome, WriteOptions, change_text
from smartreg.features.lifecycle.retire import served_status
from smartreg.registry import Point, Registry
from smartreg.schema import Kind
from smartreg.workspace.workspace import Workspace, record_of, write

PARTY, SUPPORT = "party", "support"
_KINDS = {PLACEMENTS: ("equipment",), OWNERS: ("equipment", SUPPORT)}  # that keep this list, in the schemas of today


def move(
    workspace: Workspace,
    word: str,
    support: str | None,
    location: Point | None,
    *,
    on: date,
    options: WriteOptions,
) -> Outcome:
    """Put equipment on another support (or at a point of its own: longitude, latitude in WGS 84) from the day `on`;
    where it hung before goes to its `placements`, with the reason of `options`. Refused when it was never in service,
    is gone, hangs there already, or came to its present place on that day or later."""
    registry = workspace.current
    record = record_of(registry, word)
    kind = registry.schemas.kinds[record.rid.kind]
    _refuse_without_field(kind, PLACEMENTS, Message("only equipment can be moved"))
    target = None
    if support is not None:
        target = registry.abroad.find(support, SUPPORT) or record_of(registry, support, SUPPORT)
    new = Placement(target.rid.id if target else None, location, on, None, None, (SUPPORT,))
    _refuse_unserved(workspace, record, kind, f"{SUPPORT}={new.support or '…'}")
    old = _close_placement(registry, record, new)
    place: list[tuple[KeyPath, Json]] = [(("placed_on",), on.isoformat())]
    unset: list[KeyPath] = []
    point = None if location is None else {"lon": location[0], "lat": location[1]}
    for name, value in ((SUPPORT, new.support), ("location", point)):
        if value is not None:
            place.append(((name,), value))
        elif name in record.data:
            unset.append((name,))
    earlier = (_next(record, PLACEMENTS), earlier_item(old, on, options.reason))
    changed = change_text(kind, registry.tree.read(record.file), [earlier, *place], unset)
    where = new.support or f"{location[1]}, {location[0]}" if location else new.support
    edit = Edit("move", (record.rid,), {record.file: changed}, f"Move {record.rid} to {where} on {on}")
    return write(workspace, registry, edit, options)


def transfer(workspace: Workspace, word: str, party: str, *, on: date, options: WriteOptions) -> Outcome:
    """Make a party the owner of a support or device from the day `on`; who owned it before goes to its
    `previous_owners`. Refused when it was never in service, is that party's already, or changed hands on that day or
    later."""
    registry = workspace.current
    record = record_of(registry, word)
    kind = registry.schemas.kinds[record.rid.kind]
    who = Message("only supports and equipment can be transferred")
    _refuse_without_field(kind, OWNERS, who)
    new = (registry.abroad.find(party, PARTY) or record_of(registry, party, PARTY)).rid.id
    _refuse_unserved(workspace, record, kind, f"owner={new}")
    owners = tuple(recorded_owners(record))
    if not owners or owner_on(registry, record, on) == new or owners[-1].owner == new:
        raise Refused(Message("{record} belongs to {new} already", record=record.rid, new=new))
    if owners[-1].start is not None and on <= owners[-1].start:
        _refuse_early(record, on, owners[-1].start, f"owner={new}")
    item = {"owner": owners[-1].owner, "until": (on - timedelta(days=1)).isoformat()}
    changes: list[tuple[KeyPath, Json]] = [(("owner",), new), (_next(record, OWNERS), item)]
    changed = change_text(kind, registry.tree.read(record.file), changes)
    edit = Edit("transfer", (record.rid,), {record.file: changed}, f"Transfer {record.rid} to {new} on {on}")
    return write(workspace, registry, edit, options)


def _close_placement(registry: Registry, record: Record, new: Placement) -> Placement:
    """The place that the device leaves for `new`. Refused when it cannot."""
    if has_ended(registry, record):
        gone = text(record, "removed_on") or ""
        raise Refused(
            Message("{record} was taken down on {gone}", record=record.rid, gone=gone)
            if gone
            else Message("{record} was taken down already", record=record.rid)
        )
    old = present_placement(record)
    if old is None or old.start is None:
        raise Refused(
            Message("{record} has no recorded place", record=record.rid),
            Message(
                'smartreg set {record} {support}=… --correct -m "REASON" gives it one',
                record=record.rid,
                support=SUPPORT,
            ),
        )
    if same_place(old, new):
        raise Refused(Message("{record} is already there", record=record.rid))
    if new.start is not None and new.start <= old.start:
        _refuse_early(record, new.start, old.start, f"{SUPPORT}={new.support or '…'}")
    return old


def _next(record: Record, name: str) -> KeyPath:
    """The place after the last item of a list."""
    items = record.data.get(name)
    return (name, len(items) if isinstance(items, Sequence) and not isinstance(items, str) else 0)


def _refuse_without_field(kind: Kind, name: str, who: Text) -> None:
    """Refuse a kind without the list `name` that keeps its past: no schema has it, or those of the registry are older
    than it."""
    if (name,) in kind.by_path:
        return
    refresh = "smartreg schema --refresh"
    hint = Message("the schemas of the registry are older: {refresh} brings it", refresh=refresh)
    raise UsageFault(
        Message("the kind {kind} has no field {name}", kind=kind.name, name=name, title=kind.title),
        hint if kind.name in _KINDS[name] else who,
    )


def _refuse_unserved(workspace: Workspace, record: Record, kind: Kind, assignment: str) -> None:
    if served_status(workspace, record, kind) is not None:
        return
    raise Refused(
        Message("{record} was never in service: it has no past to keep", record=record.rid),
        verbatim(f"smartreg set {record.rid} {assignment}"),
    )


def _refuse_early(record: Record, on: date, since: date, assignment: str) -> None:
    raise Refused(
        Message("{on} is not after {since}, the day of its present state", on=on, since=since),
        Message(
            'give a later day; if what is recorded is wrong: smartreg set {record} {assignment} --correct -m "REASON"',
            record=record.rid,
            assignment=assignment,
        ),
    )

"""`replace`: replace a device with a new one, in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as with_values
from datetime import date

from smartreg.core.errors import Refused, UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.corrections import successor
from smartreg.domain.devices import REPLACES
from smartreg.domain.fields import has_ended
from smartreg.edit import Edit, Outcome, WriteOptions, change_text, end_of_life, file_of, new_text
from smartreg.registry import Registry
from smartreg.schema import Kind, Lifecycle
from smartreg.workspace.add import assign, like, new_id, place_fields
from smartreg.workspace.workspace import Workspace, means, record_of, write


def replace(
    workspace: Workspace,
    word: str,
    id: str | None,
    assignments: Sequence[str],
    *,
    on: date,
    options: WriteOptions,
) -> Outcome:
    """End the life of a record on the day `on` and add one that takes its place: with what the old one says of its
    place, owner and use, the values of `assignments` (`PATH=VALUE`), and `replaces`. What names the old one and goes on
    (flows, use cases) names the new one. UsageFault for a kind without `replaces` and for an id that is taken."""
    registry = workspace.current
    old = record_of(registry, word)
    kind = registry.schemas.kinds[old.rid.kind]
    life = kind.lifecycle
    if (REPLACES,) not in kind.by_path or life is None or not life.dates:
        raise UsageFault(
            Message("a {kind} is not replaced by another", kind=kind.name, title=kind.title),
            Message("smartreg retire {old} ends its life", old=old.rid),
        )
    _refuse_replaced(registry, kind, life, old)
    data = _successor(registry, kind, life, old, on)
    assign(registry, kind, data, assignments)
    new = RecordId(kind.name, id or new_id(registry, kind, data, old.rid.id))
    _refuse_taken(registry, old, new)
    data = {**data, "id": new.id}
    file = file_of(kind, data)
    ending = change_text(kind, registry.tree.read(old.file), end_of_life(kind, life, old, on))
    followed = dict(_redirect_references(registry, old, new))
    writes = {
        old.file: ending,
        file: new_text(kind, data, file),
        **{item.file: text for item, text in followed.values()},
    }
    edit = Edit("replace", (old.rid,), writes, f"Replace {old.rid} by {new.id} on {on}")
    return write(workspace, registry, with_values(edit, records=(old.rid, new, *followed)), options)


def _refuse_taken(registry: Registry, old: Record, new: RecordId) -> None:
    if new in registry:
        raise UsageFault(
            Message("{new} exists already", new=new),
            Message(
                "if it is the device that took the place: smartreg retire {old} --replaced-by {new}",
                old=old.rid,
                new=new.id,
            ),
        )


def _successor(registry: Registry, kind: Kind, life: Lifecycle, old: Record, on: date) -> dict[str, Json]:
    """The content of the new record before anybody gives it a serial number: it begins where the old one ends, in the
    state of the old one if that is one that begins a life, else at work."""
    start = next(iter(life.dates.values()))
    begun = [state for state, name in life.dates.items() if name == start]
    status = old.data.get(life.field)
    return {
        **like(kind, registry, old),
        **{name: old.data[name] for name in place_fields(kind) if name in old.data},
        life.field: status if status in begun else begun[-1],
        start: on.isoformat(),
        REPLACES: old.rid.id,
    }


def _refuse_replaced(registry: Registry, kind: Kind, life: Lifecycle, old: Record) -> None:
    """Refuse where another record has taken the place, and where the old one hangs nowhere: it is gone, or was never
    in service."""
    for link in registry.links_to(old.rid):
        if link.path == (REPLACES,) and link.source.kind == old.rid.kind:
            raise Refused(
                Message("{old} is replaced by {source} already", old=old.rid, source=link.source),
                Message("to replace that one: smartreg replace {source}", source=link.source),
            )
    status = old.data.get(life.field)
    if status not in life.in_service:
        raise Refused(
            Message(
                "{old} is {status2}: it has no place that another could take",
                old=old.rid,
                status2=status,
                status=kind.state(str(status)),
            ),
            successor(kind, old),
        )


def _redirect_references(registry: Registry, old: Record, new: RecordId) -> Mapping[RecordId, tuple[Record, bytes]]:
    """The records of other kinds that name `old` and go on, each with its text that names `new` instead."""
    redirected: dict[RecordId, tuple[Record, bytes]] = {}
    for source in dict.fromkeys(link.source for link in registry.links_to(old.rid)):
        record = registry.get(source)
        if source.kind == old.rid.kind or record is None or has_ended(registry, record):
            continue
        kind = registry.schemas.kinds[source.kind]
        changes = [(link.path, new.id) for link in kind.links(record) if means(registry, link, old.rid)]
        redirected[source] = (record, change_text(kind, registry.tree.read(record.file), changes))
    return redirected

"""How many devices a party hosts under a convention, before and after: the line that closes a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.diff import Change
from smartreg.impact.comparison import Hosting
from smartreg.registry import Registry
from smartreg.rules._conventions import titles
from smartreg.rules._exchanges import exchanges, objects
from smartreg.rules._fields import in_service, text
from smartreg.values import Record, RecordId

FAMILY = "installation"


def hostings(before: Registry, after: Registry, changes: Sequence[Change]) -> tuple[Hosting, ...]:
    """One line for each convention and host of equipment whose installation a change touches."""
    touched = sorted({pair for change in changes for side in (before, after) for pair in _touched(side, change)})
    counts = {host: (_hosted(before, host), _hosted(after, host)) for host in {host for _, host in touched}}
    return tuple(
        Hosting(convention, host, *(side.get(convention, 0) for side in counts[host])) for convention, host in touched
    )


def _touched(side: Registry, change: Change) -> Iterator[tuple[str, str]]:
    """The conventions, with the host, that bear a changed device, or those on a support that came, went or changed
    hands."""
    if change.rid.kind == "equipment":
        record = side.get(change.rid)
        yield from _bearing(side, record) if record is not None else ()
    elif change.rid.kind == "support" and _owner(change.before) != _owner(change.after):
        for link in side.links_to(change.rid):
            record = side.get(link.source) if link.path == ("support",) else None
            yield from _bearing(side, record) if record is not None else ()


def _owner(record: Record | None) -> str | None:
    return text(record, "owner") if record else None


def _bearing(side: Registry, record: Record) -> Iterator[tuple[str, str]]:
    for exchange in exchanges(side, record):
        if exchange.family == FAMILY:
            yield from ((one.id, exchange.partners[0]) for one in titles(side).bearing(record, exchange))


def _hosted(side: Registry, host: str) -> dict[str, int]:
    """The devices in service on the supports of a party, counted by convention."""
    found: dict[str, int] = {}
    for rid in sorted(set(_on_supports_of(side, host))):
        record = side.get(rid)
        if record is not None and in_service(side, record):
            for convention in {id for id, party in _bearing(side, record) if party == host}:
                found[convention] = found.get(convention, 0) + 1
    return found


def _on_supports_of(side: Registry, host: str) -> Iterator[RecordId]:
    return (rid for rid in objects(side, (host,)) if rid.kind == "equipment")

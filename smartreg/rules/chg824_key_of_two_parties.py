"""Signing key that two parties list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.binding import KEYS, WRITERS
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day
from smartreg.domain.successions import ENDED
from smartreg.rules.rule import rule


def _keys(record: Record) -> list[str]:
    """The keys that a party lists."""
    writers = record.data.get(WRITERS)
    listed = writers.get(KEYS) if isinstance(writers, dict) else None
    return [key if isinstance(key, str) else "" for key in listed] if isinstance(listed, list) else []


def _listing(registry: Snapshot, kind: str) -> dict[str, list[tuple[Record, int]]]:
    """The records that list each key, with its place in the list; a party that ends may leave its key to its
    successor."""
    by_key: dict[str, list[tuple[Record, int]]] = {}
    for record in registry.of_kind(kind):
        if day(record, ENDED) is not None:
            continue
        for place, key in enumerate(_keys(record)):
            if key:
                by_key.setdefault(key, []).append((record, place))
    return by_key


def _same_keys(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The parties that list a key of this one."""
    keys = {key for key in _keys(record) if key} if record.rid.kind == "party" else set()
    if keys:
        yield from (other.rid for other in registry.of_kind("party") if not keys.isdisjoint(_keys(other)))


@rule("CHG824", "error", "registry", Message("key of two parties"), kinds=("party",), touches=_same_keys)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    listing = _listing(registry, "party")
    for record in subjects:
        for place, key in enumerate(_keys(record) if day(record, ENDED) is None else ()):
            others = [(other, at_) for other, at_ in listing.get(key, ()) if other.rid != record.rid]
            if others:
                who = ", ".join(sorted({other.rid.id for other, _ in others}))
                yield Fault(
                    at(record, WRITERS, KEYS, place),
                    Message(
                        "{record} and {who} share the key {key}: in a change that binds several parties it is not "
                        "an agreement of any of them",
                        record=record.rid.id,
                        who=who,
                        key=key,
                    ),
                    Message("give each party a key of its own"),
                    tuple(Related(at(other, WRITERS, KEYS, at_), Message("the same key")) for other, at_ in others[:5]),
                )

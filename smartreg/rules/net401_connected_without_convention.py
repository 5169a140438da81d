"""Equipment on another party's network, without a convention on connectivity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.connections import check_uncovered
from smartreg.domain.conventions import exchanges_reached
from smartreg.domain.fields import text
from smartreg.rules.rule import one_of, rule


@rule(
    "NET401",
    "error",
    "registry",
    Message("connected without convention"),
    kinds=("equipment",),
    touches=exchanges_reached,
    dated=True,
    asks=one_of("network"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    devices = (record for record in subjects if text(record, "type") != "gateway")
    yield from check_uncovered(registry, devices, context.on)

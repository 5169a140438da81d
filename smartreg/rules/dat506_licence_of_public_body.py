"""Public data of a public body under a licence that the law does not list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, record_named_by, text
from smartreg.rules.rule import rule

LISTED = frozenset({"etalab-2.0", "ODbL-1.0"})


@rule("DAT506", "warning", "registry", Message("licence that the law does not list"), kinds=("flow",), law="FR")
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        licence = text(flow, "licence")
        if licence is None or licence in LISTED or text(flow, "access") != "public" or has_ended(registry, flow):
            continue
        producer = record_named_by(registry, flow, "producer", "party")
        if producer is not None and text(producer, "category") not in (None, "private"):
            yield Fault(
                at(flow, "licence"),
                Message(
                    "{licence} is not among the licences that CRPA D323-2-1 lists for public bodies", licence=licence
                ),
                Message("use etalab-2.0 or ODbL-1.0"),
            )

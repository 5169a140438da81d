"""Reference to a record that its registry no longer publishes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId, path_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.reach import nothing
from smartreg.registry import alias_of
from smartreg.rules.rule import rule


@rule("REF223", "warning", "registry", Message("record abroad gone at its source"), touches=nothing)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    gone = registry.abroad.gone
    for record in subjects if gone else ():
        for link in registry.schemas.kinds[record.rid.kind].links_abroad(record):
            serial = next((gone[rid] for kind in link.kinds if (rid := RecordId(kind, link.target)) in gone), None)
            if serial is not None:
                yield Fault(
                    at(record, *link.path),
                    Message(
                        "{name} {target}: {alias} no longer publishes it since its release {serial}",
                        name=path_text(link.path),
                        target=link.target,
                        alias=alias_of(link.target),
                        serial=serial,
                    ),
                    Message("ask its keeper what became of it, then correct the reference"),
                )

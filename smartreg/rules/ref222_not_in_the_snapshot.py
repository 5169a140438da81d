"""Reference to a record of another registry of which nothing is kept here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId, path_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.reach import nothing
from smartreg.registry import alias_of
from smartreg.rules.rule import rule


@rule("REF222", "error", "registry", Message("record abroad not known here"), touches=nothing)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    sources = registry.config.sources
    for record in subjects if sources else ():
        for link in registry.schemas.kinds[record.rid.kind].links_abroad(record):
            alias = alias_of(link.target)
            if alias in sources and not any(RecordId(kind, link.target) in registry.abroad for kind in link.kinds):
                yield Fault(
                    at(record, *link.path),
                    Message(
                        "{name} {target} is not among the records that are kept of {alias}",
                        name=path_text(link.path),
                        target=link.target,
                        alias=alias,
                    ),
                    Message("correct the id, or fetch it: smartreg source update {target}", target=link.target),
                )

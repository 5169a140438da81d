"""Id that two records of one kind share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message, first_few
from smartreg.core.values import Location, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.rules.rule import rule

MOST_SHOWN = 3


@rule("REF203", "error", "registry", Message("same id twice"))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    reported: set[RecordId] = set()
    for record in subjects:
        files = registry.files_of(record.rid)
        if len(files) > 1 and record.rid not in reported:
            reported.add(record.rid)
            yield from (_shared_id(record.rid, file, files) for file in files)


def _shared_id(rid: RecordId, file: str, files: Iterable[str]) -> Fault:
    others = [other for other in files if other != file][: MOST_SHOWN + 1]
    listed = first_few(others, MOST_SHOWN)
    return Fault(
        Location(file, ("id",)),
        Message('the id "{rid}" is also that of {listed}', rid=rid.id, listed=listed),
        Message("rename one of the files and its id"),
        tuple(Related(Location(other, ("id",)), Message("same id")) for other in others),
    )

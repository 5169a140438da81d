"""Records that nothing uses: which links count as a use, and whom a change can touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot, Touches
from smartreg.domain.fields import has_ended, links_of

Users = Mapping[str, str]
"""Kind of the user → its top-level field that names what it uses."""


def in_use(registry: Snapshot, rid: RecordId, users: Users) -> bool:
    """True when a record whose life has not ended uses this one."""
    for link in registry.some_links_to(rid):
        if users.get(link.source.kind) == link.path[0]:
            user = registry.get(link.source)
            if user is not None and not has_ended(registry, user):
                return True
    return False


def touches_used(kind: str, users: Users) -> Touches:
    """The subjects (of `kind`) that a changed record can touch: itself, or those that it uses."""

    def find_subjects(registry: Snapshot, record: Record) -> Iterator[RecordId]:
        if record.rid.kind == kind:
            yield record.rid
        field = users.get(record.rid.kind)
        if field is not None:
            yield from (RecordId(kind, link.target) for link in links_of(registry, record) if link.path[0] == field)

    return find_subjects

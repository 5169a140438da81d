"""Support in another commune than it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.boundaries import boundaries, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import has_ended, text
from smartreg.domain.positions import believable
from smartreg.rules.rule import rule


@rule("GEO703", "warning", "registry", Message("in another commune"), kinds=("support",))
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        known = boundaries(registry) if place else None
        code = commune_of(text(record, "insee_code") or "")
        if place is None or known is None or code not in known.outlines or known.inside(place, code):
            continue
        found = known.commune_at(place)
        if found is not None and known.counts(found):
            yield _other_commune(record, name_commune(found), name_commune(code))


def _other_commune(record: Record, found: str, own: str) -> Fault:
    return Fault(
        at(record, "insee_code"),
        Message("the point is in {found}, not in {own}", found=found, own=own),
        Message("correct insee_code or the position"),
        (Related(at(record, "location"), Message("the point")),),
    )

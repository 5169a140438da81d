"""Support of a commune in another commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.boundaries import name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import code_field, code_of, has_ended, is_municipality, record_named_by
from smartreg.domain.placements import owners_of
from smartreg.rules.rule import rule


@rule("GEO715", "warning", "registry", Message("not in the commune of its owner"), kinds=("support",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        code, owner = code_of(record), record_named_by(registry, record, "owner", "party")
        if code is None or owner is None or not is_municipality(owner) or has_ended(registry, record):
            continue
        own = code_of(owner)
        if own is not None and commune_of(own) != commune_of(code) and not _was_of(registry, record, code):
            here, theirs = name_commune(commune_of(code)), name_commune(commune_of(own))
            yield Fault(
                at(record, code_field(record)),
                Message(
                    "the support is in commune {here}, but its owner {owner} is commune {theirs}",
                    here=here,
                    owner=owner.rid.id,
                    theirs=theirs,
                ),
                Message(
                    "correct the code (smartreg set {record} {field}={own}), or the owner",
                    record=record.rid,
                    field=code_field(record),
                    own=own,
                ),
                (Related(at(owner, code_field(owner)), Message("its commune")),),
            )


def _was_of(registry: Snapshot, support: Record, code: str) -> bool:
    """Whether an earlier owner of the support is the commune in which it is."""
    earlier = (registry.get(RecordId("party", ownership.owner)) for ownership in owners_of(registry, support)[:-1])
    codes = (code_of(party) for party in earlier if party is not None)
    return any(own is not None and commune_of(own) == commune_of(code) for own in codes)

"""Records that a command needs and was not given: picked on a terminal, else named as missing with a ready line."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.cli.ask import Choice
from smartreg.cli.session import Session
from smartreg.core.values import RecordId, Words

RECORD = Words("Record", "Fiche")
FIND = Words(
    "type words of its id or of what it is called, in any order; accents and case do not matter",
    "tapez des mots de son identifiant ou de son nom, dans n'importe quel ordre, sans souci d'accents ni de casse",
)


def record_choices(session: Session, rids: Iterable[RecordId], *, by_kind: bool = True) -> list[Choice]:
    """These records, each with what people call it; by `kind/id`, or by id alone."""
    registry = session.workspace.current
    rids = list(rids)
    registry.load(place.file for rid in rids for place in registry.places[rid])
    found = []
    for rid in rids:
        record = registry.get(rid)
        label = "" if record is None else registry.schemas.kinds[rid.kind].label_of(record.data, session.lang)
        found.append(Choice(str(rid) if by_kind else rid.id, label))
    return found

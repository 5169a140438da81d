"""Rows of a sheet that rewrite the past: a device that hangs elsewhere is a move; anything else is a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from smartreg.commands.move import earlier_item
from smartreg.commands.writing import make_record
from smartreg.core.findings import Finding
from smartreg.core.values import Json, Record, Words
from smartreg.domain.days import day_of
from smartreg.domain.placements import PLACE, PLACEMENTS, present_placement, same_place
from smartreg.importers.changes import Changes, place_value
from smartreg.schema import Kind

_PLACED_ON = ("placed_on",)
_PAST = ("CHG804", "CHG806", "CHG807")


def as_move(kind: Kind, record: Record, found: Changes, moved_on: date | None) -> Changes:
    """What a row changes, with the place that a device leaves among its `placements`, where the row puts a device that
    was in service elsewhere and says since when (a column for `placed_on`, or `moved_on` for the whole sheet);
    unchanged otherwise (CHG807 then reports the row)."""
    if (PLACEMENTS,) not in kind.by_path or any(path[0] == PLACEMENTS for path, _ in found.changed):
        return found
    life, old = kind.lifecycle, present_placement(record)
    if life is None or record.data.get(life.field) not in life.served or old is None or old.start is None:
        return found
    data: Json = {name: value for name, value in record.data.items() if (name,) not in found.unset}
    for path, value in found.changed:
        data = place_value(data, path, value)
    new = present_placement(make_record(record.rid, record.file, data))
    on = day_of(dict(found.changed).get(_PLACED_ON)) or moved_on
    if new is None or same_place(old, new) or on is None or on <= old.start:
        return found
    items = record.data.get(PLACEMENTS)
    earlier = [*(items if isinstance(items, list) else ()), earlier_item(old, on, None)]
    kept = [(path, value) for path, value in found.changed if path != _PLACED_ON]
    changed = (*kept, (_PLACED_ON, on.isoformat()), ((PLACEMENTS,), earlier))
    own = [("location",)] if "location" in record.data and not any(path[0] == "location" for path, _ in kept) else []
    return Changes(changed, (*found.unset, *own))


def with_way_out(finding: Finding) -> Finding:
    """A finding on a past fact, with what an import can do about it."""
    if finding.code not in _PAST:
        return finding
    correct = Words(
        'entered wrongly before: --correct --reason "REASON"', 'erreur de saisie passée : --correct --reason "MOTIF"'
    )
    way = correct
    if finding.code == "CHG807" and finding.where.path[:1] and finding.where.path[0] in PLACE:
        way = Words(
            f"it moved: --moved-on YYYY-MM-DD, or a column for placed_on; {correct.en}",
            f"il a été déplacé : --moved-on AAAA-MM-JJ, ou une colonne pour placed_on ; {correct.fr}",
        )
    elif finding.code == "CHG806":
        way = Words(
            f"it changed hands: smartreg transfer, before the import; {correct.en}",
            f"il a changé de mains : smartreg transfer, avant l'import ; {correct.fr}",
        )
    return replace(finding, hint=way)

"""What a sheet is told once: not again what follows from a fault that is told already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from smartreg.core.findings import Finding
from smartreg.core.values import KeyPath, Location
from smartreg.importers.columns import within

UNKNOWN, ANY = "REF201", "SCH109"
_BETWEEN_PARTIES = "CON"  # rules on conventions: nothing can be said of a party that is not there


def own_faults(
    found: Sequence[Finding],
    before: Sequence[Finding] = (),
    lacking: Sequence[KeyPath] = (),
    position: Sequence[str] = (),
) -> list[Finding]:
    """The findings without what only follows from another: those on a value that `before` tells of, in the same row or
    in all of them, or on another field of a `position` that it tells of; on a field that the whole sheet is `lacking`;
    what a schema refuses of a value that another error explains; and what rules on conventions say of a row, or of what
    it carries, whose owner, support or the like is unknown (not one of a list, such as a use case)."""
    told: dict[tuple[str, int | None], list[KeyPath]] = defaultdict(list)  # by row, None for all of a sheet
    for fault in before:
        if fault.where.path:
            told[_row(fault.where)] += [(name,) for name in position if fault.where.path[0] in position]
            told[_row(fault.where)].append(fault.where.path)
    lost = {_row(fault.where) for fault in (*before, *found) if fault.code == UNKNOWN and len(fault.where.path) == 1}
    explained = {(_row(fault.where), fault.where.path) for fault in found if fault.code != ANY and fault.where.path}
    return [
        finding
        for finding in found
        if not any(within(path, finding.where.path) for row in _rows(finding.where) for path in told.get(row, ()))
        and not any(path == finding.where.path[:1] for path in lacking)
        and not (finding.code == ANY and (_row(finding.where), finding.where.path) in explained)
        and not (finding.code.startswith(_BETWEEN_PARTIES) and lost & set(map(_row, _places(finding))))
    ]


def _places(finding: Finding) -> Iterable[Location]:
    return (finding.where, *(related.where for related in finding.related))


def _rows(where: Location) -> set[tuple[str, int | None]]:
    """Its row, and all of its sheet."""
    return {_row(where), (where.file, None)}


def _row(where: Location) -> tuple[str, int | None]:
    return where.file, where.row

"""Grading: each change with its consequences, near and far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.diff import Change, ChangeKind
from smartreg.diff.impact.comparison import BREAKING, Impact
from smartreg.diff.impact.cover import CoverOnBothSides
from smartreg.diff.impact.personal import of_people
from smartreg.diff.impact.reach import Reach
from smartreg.domain.devices import REPLACES
from smartreg.registry import Registry


def impacts(
    before: Registry,
    after: Registry,
    changes: Sequence[Change],
    on: date | None = None,
    introduced: Sequence[Finding] = (),
    kinds: Collection[ChangeKind] | None = None,
) -> dict[RecordId, Impact]:
    """The impact of each change, by record. Without the day `on`, only the records that name it; `kinds`: the changes
    reported with them, None for all."""
    naming = {change.rid for change in changes if (kinds is None or change.kind in kinds) and _is_named(after, change)}
    after.prefetch_links(naming)
    broken = _rules_broken_by(before, after, changes, introduced)
    cover = None if on is None else CoverOnBothSides(before, after, on, {change.rid.kind for change in changes})
    reach = None if cover is None else Reach(before, after, cover)
    by_record: dict[RecordId, Impact] = {}
    for change in changes:
        named_by, replaced_by = _records_naming(after, change) if change.rid in naming else ((), ())
        effects = (
            (*cover.losses(change), *of_people(change), *reach.effects(change))
            if cover is not None and reach is not None
            else ()
        )
        by_record[change.rid] = Impact(named_by, replaced_by, effects, tuple(broken.get(change.rid, ())))
    return by_record


def _is_named(after: Registry, change: Change) -> bool:
    return change.kind != "added" and change.rid.kind in after.schemas.kinds


def _records_naming(after: Registry, change: Change) -> tuple[tuple[RecordId, ...], tuple[RecordId, ...]]:
    links = list(after.links_to(change.rid))
    replacing = [link.source for link in links if link.path == (REPLACES,)]
    return _once(link.source for link in links), _once(replacing)


def _once(rids: Iterable[RecordId]) -> tuple[RecordId, ...]:
    return tuple(sorted(set(rids)))


def _rules_broken_by(
    before: Registry, after: Registry, changes: Sequence[Change], introduced: Sequence[Finding]
) -> Mapping[RecordId, list[str]]:
    """The codes of the rules that each change newly breaks. A finding in an unchanged record is attributed to the
    nearest changed records: those that it names or that name it, else those among its related places."""
    changed = {change.rid for change in changes}
    codes: dict[RecordId, list[str]] = {}
    for finding in introduced:
        if finding.severity in BREAKING:
            for rid in _culprits(before, after, changed, finding):
                codes.setdefault(rid, []).append(finding.code)
    return codes


def _culprits(before: Registry, after: Registry, changed: set[RecordId], finding: Finding) -> Sequence[RecordId]:
    files = (finding.where.file, *(other.where.file for other in finding.related))
    own, *others = (after.by_file.get(file) or before.by_file.get(file) for file in files)
    if own in changed and own is not None:
        return (own,)
    near = sorted(set(_neighbours(before, after, own)) & changed) if own is not None else ()
    return near or sorted({rid for rid in others if rid is not None and rid in changed})


def _neighbours(before: Registry, after: Registry, rid: RecordId) -> Iterator[RecordId]:
    for side in (before, after):
        for link in side.links_from(rid):
            yield from (RecordId(kind, link.target) for kind in link.kinds)
        yield from (link.source for link in side.links_to(rid))

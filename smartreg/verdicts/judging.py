"""Judging a registry of which an earlier state was judged: the same answer as without, for the price of the change.

What is kept is what was found in the records before waivers, selection and severities, with the state of every file. Of
records that changed, and of the subjects that each rule says they touch, it is forgotten and found anew; waivers and
names of files are looked at as a whole each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TypeAlias

from smartreg.check import Checker, Found, Judged
from smartreg.findings import Finding
from smartreg.named import NamedTuple
from smartreg.piles import piled
from smartreg.registry import Registry
from smartreg.rules import RuleCrash, forget
from smartreg.trees import File, Forgotten, RememberedTree
from smartreg.values import Record, RecordId
from smartreg.verdicts.kept import Kept, Slot, keep, recall, slot, states
from smartreg.verdicts.seen import differing, differing_one_by_one, seen

FEW = 32
"""So many changes are judged again each time rather than written down: writing costs as much as reading everything."""
SHARE = 8
"""Where more than one record in so many has changed, judging all of them is quicker."""


Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""


class Change(NamedTuple):
    """Files of records, each with its state before, and other files, that came, went or are others; records of which
    the history tells more."""

    records: Mapping[str, str]
    others: Set[str]
    told: Set[RecordId]


def judge(checker: Checker, registry: Registry) -> Judged:
    """As `checker.judge`."""
    place = slot(checker, registry)
    if place is None:
        return checker.judge(registry)
    try:
        found = _from_kept(checker, registry, place)
        if found is None:
            found = _piled(checker, registry, checker.find(registry))
            # What was worked out for the rules makes room for what is kept.
            forget(registry)
            registry.let_go()
            keep(registry, place, Kept(seen(registry), _others(registry), found))
    except RuleCrash:
        return checker.judge(registry)  # which tells what all the other rules say
    return checker.settled_all(registry, found)


def _from_kept(checker: Checker, registry: Registry, place: Slot) -> Found | None:
    """What is found, from what was found before; None where that is of no use."""
    kept = recall(registry, place)
    if kept is None:
        return None
    others, now = _others(registry), seen(registry)
    records = differing(registry, kept.seen, now) if kept.seen and now else None
    looked_at_all = records is None
    if records is None:
        records = differing_one_by_one(registry, states(registry, place, kept))
    change = Change(
        records,
        _differing(kept.others, others),
        {rid for rid, day in kept.found.asked.items() if checker.context.last_touched(_named(rid)) != day},
    )
    found = kept.found
    if any(change):
        if (len(change.records) + len(change.told)) * SHARE > len(registry.by_file):
            return None
        try:
            found = _changed(checker, registry, kept, change)
        except Forgotten:
            return None
    # What took a look at all is written down, so that the next time it takes none.
    if len(change.records) + len(change.told) > FEW or (looked_at_all and now):
        keep(registry, place, Kept(now, others, found))
    return found


def _changed(checker: Checker, registry: Registry, kept: Kept, change: Change) -> Found:
    """What is found after a change. Forgotten where the cache has lost what a changed record said before."""
    were = [File(file, state.partition(":")[0]) for file, state in change.records.items() if state]
    before = registry.followed_by(RememberedTree(were, registry.tree.object_format), change.records)
    sides = (before, registry)
    rids = sorted({*_of_files(sides, change.records), *change.told})
    touched = _more(checker, kept, sides, change.records.keys(), checker.touched(before, registry, rids, change.others))
    anew = {file for side in sides for rid in rids for file in side.files_of(rid)}
    noting, asked = checker.noting()
    stale = _stale(sides, touched)
    return Found(
        [
            *(finding for finding in kept.found.local if finding.where.file not in anew),
            *noting.of_files(registry, sorted(file for file in anew if file in registry.by_file)),
        ],
        [*_untouched(kept, sides, stale), *noting.of_subjects(registry, touched)],
        {**{rid: day for rid, day in kept.found.asked.items() if rid in registry}, **asked},
        [pile.without(stale.get(pile.code, anew)) for pile in kept.found.piles],
    )


def _piled(checker: Checker, registry: Registry, found: Found) -> Found:
    """The same with its notes in piles, save what is to be looked at whatever changes: see `_more`."""

    def fits(note: Finding) -> bool:
        return note.where.file in registry.by_file and not checker.rules[note.code].advises

    (local, of_local), (shared, of_shared) = piled(found.local, fits), piled(found.shared, fits)
    return Found(local, shared, found.asked, [*of_local, *of_shared])


def _more(
    checker: Checker, kept: Kept, sides: Sides, files: Set[str], touched: Mapping[str, Sequence[RecordId]]
) -> Mapping[str, Sequence[RecordId]]:
    """What is touched; the subjects in which a rule found something that it may now advise other things for, or that
    names a changed file; and all subjects of a touched rule that found something in the registry as a whole."""
    registry, more = sides[1], {code: set(rids) for code, rids in touched.items()}
    for finding in kept.found.shared:
        rule, rid = checker.rules[finding.code], registry.by_file.get(finding.where.file)
        if rid is not None and (rule.advises or any(other.where.file in files for other in finding.related)):
            more[rule.code].add(rid)
        elif rid is None and touched[rule.code] and finding.where.file not in sides[0].by_file:
            kinds = rule.kinds or registry.schemas.kinds
            more[rule.code].update(RecordId(kind, id) for kind in kinds for id in registry.ids(kind))
    for pile in (pile for pile in kept.found.piles if pile.code in touched):
        more[pile.code].update(registry.by_file[file] for file in pile.naming(files) if file in registry.by_file)
    return {code: sorted(rids) for code, rids in more.items()}


def _stale(sides: Sides, touched: Mapping[str, Sequence[RecordId]]) -> Mapping[str, Set[str]]:
    """The files of the records that a rule is asked about again, by its code."""
    return {
        code: {file for side in sides for rid in rids for file in side.files_of(rid)} for code, rids in touched.items()
    }


def _untouched(kept: Kept, sides: Sides, stale: Mapping[str, Set[str]]) -> Iterator[Finding]:
    """What rules found in records that they are not asked about again."""
    for finding in kept.found.shared:
        file, again = finding.where.file, stale[finding.code]
        whole = all(file not in side.by_file for side in sides)
        if file not in again and not (whole and again):
            yield finding


def _of_files(sides: Sides, files: Iterable[str]) -> set[RecordId]:
    return {side.by_file[file] for side in sides for file in files if file in side.by_file}


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    """The files that are not the same, or of which that is not known."""
    changed = {path for path, _ in old.items() ^ new.items()}
    return changed | {path for path, blob in new.items() if not blob}


def _others(registry: Registry) -> dict[str, str]:
    """The blobs of the files that are no records, empty where they are not known for sure."""
    files = registry.tree.files()
    return {
        path: "" if file.blob is None or callable(file.size) else f"{file.blob}{file.special}"
        for path in registry.places.others()
        if (file := files.get(path)) is not None
    }


def _named(rid: RecordId) -> Record:
    """A record of this name, of which nothing else is asked."""
    return Record(rid, "", {}, "")

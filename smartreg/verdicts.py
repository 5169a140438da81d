"""Checking a registry of which an earlier state was checked: the same answer as without, for the price of the change.

The index keeps what was found before waivers, selection and severities, and how every file stood. Of records that
changed, and of the subjects that each rule says they touch, it is dropped and found anew; on another day, so is what
depends on the day. Waivers and names of files are looked at as a whole each time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any, TypeAlias

from smartreg.check import Checker, Found, Judged
from smartreg.findings import Drop, Finding, Fix, Move, Put, Related, Rename, Respell, Step
from smartreg.frozen import replace
from smartreg.index import (
    load_findings,
    load_states,
    question,
    store_findings,
    update_findings,
)
from smartreg.named import NamedTuple
from smartreg.registry import Registry, located
from smartreg.rules import RuleCrash, forget
from smartreg.trees import RECORD_ENDS, File, Forgotten, IndexedFiles, RememberedTree, length
from smartreg.values import KeyPath, Location, Mark, Record, RecordId, Words

SHARE = 8
"""Where more than one record in so many has changed, checking all of them is quicker."""

Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""
Row: TypeAlias = tuple[Any, ...]


class _State(NamedTuple):
    """How a registry stands. `serial` is that of the state which the index describes, `at` the checksum of Git's index,
    where only it tells that sizes are the same, both empty where states are compared one by one; `states` are those
    of the records that are not as the index has them; `others` the blobs of the files that are no records, empty where
    they are not known for sure; `days` are those that the history gave for records."""

    frame: str
    on: str
    serial: str
    at: str
    states: dict[str, str]
    others: dict[str, str]
    days: list[tuple[str, str, str | None]]


class _Change(NamedTuple):
    """Files of records, each with its state before, and other files, that came, went or are others; records of which
    the history says something else."""

    records: Mapping[str, str]
    others: Set[str]
    dated: Set[RecordId]


def judge(checker: Checker, registry: Registry) -> Judged:
    """As `checker.judge`."""
    frame = _frame(checker, registry)
    if frame is None:
        return checker.judge(registry)
    slot = f"finding: {'commit' if registry.tree.commit else 'tree'}"
    try:
        found = _from_stored(checker, registry, slot, frame)
        if found is None:
            found = checker.find(registry)
            # What was worked out for the rules makes room for what is stored.
            forget(registry)
            registry.let_go()
            note = _note(checker, registry, frame, found)
            store_findings(registry.frame.index, slot, note, _rows_by_file(found.findings), registry.state())
    except RuleCrash:
        return checker.judge(registry)  # which tells what all the other rules say
    return checker.settled(registry, found.findings)


def _frame(checker: Checker, registry: Registry) -> str | None:
    """What the findings depend on, beside records, other files and the day; None where that may be more than is known:
    rules of others, and what a write or a change is checked with."""
    context, config = checker.context, registry.config
    alien = context.config is not config or context.schemas is not registry.schemas
    if alien or config.plugins or context.corrected or context.entered or registry.frame.index.in_memory:
        return None
    outlines = config.territory.boundaries
    return question(
        *(registry.schemas.digest, config.digest, registry.tree.object_format),
        *(registry.digest_of(outlines) if outlines else None, checker.codes),
    )


def _from_stored(checker: Checker, registry: Registry, slot: str, frame: str) -> Found | None:
    """What is found, from what was found before; None where that is of no use."""
    index = registry.frame.index
    stored = load_findings(index, slot)
    then = _State(*json.loads(stored.note)) if stored is not None else None
    if stored is None or then is None or then.frame != frame:
        return None
    found = Found(
        [finding_of(row) for rows in stored.rows.values() for row in rows],
        {RecordId(kind, id): date.fromisoformat(day) if day else None for kind, id, day in then.days},
    )
    records = _changed_records(registry, then)
    if records is None:
        states = load_states(index, slot, stored)
        if states is None:
            return None
        records = _differing(states, registry.state())
    named = (rid for rid, day in found.asked.items() if checker.context.last_touched(_named(rid)) != day)
    change = _Change(records, _changed_files(then.others, _others(registry)), set(named))
    if (len(change.records) + len(change.dated)) * SHARE > len(registry.by_file):
        return None
    again: set[str] = set()
    if then.on != checker.context.on.isoformat():
        found, again = _on_another_day(checker, registry, found)
    try:
        found, touched = _after_change(checker, registry, found, change) if any(change) else (found, set[str]())
    except Forgotten:
        return None
    note = _note(checker, registry, frame, found)
    if note != stored.note:
        files = again | touched
        rows: dict[str, list[Row]] = {file: [] for file in files}
        rows |= _rows_by_file(finding for finding in found.findings if finding.where.file in files)
        states = {**dict.fromkeys(change.records, ""), **registry.states(change.records)}
        update_findings(index, slot, stored, note, rows, states)
    return found


def _on_another_day(checker: Checker, registry: Registry, found: Found) -> tuple[Found, set[str]]:
    """The same with what rules that read the day say now; the files that they speak of, then and now."""
    dated = {code for code, rule in checker.rules.items() if rule.dated}
    anew = replace(checker, rules={code: checker.rules[code] for code in dated}).find(registry)
    now = [finding for finding in anew.findings if finding.code in dated]
    then = [finding for finding in found.findings if finding.code in dated]
    kept = [finding for finding in found.findings if finding.code not in dated]
    return Found([*kept, *now], {**found.asked, **anew.asked}), {one.where.file for one in (*then, *now)}


def _after_change(checker: Checker, registry: Registry, found: Found, change: _Change) -> tuple[Found, set[str]]:
    """What is found after a change, and the files of which something else may be said. Forgotten where the index has
    lost what a changed record said before."""
    were = [File(file, state.partition(":")[0]) for file, state in change.records.items() if state]
    before = registry.followed_by(RememberedTree(were, registry.tree.object_format), change.records)
    sides = (before, registry)
    rids = sorted({*_of_files(sides, change.records), *change.dated})
    shared = {code for code, rule in checker.rules.items() if rule.scope == "registry"}
    together = [finding for finding in found.findings if finding.code in shared]
    touched = _with_advice(
        checker, together, sides, change.records.keys(), checker.touched(before, registry, rids, change.others)
    )
    anew = {file for side in sides for rid in rids for file in side.files_of(rid)}
    stale = {
        code: {file for side in sides for rid in subjects for file in side.files_of(rid)}
        for code, subjects in touched.items()
    }
    noting, asked = checker.noting()
    fresh = [
        *noting.of_files(registry, sorted(file for file in anew if file in registry.by_file)),
        *noting.of_subjects(registry, touched),
    ]
    kept = [
        *(one for one in found.findings if one.code not in shared and one.where.file not in anew),
        *_untouched(together, stale),
    ]
    files = {*anew, *change.records, *(one.where.file for one in fresh)}.union(*stale.values())
    files |= {one.where.file for one in together if _is_of_the_whole(one)}
    days = {**{rid: day for rid, day in found.asked.items() if rid in registry}, **asked}
    return Found([*kept, *fresh], days), files


def _with_advice(
    checker: Checker,
    together: Sequence[Finding],
    sides: Sides,
    files: Set[str],
    touched: Mapping[str, Sequence[RecordId]],
) -> Mapping[str, Sequence[RecordId]]:
    """What is touched; the subjects in which a rule found something that it may now advise other things for, or that
    names a changed file; and all subjects of a touched rule that found something in the registry as a whole."""
    registry, more = sides[1], {code: set(rids) for code, rids in touched.items()}
    for finding in together:
        rule, file = checker.rules[finding.code], finding.where.file
        if _is_of_the_whole(finding):
            if touched[rule.code]:
                kinds = rule.kinds or registry.schemas.kinds
                more[rule.code].update(RecordId(kind, id) for kind in kinds for id in registry.ids(kind))
        elif (rule.advises or any(other.where.file in files for other in finding.related)) and file in registry.by_file:
            more[rule.code].add(registry.by_file[file])
    return {code: sorted(rids) for code, rids in more.items()}


def _untouched(together: Iterable[Finding], stale: Mapping[str, Set[str]]) -> Iterator[Finding]:
    """What rules found in records that they are not asked about again."""
    for finding in together:
        again = stale[finding.code]
        if finding.where.file not in again and not (again and _is_of_the_whole(finding)):
            yield finding


def _is_of_the_whole(finding: Finding) -> bool:
    """Whether a registry rule speaks of the registry as a whole: in no record, but in the settings, say."""
    return not finding.where.file.endswith(RECORD_ENDS)


def _of_files(sides: Sides, files: Iterable[str]) -> set[RecordId]:
    return {side.by_file[file] for side in sides for file in files if file in side.by_file}


def _named(rid: RecordId) -> Record:
    """A record of this name, of which nothing else is asked."""
    return Record(rid, "", {}, "")


# -- how a registry stands ---------------------------------------------------------------------------------------


def _note(checker: Checker, registry: Registry, frame: str, found: Found) -> bytes:
    """How the registry stands in which this was found."""
    base, changes = _indexed(registry), registry.tree.files().changes
    states: dict[str, str] = {}
    if base is not None:
        states = registry.states(changes)
        states |= {file: "" for file in changes if file not in states and _state_in(registry, base, file)}
    days = [(rid.kind, rid.id, day.isoformat() if day else None) for rid, day in sorted(found.asked.items())]
    serial, at = (base.state.serial.hex(), base.index) if base is not None else ("", "")
    stands = _State(frame, checker.context.on.isoformat(), serial, at, states, _others(registry), days)
    return json.dumps(stands, separators=(",", ":"), sort_keys=True).encode()


def _changed_records(registry: Registry, then: _State) -> dict[str, str] | None:
    """The records that stand otherwise now, each with its state then; None where that takes a look at all."""
    base = _indexed(registry)
    if base is None or base.index != then.at or not then.serial:
        return None
    blobs = base.state.changed_since(bytes.fromhex(then.serial))
    if blobs is None:
        return None
    changes = registry.tree.files().changes
    states = registry.states(changes)
    files = {*then.states, *changes, *blobs}
    old = {
        file: then.states[file]
        if file in then.states
        else _state_of(registry, base, file, blobs[file])
        if file in blobs
        else _state_in(registry, base, file)
        for file in files
    }
    new = {file: states.get(file, "") if file in changes else _state_in(registry, base, file) for file in files}
    return _differing(old, new)


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The files that are not the same, or of which that is not known, each with its state then."""
    changed = {file for file, _ in then.items() ^ now.items()}
    return {file: then.get(file, "") for file in changed if then.get(file, "") != now.get(file, "")} | {
        file: then.get(file, "") for file, state in now.items() if not state and file in then and then[file]
    }


def _indexed(registry: Registry) -> IndexedFiles | None:
    """The files that the index describes, where it is sure that they are so."""
    base = registry.tree.files().base
    return base if isinstance(base, IndexedFiles) and base.index else None


def _state_in(registry: Registry, base: IndexedFiles, path: str) -> str:
    """The state of a record as the index has it; empty for what is none."""
    row = base.state.row(path)
    return _state_of(registry, base, path, None if row is None else row.blob)


def _state_of(registry: Registry, base: IndexedFiles, path: str, blob: str | None) -> str:
    """The state of a record with this blob, as `Registry.states`."""
    file = base.file(path, blob) if blob is not None else None
    if file is None or located(file, registry.schemas) is None:
        return ""
    return f"{blob}:{length(file.size)}" if file.size is not None else blob or ""


def _others(registry: Registry) -> dict[str, str]:
    """The blobs of the files that are no records, empty where they are not known for sure."""
    files = registry.tree.files()
    return {
        path: "" if file.blob is None or callable(file.size) else f"{file.blob}{file.special}"
        for path in registry.places.others()
        if (file := files.get(path)) is not None
    }


def _changed_files(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    """The files that are not the same, or of which that is not known."""
    return {path for path, _ in old.items() ^ new.items()} | {path for path, blob in new.items() if not blob}


# -- findings as plain values ------------------------------------------------------------------------------------


def _rows_by_file(findings: Iterable[Finding]) -> dict[str, list[Row]]:
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for finding in findings:
        rows[finding.where.file].append(row_of(finding))
    return dict(rows)


def row_of(finding: Finding) -> Row:
    """A finding in plain values; `finding_of` gives it back."""
    hint, fix = finding.hint, finding.fix
    return (
        finding.code,
        finding.severity,
        (finding.message.en, finding.message.fr),
        _place(finding.where),
        (hint.en, hint.fr) if hint else None,
        tuple((_place(other.where), other.note.en, other.note.fr) for other in finding.related),
        (type(fix.step).__name__, tuple(fix.step), fix.safe) if fix else None,
    )


def finding_of(row: Row) -> Finding:
    code, severity, message, where, hint, related, fix = row
    return Finding(
        code,
        severity,
        Words(*message),
        _location(where),
        Words(*hint) if hint else None,
        tuple(Related(_location(there), Words(en, fr)) for there, en, fr in related),
        Fix(_step(fix[0], fix[1]), fix[2]) if fix else None,
    )


def _place(where: Location) -> Row:
    if not (where.on_key or where.mark or where.row is not None or where.column is not None):
        return (where.file, where.path)
    return (where.file, where.path, where.on_key, tuple(where.mark) if where.mark else None, where.row, where.column)


def _location(place: Row) -> Location:
    if len(place) == 2:
        return Location(*place)
    file, path, on_key, mark, number, column = place
    return Location(file, path, on_key, Mark(*mark) if mark else None, number, column)


def _step(name: str, parts: Row) -> Step:
    if name == "Respell":
        return Respell()
    if name == "Move":
        return Move(parts[0])
    path: KeyPath = parts[0]
    if name == "Drop":
        return Drop(path, parts[1])
    return Put(path, parts[1]) if name == "Put" else Rename(path, parts[1])

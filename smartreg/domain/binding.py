"""Terms that bind the parties to a record, and the changes on which each of them has to agree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from smartreg.core.values import Data, Json, KeyPath, Location, Record, RecordId
from smartreg.domain.acts import ACTS as AMENDMENTS
from smartreg.domain.acts import versions
from smartreg.domain.annexes import AMENDMENT, DIGEST, PLACES, candidates, digest_of, documents
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import SIGNED
from smartreg.domain.days import day_of
from smartreg.domain.fields import object_list, text_list
from smartreg.domain.kinds import CONVENTION, DELIBERATION, EQUIPMENT, FLOW
from smartreg.domain.renewal import termination_notice
from smartreg.domain.successions import ENDED as PARTY_ENDED
from smartreg.domain.successions import PARTY, SUCCESSORS, parties_on, successions
from smartreg.schema import Kind, texts_at

WRITERS, KEYS = "writers", "keys"
STATUS, ENDED, ANNEXES = "status", "terminated_on", "annexes"
DELIBERATIONS = "deliberations"
OWNER, PREVIOUS = "owner", "previous_owners"
_FREE = frozenset({"id", "title", "notes", "confirmed_on", DELIBERATIONS})
"""Fields of a signed convention that bind nobody; all others do, also fields that a registry adds to its schema."""
_FREE_OF_A_DELIBERATION = frozenset({"id", "notes", "url", "confirmed_on"})
_TITLE, _PUBLIC, _ACCESS, _DEVICES = "title", "public", "access", "equipment"
_STATES_OWN = frozenset({"metropole", "commune", "public"})
"""Categories of parties whose succession the State orders: by law, what they have agreed passes with them."""
_OF_AN_END = frozenset({STATUS, ENDED, AMENDMENTS, ANNEXES})
NOTICE_GIVEN = timedelta(days=30)  # how long before its commit a notice against renewal may have been given


class BindingChange(NamedTuple):
    """A field that changes: its name (`scope.supports`), its value before and after; None where it is absent."""

    name: str
    before: Json
    after: Json


class Exit(NamedTuple):
    """An act that one party may declare alone: a termination, or a notice against tacit renewal. The first day on which
    it is out of force (for a notice: the last day to record it), the notice period (ISO 8601 or a number of days; None:
    none), and the party (None: any)."""

    end: date
    notice: Json
    by: RecordId | None


class Bond(NamedTuple):
    """A change to what binds parties. `parties`: those that have to agree; `terms`: everything that binds afterwards,
    as a comparable text; `deliberations`: the ids that the record names newly; `annexed`: whether it newly has an annex
    with a digest; `act`: the path of the act of the State that newly decides a succession, with its digest; `exit`: set
    if one party may make this change alone; `files`: the digests afterwards of the documents whose bytes change though
    the record has no digest of them; `partners`: those of the parties for whom no act of the State stands, because
    a succession that is not by law carries their contracts to somebody else."""

    rid: RecordId
    where: Location
    steps: tuple[BindingChange, ...]
    parties: frozenset[RecordId]
    terms: str
    deliberations: frozenset[str]
    annexed: bool
    act: str | None
    exit: Exit | None
    files: Mapping[str, str | None]
    partners: frozenset[RecordId]

    @property
    def rights(self) -> bool:
        """Whether it changes who may write for a party."""
        return any(step.name.partition(".")[0] == WRITERS for step in self.steps)

    @property
    def succession(self) -> bool:
        """Whether it changes that a party ends, or who takes its place."""
        return self.rid.kind == PARTY and any(step.name in (PARTY_ENDED, SUCCESSORS) for step in self.steps)

    @property
    def shares_record(self) -> bool:
        """Whether those who agree may also make the change: not where it is the record of somebody else."""
        return self.rid.kind not in (DELIBERATION, FLOW)

    @property
    def signs(self) -> bool:
        """Whether a convention starts to bind."""
        return any(step.name == STATUS and step.before is None for step in self.steps)

    @property
    def gone(self) -> bool:
        """Whether a convention no longer binds, or is absent."""
        return any(step.name == STATUS and step.after is None for step in self.steps)


def bonds(before: Snapshot, after: Snapshot, rids: Iterable[RecordId], on: date) -> Iterator[Bond]:
    """The changes of what binds parties, among these records. `on`: the day; a party that an act removed by then is no
    longer bound."""
    for rid in rids:
        records = (before.get(rid), after.get(rid))
        sides = [record.data if record is not None else {} for record in records]
        with_bytes = (
            _with_digests(registry, record) if record is not None else {}
            for registry, record in zip((before, after), records, strict=True)
        )
        steps = tuple(_steps(*(_binding_fields(before, rid.kind, data) for data in with_bytes)))
        if rid.kind == DELIBERATION:  # to say more than before rewrites nothing
            steps = tuple(step for step in steps if step.before is not None)
        if not steps or (is_owned(before, rid.kind) and not all(sides) and rid.kind != FLOW):
            continue
        partners = stand_for(before, _contract_partners((before, after), rid, sides, on), on)
        parties = {*_who_agrees(before, rid, sides, on), *_whose_data(before, after, rid, sides), *partners}
        if not parties and rid.kind in (DELIBERATION, FLOW):
            continue
        decided_by = [frozenset(deliberations_of(data)) for data in sides]
        decided_before = decided_by[0] if _binding_fields(before, rid.kind, sides[0]) else frozenset()
        path: KeyPath = (steps[0].name.partition(".")[0],) if sides[1] else ()
        file = next(iter((*after.files_of(rid), *before.files_of(rid))))
        yield Bond(
            rid,
            Location(file, path if path and path[0] in sides[1] else ()),
            steps,
            stand_for(before, parties, on),
            terms(before, rid.kind, sides[1]),
            decided_by[1] - decided_before,
            any(
                item not in object_list(sides[0].get(ANNEXES)) and item.get(DIGEST)
                for item in object_list(sides[1].get(ANNEXES))
            ),
            next(_acts_of_the_state(rid, sides), None),
            _exit(rid, sides[0], sides[1], steps),
            _changed_files(before, after, records[1]),
            partners,
        )


def naming(registry: Snapshot, files: frozenset[str]) -> Iterator[RecordId]:
    """The records that name one of these files as an annex or document."""
    for kind in PLACES:
        for record in registry.of_kind(kind):
            if any(not files.isdisjoint(candidates(record, one.path)) for one in documents(record)):
                yield record.rid


def _with_digests(registry: Snapshot, record: Record) -> Data:
    """A convention with the digests of the files that it names without one: their bytes bind as it does."""
    if record.rid.kind != CONVENTION:
        return record.data
    data = dict(record.data)
    for document in documents(record):
        name, index = document.place[0], document.place[1]
        items = data[str(name)]
        if document.expected is not None or not isinstance(items, list) or not isinstance(index, int):
            continue
        digest = digest_of(registry, record, document.path)
        if digest is not None:
            filled: list[Json] = [*items]
            filled[index] = {**dict(object_list(items)[index]), DIGEST: digest}
            data[str(name)] = filled
    return data


def _changed_files(before: Snapshot, after: Snapshot, record: Record | None) -> dict[str, str | None]:
    if record is None or record.rid.kind != CONVENTION:
        return {}
    files = {
        place: after.digest_of(place)
        for document in documents(record)
        if document.expected is None and not document.on_the_web
        for place in candidates(record, document.path)
    }
    return {place: digest for place, digest in files.items() if digest != before.digest_of(place)}


def terms(registry: Snapshot, kind: str, data: Data) -> str:
    """Everything in `data` that binds the parties to the record, as a canonical text: equal exactly if the same terms
    bind. `registry` gives schemas and settings."""
    return json.dumps(_plain(_binding_fields(registry, kind, data)), sort_keys=True, ensure_ascii=False, default=str)


def holders(registry: Snapshot, kind: str, name: str, data: Data) -> Iterator[RecordId]:
    """The records of kinds with writers that a reference field names."""
    references = registry.schemas.kinds[kind].references if kind in registry.schemas.kinds else ()
    for field in references:
        if field.name == name:
            for _, id in texts_at(data, field.path, ()):
                yield from (RecordId(ref, id) for ref in field.refs if has_writers(registry, ref))


def has_writers(registry: Snapshot, kind: str) -> bool:
    """Whether the records of a kind list who writes for them."""
    schema = registry.schemas.kinds.get(kind)
    return schema is not None and (WRITERS, KEYS) in schema.by_path


def may_bind(registry: Snapshot, kind: Kind) -> bool:
    """Whether anything in the records of a kind may bind parties."""
    owners = {*registry.config.ownership.fields, OWNER, PREVIOUS}
    names = (field.path[0] for field in kind.references if any(has_writers(registry, ref) for ref in field.refs))
    return not is_owned(registry, kind.name) or any(name in owners for name in names)


def is_owned(registry: Snapshot, kind: str) -> bool:
    """Whether ownership is what binds in records of this kind. Adding or removing a record does not transfer it."""
    return kind != CONVENTION and not has_writers(registry, kind)


def _binding_fields(registry: Snapshot, kind: str, data: Data) -> dict[str, Json]:
    """The binding fields: those of a signed convention; the writers of a party, its end and its successors; what a
    deliberation says; that data are public, and of which devices; the first ownership field, and the earlier owners."""
    if kind == CONVENTION:
        names: Iterable[str] = [name for name in data if name not in _FREE] if data.get(STATUS) in SIGNED else ()
    elif has_writers(registry, kind):
        names = (WRITERS, PARTY_ENDED, SUCCESSORS) if kind == PARTY else (WRITERS,)
    elif kind == DELIBERATION:
        names = [name for name in data if name not in _FREE_OF_A_DELIBERATION]
    elif kind == FLOW and data.get(_ACCESS) == _PUBLIC:
        names = (PREVIOUS, _ACCESS, _DEVICES)
    else:
        names = (PREVIOUS,)
    owned = _ownership(registry, kind, data) if is_owned(registry, kind) else {}
    return {**owned, **{name: data[name] for name in names if data.get(name) is not None}}


def _ownership(registry: Snapshot, kind: str, data: Data) -> dict[str, Json]:
    """The first ownership field that names anybody, and `owner` whatever the settings say, each with the parties
    named."""
    owners: dict[str, Json] = {}
    for name in dict.fromkeys((*registry.config.ownership.fields, OWNER)):
        if name == OWNER or not owners:
            ids: list[Json] = [owner.id for owner in holders(registry, kind, name, data)]
            if ids:
                owners[name] = ids if len(ids) > 1 else ids[0]
    return owners


def _steps(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[BindingChange]:
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if _plain(was) == _plain(now) or (name == ANNEXES and before and _adds_no_amendment(was, now)):
            continue
        if isinstance(was, Mapping) or isinstance(now, Mapping):
            inner = [side if isinstance(side, Mapping) else {} for side in (was, now)]
            yield from (step._replace(name=f"{name}.{step.name}") for step in _steps(*inner))
        else:
            yield BindingChange(name, was, now)


def _adds_no_amendment(before: Json, after: Json) -> bool:
    """Whether all annexes are unchanged, and none of the new ones is an amendment."""
    old, new = (list(side) if isinstance(side, list) else [] for side in (before, after))
    added = [item for item in new if item not in old and _without_digest(item) not in old]
    return all(item in new or item in map(_without_digest, new) for item in old) and not any(
        isinstance(item, Mapping) and item.get("kind") == AMENDMENT for item in added
    )


def _without_digest(annex: Json) -> Json:
    """Recording the digest of an annex that had none changes nothing (of other bytes, `_with_digests` knows)."""
    return {name: value for name, value in annex.items() if name != DIGEST} if isinstance(annex, Mapping) else annex


def _who_agrees(registry: Snapshot, rid: RecordId, sides: Sequence[Data], on: date) -> Iterator[RecordId]:
    """Who has to agree to a change from one state to the other."""
    if rid.kind == CONVENTION:
        for data in sides:
            if data.get(STATUS) in SIGNED:
                yield from (RecordId(PARTY, id) for id in _parties(registry, rid, data, on))
        return
    if has_writers(registry, rid.kind):
        yield rid
        if rid.kind == PARTY:
            heirs = [object_list(data.get(SUCCESSORS)) for data in sides]
            moved = [item for one, other in (heirs, heirs[::-1]) for item in one if item not in other]
            yield from (RecordId(PARTY, id) for item in moved if isinstance(id := item.get(PARTY), str))
        return
    if rid.kind == DELIBERATION:
        for link in registry.links_to(rid):
            record = registry.get(link.source) if link.source.kind == CONVENTION else None
            if record is not None and record.data.get(STATUS) in SIGNED:
                yield from (RecordId(PARTY, id) for id in _parties(registry, record.rid, record.data, on))
    if not all(sides):
        return
    for name in dict.fromkeys(name for data in sides for name in _ownership(registry, rid.kind, data)):
        was, now = (
            frozenset(holders(registry, rid.kind, name, data) if name in _ownership(registry, rid.kind, data) else ())
            for data in sides
        )
        yield from () if was == now else (was - now or was) | (now - was or now)
    past = [object_list(data.get(PREVIOUS)) for data in sides]
    moved = [item for one, other in (past, past[::-1]) for item in one if item not in other]
    yield from (RecordId(PARTY, id) for item in moved if isinstance(id := item.get("owner"), str))


def _is_by_law(states: tuple[Snapshot, Snapshot], rid: RecordId, succession: Data) -> bool:
    """Whether an act of the State, with its digest, puts one public body in the place of another (merger of communes,
    transfer of a competence: CGCT L2113-5, L5211-17): then contracts pass with it, and their other parties are not
    asked."""
    heir = succession.get(PARTY)
    parties = (rid, RecordId(PARTY, heir if isinstance(heir, str) else ""))
    known = [next((record for state in states if (record := state.get(party))), None) for party in parties]
    ordered = bool(succession.get("document")) and bool(succession.get(DIGEST))
    return ordered and all(record is not None and record.data.get("category") in _STATES_OWN for record in known)


def _contract_partners(
    states: tuple[Snapshot, Snapshot], rid: RecordId, sides: Sequence[Data], on: date
) -> Iterator[RecordId]:
    """The other parties of the conventions that a party has signed and that have not been terminated, where a
    succession that is not by law is recorded, changed or taken back."""
    heirs = [object_list(data.get(SUCCESSORS)) for data in sides] if rid.kind == PARTY else [[], []]
    moved = [item for one, other in (heirs, heirs[::-1]) for item in one if item not in other]
    if all(_is_by_law(states, rid, item) for item in moved):
        return
    for link in states[0].links_to(rid):
        record = states[0].get(link.source)
        if record is None or link.source.kind != CONVENTION or record.data.get(STATUS) != "signed":
            continue
        parties = _parties(states[0], record.rid, record.data, on)
        if rid.id in parties:
            yield from (RecordId(PARTY, id) for id in sorted(parties - {rid.id}))


def _whose_data(before: Snapshot, after: Snapshot, rid: RecordId, sides: Sequence[Data]) -> Iterator[RecordId]:
    """The owners of the devices whose data a flow makes public, except its producer."""
    was, now = sides
    if rid.kind != FLOW or now.get(_ACCESS) != _PUBLIC:
        return
    public = text_list(was.get(_DEVICES)) if was.get(_ACCESS) == _PUBLIC else ()
    for id in text_list(now.get(_DEVICES)):
        device = before.get(RecordId(EQUIPMENT, id)) or after.get(RecordId(EQUIPMENT, id))
        owner = device.data.get(OWNER) if device is not None else None
        if id not in public and isinstance(owner, str) and owner != now.get("producer"):
            yield RecordId(PARTY, owner)


class Notice(NamedTuple):
    """A change that binds nobody, and that the parties whom it concerns should be told."""

    rid: RecordId
    where: Location
    step: BindingChange
    parties: frozenset[RecordId]


def notices(before: Snapshot, after: Snapshot, rids: Iterable[RecordId], on: date) -> Iterator[Notice]:
    """The changes among these records of which others are told: the title and further annexes of a signed convention;
    another party that a record newly names beside its owner (manager, maintainer, operator)."""
    for rid in rids:
        old, new = (record.data if record is not None else {} for record in (before.get(rid), after.get(rid)))
        if not new:
            continue
        file = next(iter(after.files_of(rid)), "")
        if rid.kind == CONVENTION:
            if not {old.get(STATUS), new.get(STATUS)} <= SIGNED:
                continue
            annexes = [item for item in object_list(new.get(ANNEXES)) if item not in object_list(old.get(ANNEXES))]
            added: list[Json] = [dict(item) for item in annexes if item.get("kind") != AMENDMENT]
            told = (
                [BindingChange("title", old.get("title"), new.get("title"))]
                if old.get("title") != new.get("title")
                else []
            )
            told += [BindingChange(ANNEXES, [], added)] if added else []
            parties = stand_for(before, (RecordId(PARTY, id) for id in _parties(before, rid, new, on)), on)
            yield from (Notice(rid, Location(file, (step.name,)), step, parties) for step in told)
        elif rid.kind in before.schemas.kinds and is_owned(before, rid.kind):
            owners = {id for name in _ownership(before, rid.kind, new) for id in text_list([new.get(name)])}
            for field in before.schemas.kinds[rid.kind].references:
                name, value = field.name, new.get(field.name)
                if PARTY in field.refs and isinstance(value, str) and value not in owners and old.get(name) != value:
                    step = BindingChange(name, old.get(name), value)
                    party = stand_for(before, (RecordId(PARTY, value),), on)
                    yield Notice(rid, Location(file, (name,)), step, party)


def stand_for(registry: Snapshot, owners: Iterable[RecordId], on: date) -> frozenset[RecordId]:
    """These owners; for parties, who has their rights on the day."""
    return frozenset(
        RecordId(rid.kind, id)
        for rid in owners
        for id in (parties_on(registry, rid.id, on) if rid.kind == PARTY else (rid.id,))
    )


def _acts_of_the_state(rid: RecordId, sides: Sequence[Data]) -> Iterator[str]:
    """The documents, with a digest, of the successions that the second of two states of a party newly says."""
    before = object_list(sides[0].get(SUCCESSORS))
    for item in object_list(sides[1].get(SUCCESSORS)) if rid.kind == PARTY else ():
        path = item.get("document")
        if item not in before and isinstance(path, str) and item.get(DIGEST):
            yield path


def _parties(registry: Snapshot, rid: RecordId, data: Data, on: date) -> set[str]:
    """Everybody who is a party to a convention on this day or later, by the successions up to this day."""
    history = versions(Record(rid, "", data, ""), successions(registry).begun(on))
    return {
        party
        for version in history
        if version.cut is None or version.cut >= on
        for party in text_list(version.terms.get("parties"))
    }


def deliberations_of(data: Data) -> Iterator[str]:
    """The deliberations that a record, its acts and its successions name."""
    yield from text_list(data.get(DELIBERATIONS))
    yield from (id for item in object_list(data.get(SUCCESSORS)) if isinstance(id := item.get("deliberation"), str))
    for act in object_list(data.get(AMENDMENTS)):
        yield from text_list(act.get(DELIBERATIONS))


def _exit(rid: RecordId, before: Data, after: Data, steps: Sequence[BindingChange]) -> Exit | None:
    """A change that is only a termination, a notice against renewal, or the exit of the party that gives notice, which
    the convention as first signed lets each party declare. If an act changed that clause, all of them must agree."""
    if rid.kind != CONVENTION or not {step.name for step in steps} <= _OF_AN_END or before.get(ENDED) is not None:
        return None
    old, new = object_list(before.get(AMENDMENTS)), object_list(after.get(AMENDMENTS))
    papers = [object_list(side.get(ANNEXES)) for side in (before, after)]
    if new[: len(old)] != old or len(new) > len(old) + 1 or not all(item in papers[1] for item in papers[0]):
        return None
    act = new[-1] if len(new) > len(old) else {}
    sets, notice = (value if isinstance(value := act.get(name), Mapping) else {} for name in ("sets", "notice"))
    given = notice.get("by")
    leaves = notice.get("of") == "termination" and not sets and act.get("removes") == {"parties": [given]}
    if any(act.get(name) for name in ("adds", "unsets")) or not sets.keys() <= {ENDED}:
        return None
    if act.get("removes") and not leaves:
        return None
    if leaves and {step.name for step in steps} & {STATUS, ENDED}:  # it leaves, and ends the convention for the others
        return None
    by = RecordId(PARTY, given) if isinstance(given, str) else None
    ends = after.get(STATUS) == "terminated" or leaves
    days = [day for value in (sets.get(ENDED), after.get(ENDED)) if (day := day_of(value)) is not None]
    name, allowed, end = ("termination", "unilateral", min(days, default=None))
    if leaves:
        end = day_of(act.get("effective_from")) or day_of(act.get("signed_on"))
    elif not ends:
        name, allowed, end = ("renewal", "tacit", None if sets else day_of(act.get("signed_on")))
    clause = before.get(name)
    touched = any(word in _text(one) for one in old for word in (name, "notice_days"))
    if not isinstance(clause, Mapping) or clause.get(allowed) is not True or touched:
        return None
    if end is None or not (ends or notice.get("of") == "non_renewal"):
        return None
    return Exit(end, termination_notice(before), by) if ends else Exit(end + NOTICE_GIVEN, None, by)


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _plain(value: Json) -> Json:
    """The value with keys, and lists of texts, in canonical order."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        return sorted(items, key=str) if all(isinstance(item, str) for item in items) else items
    return value

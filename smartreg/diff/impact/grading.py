"""Grading: each change with its consequences, near and far. Personal data: what a change alters in what is known about
people, and in who receives it. What no longer works without a removed record: support → equipment → flows → consumers,
and the conventions on which they relied; only for records that still name it, because other removed records are
reported themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from smartreg.core.findings import Finding
from smartreg.core.values import Record, RecordId, Words
from smartreg.diff import Change, ChangeKind, plain_path
from smartreg.diff.impact.comparison import BREAKING, Effect, Impact, devices, several
from smartreg.diff.impact.cover import CoverOnBothSides
from smartreg.domain.fields import has_ended, in_service, text, texts
from smartreg.domain.flows import captures, flows_fed_by, is_personal
from smartreg.domain.flows import devices as devices_of
from smartreg.domain.kinds import CONVENTION, PARTY, is_convention, is_equipment, is_flow, is_party
from smartreg.domain.placements import OWNERS
from smartreg.registry import Registry

TERMS = ("personal_data", "producer", "consumers", "access", "equipment", "platform", "status")
"""The fields of a flow that say what is known of people, on what terms and who has it."""


def of_people(change: Change) -> Iterator[Effect]:
    """The effects of grade `personal` of one change."""
    if is_flow(change.rid):
        yield from _of_flow(change)
    elif is_equipment(change.rid):
        yield from _of_device(change)


def _of_flow(change: Change) -> Iterator[Effect]:
    was = change.before is not None and is_personal(change.before)
    is_ = change.after is not None and is_personal(change.after)
    if not was and not is_:
        return
    if change.before is None:
        said = Words("a new flow of personal data", "un nouveau flux de données personnelles")
    elif change.after is None or change.kind == "retired":
        said = Words("a flow of personal data ends", "un flux de données personnelles prend fin")
    elif not was:
        said = Words("carries personal data from now on", "porte désormais des données personnelles")
    elif not is_:
        said = Words("said to carry no personal data any more", "déclaré ne plus porter de données personnelles")
    else:
        touched = tuple(plain_path(field.path) for field in change.fields() if field.path[0] in TERMS)
        if touched:
            yield Effect("personal", Words("other terms: {}", "autres conditions : {}"), words=touched)
        return
    yield Effect("personal", said)


def _of_device(change: Change) -> Iterator[Effect]:
    was = set(captures(change.before)) if change.before else set()
    is_ = set(captures(change.after)) if change.after else set()
    came, went = tuple(sorted(is_ - was)), tuple(sorted(was - is_))
    if came:
        yield Effect("personal", Words("can capture people: {}", "peut capter des personnes : {}"), words=came)
    elif went and change.after is not None:
        yield Effect("personal", Words("said to capture no more: {}", "déclaré ne plus capter : {}"), words=went)


HOSTED = {
    "support": Words("mounting", "support"),
    "network": Words("network", "réseau"),
}
STOP = (Words("flow stops", "flux s'arrête"), Words("flows stop", "flux s'arrêtent"))
LOSE_A_SOURCE = (
    Words("flow loses a source", "flux perd une source"),
    Words("flows lose a source", "flux perdent une source"),
)
RECEIVE_NO_MORE = (
    Words("consumer no longer receives them", "destinataire ne les reçoit plus"),
    Words("consumers no longer receive them", "destinataires ne les reçoivent plus"),
)


def is_gone(before: Registry, change: Change) -> bool:
    """Whether the record was in use before and no longer is: deleted, ended, or out of service."""
    if change.before is None or change.kind == "unreadable" or has_ended(before, change.before):
        return False
    if change.after is None or has_ended(before, change.after):
        return True
    return in_service(before, change.before) and not in_service(before, change.after)


class Reach:
    """What depends on a record, on the later side."""

    def __init__(self, before: Registry, after: Registry, cover: CoverOnBothSides) -> None:
        self._before, self._after, self._cover = before, after, cover

    def effects(self, change: Change) -> Iterator[Effect]:
        """The consequences of a record's end, nearest first."""
        if not is_gone(self._before, change):
            return
        rid = change.rid
        lost = [change.before] if is_equipment(rid) and change.before else self._hosted_equipment(rid)
        if rid.kind in HOSTED and lost:
            who, what = devices(self._after, lost), HOSTED[rid.kind]
            lose = Words(
                "loses its" if len(lost) == 1 else "lose their", "perd son" if len(lost) == 1 else "perdent leur"
            )
            yield _routine(Words(f"{who.en} {lose.en} {what.en}", f"{who.fr} {lose.fr} {what.fr}"), lost)
        stopped, poorer = self._flows(lost)
        if stopped:
            yield _routine(several(len(stopped), *STOP), stopped)
        if poorer:
            yield _routine(several(len(poorer), *LOSE_A_SOURCE), poorer)
        if is_flow(rid) and change.before:
            stopped = [change.before]
        yield from self._receivers(stopped)
        if is_party(rid):
            yield from self._of_party(rid)
        yield from self._conventions(rid, [*lost, *stopped])

    def _hosted_equipment(self, rid: RecordId) -> list[Record]:
        """The equipment that is still on a support or uses a network."""
        if rid.kind not in HOSTED:
            return []
        links = self._after.links_to(rid)
        return self._alive(link.source for link in links if link.path == (rid.kind,))

    def _alive(self, rids: Iterable[RecordId]) -> list[Record]:
        """Those that exist on the later side and whose life has not ended, each once."""
        found = (self._after.get(rid) for rid in sorted(set(rids)))
        return [record for record in found if record is not None and not has_ended(self._after, record)]

    def _flows(self, lost: Sequence[Record]) -> tuple[list[Record], list[Record]]:
        """The flows that these devices alone fed, and those that others feed too."""
        flows = self._alive(flow for device in lost for flow in flows_fed_by(self._after, device.rid))
        without = {device.rid for device in lost}
        stopped = [flow for flow in flows if {device.rid for _, device in devices_of(self._after, flow)} <= without]
        return stopped, [flow for flow in flows if flow not in stopped]

    @staticmethod
    def _receivers(stopped: Sequence[Record]) -> Iterator[Effect]:
        parties = {id for flow in stopped for id in texts(flow, "consumers") if id != text(flow, "producer")}
        if parties:
            found = [RecordId(PARTY, id) for id in sorted(parties)]
            yield Effect("routine", several(len(found), *RECEIVE_NO_MORE), tuple(found))

    def _of_party(self, rid: RecordId) -> Iterator[Effect]:
        """What still belongs to a removed party, kind by kind."""
        links = self._after.links_to(rid)
        alive = self._alive(link.source for link in links if link.path[0] != OWNERS)
        for kind in self._after.schemas.kinds.values():
            mine = [record for record in alive if record.rid.kind == kind.name and not is_convention(record.rid)]
            if mine:
                title = kind.title
                yield _routine(
                    Words(f"{title.en}: {len(mine)} still name it", f"{title.fr} : {len(mine)} le citent encore"), mine
                )

    def _conventions(self, rid: RecordId, lost: Sequence[Record]) -> Iterator[Effect]:
        """The conventions that name a removed record, or on which its equipment relied."""
        named = {link.source.id for link in self._after.links_to(rid) if is_convention(link.source)}
        for record in lost:
            was = self._before.get(record.rid)
            named.update(self._cover.conventions(was) if was is not None else ())
        found = tuple(RecordId(CONVENTION, id) for id in sorted(named) if RecordId(CONVENTION, id) in self._after)
        if len(found) == 1:
            yield Effect("routine", Words("convention {} affected", "convention {} concernée"), found)
        elif found:
            yield Effect("routine", Words("conventions {} affected", "conventions {} concernées"), found)


def _routine(said: Words, records: Sequence[Record]) -> Effect:
    return Effect("routine", said, tuple(record.rid for record in records))


REPLACES = "replaces"  # the reference by which a record names the one whose place it took


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
    found: dict[RecordId, Impact] = {}
    for change in changes:
        named_by, replaced_by = _records_naming(after, change) if change.rid in naming else ((), ())
        effects = (
            (*cover.losses(change), *of_people(change), *reach.effects(change))
            if cover is not None and reach is not None
            else ()
        )
        found[change.rid] = Impact(named_by, replaced_by, effects, tuple(broken.get(change.rid, ())))
    return found


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
    found: dict[RecordId, list[str]] = {}
    for finding in introduced:
        if finding.severity in BREAKING:
            for rid in _culprits(before, after, changed, finding):
                found.setdefault(rid, []).append(finding.code)
    return found


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

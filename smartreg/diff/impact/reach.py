"""Consequences of a removed record: support → equipment → flows → consumers, and the conventions on which
they relied; only for records that still name it, because other removed records are reported themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId
from smartreg.diff import Change
from smartreg.diff.impact.comparison import Effect
from smartreg.diff.impact.cover import CoverOnBothSides
from smartreg.diff.impact.wording import devices
from smartreg.domain.fields import has_ended, in_service, text, texts
from smartreg.domain.flows import devices as devices_of
from smartreg.domain.flows import flows_fed_by
from smartreg.domain.kinds import CONVENTION, PARTY, is_convention, is_equipment, is_flow, is_party
from smartreg.domain.placements import OWNERS
from smartreg.registry import Registry

# What happens to one thing, and to several.
HOSTED = {
    "support": (
        Message("{devices} loses its mounting"),
        Message("{devices} lose their mounting"),
    ),
    "network": (
        Message("{devices} loses its network"),
        Message("{devices} lose their network"),
    ),
}
STOP = (Message("1 flow stops"), Message("{number} flows stop"))
LOSE_A_SOURCE = (
    Message("1 flow loses a source"),
    Message("{number} flows lose a source"),
)
RECEIVE_NO_MORE = (
    Message("1 consumer no longer receives them"),
    Message("{number} consumers no longer receive them"),
)


def is_gone(before: Registry, change: Change) -> bool:
    """Whether the record was in use before and no longer is: deleted, ended, or out of service."""
    if change.before is None or change.kind == "unreadable" or has_ended(before, change.before):
        return False
    if change.after is None or has_ended(before, change.after):
        return True
    return in_service(before, change.before) and not in_service(before, change.after)


class Reach:
    """The dependants of a record, on the later side."""

    def __init__(self, before: Registry, after: Registry, cover: CoverOnBothSides) -> None:
        self._before, self._after, self._cover = before, after, cover

    def effects(self, change: Change) -> Iterator[Effect]:
        """The consequences of a record's end, nearest first."""
        if not is_gone(self._before, change):
            return
        rid = change.rid
        lost = [change.before] if is_equipment(rid) and change.before else self._hosted_equipment(rid)
        if rid.kind in HOSTED and lost:
            one, many = HOSTED[rid.kind]
            sentence = one if len(lost) == 1 else many
            yield _routine(sentence.fill(devices=devices(self._after, lost)), lost)
        stopped, poorer = self._flows(lost)
        if stopped:
            yield _routine(_counted(stopped, STOP), stopped)
        if poorer:
            yield _routine(_counted(poorer, LOSE_A_SOURCE), poorer)
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
        records = (self._after.get(rid) for rid in sorted(set(rids)))
        return [record for record in records if record is not None and not has_ended(self._after, record)]

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
            rids = [RecordId(PARTY, id) for id in sorted(parties)]
            yield Effect("routine", _counted(rids, RECEIVE_NO_MORE), tuple(rids))

    def _of_party(self, rid: RecordId) -> Iterator[Effect]:
        """The records that still name a removed party, kind by kind."""
        links = self._after.links_to(rid)
        alive = self._alive(link.source for link in links if link.path[0] != OWNERS)
        for kind in self._after.schemas.kinds.values():
            mine = [record for record in alive if record.rid.kind == kind.name and not is_convention(record.rid)]
            if mine:
                title = kind.title
                yield _routine(Message("{title}: {mine} still name it", title=title, mine=len(mine)), mine)

    def _conventions(self, rid: RecordId, lost: Sequence[Record]) -> Iterator[Effect]:
        """The conventions that name a removed record, or on which its equipment relied."""
        ids = {link.source.id for link in self._after.links_to(rid) if is_convention(link.source)}
        for record in lost:
            was = self._before.get(record.rid)
            ids.update(self._cover.conventions(was) if was is not None else ())
        conventions = tuple(RecordId(CONVENTION, id) for id in sorted(ids) if RecordId(CONVENTION, id) in self._after)
        if len(conventions) == 1:
            yield Effect("routine", Message("convention {} affected"), conventions)
        elif conventions:
            yield Effect("routine", Message("conventions {} affected"), conventions)


def _counted(records: Sequence[Record] | Sequence[RecordId], sentences: tuple[Message, Message]) -> Text:
    one, many = sentences
    return one if len(records) == 1 else many.fill(number=len(records))


def _routine(said: Text, records: Sequence[Record]) -> Effect:
    return Effect("routine", said, tuple(record.rid for record in records))

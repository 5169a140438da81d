"""What the figures are computed from: a view of a registry, its settings, a reference date, a period, and further
evidence (findings, the history of states, a file of deliveries).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple, TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.messages import Text
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.covers import Cover, State, covers_of
from smartreg.domain.days import day, latest_installation
from smartreg.domain.fields import in_service, text
from smartreg.domain.placements import owner_on, placements_of
from smartreg.domain.successions import parties_on, successions
from smartreg.history import Turn
from smartreg.registry import Registry
from smartreg.reports import names
from smartreg.reports.figure import Label
from smartreg.schema.settings import Config
from smartreg.tables import View


@dataclass(frozen=True)
class Period:
    """The days from `start` to `until`, both included; without a start, since the beginning."""

    start: date | None
    until: date

    def holds(self, day: date | None) -> bool:
        """Whether the day is in the period."""
        return day is not None and (self.start is None or self.start <= day) and day <= self.until


Counts: TypeAlias = tuple[int, int, int]


class Month(NamedTuple):
    """The findings by severity (error, warning, info) at the end of a month, and the number of records; None where that
    state cannot be checked."""

    month: str
    records: int
    counts: Counts | None


class Delivery(NamedTuple):
    """How many messages of a device were expected, and how many came."""

    expected: int
    received: int


@dataclass(frozen=True)
class Evidence:
    """Evidence besides the records; where it is missing, a sentence says why.

    `states`: id of equipment → its turns by the history of Git. `findings`: what the rules find. `trend`: findings at
    the end of each month. `last_confirmed`: the day on which a record was last checked or changed. `deliveries`: by
    equipment.
    """

    states: Mapping[str, Sequence[Turn]] | Text
    findings: Sequence[Finding] | Text
    trend: Sequence[Month] | Text
    last_confirmed: Callable[[Record], date | None]
    deliveries: Mapping[str, Delivery] | Text


class DayCover(NamedTuple):
    """An exchange between parties, and whether a convention covered it on the day of the figures."""

    cover: Cover
    state: State


@dataclass(frozen=True)
class Material:
    """`view`: the records that the audience may see, as they were at the end of the period; `period`: the days of
    figures over time; figures of a single day are of its last one (`as_of`). `registry`: what the view is of; `note`:
    what of it is not as recorded on that day."""

    view: View
    config: Config
    period: Period
    audience: str
    evidence: Evidence
    registry: Registry
    note: Text | None = None

    def of(self, kind: str) -> Sequence[Record]:
        """The records of a kind; none where the registry has no such kind."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Record]]:
        return {kind: tuple(self.view.of_kind(kind)) for kind in self.view.schemas.kinds}

    def find(self, kind: str, id: str | None) -> Record | None:
        """The visible record of a kind and id; None when there is none."""
        return self.view.get(RecordId(kind, id)) if id else None

    def label(self, kind: str, id: str) -> Label:
        """The name of a record for people."""
        return names.label(self.view, kind, id)

    def word(self, kind: str, field: str, value: Json) -> Label | None:
        """The label of a value of an enumeration."""
        return names.word(self.view, kind, field, value)

    @property
    def as_of(self) -> date:
        """The day that figures are as of: the last of the period."""
        return self.period.until

    def present(self, record: Record) -> bool:
        """Whether it is there on the day of the figures."""
        return in_service(self.view, record)

    def end_of(self, device: Record) -> date | None:
        """The day on which equipment left service; None while it has not, or if unknown."""
        days = [on for name in ("decommissioned_on", "removed_on") if (on := day(device, name))]
        return min(days, default=None)

    def service(self, device: Record) -> tuple[date, date] | None:
        """First day in service and first day after it, within the period; None where that is no day, or unknown."""
        first, end = latest_installation(device), self.end_of(device) or date.max
        if first is None or text(device, "status") == "cancelled":
            return None
        start = max(first, self.period.start or first)
        stop = min(end, self.period.until + timedelta(days=1))
        return (start, stop) if start < stop else None

    @cached_property
    def known_from(self) -> date | None:
        """The day of the first commit with a status of equipment; None where there is none."""
        states = self.evidence.states
        histories = () if isinstance(states, Text) else states.values()
        return min((turns[0].day for turns in histories if turns), default=None)

    @cached_property
    def equipment_there(self) -> Sequence[Record]:
        """The equipment in place on the last day."""
        return [record for record in self.of("equipment") if self.present(record)]

    def support_of(self, device: Record) -> Record | None:
        """The support that carried equipment on the day of the figures, or last before it."""
        for placement in reversed(placements_of(device)):
            if placement.start is None or placement.start <= self.as_of:
                return self.find("support", placement.support)
        return None

    @cached_property
    def metropole(self) -> frozenset[str]:
        """The ids of the Métropole of the settings, also those that it had or will have as another legal person."""
        id = self.config.metropole
        return successions(self.view).line(id) if id else frozenset()

    def holder(self, party: str | None) -> str | None:
        """Who has the place of a party on the day of the figures; the party itself if several share it."""
        parties = parties_on(self.view, party, self.as_of) if party else ()
        return parties[0] if len(parties) == 1 else party

    def owner_of(self, record: Record) -> str | None:
        """The id of the party that owned equipment or a support on the day of the figures."""
        return owner_on(self.view, record, self.as_of)

    def is_off(self, code: str) -> bool:
        """Whether the settings switch a rule off: that it finds nothing then means nothing."""
        config = self.config
        ignored = bool(config.ignore) and code.startswith(config.ignore)
        chosen = not config.select or code.startswith(config.select)
        return ignored or not chosen or config.severity.get(code) == "off"

    @property
    def is_internal(self) -> bool:
        """Whether it is for those who keep the registry, from whom nothing is withheld."""
        return self.view.whole is not None

    @cached_property
    def covers(self) -> Sequence[DayCover]:
        """What passed between parties on the day of the figures: by the devices that were in place, and by flows; what
        needs no convention is left out."""
        records = (*self.equipment_there, *self.of("flow"))
        covers = (cover for record in records for cover in covers_of(self.registry, record, self.as_of))
        states = (DayCover(cover, cover.state(self.as_of)) for cover in covers)
        return tuple(each for each in states if each.state != "not_needed")

    def is_new(self, device: Record) -> bool:
        """Whether it was installed within the period."""
        return self.period.holds(day(device, "installed_on"))


def state_on(turns: Sequence[Turn], on: date) -> str | None:
    """The state at the end of a day, by the last commit up to it; None before the first one."""
    index = bisect_right([turn.day for turn in turns], on)
    return turns[index - 1].state if index else None

"""What the figures are computed from: a view of a registry, its settings, a reference date, a period, and what is known
beside it (findings, the history of states, a file of deliveries)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from smartreg.config import Config
from smartreg.reports.figure import Label
from smartreg.rules._days import day
from smartreg.rules._fields import text
from smartreg.tables import View
from smartreg.values import Record, RecordId, Words


@dataclass(frozen=True)
class Period:
    """The days from `start` to `until`, both included; without a start, since the beginning."""

    start: date | None
    until: date

    def holds(self, day: date | None) -> bool:
        return day is not None and (self.start is None or self.start <= day) and day <= self.until


@dataclass(frozen=True)
class Material:
    """`view`: the records that the audience may see; `on`: the reference date, the last day that the state tells of;
    `period`: what is counted over time."""

    view: View
    config: Config
    on: date
    period: Period
    audience: str

    def of(self, kind: str) -> Sequence[Record]:
        """The records of a kind; none where the registry has no such kind."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Record]]:
        return {kind: tuple(self.view.of_kind(kind)) for kind in self.view.schemas.kinds}

    def named(self, kind: str, id: str | None) -> Record | None:
        return self.view.get(RecordId(kind, id)) if id else None

    def label(self, kind: str, id: str) -> Label:
        """A record by its id, with the words that people call it by; the bare id where it is not there to be seen."""
        record, about = self.named(kind, id), self.view.schemas.kinds.get(kind)
        if record is None or about is None:
            return Label(id, Words(id, id))
        words = Words(about.label_of(record.data, "en") or id, about.label_of(record.data, "fr") or id)
        return Label(id, words, record.rid)

    def word(self, kind: str, field: str, value: str) -> Label:
        """A word of a schema, such as a status, with what people call it."""
        about = self.view.schemas.kinds.get(kind)
        found = about.by_path.get((field,)) if about else None
        return Label(value, found.labels.get(value, Words(value, value)) if found else Words(value, value))

    def present(self, record: Record) -> bool:
        """Whether equipment (any kind with a life cycle) is there: its status is one of those in service."""
        about = self.view.schemas.kinds.get(record.rid.kind)
        life = about.lifecycle if about else None
        return life is not None and text(record, life.field) in life.in_service

    @cached_property
    def equipment_there(self) -> Sequence[Record]:
        return [record for record in self.of("equipment") if self.present(record)]

    def support_of(self, device: Record) -> Record | None:
        return self.named("support", text(device, "support"))

    def installed(self, device: Record) -> bool:
        """Whether it was installed within the period."""
        return self.period.holds(day(device, "installed_on"))

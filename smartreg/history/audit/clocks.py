"""AUD910: commits dated before a parent, or after now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from smartreg.core.findings import Finding
from smartreg.core.values import Location, Words, short_id
from smartreg.gitio import Stamp, commit_days, now
from smartreg.registry import Registry
from smartreg.schema.settings import Audit

MISDATED = "AUD910"


@dataclass(frozen=True)
class Clocks:
    """The committer dates of a whole history, the day of each commit, and the moment of the audit."""

    stamps: Mapping[str, Stamp]
    days: Mapping[str, date]
    now: datetime

    @staticmethod
    def of(stamps: Mapping[str, Stamp]) -> Clocks:
        moment = now()
        return Clocks(stamps, commit_days(stamps, moment), moment)

    def are_odd(self, oid: str) -> bool:
        """Whether the commit is dated after now or before a parent, by however little."""
        return self._fault(oid, timedelta(0)) is not None

    def check(self, oid: str, registry: Registry | None) -> Iterator[Finding]:
        """AUD910 for a commit whose date is further off than the settings of `registry` allow."""
        settings = registry.config.audit if registry is not None else Audit()
        fault = self._fault(oid, timedelta(minutes=settings.clock_tolerance))
        if fault is not None:
            yield Finding(MISDATED, "warning", fault, Location(""), self._hint(oid))

    def _fault(self, oid: str, tolerance: timedelta) -> Words | None:
        """What is wrong with the date of the commit. A parent dated after now is told of itself alone."""
        own = self.stamps[oid].committed
        if own is None:
            return Words("its date cannot be read", "sa date est illisible")
        if own - self.now > tolerance:
            return Words(f"dated {own:%Y-%m-%d %H:%M}, after now", f"daté du {own:%Y-%m-%d %H:%M}, dans le futur")
        for parent in self.stamps[oid].parents:
            before = self.stamps[parent].committed if parent in self.stamps else None
            if before is not None and before <= self.now and before - own > tolerance:
                return Words(
                    f"dated {own:%Y-%m-%d %H:%M}, before its parent {short_id(parent)} of {before:%Y-%m-%d %H:%M}",
                    f"daté du {own:%Y-%m-%d %H:%M}, avant son parent {short_id(parent)} du {before:%Y-%m-%d %H:%M}",
                )
        return None

    def _hint(self, oid: str) -> Words:
        look = Words("correct the clock of the machine", "réglez l'horloge de la machine")
        day = self.days.get(oid)
        if day is None:
            return look
        return Words(
            f"{look.en}; --at counts this commit from {day} on",
            f"{look.fr} ; --at compte ce commit à partir du {day}",
        )

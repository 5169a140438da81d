"""AUD910: commits dated before a parent, or in the future. The day of a commit is the latest among it and its
ancestors; signatures are required by that day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from smartreg.core.clock import now
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location, short_id
from smartreg.gitio import Commit, Stamp, commit_days
from smartreg.registry import Registry
from smartreg.schema.settings import Audit

MISDATED = "AUD910"
_CLOCK = "%Y-%m-%d %H:%M %z"  # of the committer: what is at fault is that clock


@dataclass(frozen=True)
class Clocks:
    """The committer dates of a whole history, the day of each commit, the time of the audit, and for each commit the
    latest date among its ancestors that is not after that time, with the ancestor."""

    stamps: Mapping[str, Stamp]
    days: Mapping[str, date]
    now: datetime
    earlier: Mapping[str, tuple[datetime, str]]

    @staticmethod
    def of(stamps: Mapping[str, Stamp]) -> Clocks:
        moment = now()
        earlier: dict[str, tuple[datetime, str]] = {}
        latest: dict[str, tuple[datetime, str]] = {}  # with the commit itself
        for oid in reversed(list(stamps)):
            parents, committed = stamps[oid]
            if before := [latest[parent] for parent in parents if parent in latest]:
                earlier[oid] = latest[oid] = max(before)
            if committed is not None and committed <= moment:
                latest[oid] = max(latest.get(oid, (committed, oid)), (committed, oid))
        return Clocks(stamps, commit_days(stamps, moment), moment, earlier)

    def day_of(self, commit: Commit) -> date:
        """The day by which a commit is judged: if neither it nor an ancestor has a date that counts, its own however
        odd, else that of the audit."""
        return self.days.get(commit.oid) or (commit.committed or self.now).date()

    def fault_of(self, oid: str) -> Text | None:
        """The fault in the date of the commit, by however little it is in the future or before an ancestor."""
        return self._why_implausible(oid, timedelta(0))

    def will_differ(self, oid: str) -> bool:
        """Whether a later audit may judge the date of the commit, or the commit by that date, in another way."""
        committed = self.stamps[oid].committed
        return oid not in self.days or (committed is not None and committed > self.now)

    def check(self, oid: str, registry: Registry | None) -> Iterator[Finding]:
        """AUD910 for a commit whose date deviates more than the settings of `registry` allow."""
        settings = registry.config.audit if registry is not None else Audit()
        fault = self._why_implausible(oid, timedelta(minutes=settings.clock_tolerance))
        if fault is not None and self.stamps[oid].committed is not None:  # else AUD916
            yield Finding(MISDATED, "warning", fault, Location(""), self._hint(oid))

    def _why_implausible(self, oid: str, tolerance: timedelta) -> Text | None:
        """The fault in the date of the commit. Every ancestor counts, so that no date in the future, and no other
        one set back, hides one. An ancestor dated in the future is only reported itself, unless nothing else tells when
        the commit was made."""
        own = self.stamps[oid].committed
        if own is None:
            return Message("its date cannot be read")
        if own - self.now > tolerance:
            return Message("dated {own}, after now", own=own.strftime(_CLOCK))
        parents = self.stamps[oid].parents
        dated = [
            (when, parent) for parent in parents if parent in self.stamps and (when := self.stamps[parent].committed)
        ]
        before, which = self.earlier.get(oid) or max(dated, default=(own, oid))
        if before - own <= tolerance:
            return None
        date, earlier, short = own.strftime(_CLOCK), before.strftime(_CLOCK), short_id(which)
        if which in parents:
            return Message(
                "dated {date}, before its parent {short} of {earlier}", date=date, short=short, earlier=earlier
            )
        return Message(
            "dated {date}, before its ancestor {short} of {earlier}", date=date, short=short, earlier=earlier
        )

    def _hint(self, oid: str) -> Text:
        day = self.days.get(oid)
        if day is None:
            return Message("correct the clock of the machine")
        return Message("correct the clock of the machine; --at counts this commit from {day} on", day=day)

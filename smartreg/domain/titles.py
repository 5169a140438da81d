"""A convention as a title: whom it binds, for what, where, and for which period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal, TypeAlias

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.acts import ACTS, TERMS, Act, Version, apply_act, initial, path_of_term, termination, versions
from smartreg.domain.annulments import ANNULMENT, Annulment, annulment
from smartreg.domain.days import day_of, days_later
from smartreg.domain.exchanges import Exchange
from smartreg.domain.fields import code_field, code_of, object_list, text, text_list
from smartreg.domain.renewal import ENDED, UNTIL, Terms, notice_days, term_end
from smartreg.domain.successions import PartySource, successions

SIGNED = frozenset({"signed", "terminated"})
Standing: TypeAlias = Literal["draft", "adopted", "not_yet", "in_force", "expired", "terminated", "annulled"]
OutOfForce: TypeAlias = Literal["not_signed", "not_yet", "amended", "ended", "annulled"]
STANDINGS: Mapping[Standing, Text] = {
    "draft": Message("draft"),
    "adopted": Message("adopted, not signed"),
    "not_yet": Message("not yet in force"),
    "in_force": Message("in force"),
    "expired": Message("expired"),
    "terminated": Message("terminated"),
    "annulled": Message("annulled"),
}

REPORTED_AFTER = 90
"""Days after the end of cover, or of the use of a device, from which on findings say that it is still there, where no
convention gives a time for removal. It is no term of any convention, and never told as one."""


@dataclass(frozen=True)
class Title:
    """The terms of a convention in a period. `start`: the first day; `until`: the last day of the term, including tacit
    renewals; `terminated`: the first day on which it is no longer in force; `cut`: the last day before later acts
    change it; None if there is none. `acts` and `next`: the acts that begin and cut the period; `before` and `after`:
    the terms before the former and after the latter. `former`: the parties whose place others have taken; what still
    names them stays bound. `annulled`: by a court, the whole convention."""

    record: Record
    terms: Terms
    signed: bool
    start: date | None
    until: date | None
    terminated: date | None
    acts: tuple[Act, ...]
    cut: date | None
    next: tuple[Act, ...]
    before: Terms
    after: Terms
    former: frozenset[str]
    annulled: Annulment | None = None

    @property
    def id(self) -> str:
        return self.record.rid.id

    @property
    def act(self) -> Act | None:
        """The act by which the period begins, of several on one day the last; None for the initial act."""
        return self.acts[-1] if self.acts else None

    @cached_property
    def parties(self) -> frozenset[str]:
        return frozenset(text_list(self.terms.get("parties")))

    @cached_property
    def bound(self) -> frozenset[str]:
        """The parties, and the former ones."""
        return self.parties | self.former

    @property
    def families(self) -> tuple[str, ...]:
        return text_list(self.terms.get("families"))

    @cached_property
    def scope(self) -> Mapping[str, frozenset[str]]:
        scope = self.terms.get("scope")
        return (
            {name: frozenset(text_list(value)) for name, value in scope.items()} if isinstance(scope, Mapping) else {}
        )

    @cached_property
    def admitted(self) -> Mapping[str, Mapping[str, Json]]:
        """The third parties that it admits to data, with what it says about each."""
        items = object_list(self.terms.get("third_parties"))
        return {party: item for item in items if isinstance(party := item.get("party"), str) and party}

    def joins(self, one: str, other: str) -> bool:
        """Whether both are bound by it, at least one of them as a party to it."""
        joined = {*self.bound, *self.admitted}
        return one in joined and other in joined and (one in self.bound or other in self.bound)

    def binds(self, exchange: Exchange) -> bool:
        """Whether both sides are parties to it."""
        return exchange.user in self.bound and any(partner in self.bound for partner in exchange.partners)

    def scope_gaps(self, exchange: Exchange) -> list[tuple[str, str]]:
        """The parts of its scope that do not include the support or network, each with what it would have to name. The
        communes of a scope are those of the supports."""
        through = exchange.through
        if not self.scope or through is None:
            return []
        names_needed: dict[str, str | None] = {f"{through.rid.kind}s": through.rid.id}
        if through.rid.kind == "support":
            names_needed[f"{code_field(through)}s"] = code_of(through)
        return [
            (field, name or "") for field, name in names_needed.items() if name not in self.scope.get(field, (name,))
        ]

    def reaches(self, exchange: Exchange) -> bool:
        """Whether its scope includes the support or network."""
        return not self.scope_gaps(exchange)

    def spans(self, other: Title) -> bool:
        """Whether its scope includes the other's: the other has every limit that this one has, at least as narrow."""
        return all(field in other.scope and other.scope[field] <= names for field, names in self.scope.items())

    def covers(self, exchange: Exchange) -> bool:
        """Whether it covers the exchange: both parties, the family, the scope. Dates do not count."""
        return exchange.family in self.families and self.binds(exchange) and self.reaches(exchange)

    def in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.signed and (self.start is None or self.start <= on) and not self.has_ended(on)

    def is_read_on(self, on: date) -> bool:
        """Whether it belongs to the version in which the convention reads on a day: before its first day, the first
        version."""
        begun = not self.acts or self.start is None or self.start <= on
        return begun and (self.cut is None or on <= self.cut)

    def has_ended(self, on: date) -> bool:
        """Whether it was in force and no longer is, or never was because a court annulled it."""
        ends = (self.until, self._before_end, self.cut)
        return self.signed and (self.is_void(on) or any(last is not None and on > last for last in ends))

    def is_void(self, on: date) -> bool:
        """Whether a court took its effect for that day."""
        return self.annulled is not None and self.annulled.voids(on)

    @property
    def _before_end(self) -> date | None:
        return days_later(self.terminated, -1) if self.terminated is not None else None

    @property
    def last(self) -> date | None:
        """The last day in force, whether its term, its termination or an act ends it; None without a known end."""
        void = self.annulled.start if self.annulled is not None else None
        ends = (self._before_end, self.until, self.cut, days_later(void, -1) if void is not None else None)
        return min((day for day in ends if day is not None), default=None)

    @property
    def ends_by_termination(self) -> bool:
        """Whether a termination ends it, before its term or an act does."""
        ends = (self.until, self.cut)
        return self.terminated is not None and all(end is None or self.terminated <= end for end in ends)

    def distance(self, on: date) -> int:
        """The number of days between a day and the time that it is in force; a huge number if it never is."""
        edge = self.last if self.has_ended(on) else self.start
        return abs((on - edge).days) if self.signed and edge is not None else date.max.toordinal()

    @property
    def end_field(self) -> KeyPath:
        """The field that says when it ends: in the convention itself, or in an act."""
        if self.annulled is not None:
            return (ANNULMENT,)
        if self.next and self.cut is not None and self.cut == self.last:
            return self.next[-1].path
        field = ENDED if self.ends_by_termination else UNTIL
        return path_of_term(self.record, field)

    @property
    def removal_days(self) -> int | None:
        """The number of days that equipment may stay after its last day, by the terms of the day on which it ends; None
        if they say nothing."""
        if self.annulled is not None and self.annulled.start is None:
            return None
        ends_by_act = self.next and self.cut == self.last
        days = (self.after if ends_by_act else self.terms).get("removal_days")
        return days if isinstance(days, int) and not isinstance(days, bool) and days >= 0 else None

    @property
    def removal_by(self) -> date | None:
        """The day by which the parties agreed that equipment must be gone; None without a known end, or without such an
        agreement."""
        days = self.removal_days
        return None if self.last is None or days is None else days_later(self.last, days)

    @property
    def overdue_after(self) -> date | None:
        """The last day on which equipment that is still there is no finding: the one agreed, else REPORTED_AFTER days
        from the end; None without a known end."""
        end = self.annulled.on if self.annulled is not None else self.last
        return self.removal_by or (None if end is None else days_later(end, REPORTED_AFTER))

    def out_of_force(self, on: date) -> OutOfForce:
        """The state of a convention that is not in force on a day."""
        if not self.signed:
            return "not_signed"
        if self.is_void(on):
            return "annulled"
        if not self.has_ended(on):
            return "not_yet"
        return "amended" if self.next and self.cut == self.last else "ended"

    def reason_not_in_force(self, on: date) -> Text:
        """The reason why it is not in force on a day."""
        state = self.out_of_force(on)
        if state == "not_signed":
            return Message("is not signed")
        if state == "annulled" and self.annulled is not None:
            return Message("was annulled on {on} ({court})", on=self.annulled.on, court=self.annulled.court)
        if state == "amended":
            what, start = self.next[-1].title, self.next[-1].start
            return Message("no longer covers it since {start} ({what})", start=start, what=what)
        if state == "ended":
            return Message("ended on {end}", end=self.last)
        if self.act is not None:
            return Message("covers it only from {start} ({title})", start=self.start, title=self.act.title)
        return Message("starts on {start}", start=self.start)


def title_versions(registry: PartySource, record: Record) -> tuple[Title, ...]:
    """The versions of a convention, in chronological order."""
    return _titles(record, versions(record, successions(registry).acts))


def _titles(record: Record, in_order: Sequence[Version]) -> tuple[Title, ...]:
    terms: list[Terms] = [initial(record), *(version.terms for version in in_order), {}]
    return tuple(_title(record, version, terms[n], terms[n + 2]) for n, version in enumerate(in_order))


def title(record: Record) -> Title:
    """A convention from its first day to its last, as it reads after all of its own acts: the successions of its
    parties, which change none of its days, left out."""
    return whole(_titles(record, versions(record)))


def title_on(registry: PartySource, record: Record, on: date) -> Title:
    """A convention from its first day to its last, as it reads on a day (before its first day: as first signed)."""
    periods = title_versions(registry, record)
    return replace(whole(periods), terms=_terms_signed(record, version_on(periods, on).terms, on))


def version_on(periods: Sequence[Title], on: date) -> Title:
    """The version of a convention on a day; before its first day, the first one."""
    return next((period for period in reversed(periods) if period.start is None or period.start <= on), periods[0])


def read_on(registry: PartySource, record: Record, on: date) -> Record:
    """A convention as it reads on a day: with the terms of the version of that day instead of those first signed,
    signed until it is terminated, and without an end that nobody had signed yet; any other record as it is."""
    if record.rid.kind != "convention":
        return record
    periods, data = title_versions(registry, record), record.data
    if ACTS in data or len(periods) > 1 or periods[0].former:
        terms = _terms_signed(record, version_on(periods, on).terms, on)
        there = {name: terms.get(name, value) for name, value in data.items() if name in terms or name not in TERMS}
        data = {**there, **{name: value for name, value in terms.items() if name not in there}}
    end = periods[-1].terminated
    if data.get("status") == "terminated" and end is not None and on < end:
        data = {**data, "status": "signed"}
    return record if data is record.data else record._replace(data=data)


def _terms_signed(record: Record, terms: Terms, on: date) -> Terms:
    """The terms without a termination that was signed after the day."""
    act = termination(record) if ENDED in terms else None
    if act is None or act.signed is None or act.signed <= on:
        return terms
    return {name: value for name, value in terms.items() if name != ENDED}


def whole(periods: Sequence[Title]) -> Title:
    """Merge periods of one convention; the result reads as the last of them."""
    first = periods[0]
    return first if len(periods) == 1 else replace(periods[-1], start=first.start, acts=first.acts, before=first.before)


def join_titles(candidates: Iterable[Title], holds: Callable[[Title], bool]) -> list[Title]:
    """The periods for which something holds, those of the same convention that follow each other without a gap as one.
    Of several acts on one day, each names the one from which on it held, or no longer held."""
    done: list[Title] = []
    for period in filter(holds, candidates):
        last = done[-1] if done else None
        if last is not None and last.record is period.record and period.acts and last.next == period.acts:
            done[-1] = whole((last, period))
        else:
            done.append(period)
    return [
        replace(
            period,
            acts=_deciding(period, period.before, period.acts, holds),
            next=_deciding(period, period.terms, period.next, holds),
        )
        if len(period.acts) > 1 or len(period.next) > 1
        else period
        for period in done
    ]


def _deciding(period: Title, terms: Terms, acts: tuple[Act, ...], holds: Callable[[Title], bool]) -> tuple[Act, ...]:
    """Of the acts of a day, the last that changes whether something holds, given the terms before them."""
    held, deciding = holds(replace(period, terms=terms)), acts[-1:]
    for act in acts:
        terms = apply_act(terms, act)
        if holds(replace(period, terms=terms)) != held:
            held, deciding = not held, (act,)
    return deciding


def next_notice(title: Title, on: date) -> tuple[date, date] | None:
    """The next day, from `on`, by which notice against a tacit renewal must be given, and the last day in force if it
    is; None if there is none, if the convention is not in force, or if it ends by then anyway."""
    coming = ((latest, end) for end, latest in notice_days(title.terms) if latest >= on)
    days = ((latest, end) for latest, end in coming if title.last is None or end < title.last)
    return next(days, None) if title.in_force(on) else None


def _title(record: Record, version: Version, before: Terms, after: Terms) -> Title:
    terms = version.terms
    return Title(
        record,
        terms,
        text(record, "status") in SIGNED,
        version.start,
        term_end(terms),
        day_of(terms.get(ENDED)),
        version.acts,
        version.cut,
        version.next,
        before,
        after,
        version.former,
        annulment(record.data),
    )

"""Decisions about conventions that are due, and by when: notices, ends without a successor, equipment to remove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import titles
from smartreg.domain.covers import Cover, of_convention
from smartreg.domain.days import days_later
from smartreg.domain.kinds import is_network
from smartreg.domain.renewal import notice_days, notice_end, termination_notice
from smartreg.domain.titles import Title, title_on

Decision: TypeAlias = Literal["notice", "end", "partial_end", "removal"]
"""Whether to let it be renewed; what follows its end, or the end of a part of it by an act; the equipment to remove
after that."""
DECISIONS: Mapping[Decision, Text] = {
    "notice": Message("renewed unless notice is given"),
    "end": Message("ends"),
    "partial_end": Message("ends in part"),
    "removal": Message("equipment to remove"),
}


class Deadline(NamedTuple):
    """By which day what is to be decided about a convention: the last day for a notice, the last day in force, or the
    last day to remove equipment. `end`: the last day in force that it is about; `records`: how many records of each
    kind lose, or have lost, their cover then (of a removal: how many devices)."""

    by: date
    decision: Decision
    convention: Record
    end: date
    records: Counter[str]


def deadlines(registry: Snapshot, on: date, until: date) -> list[Deadline]:
    """The decisions that are due from a day to another, both included, by day and convention, as agreed on the first
    day. A convention that another one follows needs no decision."""
    upcoming = (
        deadline
        for record in registry.of_kind("convention")
        for deadline in _of_convention(registry, record, on, until)
    )
    return sorted(upcoming, key=lambda deadline: (deadline.by, deadline.convention.rid, deadline.decision))


def ending_soon(registry: Snapshot, on: date, least: int) -> list[Deadline]:
    """The ends and removals that come within the notice period of their convention from a day, or within `least`
    days, by day and convention."""
    upcoming: list[Deadline] = []
    for record in registry.of_kind("convention"):
        notice = notice_end(on, termination_notice(title_on(registry, record, on).terms)) or on
        until = max(notice, days_later(on, least))
        upcoming += [
            deadline for deadline in _of_convention(registry, record, on, until) if deadline.decision != "notice"
        ]
    return sorted(upcoming, key=lambda deadline: (deadline.by, deadline.convention.rid, deadline.decision))


def _of_convention(registry: Snapshot, record: Record, on: date, until: date) -> Iterator[Deadline]:
    title = title_on(registry, record, on)
    if not title.signed or title.is_void(on):
        return
    yield from _of_acts(registry, record, title, on, until)
    if title.in_force(on):
        for end, latest in notice_days(title.terms):
            if on <= latest <= until and (title.last is None or end < title.last):
                lost = losing(registry, title, on, days_later(end, 1))
                yield Deadline(latest, "notice", record, end, count_records(lost))
    last, gone = title.last, title.removal_by
    if last is None or (gone or last) < on or last > until or has_successor(registry, title, last):
        return
    lost = losing(registry, title, on, days_later(last, 1))
    mounted = [cover for cover in lost if cover.exchange.family == "installation"]
    if last >= on:
        yield Deadline(last, "end", record, last, count_records(lost))
    if gone is not None and gone <= until and mounted:
        yield Deadline(gone, "removal", record, last, count_records(mounted))


def _of_acts(registry: Snapshot, record: Record, title: Title, on: date, until: date) -> Iterator[Deadline]:
    """The ends of a part: an act takes out of the convention a party, a family or a part of its scope, and nothing else
    covers what loses its cover by that."""
    cuts = (
        version
        for version in titles(registry).versions(record)
        if version.cut is not None and version.cut == version.last
    )
    if not any(version.cut <= until and (version.removal_by or version.cut) >= on for version in cuts if version.cut):
        return
    lost: dict[tuple[date, date | None], list[Cover]] = {}
    for cover in of_convention(registry, title, on):
        for part in cover.titles or ():
            last = part.last
            if part.id == title.id and last is not None and part.cut == last:
                after = days_later(last, 1)
                if cover.state(after) == "uncovered":
                    lost.setdefault((last, cover.remove_by(after)), []).append(cover)
    for last in sorted({last for last, _gone in lost}):
        if on <= last <= until:
            parts = [cover for (day, _gone), covers in lost.items() if day == last for cover in covers]
            yield Deadline(last, "partial_end", record, last, count_records(parts))
    for (last, gone), covers in sorted(lost.items(), key=lambda version: version[0][0]):
        if gone is not None and last <= until and on <= gone <= until:
            yield Deadline(gone, "removal", record, last, count_records(covers))


def losing(registry: Snapshot, title: Title, on: date, after: date) -> list[Cover]:
    """Of what is there on a day, what has no cover on the day after the end."""
    return [cover for cover in of_convention(registry, title, on) if cover.rests_on(title, after)]


def count_records(covers: Iterable[Cover]) -> Counter[str]:
    """The number of records of each kind, and of the networks that they use."""
    rids: set[RecordId] = set()
    for cover in covers:
        through = cover.exchange.through
        rids |= {cover.record.rid, *([through.rid] if through is not None and is_network(through.rid) else [])}
    return Counter(rid.kind for rid in rids)


def has_successor(registry: Snapshot, title: Title, end: date) -> bool:
    """Whether a convention with the same parties, families and scope, or more, is in force on the day after its end.
    There are at least two parties, so the conventions of the Métropole need not be read."""
    parties = (party for party in sorted(title.parties) if party != registry.config.metropole)
    others = (other for party in parties for other in titles(registry).of_party(party) if other.id != title.id)
    return any(
        title.parties <= other.parties
        and set(title.families) <= set(other.families)
        and other.in_force(days_later(end, 1))
        and other.spans(title)
        for other in others
    )

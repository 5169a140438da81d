"""`/coverage`: what no convention covers on a day, and the cover of one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from smartreg.commands.coverage import coverage, uncovered
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.typed import day
from smartreg.core.values import RecordId
from smartreg.domain.coverage import KINDS
from smartreg.domain.covers import Cover, State
from smartreg.domain.kinds import CONVENTION
from smartreg.domain.titles import Title
from smartreg.reporters.cover_wording import (
    count_uncovered,
    describe_cover,
    describe_loss,
    describe_own,
    describe_way,
    family,
    term,
)
from smartreg.schema import Kind
from smartreg.web.visit import Answer, Page, View, Visit

SHOWN = 200  # exchanges on one page
OFFERED = 300  # records to choose from


class CoverRow(NamedTuple):
    """An exchange between parties: its record, the family of intervention, between whom, how it stands."""

    rid: RecordId
    family: Text
    way: Text
    state: State
    words: Text


@dataclass(frozen=True)
class CoverShown:
    """What the page answers: exchanges (`total`: how many there are), the sentence that sums them up, conventions that
    open the record to others, a note on the state that was asked."""

    rows: Sequence[CoverRow]
    total: int
    summary: Text
    conventions: Sequence[tuple[Title, Text]] = ()
    note: Text | None = None


def show_coverage(visit: Visit) -> Answer:
    """The cover of a `record` on the day `on`; without a record, all that has none on that day. `ended`: a convention
    that is taken to be no longer in force."""
    asked = {name: visit.query.get(name, "").strip() for name in ("record", "on", "ended")}
    asked["on"] = asked["on"] or visit.today.isoformat()
    shown, fault = None, None
    try:
        on = day(Message("Day"), asked["on"])
        if word := asked["record"] or asked["ended"]:
            shown = _of_record(visit, word, asked["ended"] or None, on)
        else:
            shown = visit.shown.once(("uncovered", on), lambda: _of_all(visit, on))
    except UsageFault as refusal:
        fault = refusal
    values = {
        "asked": asked,
        "shown_cover": shown,
        "fault": fault,
        "conventions": _offer(visit, [CONVENTION]),
        "records": _offer(visit, KINDS),
    }
    return View("coverage.html", values, 400 if fault else 200)


def _offer(visit: Visit, kinds: Iterable[str]) -> Sequence[tuple[str, str]]:
    """The ids of these kinds with their labels; nothing where there are more than people look through."""
    registry, lang = visit.registry, visit.lang
    ids = [RecordId(kind, id) for kind in kinds for id in registry.ids(kind)]
    if len(ids) > OFFERED:
        return []
    records = [record for rid in ids if (record := registry.get(rid))]
    return [(each.rid.id, registry.schemas.kinds[each.rid.kind].label_of(each.data, lang)) for each in records]


def _of_all(visit: Visit, on: date) -> CoverShown:
    result = uncovered(visit.workspace, on, today=visit.today)
    rows = [_row(result.conventions, cover, on) for cover in result.covers[:SHOWN]]
    return CoverShown(rows, len(result.covers), count_uncovered(result.covers, on), note=result.note)


def _of_record(visit: Visit, word: str, ended: str | None, on: date) -> CoverShown:
    result = coverage(visit.workspace, word, on, today=visit.today, ending=ended, lang=visit.lang)
    rid = result.record.rid
    if result.ending is not None:
        rows = [
            _row(result.conventions, loss.cover, on)._replace(state="unknown", words=describe_loss(loss, on))
            for loss in result.losses
        ]
        summary = (
            Message("If {title} ended on {on}, nothing would lose cover.", title=result.ending.id, on=on)
            if not rows
            else Message("If {title} ended on {on}, this would lose cover:", title=result.ending.id, on=on)
        )
        return CoverShown(rows[:SHOWN], len(rows), summary, note=result.note)
    rows = [_row(result.conventions, cover, on) for cover in result.covers]
    own = [
        CoverRow(rid, family(result.conventions, each.family), describe_own(each), "not_needed", Message("not needed"))
        for each in result.own
    ]
    summary = (
        Message("{record} on {on}: {label}", record=rid, on=on, label=result.label)
        if rows or own
        else Message("No exchange between parties here on {on}.", on=on)
    )
    conventions = [(title, term(title)) for title in result.opened]
    return CoverShown([*rows, *own][:SHOWN], len(rows) + len(own), summary, conventions, result.note)


def _row(conventions: Kind, cover: Cover, on: date) -> CoverRow:
    return CoverRow(
        cover.record.rid,
        family(conventions, cover.exchange.family),
        describe_way(cover),
        cover.state(on),
        describe_cover(cover, on),
    )


PAGES = (Page("/coverage", show_coverage, menu=Message("Coverage"), is_long=Visit.has_many),)

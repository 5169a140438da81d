"""Equipment on another party's support, without a convention on installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import exchanges_reached, find_later_title, titles
from smartreg.domain.exchanges import PAST, Exchange, describe_installation, exchanges, exchanges_over_time, severity_of
from smartreg.domain.fields import has_ended, in_service, text
from smartreg.domain.gaps import gap_of
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "CON301",
    "error",
    "registry",
    Message("installed without convention"),
    kinds=("equipment",),
    touches=exchanges_reached,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        over_time = () if has_ended(registry, record) else exchanges_over_time(registry, record)
        for exchange in (each for each in over_time if each.family == "installation"):
            if conventions.find_applicable(record, exchange):
                start = exchange.start
                late = find_later_title(conventions.through_time(record, exchange), start) if start else None
                if late is not None:
                    yield _uncovered_installation(registry, record, exchange, late)
            elif exchange.earlier or not _is_about_named(registry, record, exchange):
                yield _uncovered_installation(registry, record, exchange)


def _uncovered_installation(registry: Snapshot, record: Record, exchange: Exchange, late: Title | None = None) -> Fault:
    """The message is the same before and after an amendment that came too late, because the fault is the same."""
    hint, related = _advice(registry, exchange, exchange.start, late)
    if exchange.through is not None:
        related = (Related(at(exchange.through, "owner"), Message("its owner")), *related)
    return Fault(
        at(record, *exchange.path),
        _message(registry, record, exchange),
        hint,
        related,
        severity_of(exchange),
    )


def _message(registry: Snapshot, record: Record, exchange: Exchange) -> Text:
    id, owner, (host,), start = record.rid.id, exchange.user, exchange.partners, exchange.start
    if exchange.earlier:
        support = describe_installation(exchange)
        if start is None:
            return Message(
                '{id} (owner {owner}) stood on {support}, and no convention between them covers "installation"',
                id=id,
                owner=owner,
                support=support,
            )
        return Message(
            '{id} (owner {owner}) stood on {support}, and no convention between them covered "installation" on {start}',
            id=id,
            owner=owner,
            support=support,
            start=start,
        )
    if in_service(registry, record):
        if start is None:
            return Message(
                "{id} (owner {owner}) stands on a support of {host}, and no convention between them covers "
                '"installation"',
                id=id,
                owner=owner,
                host=host,
            )
        return Message(
            "{id} (owner {owner}) stands on a support of {host}, and no convention between them covered "
            '"installation" on {start}',
            id=id,
            owner=owner,
            host=host,
            start=start,
        )
    if start is None:
        return Message(
            "{id} (owner {owner}) is to stand on a support of {host}, and no convention between them covers "
            '"installation"',
            id=id,
            owner=owner,
            host=host,
        )
    return Message(
        "{id} (owner {owner}) is to stand on a support of {host}, and no convention between them covered "
        '"installation" on {start}',
        id=id,
        owner=owner,
        host=host,
        start=start,
    )


def _advice(
    registry: Snapshot, exchange: Exchange, installed: date | None, late: Title | None
) -> tuple[Text, tuple[Related, ...]]:
    """Advice, given the amendment that came too late, the convention that does not cover it, or none."""
    if late is not None and late.act is not None:
        standing = late.reason_not_in_force(installed or late.act.start)
        hint = Message(
            "{late} {standing}: correct the date that was typed wrongly, take the equipment down, or waive it",
            late=late.id,
            standing=standing,
        )
        return hint, (Related(at(late.record, *late.act.path), late.act.title),)
    gap = gap_of(registry, exchange, installed)
    if gap is not None:
        place = at(gap.title.record, "families")
        hint = Message("{why}; {hint}", why=gap.why, hint=gap.hint)
        return hint, (Related(place, Message("the convention")),)
    if exchange.earlier:
        return PAST, ()
    hint = Message("record the convention (smartreg add-convention), or correct the owner")
    return hint, ()


def _is_about_named(registry: Snapshot, record: Record, exchange: Exchange) -> bool:
    """Whether CON310 reports it: the record names a convention between the two that does not cover it at all."""
    conventions = titles(registry)
    convention = conventions.find(text(record, "convention"))
    if convention is None:
        return False
    versions = conventions.versions(convention.record)
    covered = any(version.covers(other) for version in versions for other in exchanges(registry, record))
    return not covered and any(version.binds(exchange) for version in versions)

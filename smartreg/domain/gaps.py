"""Gaps in the cover of a convention between two parties, and the act that would close them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import titles
from smartreg.domain.corrections import shell_words
from smartreg.domain.exchanges import Exchange
from smartreg.domain.titles import Title


class Gap(NamedTuple):
    """A convention that binds both sides, why it does not cover their exchange, and what would."""

    title: Title
    why: Text
    hint: Text


def gap_of(registry: Snapshot, exchange: Exchange, by: date | None = None, on: date | None = None) -> Gap | None:
    """The gap in a convention between both sides that could be amended, preferably one with the right family; None if
    there is no such convention. `by`: the day by which it should have covered it; `on`: the day on which it should."""
    conventions = {
        title.id: title.record for title in titles(registry).of_party(exchange.user) if title.binds(exchange)
    }
    read = [titles(registry).of(record) for record in conventions.values()]
    gaps = [gap for title in read if _is_open(title, on) and (gap := gap_in(title, exchange, by)) is not None]
    return min(gaps, key=lambda gap: (exchange.family not in gap.title.families, gap.title.id), default=None)


def _is_open(title: Title, on: date | None) -> bool:
    """Whether the parties can still amend it, to be in force on that day."""
    return title.terminated is None and (on is None or not title.has_ended(on))


def gap_in(title: Title, exchange: Exchange, by: date | None) -> Gap | None:
    """The gap in this convention, which binds both sides; None if it covers everything."""
    words = list(_required_words(title, exchange))
    if not words or not title.binds(exchange):
        return None
    if exchange.family not in title.families:
        has = ", ".join(title.families)
        why = Message(
            'convention {title} covers [{has}], not "{family}"', title=title.id, has=has, family=exchange.family
        )
    else:
        id = exchange.through.rid.id if exchange.through else ""
        why = Message("{id} is not in the scope of convention {title}", id=id, title=title.id)
    return Gap(title, why, amend_hint(title, words, by))


def _required_words(title: Title, exchange: Exchange) -> Iterator[str]:
    if exchange.family not in title.families:
        yield f"families+={exchange.family}"
    for field, name in title.scope_gaps(exchange):
        yield f"scope.{field}+={name}"


def amend_hint(title: Title, required: Iterable[str], by: date | None = None) -> Text:
    """How to make a convention cover what it leaves out: `required` are the words for `amend` and `set`."""
    words = shell_words(required)
    if not title.signed:
        line = f"smartreg set {title.id} {words}"
        return Message("complete it: {line}", line=line)
    line = f"smartreg amend {title.id} {words} --signed-on DATE --deliberation ID"
    if by is None:
        return Message("record the amendment: {line}", line=line)
    return Message("record the amendment that took effect by {by}: {line}", by=by, line=line)

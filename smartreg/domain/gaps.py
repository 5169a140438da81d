"""What a convention between two parties leaves out, and the act that would take it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from smartreg.core.values import Words
from smartreg.domain.changes import shell_words
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import titles
from smartreg.domain.exchanges import Exchange
from smartreg.domain.titles import Title


class Gap(NamedTuple):
    """A convention that binds both sides, why it does not cover what passes between them, and what would."""

    title: Title
    why: Words
    hint: Words


def gap_of(registry: Snapshot, exchange: Exchange, by: date | None = None, on: date | None = None) -> Gap | None:
    """The gap of the convention between both sides that could be amended, one that has the family first; None where
    there is no such convention. `by`: the day by which it should have covered it; `on`: the day on which it should."""
    found = {one.id: one.record for one in titles(registry).of_party(exchange.user) if one.binds(exchange)}
    read = [titles(registry).of(record) for record in found.values()]
    gaps = [gap for one in read if _is_open(one, on) and (gap := gap_in(one, exchange, by)) is not None]
    return min(gaps, key=lambda gap: (exchange.family not in gap.title.families, gap.title.id), default=None)


def _is_open(title: Title, on: date | None) -> bool:
    """Whether the parties can still amend it, to be in force on that day."""
    return title.terminated is None and (on is None or not title.has_ended(on))


def gap_in(title: Title, exchange: Exchange, by: date | None = None) -> Gap | None:
    """What this convention, which binds both sides, leaves out; None when it covers it."""
    wanted = list(_required_words(title, exchange))
    if not wanted or not title.binds(exchange):
        return None
    if exchange.family not in title.families:
        has = ", ".join(title.families)
        why = Words(
            f'convention {title.id} covers [{has}], not "{exchange.family}"',
            f"la convention {title.id} couvre [{has}], et non « {exchange.family} »",
        )
    else:
        id = exchange.through.rid.id if exchange.through else ""
        why = Words(
            f"{id} is not in the scope of convention {title.id}",
            f"{id} n'est pas dans le périmètre de la convention {title.id}",
        )
    return Gap(title, why, amend_hint(title, wanted, by))


def _required_words(title: Title, exchange: Exchange) -> Iterator[str]:
    if exchange.family not in title.families:
        yield f"families+={exchange.family}"
    for field, name in title.scope_gaps(exchange):
        yield f"scope.{field}+={name}"


def amend_hint(title: Title, wanted: Iterable[str], by: date | None = None) -> Words:
    """How to bring a convention to cover what it leaves out: `wanted` are the words of `amend` and `set` for it."""
    words = shell_words(wanted)
    if not title.signed:
        line = f"smartreg set {title.id} {words}"
        return Words(f"complete it: {line}", f"complétez-la : {line}")
    line = f"smartreg amend {title.id} {words} --signed-on DATE --deliberation ID"
    if by is None:
        return Words(f"record the amendment: {line}", f"saisissez l'avenant : {line}")
    return Words(
        f"record the amendment that took effect by {by}: {line}",
        f"saisissez l'avenant en vigueur dès le {by} : {line}",
    )

"""Losses of cover, if a convention ended on a day, or were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from smartreg.domain.checks import Snapshot
from smartreg.domain.covers import (
    Cover,
    could_cover,
    ground_of,
    read_in,
)
from smartreg.domain.titles import Title


@dataclass(frozen=True)
class Loss:
    """Something that loses its cover. `remove_by`: the day by which equipment on a support must be gone; None where
    the convention gives no time for that, and for connections and data, which stop on the day itself. `next`: the
    convention that covers it from `next_from` on, once it is named where `must_name` says so; None when there is
    none."""

    cover: Cover
    remove_by: date | None
    next: Title | None
    next_from: date | None
    must_name: bool


def losses(registry: Snapshot, title: Title, on: date, covers: Iterable[Cover]) -> Iterator[Loss]:
    """The covers among these that have no convention any more if `title` is no longer in force from `on`."""
    for cover in covers:
        if cover.state(on) == "covered" and cover.rests_on(title, on):
            left = tuple(
                replace(period, terminated=on) if period.id == title.id else period for period in cover.titles or ()
            )
            yield _loss(registry, title, on, cover._replace(titles=left))


def losses_by_change(after: Snapshot, title: Title, on: date, covers: Iterable[Cover]) -> Iterator[Loss]:
    """The covers among these that hold on a day, and are not by the conventions of another state of the registry,
    in which `title` has changed."""
    for cover in covers:
        changed = read_in(after, cover)
        if cover.state(on) == "covered" and changed.state(on) == "uncovered":
            yield _loss(after, title, on, changed)


def _loss(registry: Snapshot, title: Title, on: date, cover: Cover) -> Loss:
    others = (period for period in could_cover(registry, cover.exchange) if period.id != title.id)
    coming = [
        period
        for period in others
        if period.in_force(on) or (period.start is not None and period.in_force(max(on, period.start)))
    ]
    next_period = min(coming, key=lambda period: (_first(period, on), period.id), default=None)
    return Loss(
        cover,
        cover.remove_by(on),
        next_period,
        _first(next_period, on) if next_period is not None else None,
        ground_of(cover, title) in ("named", "network"),
    )


def _first(title: Title, on: date) -> date:
    """The first day, from `on`, on which it is in force."""
    return on if title.start is None else max(on, title.start)

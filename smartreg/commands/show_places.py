"""The place and the owner of a record on a day, and since when the registry says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from smartreg.core.values import Json, Record, RecordId, short_id
from smartreg.domain.fields import in_service
from smartreg.domain.kinds import SUPPORT
from smartreg.domain.placements import (
    OWNERS,
    PLACEMENTS,
    Ownership,
    Placement,
    owner_on,
    ownership_on,
    placement_on,
    placements_of,
)
from smartreg.history import steps_touching
from smartreg.registry import Point, Registry, position
from smartreg.schema import Kind
from smartreg.trees import READ_LIMIT
from smartreg.workspace.workspace import Workspace
from smartreg.yamlio import read


@dataclass(frozen=True)
class RecordedLate:
    """The commit since which the registry gives the same answer for the day, and its day (see `commit_days`); both None
    for what no commit holds yet. `before`: what it answered until then (None: nothing). `or_before`: a shallow clone
    lacks what came before the commit, so it may have been recorded earlier."""

    day: date | None
    commit: str | None
    before: str | None
    or_before: bool = False


@dataclass(frozen=True)
class PlacesView:
    """A record on a day: its placement and the point (lon, lat) of it, its owner; None where the record has none on
    that day. `recorded` says of each whether the registry recorded it only after the day. `has_places`: whether it has
    a place on some day."""

    on: date
    placement: Placement | None
    point: Point | None
    owner: Ownership | None
    placement_recorded: RecordedLate | None
    owner_recorded: RecordedLate | None
    has_places: bool


def places_view(
    workspace: Workspace, registry: Registry, record: Record, on: date, at: str | None
) -> PlacesView | None:
    """Placement and owner on the day; None for a kind that keeps neither over time."""
    kind = registry.schemas.kinds[record.rid.kind]
    if (OWNERS,) not in kind.by_path:
        return None
    versions = list(_versions(workspace, registry, record, at))
    cut = workspace.repo.cut_at() if workspace.repo else frozenset()
    moves = (PLACEMENTS,) in kind.by_path
    placement = _placement_on(registry, record, on) if moves else None
    return PlacesView(
        on,
        placement,
        _point(registry, record, kind, placement),
        ownership_on(registry, record, on),
        _find_recorded(versions, lambda version: _place(_placement_on(registry, version, on)), on, cut)
        if moves
        else None,
        _find_recorded(versions, lambda version: owner_on(registry, version, on), on, cut),
        moves and bool(placements_of(record)),
    )


def _placement_on(registry: Registry, device: Record, on: date) -> Placement | None:
    """Where equipment was on a day; None also for what is only planned, which has a support, but no first day."""
    placement = placement_on(device, on)
    return (
        placement if placement is not None and (placement.start is not None or in_service(registry, device)) else None
    )


def _place(placement: Placement | None) -> str | None:
    """A place in one text: the support's id, or the point."""
    if placement is None or placement.support is not None:
        return placement.support if placement else None
    lon, lat = placement.location or (0.0, 0.0)
    return f"{lat}, {lon}"


def _point(registry: Registry, record: Record, kind: Kind, placement: Placement | None) -> Point | None:
    if (PLACEMENTS,) not in kind.by_path:
        return position(registry, record)
    if placement is None or placement.location is not None:
        return placement.location if placement else None
    support = registry.get(RecordId(SUPPORT, placement.support or ""))
    return position(registry, support) if support else None


def _versions(
    workspace: Workspace, registry: Registry, record: Record, at: str | None
) -> Iterator[tuple[Record, date | None, str | None]]:
    """The record as it is, and as each commit left it, newest first, with the day and id of the commit."""
    repo = workspace.repo
    start = None if repo is None else repo.resolve(at) if at else repo.head()
    steps = list(steps_touching(workspace.history, registry.schemas, record.rid, start)) if start else []
    days = workspace.history.days(start) if start else {}
    texts = [(step, touch.after) for step in steps for touch in step.touches]
    blobs = dict(repo.blobs(dict.fromkeys(after[1] for _, after in texts if after), READ_LIMIT)) if repo else {}
    if not texts or texts[0][1] is None or texts[0][1][1] != record.blob:
        yield record, None, None
    for step, after in texts:
        data: Json = (read(blobs[after[1]], after[0]).data or {}) if after else {}
        yield Record(record.rid, record.file, data, ""), days.get(step.commit.oid), step.commit.oid


def _find_recorded(
    versions: list[tuple[Record, date | None, str | None]],
    answer: Callable[[Record], str | None],
    on: date,
    cut: Collection[str],
) -> RecordedLate | None:
    """Since when the answer for the day has been the same; None where that was no later than the day."""
    now = answer(versions[0][0])
    since = versions[0][1:]
    for record, day, oid in versions[1:]:
        earlier_answer = answer(record)
        if earlier_answer != now:
            return _late(since, earlier_answer, on)
        since = (day, oid)
    late = _late(since, None, on) if now is not None else None
    return replace(late, or_before=since[1] in cut) if late else None


def _late(since: tuple[date | None, str | None], before: str | None, on: date) -> RecordedLate | None:
    day, oid = since
    if day is not None and day <= on:
        return None
    return RecordedLate(day, short_id(oid) if oid else None, before)

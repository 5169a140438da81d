"""Where a device hung on a day, or whose a thing was, and since when the registry says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from smartreg.commands.workspace import Workspace
from smartreg.core.values import Json, Record, RecordId, short_id
from smartreg.domain.placements import OWNERS, PLACEMENTS, Ownership, Placement, owner_on, ownership_on, placement_on
from smartreg.history import steps_touching
from smartreg.registry import Point, Registry, position
from smartreg.schema import Kind
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

SUPPORT = "support"


@dataclass(frozen=True)
class Recorded:
    """The commit since which the registry gives the same answer for the day, and its day (see `commit_days`); both None
    for what no commit holds yet. `before`: what it answered until then (None: nothing)."""

    day: date | None
    commit: str | None
    before: str | None


@dataclass(frozen=True)
class PlacesView:
    """A record on a day: its placement and the point (lon, lat) of it, its owner; None where the record has none on
    that day. `recorded` says of each whether the registry told it only after the day."""

    on: date
    placement: Placement | None
    point: Point | None
    owner: Ownership | None
    placement_recorded: Recorded | None
    owner_recorded: Recorded | None


def places_view(
    workspace: Workspace, registry: Registry, record: Record, on: date, at: str | None
) -> PlacesView | None:
    """Placement and owner on the day; None for a kind that keeps neither over time."""
    kind = registry.schemas.kinds[record.rid.kind]
    if (OWNERS,) not in kind.by_path:
        return None
    versions = list(_versions(workspace, registry, record, at))
    moves = (PLACEMENTS,) in kind.by_path
    placement = placement_on(record, on) if moves else None
    return PlacesView(
        on,
        placement,
        _point(registry, record, kind, placement),
        ownership_on(record, on),
        _find_recorded(versions, lambda one: _place(placement_on(one, on)), on) if moves else None,
        _find_recorded(versions, lambda one: owner_on(one, on), on),
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
    versions: list[tuple[Record, date | None, str | None]], answer: Callable[[Record], str | None], on: date
) -> Recorded | None:
    """Since when the answer for the day has been the same; None where that was no later than the day."""
    now = answer(versions[0][0])
    found = versions[0][1:]
    for record, day, oid in versions[1:]:
        said = answer(record)
        if said != now:
            return _late(found, said, on)
        found = (day, oid)
    return _late(found, None, on) if now is not None else None


def _late(found: tuple[date | None, str | None], before: str | None, on: date) -> Recorded | None:
    day, oid = found
    if day is not None and day <= on:
        return None
    return Recorded(day, short_id(oid) if oid else None, before)

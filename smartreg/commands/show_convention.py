"""A convention on a day: its state on a day, who is responsible for what, its acts and annexes. Whose place a
party took, and who has its place.

Where a device hung on a day, or whose a thing was, and since when the registry says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from smartreg.commands.workspace import Workspace
from smartreg.core.values import Json, Record, RecordId, short_id
from smartreg.domain.acts import Act, Terms, acts, termination
from smartreg.domain.annexes import WEB, digest_of
from smartreg.domain.coverage import Roles, Title, responsible
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
from smartreg.domain.successions import Succession, successions
from smartreg.domain.titles import next_notice, title_on, title_versions, version_on
from smartreg.history import steps_touching
from smartreg.registry import Point, Registry, position
from smartreg.schema import Kind
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

Standing: TypeAlias = Literal["draft", "adopted", "not_yet", "in_force", "expired", "terminated"]
FileState: TypeAlias = Literal["intact", "changed", "missing", "no_digest", "web", "no_file"]


@dataclass(frozen=True)
class ActView:
    """A deliberation that the convention names; `record` None where there is none of this id. `cites` and `amends`:
    the numbers of those that it cites and amends (ids where they are not recorded)."""

    id: str
    record: Record | None
    cites: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnnexView:
    """An annex, and whether its file is the one that was recorded."""

    kind: str
    title: str
    path: str
    state: FileState


@dataclass(frozen=True)
class VersionView:
    """A version of a convention: its first and last day, and the acts that begin it (none: the initial act), a
    succession of parties among them, which nobody signed. `ends`: it is the termination, from its day on."""

    start: date | None
    last: date | None
    acts: tuple[Act, ...]
    ends: bool = False

    @property
    def changes(self) -> tuple[str, ...]:
        """What its acts change, as `parties += martigues`."""
        return tuple(change for act in self.acts for change in act.describe())


@dataclass(frozen=True)
class ConventionView:
    """A convention on a day: its versions, the one of that day and its terms, the next day by which notice against its
    renewal must be given with the end that it prevents, first and last day in force, parties with what they are
    responsible for, deliberations, annexes."""

    on: date
    versions: tuple[VersionView, ...]
    version: VersionView
    terms: Terms
    notice: tuple[date, date] | None
    standing: Standing
    start: date | None
    last: date | None
    responsible: Mapping[str, Roles]
    acts: tuple[ActView, ...]
    annexes: tuple[AnnexView, ...]


def convention_view(registry: Registry, record: Record, on: date) -> ConventionView:
    """The convention on the day, whatever faults it has."""
    title, versions = title_on(registry, record, on), title_versions(registry, record)
    held = responsible(registry, title, on)
    parties = dict.fromkeys((*_as_tuple(title.terms.get("parties")), *held))
    deliberations = dict.fromkeys(
        (*_as_tuple(record.data.get("deliberations")), *(id for act in acts(record) for id in act.deliberations))
    )
    ending, on_day = tuple(_termination(versions[-1])), version_on(versions, on)
    ended = next((view for view in ending if view.start is not None and view.start <= on), None)
    return ConventionView(
        on,
        (*(VersionView(view.start, view.last, view.acts) for view in versions), *ending),
        ended or VersionView(on_day.start, on_day.last, on_day.acts),
        title.terms,
        next_notice(title, on),
        find_standing(title, on),
        title.start,
        title.last,
        {party: held.get(party, {}) for party in parties},
        tuple(_act(registry, id) for id in deliberations),
        tuple(_annexes(registry, record)),
    )


def find_standing(title: Title, on: date) -> Standing:
    """Its state on the day."""
    if not title.signed:
        return "adopted" if title.record.data.get("status") == "adopted" else "draft"
    if title.has_ended(on):
        return "terminated" if title.terminated is not None and on >= title.terminated else "expired"
    return "in_force" if title.in_force(on) else "not_yet"


def _termination(last: Title) -> Iterator[VersionView]:
    """The end of the last version where the convention is terminated, as a version of its own."""
    if last.terminated is not None and last.terminated == last.end:
        act = termination(last.record)
        yield VersionView(last.terminated, None, (act,) if act else (), ends=True)


def _act(registry: Registry, id: str) -> ActView:
    record = registry.get(RecordId("deliberation", id))
    if record is None:
        return ActView(id, None)
    cites, amends = (_numbers(registry, record.data.get(field)) for field in ("cites", "amends"))
    return ActView(id, record, cites, amends)


def _numbers(registry: Registry, ids: Json) -> tuple[str, ...]:
    records = ((id, registry.get(RecordId("deliberation", id))) for id in _as_tuple(ids))
    return tuple(str(record.data.get("number", id)) if record else id for id, record in records)


def _annexes(registry: Registry, record: Record) -> Iterator[AnnexView]:
    items = record.data.get("annexes")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            kind, title, path, expected = (
                value if isinstance(value := item.get(name), str) else ""
                for name in ("kind", "title", "path", "sha256")
            )
            yield AnnexView(kind, title, path, _state(registry, record, path, expected))


def _state(registry: Registry, record: Record, path: str, expected: str) -> FileState:
    if not path:
        return "no_file"
    if path.startswith(WEB):
        return "web"
    digest = digest_of(registry, record, path)
    if digest is None:
        return "missing"
    if not expected:
        return "no_digest"
    return "intact" if digest == expected else "changed"


def _as_tuple(value: Json) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


@dataclass(frozen=True)
class PartyView:
    """A party on a day: those whose place it took (also later than the day), and who has its place, if not it alone."""

    on: date
    predecessors: tuple[Succession, ...]
    heirs: tuple[str, ...]


def party_view(registry: Registry, record: Record, on: date) -> PartyView:
    """Who the party is on the day."""
    id, history = record.rid.id, successions(registry)
    heirs = history.parties_on(id, on)
    return PartyView(on, history.predecessors.get(id, ()), heirs if heirs != (id,) else ())


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

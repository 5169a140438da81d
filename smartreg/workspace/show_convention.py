"""A convention on a day: its state, who is responsible for what, its acts and annexes. Whose place a party took, and
who has its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from smartreg.core.messages import Message, Text, joined
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.acts import Act, acts, termination
from smartreg.domain.annexes import WEB, digest_of
from smartreg.domain.fields import text_list
from smartreg.domain.renewal import Terms
from smartreg.domain.responsibilities import Roles, responsible
from smartreg.domain.successions import Succession, successions
from smartreg.domain.titles import Standing, Title, next_notice, title_on, title_versions, version_on
from smartreg.registry import Registry

FileState: TypeAlias = Literal["intact", "changed", "missing", "no_digest", "web", "no_file"]
FILE_STATES: Mapping[FileState, Text] = {
    "intact": Message("as recorded"),
    "changed": Message("CHANGED since it was recorded"),
    "missing": Message("MISSING"),
    "no_digest": Message("no digest recorded"),
    "web": Message("on the web"),
    "no_file": Message("no file recorded"),
}


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

    @property
    def origin(self) -> Text:
        """The acts by which it is what it is."""
        each = [
            Message("succession {number}", number=act.number)
            if act.heirs
            else Message("amendment {number}, signed on {signed}", number=act.number, signed=act.signed)
            for act in self.acts
        ]
        acts = joined(each, Message("; "))
        if self.ends:
            return Message("terminated by {acts}", acts=acts) if each else Message("terminated")
        return acts if each else Message("as first signed")


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

    @property
    def reading(self) -> Text:
        """By which acts the terms are what they are on the day."""
        return Message("as it reads on {on} ({act})", on=self.on, act=self.version.origin)


def convention_view(registry: Registry, record: Record, on: date) -> ConventionView:
    """The convention on the day, whatever faults it has."""
    title, versions = title_on(registry, record, on), title_versions(registry, record)
    held = responsible(registry, title, on)
    parties = dict.fromkeys((*text_list(title.terms.get("parties")), *held))
    deliberations = dict.fromkeys(
        (*text_list(record.data.get("deliberations")), *(id for act in acts(record) for id in act.deliberations))
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
    if title.is_void(on):
        return "annulled"
    if title.has_ended(on):
        return "terminated" if title.terminated is not None and on >= title.terminated else "expired"
    return "in_force" if title.in_force(on) else "not_yet"


def _termination(last: Title) -> Iterator[VersionView]:
    """The end of the last version where the convention is terminated, as a version of its own."""
    if last.terminated is not None and last.ends_by_termination:
        act = termination(last.record)
        yield VersionView(last.terminated, None, (act,) if act else (), ends=True)


def _act(registry: Registry, id: str) -> ActView:
    record = registry.get(RecordId("deliberation", id))
    if record is None:
        return ActView(id, None)
    cites, amends = (_numbers(registry, record.data.get(field)) for field in ("cites", "amends"))
    return ActView(id, record, cites, amends)


def _numbers(registry: Registry, ids: Json) -> tuple[str, ...]:
    records = ((id, registry.get(RecordId("deliberation", id))) for id in text_list(ids))
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

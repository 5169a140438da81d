"""What conventions cover: which one counts for an exchange between parties, and what would lose cover if a convention
ended on a day. Who is responsible for what under a convention: what the deliberation calls the responsibility of the
parties. Questions about cover concern a party, support, equipment, network, flow or convention.

The versions of conventions as rows: from when to when, by which act, and the fields in force then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.messages import Message, Text, joined
from smartreg.core.values import Json, Record, RecordId, value_at
from smartreg.domain.acts import ENDED, TERMS, termination
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import KIND, is_use, titles
from smartreg.domain.covers import (
    SOURCE,
    Cover,
    Free,
    Ground,
    State,
    could_cover,
    covers_of,
    flows_fed_by_any,
    ground_of,
    of_convention,
    read_in,
    there,
)
from smartreg.domain.exchanges import Exchange, exchanges_over_time, objects, providers
from smartreg.domain.fields import record_named_by, text
from smartreg.domain.flows import flows_fed_by
from smartreg.domain.placements import owner_on, support_on
from smartreg.domain.successions import PartySource, parties_on
from smartreg.domain.titles import Title, join_titles, title_versions

__all__ = [
    "COLUMNS",
    "KINDS",
    "SOURCE",
    "Cover",
    "Ground",
    "Loss",
    "Own",
    "Role",
    "Roles",
    "State",
    "Title",
    "convention_versions",
    "covers_about",
    "covers_of",
    "covers_on",
    "ground_of",
    "losses",
    "losses_by_change",
    "of_convention",
    "own",
    "responsible",
    "there",
    "title_of",
    "titles_opened_by",
    "why_not_covered",
]


FREE: Mapping[Free, Text] = {
    "commercial": Message("paid subscription: no convention is needed"),
    "public": Message("public under its licence: no convention is needed"),
    "not_in_use": Message("not in use: no convention is needed yet"),
}
UNKNOWN = Message("the convention that it names cannot be read (smartreg validate says why)")


@dataclass(frozen=True)
class Loss:
    """Something that loses its cover. `remove_by`: the day by which equipment on a support must be gone; None for
    connections and data, which stop on the day itself. `next`: the convention that covers it from `next_from` on, once
    it is named where `must_name` says so; None when there is none."""

    cover: Cover
    remove_by: date | None
    next: Title | None
    next_from: date | None
    must_name: bool


def losses(registry: Snapshot, title: Title, on: date, covers: Iterable[Cover]) -> Iterator[Loss]:
    """Those of these covers that have no convention any more if `title` is no longer in force from `on`."""
    for cover in covers:
        if cover.state(on) == "covered" and cover.rests_on(title, on):
            left = tuple(replace(one, terminated=on) if one.id == title.id else one for one in cover.titles or ())
            yield _loss(registry, title, on, replace(cover, titles=left))


def losses_by_change(after: Snapshot, title: Title, on: date, covers: Iterable[Cover]) -> Iterator[Loss]:
    """Those of these covers that are covered on a day, and are not by the conventions of another state of the registry,
    in which `title` has changed."""
    for cover in covers:
        changed = read_in(after, cover)
        if cover.state(on) == "covered" and changed.state(on) == "uncovered":
            yield _loss(after, title, on, changed)


def _loss(registry: Snapshot, title: Title, on: date, cover: Cover) -> Loss:
    others = (one for one in could_cover(registry, cover.exchange) if one.id != title.id)
    coming = [one for one in others if one.in_force(on) or (one.start is not None and one.in_force(max(on, one.start)))]
    found = min(coming, key=lambda one: (_first(one, on), one.id), default=None)
    return Loss(
        cover,
        cover.remove_by(on),
        found,
        _first(found, on) if found is not None else None,
        ground_of(cover, title) in ("named", "network"),
    )


def _first(title: Title, on: date) -> date:
    """The first day, from `on`, on which it is in force."""
    return on if title.start is None else max(on, title.start)


Role: TypeAlias = Literal["owner", "manager", "operator", "maintainer", "producer"]
Roles: TypeAlias = Mapping[Role, tuple[RecordId, ...]]


def responsible(registry: Snapshot, title: Title, on: date) -> dict[str, Roles]:
    """Party → role → the records (equipment, supports, networks, flows) in which it has that role on the day, each
    once, by id. Only owners have a history in records: other roles are today's. Records that the convention covers only
    in a version other than that day's are left out."""
    records: dict[RecordId, Record] = {}
    for cover in of_convention(registry, title, on):
        if not any(one.id == title.id and one.is_read_on(on) for one in cover.titles or ()):
            continue
        for record in (cover.record, cover.exchange.through):
            if record is not None:
                records[record.rid] = record
    found: dict[str, dict[Role, list[RecordId]]] = {}
    for rid in sorted(records):
        for role, party in _roles(registry, records[rid], on):
            found.setdefault(party, {}).setdefault(role, []).append(rid)
    return {party: {role: tuple(rids) for role, rids in held.items()} for party, held in sorted(found.items())}


def _roles(registry: Snapshot, record: Record, on: date) -> Iterator[tuple[Role, str]]:
    """The roles in one record on the day; a role that is not named has the schema's default."""
    owner, operator = owner_on(registry, record, on), text(record, "operator")
    roles: dict[Role, str | None] = {}
    if record.rid.kind == "support":
        roles = {"owner": owner, "manager": text(record, "manager") or owner}
    elif record.rid.kind == "network":
        roles = {"owner": owner or operator, "operator": operator}
    elif record.rid.kind == "equipment":
        runs = operator or owner
        roles = {"owner": owner, "operator": runs, "maintainer": text(record, "maintainer") or runs}
    elif record.rid.kind == "flow":
        platform = value_at(record.data, ("platform", "operator"))
        roles = {"producer": text(record, "producer"), "operator": platform if isinstance(platform, str) else None}
    named = ((role, party) for role, party in roles.items() if party is not None)
    return ((role, heir) for role, party in named for heir in parties_on(registry, party, on))


KINDS = ("party", "support", "equipment", "network", "flow", KIND)
FAMILIES = {"support": "installation", "network": "connectivity"}


class Own(NamedTuple):
    """A family for which equipment needs no convention on a day, because the support or network is its owner's."""

    family: str
    through: Record


def title_of(registry: Snapshot, convention: Record) -> Title:
    """A convention from its first day to its last, as it reads after all acts."""
    return titles(registry).of(convention)


def covers_about(registry: Snapshot, record: Record, on: date) -> list[Cover]:
    """The exchanges by the record, or from, to or through it, on the day, sorted by record; for a convention, those
    that it covers; for equipment, also those of the flows that it feeds."""
    if record.rid.kind == KIND:
        return of_convention(registry, titles(registry).of(record), on)
    found = (cover for rid in _near(registry, record) for cover in _of(registry, rid, on))
    return [cover for cover in found if _concerns(cover, record)]


def covers_on(registry: Snapshot, on: date) -> Iterator[Cover]:
    """The exchanges by all equipment and flows that are there on the day, sorted by record."""
    for kind in ("equipment", "flow"):
        for record in registry.of_kind(kind):
            yield from covers_of(registry, record, on)


def why_not_covered(cover: Cover, on: date) -> Text | None:
    """Why no convention covers it on the day, or has to; None if one does."""
    if cover.free is not None:
        return FREE[cover.free]
    if cover.titles is None:
        return UNKNOWN
    if cover.by(on):
        return None
    lapsed = [joined((title.id, title.reason_not_in_force(on)), " ") for title in cover.titles]
    return joined(lapsed, Message("; ")) if lapsed else Message("no convention is about it")


def titles_opened_by(registry: Snapshot, record: Record, on: date) -> list[Title]:
    """The periods of conventions, whatever their days, under which others may use a support or network of its owners on
    the day; for a party, those to which it is a party."""
    conventions = titles(registry)
    if record.rid.kind == "party":
        return join_titles(conventions.of_party(record.rid.id), lambda one: record.rid.id in one.parties)
    family = FAMILIES.get(record.rid.kind)
    if family is None:
        return []
    hosts = providers(record) if family == "connectivity" else tuple(filter(None, (owner_on(registry, record, on),)))
    exchange = Exchange(family, record.rid.kind, "", hosts, record)
    near = {title.id: title.record for host in hosts for title in conventions.of_party(host)}

    def opens(one: Title) -> bool:
        return family in one.families and not one.bound.isdisjoint(hosts) and one.reaches(exchange)

    return join_titles((one for _, record in sorted(near.items()) for one in conventions.versions(record)), opens)


def own(registry: Snapshot, record: Record, on: date) -> list[Own]:
    """For equipment: its support and network of the day that are its owner's on that day."""
    if record.rid.kind != "equipment":
        return []
    crossing = {exchange.family for exchange in exchanges_over_time(registry, record) if exchange.holds(on)}
    hosts = (support_on(registry, record, on), record_named_by(registry, record, "network", "network"))
    found = zip(FAMILIES.values(), hosts, strict=True)
    return [Own(family, host) for family, host in found if host is not None and family not in crossing]


def _near(registry: Snapshot, record: Record) -> Iterable[RecordId]:
    """The equipment and flows that may form an exchange."""
    rid = record.rid
    if rid.kind == "party":
        near = set(objects(registry, (rid.id,)))
        return sorted({*near, *flows_fed_by_any(registry, near)})
    if rid.kind in FAMILIES:
        return sorted({link.source for link in registry.links_to(rid) if is_use(rid.kind, link.path)})
    return (rid, *sorted(set(flows_fed_by(registry, rid)))) if rid.kind == "equipment" else (rid,)


def _of(registry: Snapshot, rid: RecordId, on: date) -> Iterator[Cover]:
    record = registry.get(rid)
    return covers_of(registry, record, on) if record is not None else iter(())


def _concerns(cover: Cover, record: Record) -> bool:
    kind, exchange = record.rid.kind, cover.exchange
    if kind == "party":
        return record.rid.id in (exchange.user, *exchange.partners)
    if kind in FAMILIES:
        return exchange.through is not None and exchange.through.rid == record.rid
    return True


COLUMNS = ("convention", "from_day", "until_day", "act", *TERMS)
"""Of each row: the convention, the first and last day, the numbers of the acts that begin the version (None: as first
signed), and the fields then in force; lists are joined by "|", groups are JSON."""


def convention_versions(registry: PartySource, conventions: Iterable[Record]) -> Iterator[tuple[Json, ...]]:
    """One row for each version of each convention, by convention and day; the cells are those of `COLUMNS`. A
    termination is a separate row, from its day on: nothing is in force then."""
    for record in conventions:
        found = title_versions(registry, record)
        for one in found:
            days = (day.isoformat() if day else None for day in (one.start, one.last))
            terms = (_cell(one.terms.get(name)) for name in TERMS)
            yield (record.rid.id, *days, "|".join(act.number for act in one.acts) or None, *terms)
        end = found[-1].terminated
        if end is not None and end == found[-1].end:
            act = termination(record)
            over = (end.isoformat() if name == ENDED else None for name in TERMS)
            yield (record.rid.id, end.isoformat(), None, act.number if act else None, *over)


def _cell(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value

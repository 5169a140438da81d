"""Who is responsible for what under a convention: what the deliberation calls the responsibility of the parties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, TypeAlias

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId, value_at
from smartreg.domain.checks import Snapshot
from smartreg.domain.covers import (
    of_convention,
)
from smartreg.domain.fields import text
from smartreg.domain.placements import owner_on
from smartreg.domain.successions import parties_on
from smartreg.domain.titles import Title

Role: TypeAlias = Literal["owner", "manager", "operator", "maintainer", "producer"]
Roles: TypeAlias = Mapping[Role, tuple[RecordId, ...]]
ROLES: Mapping[Role, Text] = {
    "owner": Message("owner of"),
    "manager": Message("manager of"),
    "operator": Message("operator of"),
    "maintainer": Message("maintainer of"),
    "producer": Message("producer of"),
}


def responsible(registry: Snapshot, title: Title, on: date) -> dict[str, Roles]:
    """Party → role → the records (equipment, supports, networks, flows) in which it has that role on the day, each
    once, by id. Only owners have a history in records: other roles are today's. Records that the convention covers only
    in a version other than that day's are left out."""
    records: dict[RecordId, Record] = {}
    for cover in of_convention(registry, title, on):
        if not any(period.id == title.id and period.is_read_on(on) for period in cover.titles or ()):
            continue
        for record in (cover.record, cover.exchange.through):
            if record is not None:
                records[record.rid] = record
    by_party: dict[str, dict[Role, list[RecordId]]] = {}
    for rid in sorted(records):
        for role, party in _roles(registry, records[rid], on):
            by_party.setdefault(party, {}).setdefault(role, []).append(rid)
    return {party: {role: tuple(rids) for role, rids in held.items()} for party, held in sorted(by_party.items())}


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
    parties = ((role, party) for role, party in roles.items() if party is not None)
    return ((role, heir) for role, party in parties for heir in parties_on(registry, party, on))

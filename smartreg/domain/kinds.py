"""The kinds to which the convention gives a meaning. Code outside the domain asks here instead of naming a kind."""

from __future__ import annotations

from smartreg.core.values import Record, RecordId
from smartreg.schema import Kind

CONVENTION, DELIBERATION, PARTY = "convention", "deliberation", "party"
EQUIPMENT, FLOW = "equipment", "flow"
NETWORK, SUPPORT = "network", "support"


def is_convention(rid: RecordId) -> bool:
    return rid.kind == CONVENTION


def is_deliberation(rid: RecordId) -> bool:
    return rid.kind == DELIBERATION


def is_party(rid: RecordId) -> bool:
    return rid.kind == PARTY


def is_equipment(rid: RecordId) -> bool:
    return rid.kind == EQUIPMENT


def is_flow(rid: RecordId) -> bool:
    return rid.kind == FLOW


def is_network(rid: RecordId) -> bool:
    return rid.kind == NETWORK


def is_support(rid: RecordId) -> bool:
    return rid.kind == SUPPORT


def is_host(rid: RecordId) -> bool:
    """Whether it can host other parties' equipment: a support or a network."""
    return rid.kind in (SUPPORT, NETWORK)


def may_need_cover(rid: RecordId) -> bool:
    """Whether a convention may be needed for it: equipment or a flow."""
    return rid.kind in (EQUIPMENT, FLOW)


def named_conventions(kind: Kind, record: Record) -> set[str]:
    """The ids of the conventions that a record is or names."""
    ids = {link.target for link in kind.links(record) if link.kinds == (CONVENTION,)}
    return {*ids, record.rid.id} if is_convention(record.rid) else ids


def party_of(kind: Kind, record: Record) -> str | None:
    """The id of the party that a record is, or that its first required top-level reference to a party names."""
    if is_party(record.rid):
        return record.rid.id
    for field in kind.references:
        target = record.data.get(field.path[0])
        if field.refs == (PARTY,) and len(field.path) == 1 and field.required and isinstance(target, str) and target:
            return target
    return None

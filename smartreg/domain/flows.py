"""Flows: who takes part, which devices feed them, and what they say about personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from smartreg.core.values import Json, KeyPath, Record, RecordId, value_at
from smartreg.domain.checks import Snapshot
from smartreg.domain.fields import has_ended, in_service, numbered_texts, text, text_list
from smartreg.domain.placements import owner_on
from smartreg.domain.successions import is_metropole, parties_on


class Participant(NamedTuple):
    """A party that takes part in a flow, and where the flow names it."""

    party: str
    path: KeyPath


def participants(flow: Record) -> Iterator[Participant]:
    """Producer, consumers and operator of the platform, each party once; a public flow is open to any consumer, so its
    consumers are left out."""
    places: list[tuple[Json, KeyPath]] = [(flow.data.get("producer"), ("producer",))]
    if text(flow, "access") != "public":
        places.extend((id, path) for id, path in consumers(flow))
    places.append((value_at(flow.data, ("platform", "operator")), ("platform", "operator")))
    seen: set[str] = set()
    for id, path in places:
        if isinstance(id, str) and id and id not in seen:
            seen.add(id)
            yield Participant(id, path)


def consumers(flow: Record) -> Iterator[Participant]:
    """The parties that receive the data, in the order of the record."""
    for index, id in numbered_texts(flow.data.get("consumers")):
        if id:
            yield Participant(id, ("consumers", index))


def devices(registry: Snapshot, flow: Record) -> Iterator[tuple[KeyPath, Record]]:
    """The devices of a flow that exist and whose life has not ended, and where the flow names them."""
    for index, id in numbered_texts(flow.data.get("equipment")):
        device = registry.get(RecordId("equipment", id))
        if device is not None and not has_ended(registry, device):
            yield ("equipment", index), device


def of_others(registry: Snapshot, flow: Record, producer: str, on: date) -> dict[str, list[tuple[KeyPath, Record]]]:
    """The devices in service that do not belong to the producer on the day, by owner, and where the flow names them."""
    by_owner: dict[str, list[tuple[KeyPath, Record]]] = {}
    for path, device in devices(registry, flow):
        owner = owner_on(registry, device, on)
        is_own = owner is None or owner in (producer, *parties_on(registry, producer, on))
        if owner is not None and not is_own and in_service(registry, device):
            by_owner.setdefault(owner, []).append((path, device))
    return by_owner


def flows_fed_by(registry: Snapshot, device: RecordId) -> Iterator[RecordId]:
    """The flows that name this device."""
    for link in registry.links_to(device):
        if link.source.kind == "flow" and link.path[0] == "equipment":
            yield link.source


def third(registry: Snapshot, id: str) -> Record | None:
    """The party with this id if it is a third party (not the Métropole, and of a category that `smartreg.toml` counts
    as such), else None."""
    party = registry.get(RecordId("party", id))
    if party is None or is_metropole(registry, id):
        return None
    return party if text(party, "category") in registry.config.third_party_categories else None


def personal(flow: Record) -> Mapping[str, Json]:
    """The part of the flow about personal data; empty if nothing readable."""
    data = flow.data.get("personal_data")
    return data if isinstance(data, Mapping) else {}


def is_personal(flow: Record) -> bool:
    """Whether the flow says that it carries personal data."""
    return personal(flow).get("involved") is True


def captures(device: Record) -> tuple[str, ...]:
    """The data that the device could capture about people."""
    return text_list(device.data.get("captures"))

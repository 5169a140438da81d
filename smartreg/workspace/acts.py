"""The deliberations by which something is decided: records that exist, or a new one that comes with the same commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.typed import read_value
from smartreg.edit import file_of, new_text
from smartreg.registry import Registry
from smartreg.workspace.add import new_id
from smartreg.workspace.workspace import record_of

KIND, FIELD = "deliberation", "deliberations"


@dataclass(frozen=True)
class Acts:
    """The deliberations as asked for: ids (or other words for them), and the fields of a new one, if there is one."""

    named: tuple[str, ...] = ()
    new: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """The deliberations as they will be: ids, the latest of their days, and the record that comes with them."""

    ids: tuple[str, ...]
    latest: date | None
    added: tuple[RecordId, ...]
    writes: Mapping[str, bytes | None]


def find_acts(registry: Registry, acts: Acts) -> Decided:
    """Find the named deliberations and make the new one. UsageFault for one that does not exist, and for a new
    one whose number or id is taken."""
    records = [_get_record(registry, word) for word in acts.named]
    ids = [record.rid.id for record in records]
    days = [record.data.get("date") for record in records]
    added: tuple[RecordId, ...] = ()
    writes: dict[str, bytes | None] = {}
    if acts.new:
        kind = registry.schemas.kind(KIND)
        values = {name: read_value(kind, (name,), str(value), registry) for name, value in acts.new.items()}
        data = {**values, "id": str(values.get("id") or new_id(registry, kind, values))}
        _refuse_known(registry, data)
        file = file_of(kind, data)
        ids.append(data["id"])
        days.append(data.get("date"))
        added, writes = (RecordId(KIND, data["id"]),), {file: new_text(kind, data, file)}
    return Decided(tuple(dict.fromkeys(ids)), max(_days(days), default=None), added, writes)


def _get_record(registry: Registry, word: str) -> Record:
    record = record_of(registry, word, KIND)
    if record.rid.kind != KIND:
        raise UsageFault(
            Message("{record} is not a deliberation", record=record.rid),
            Message("smartreg list deliberation shows them"),
        )
    return record


def _refuse_known(registry: Registry, data: Mapping[str, Json]) -> None:
    for record in registry.of_kind(KIND):
        if record.rid.id == data["id"] or record.data.get("number") == data.get("number"):
            raise UsageFault(
                Message(
                    "the deliberation {number} is already recorded as {record}",
                    number=data.get("number"),
                    record=record.rid.id,
                ),
                Message("name it: --deliberation {record}", record=record.rid.id),
            )


def _days(texts: list[Json]) -> Iterator[date]:
    for text in texts:
        try:
            yield date.fromisoformat(str(text))
        except ValueError:
            continue  # the rules say that it is no day

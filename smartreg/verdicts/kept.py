"""What was found in one state of a registry, as the index keeps it."""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Mapping
from datetime import date

from smartreg.check import Checker, Found
from smartreg.index import load_answer, question, store_values
from smartreg.named import NamedTuple
from smartreg.piles import Pile, read, spelled
from smartreg.registry import Registry
from smartreg.values import RecordId
from smartreg.verdicts.seen import Seen

VERSION = 5
"""Of what is kept: another number, other rows."""


class Kept(NamedTuple):
    """How the records stood, where that could be told in short; the blobs of all other files by path; what was
    found; and a checksum of all this."""

    seen: Seen | None
    others: Mapping[str, str]
    found: Found
    sum: bytes = b""


class Slot(NamedTuple):
    """`key`: where the index keeps what was found in the last state that was judged by these rules, `states`: that
    state; `frame`: by what it was judged."""

    key: str
    states: str
    frame: str


def slot(checker: Checker, registry: Registry) -> Slot | None:
    """Where to keep what the checker finds; None where it may depend on more than is known: rules of others, and what a
    write or a change is judged with."""
    context, config = checker.context, registry.config
    alien = context.config is not config or context.schemas is not registry.schemas
    if alien or config.plugins or context.corrected or context.entered or registry.frame.index.in_memory:
        return None
    outlines = config.territory.boundaries
    frame = (
        *(VERSION, registry.schemas.digest, config.digest, registry.tree.object_format),
        *(registry.digest_of(outlines) if outlines else None, context.on.isoformat(), checker.codes),
    )
    asked = ("verdict", registry.tree.commit is None, checker.codes)
    return Slot(question(*asked), question(*asked, "states"), question(*frame))


def recall(registry: Registry, place: Slot) -> Kept | None:
    """What is kept there, if it was judged by the same frame."""
    value = load_answer(registry.frame.index, place.key)
    if value is None or not value.startswith(f'["{place.frame}"'.encode()):
        return None
    told, _, packed = value.partition(b"\n")
    _, short, others, asked = json.loads(told)
    local, shared, piles = marshal.loads(packed)
    days = {RecordId(kind, id): date.fromisoformat(day) if day else None for kind, id, day in asked}
    found = Found([*map(read, local)], [*map(read, shared)], days, [Pile(*row) for row in piles])
    return Kept(Seen(*short) if short else None, others, found, _sum(value))


def states(registry: Registry, place: Slot, kept: Kept) -> dict[str, str]:
    """How each record stood when what is kept was found; empty where that is lost."""
    value = load_answer(registry.frame.index, place.states) or b""
    if not value.startswith(kept.sum):
        return {}
    found: dict[str, str] = marshal.loads(value[len(kept.sum) :])
    return found


def keep(registry: Registry, place: Slot, kept: Kept) -> None:
    """Keep it instead of what was there: a line of JSON, then what was found as `marshal` writes it; and the states of
    all records."""
    found = kept.found
    asked = [[rid.kind, rid.id, day.isoformat() if day else None] for rid, day in found.asked.items()]
    told = json.dumps([place.frame, kept.seen, kept.others, asked], separators=(",", ":")).encode()
    rows = ([*map(spelled, found.local)], [*map(spelled, found.shared)], [pile.row for pile in found.piles])
    value = told + b"\n" + marshal.dumps(rows)
    each = _sum(value) + marshal.dumps(registry.state())
    store_values(registry.frame.index, "answer", [(place.key, value), (place.states, each)])


def _sum(value: bytes) -> bytes:
    """What binds the states to what was found: another process may keep both between two looks."""
    return hashlib.sha1(value, usedforsecurity=False).digest()

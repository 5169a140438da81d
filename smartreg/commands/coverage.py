"""`coverage`: which conventions cover a record on a day, and what would be without cover if one of them ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from smartreg.commands.conventions import convention_named
from smartreg.commands.origin import find_record
from smartreg.commands.past import PastRegistry, registry_on
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.acts import acts
from smartreg.domain.coverage import (
    KINDS,
    Own,
    covers_about,
    covers_on,
    own,
    title_of,
    titles_opened_by,
    why_not_covered,
)
from smartreg.domain.covers import Cover
from smartreg.domain.days import days_later
from smartreg.domain.kinds import is_convention
from smartreg.domain.losses import Loss, losses, losses_by_change
from smartreg.domain.titles import Title
from smartreg.edit import Edit
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.tables.table import CellType


@dataclass(frozen=True)
class Coverage:
    """The exchanges between parties that pass by a record on a day, and their cover; for equipment, what is its owner's
    own; for a support, network or party, the conventions that open it. `ending`: the convention that is taken to be no
    longer in force from `on`, and the `losses` then. `recorded_on`: the day of the state that gives what has no day of
    its own; `note`: what the answer owes to other days than `on`."""

    record: Record
    kind: Kind
    label: str
    on: date
    covers: tuple[Cover, ...]
    own: tuple[Own, ...]
    opened: tuple[Title, ...]
    conventions: Kind
    ending: Title | None = None
    losses: tuple[Loss, ...] = ()
    recorded_on: date | None = None
    note: Text | None = None


def coverage(
    workspace: Workspace,
    word: str,
    on: date,
    *,
    today: date,
    at: str | None = None,
    ending: str | None = None,
    lang: Language = "en",
) -> Coverage:
    """The cover of the record that people call `word`, as recorded at `at`, in force on `on`; for a day before `today`,
    in the registry of that day. UsageFault for a record of a kind that needs no convention."""
    registry = workspace.registry(at)
    record = find_record(workspace, registry, word, at)
    kind = registry.schemas.kinds[record.rid.kind]
    if record.rid.kind not in KINDS:
        listed = ", ".join(KINDS)
        raise UsageFault(
            Message("no convention covers a {kind}", kind=kind.name, title=kind.title),
            Message("ask for one of: {listed}", listed=listed),
        )
    convention = convention_named(registry, ending) if ending else None
    past = state_on(workspace, registry, on, today)
    registry = past.registry
    there = registry.get(record.rid)
    record = there or record
    title = title_of(registry, convention) if convention else None
    covers = covers_about(registry, record, on)
    return Coverage(
        record,
        kind,
        kind.label_of(record.data, lang),
        on,
        tuple(covers),
        tuple(own(registry, record, on)) if there else (),
        tuple(titles_opened_by(registry, record, on)),
        registry.schemas.kinds["convention"],
        title,
        tuple(losses(registry, title, on, covers)) if title else (),
        past.recorded_on or min(on, today),
        past.note(past.late.intersection((record.rid, *(cover.record.rid for cover in covers)))),
    )


def state_on(workspace: Workspace, registry: Registry, on: date, today: date) -> PastRegistry:
    """The registry in which cover is judged on a day: for one before `today`, that of the day, with later acts."""
    return registry_on(workspace, registry, on, today=today, later_acts=True) if on < today else PastRegistry(registry)


COVER_COLUMNS: Mapping[str, tuple[Text, CellType]] = {
    "kind": (Message("Kind of the record"), "string"),
    "id": (Message("Identifier"), "string"),
    "family": (Message("Family of intervention"), "string"),
    "user": (Message("Party whose equipment or data it is"), "string"),
    "partners": (Message("Other parties, any of which may agree"), "string"),
    "through": (Message("Support or network"), "string"),
    "state": (Message("covered, uncovered, unknown or not_needed"), "string"),
    "convention": (Message("Convention in force, the one that lasts longest"), "string"),
    "from_day": (Message("First day in force"), "date"),
    "until_day": (Message("Last day in force"), "date"),
    "why_not": (Message("Why no convention covers it, or has to"), "string"),
}
"""Of each row of the table `coverage`: what it holds, and its type."""


def cover_rows(registry: Registry, on: date, lang: Language) -> Iterator[tuple[Json, ...]]:
    """A row for each exchange between parties on the day, sorted by record; the cells are those of `COVER_COLUMNS`."""
    for cover in covers_on(registry.load_all(), on):
        exchange, why = cover.exchange, why_not_covered(cover, on)
        title = next(iter(cover.by(on)), None) if why is None else None
        days = (title.start, title.last) if title is not None else (None, None)
        yield (
            *(*cover.record.rid, exchange.family, exchange.user, " ".join(exchange.partners)),
            *(exchange.through.rid.id if exchange.through is not None else None, cover.state(on)),
            *(title.id if title is not None else None, *(day.isoformat() if day else None for day in days)),
            why.in_(lang) if why is not None else None,
        )


@dataclass(frozen=True)
class Uncovered:
    """The exchanges between parties that no convention covers on a day, sorted by record; `recorded_on`, `note` as of
    `Coverage`."""

    on: date
    covers: tuple[Cover, ...]
    conventions: Kind
    recorded_on: date
    note: Text | None


def uncovered(workspace: Workspace, on: date, *, today: date, at: str | None = None) -> Uncovered:
    """What is without cover on the day: equipment on supports and networks of others, and flows; for a day before
    `today`, in the registry of that day."""
    registry = workspace.registry(at).load_all()
    past = state_on(workspace, registry, on, today)
    covers = tuple(cover for cover in covers_on(past.registry, on) if cover.state(on) == "uncovered")
    return Uncovered(
        on,
        covers,
        registry.schemas.kinds["convention"],
        past.recorded_on or min(on, today),
        past.note(past.late.intersection(cover.record.rid for cover in covers)),
    )


def losses_by_edit(before: Registry, edit: Edit, today: date) -> list[Coverage]:
    """The losses of cover by an edit of a convention, by the day from which on it does: those on which a new act takes
    effect, or on which the convention now ends. Of a day in the past, what is there today."""
    after = before.with_writes(edit.writes)
    record = next(convention for rid in edit.records if is_convention(rid) and (convention := before.get(rid)))
    amended = after.get(record.rid) or record
    old, new, earlier_acts = title_of(before, record), title_of(after, amended), acts(record)
    days = {act.start for act in acts(amended) if act not in earlier_acts}
    if new.last is not None and (old.last is None or new.last < old.last):
        days.add(days_later(new.last, 1))
    kind, conventions = before.schemas.kinds[record.rid.kind], before.schemas.kinds["convention"]
    seen: set[tuple[RecordId, str, str, tuple[str, ...]]] = set()
    coverages: list[Coverage] = []
    for on in sorted(days):
        covers = tuple(covers_about(before, record, max(on, today)))
        lost = [loss for loss in losses_by_change(after, old, on, covers) if _exchange_key(loss) not in seen]
        seen.update(map(_exchange_key, lost))
        if lost:
            label = kind.label_of(record.data, "en")
            coverages.append(Coverage(record, kind, label, on, covers, (), (), conventions, new, tuple(lost)))
    return coverages


def _exchange_key(loss: Loss) -> tuple[RecordId, str, str, tuple[str, ...]]:
    exchange = loss.cover.exchange
    return loss.cover.record.rid, exchange.family, exchange.user, exchange.partners

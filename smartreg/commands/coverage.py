"""`coverage`: which conventions cover a record on a day, and what would be without cover if one of them ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from smartreg.commands.past import PastRegistry, registry_on
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Message, Text, joined, message_in, verbatim
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.acts import acts
from smartreg.domain.coverage import (
    KINDS,
    REASONS,
    STATES,
    Own,
    covers_about,
    covers_on,
    own,
    reason_code,
    title_of,
    titles_opened_by,
)
from smartreg.domain.covers import SOURCE, Cover, covers_of
from smartreg.domain.days import days_later
from smartreg.domain.fields import texts
from smartreg.domain.flows import of_others
from smartreg.domain.kinds import CONVENTION, EQUIPMENT, FLOW, PARTY, is_convention
from smartreg.domain.losses import Loss, losses, losses_by_change
from smartreg.domain.titles import Title
from smartreg.edit import Edit
from smartreg.history.entries import LogOptions, entries
from smartreg.registry import Registry
from smartreg.schema import ITEM, Kind
from smartreg.tables import CellType, Column, ForeignKey, Row, Table, View, table_name
from smartreg.tables.table import free
from smartreg.workspace.conventions import convention_named
from smartreg.workspace.origin import find_record
from smartreg.workspace.workspace import Workspace

CONSUMERS = "consumers"


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
    ending: Title | None
    losses: tuple[Loss, ...]
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
    present, past = registry, state_on(workspace, registry, on, today)
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
        _with_notes(
            past.note(past.late.intersection((record.rid, *(cover.record.rid for cover in covers)))),
            _recipients_gone_since(workspace, present, covers, on, at) if past.registry is not present else (),
        ),
    )


def _with_notes(note: Text | None, more: Iterable[Text]) -> Text | None:
    notes = [*([note] if note is not None else []), *more]
    return joined(notes, " ") if notes else None


def _recipients_gone_since(
    workspace: Workspace, present: Registry, covers: Iterable[Cover], on: date, at: str | None
) -> Iterator[Text]:
    """Recipients of flows on a past day whom a later commit took out: recipients have no days of their own, so they may
    have been cut off before that day and recorded later."""
    flows = {cover.record.rid: cover.record for cover in covers if cover.exchange.field == CONSUMERS}
    start = workspace.git.resolve(at) if at is not None else None
    for rid, then in sorted(flows.items()):
        now = present.get(rid)
        gone = {*texts(then, CONSUMERS)} - {*texts(now, CONSUMERS)} if now is not None else set()
        for entry in (
            entries(workspace.history, present.schemas, LogOptions(since=on, start=start), rid) if gone else ()
        ):
            before, after = (entry.change.before, entry.change.after) if entry.change is not None else (None, None)
            if before is None or after is None:
                continue
            for party in sorted(gone & {*texts(before, CONSUMERS)} - {*texts(after, CONSUMERS)}):
                yield Message(
                    "{party} was taken out of the recipients of {flow} by a commit of {day} ({reason}): it may have "
                    "been cut off before.",
                    party=party,
                    flow=rid.id,
                    day=entry.day or "?",
                    reason=entry.reason or entry.subject,
                )


def state_on(workspace: Workspace, registry: Registry, on: date, today: date) -> PastRegistry:
    """The registry in which cover is judged on a day: for one before `today`, that of the day, with later acts."""
    return registry_on(workspace, registry, on, today=today, later_acts=True) if on < today else PastRegistry(registry)


COVERAGE = "coverage"
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
    "not_in_force": (Message("Conventions about it that are not in force"), "string"),
}
"""Of each row of the table `coverage`: what it holds, and its type."""


def cover_rows(registry: Registry, on: date) -> Iterator[tuple[Json, ...]]:
    """A row for each exchange between parties on the day, sorted by record; the cells are those of `COVER_COLUMNS`."""
    return (_cover_row(cover, on) for cover in covers_on(registry.load_all(), on))


def _cover_row(cover: Cover, on: date) -> tuple[Json, ...]:
    exchange, why = cover.exchange, reason_code(cover, on)
    title = next(iter(cover.by(on)), None) if why is None else None
    days = (title.start, title.last) if title is not None else (None, None)
    lapsed = dict.fromkeys(title.id for title in cover.titles or ()) if cover.state(on) == "uncovered" else ()
    return (
        *(*cover.record.rid, exchange.family, exchange.user, "|".join(exchange.partners)),
        *(exchange.through.rid.id if exchange.through is not None else None, cover.state(on)),
        *(title.id if title is not None else None, *(day.isoformat() if day else None for day in days)),
        *(why, "|".join(lapsed) or None),
    )


def coverage_table(registry: Registry, seen: View, on: date, taken: Collection[str]) -> Table:
    """The cover on a day of the equipment and flows that were selected, as a table; `seen`: the part of the registry
    that the audience sees; `taken`: the names of the other tables."""

    def rows() -> Iterator[Row]:
        registry.load_all()
        for kind in COVERED_KINDS:
            for rid in dict.fromkeys(record.rid for record in seen.of_kind(kind)):
                record = registry.get(rid)
                covers = covers_of(registry, record, on) if record is not None else ()
                visible = (shown for cover in covers if (shown := _visible(registry, seen, cover, on)) is not None)
                yield from ((*row[:2], n, *row[2:]) for n, row in enumerate(visible, 1))

    kinds, columns = seen.schemas.kinds, tuple(_columns(registry))
    return Table(
        free(COVERAGE, {*taken}),
        kinds[EQUIPMENT],
        (COVERAGE,),
        Message("Cover by conventions"),
        Message("What passes between parties on the reference date, and which convention covers it"),
        columns,
        3,
        rows,
        tuple(ForeignKey((name,), table_name(kinds[to])) for name, to in _REFERENCES.items() if to in kinds),
    )


COVERED_KINDS = (EQUIPMENT, FLOW)
_REFERENCES = {"user": PARTY, "convention": CONVENTION}
_HEADINGS = {
    "kind": message_in("heading of coverage", "kind"),
    "id": message_in("heading of coverage", "id"),
    "family": message_in("heading of coverage", "family"),
    "user": message_in("heading of coverage", "user"),
    "partners": message_in("heading of coverage", "partners"),
    "through": message_in("heading of coverage", "through"),
    "state": message_in("heading of coverage", "state"),
    "from_day": message_in("heading", "from_day"),
    "until_day": message_in("heading", "until_day"),
    "why_not": message_in("heading of coverage", "why_not"),
    "not_in_force": message_in("heading of coverage", "not_in_force"),
}
_ALWAYS = frozenset({"kind", "id", "family", "user", "partners"})


def _columns(registry: Registry) -> Iterator[Column]:
    convention = registry.schemas.kinds.get(CONVENTION)
    families = convention.by_path.get(("families", ITEM)) if convention else None
    labels: Mapping[str, Mapping[str, Text]] = {"state": STATES, "why_not": REASONS}
    for name, (about, kind) in COVER_COLUMNS.items():
        shows = families if name == "family" else None
        heading = _HEADINGS.get(name, verbatim(name))
        yield Column(name, heading, kind, about, None, name in _ALWAYS, shows, labels.get(name))
        if name == "id":
            yield Column("n", Message("n"), "integer", Message("Which exchange of the record, from 1"), required=True)


def _visible(registry: Registry, seen: View, cover: Cover, on: date) -> tuple[Json, ...] | None:
    """The row of an exchange as far as the audience sees it; None if it does not see that there is one. Of conventions
    that it does not see, the row says nothing, not even whether they cover it."""
    if seen.whole is not None:
        return _cover_row(cover, on)
    exchange = cover.exchange
    parties = (RecordId(PARTY, party) for party in (exchange.user, *exchange.partners))
    about = (*parties, *((exchange.through.rid,) if exchange.through is not None else ()))
    if any(seen.get(rid) is None for rid in about) or not _is_fed_visibly(registry, seen, cover, on):
        return None
    titles = None if cover.titles is None else tuple(each for each in cover.titles if seen.get(each.record.rid))
    shown = _cover_row(cover._replace(titles=titles), on)
    if titles == cover.titles or cover.free is not None or shown[_STATE] == "covered":
        return shown
    return (*shown[:_STATE], *(None for _ in shown[_STATE:]))


_STATE = [*COVER_COLUMNS].index("state")


def _is_fed_visibly(registry: Registry, seen: View, cover: Cover, on: date) -> bool:
    """Whether the audience sees a device by which the data of another party come to the producer of a flow; for what
    passes otherwise, True."""
    exchange = cover.exchange
    if exchange.field != SOURCE:
        return True
    devices = of_others(registry, cover.record, exchange.partners[0], on).get(exchange.user, ())
    return any(seen.get(device.rid) is not None for _, device in devices)


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

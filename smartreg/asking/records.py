"""The choice of a record, found by its id, its identifiers or its label, or by its distance to a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.asking.choices import NUMBERED, Choice, Choices, Finder, Found, Labels, NoSingleMatch, Places
from smartreg.asking.question import Answers, FormContext, Question, Questions
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Json, RecordId
from smartreg.domain.search import find_identified, search_records
from smartreg.registry import (
    Near,
    Point,
    Registry,
    label_identifiers,
    label_with_identifier,
    nearest,
    typed_point_or_none,
)
from smartreg.schema import FieldPath, Kind
from smartreg.tables import tables_of

RECORD_PATH: FieldPath = ("RECORD",)  # what a command is about
FEW = 100  # records whose labels are read one by one
RECORD, RECORDS = Message("Record"), Message("Records")
FIND = Message(
    "A record is found by words of its id, an identifier (DevEUI, serial number), its label, its address or its "
    "commune, in any order; accents and case do not matter.\nExample: sensor school"
)


def record_question(
    context: FormContext,
    path: FieldPath,
    rids: Sequence[RecordId],
    title: Text = RECORD,
    near: Sequence[Near] = (),
    *,
    several: bool = False,
) -> Question:
    """Asks for one of these records, the nearest first where a place is known, or for `several`. Its choices raise
    UsageFault where there is none."""

    def choices() -> Choices:
        if not rids:
            raise UsageFault(Message("there is no record to choose"))
        return placed_choices(context, rids, near)

    return Question(
        path,
        title.in_(context.lang),
        explanation=FIND.in_(context.lang),
        choices=choices,
        several=several,
        decides=True,
        placeholder=path[0],
        missing=Message("choose a record"),
    )


def one_record(context: FormContext, rids: Sequence[RecordId], title: Text, _answers: Answers) -> Questions[str]:
    """The form that asks for one of these records."""
    record: str = yield record_question(context, RECORD_PATH, rids, title)
    return record


def all_records(context: FormContext) -> list[RecordId]:
    """Every record, kind by kind."""
    registry = context.workspace.current
    return [RecordId(kind, id) for kind in registry.schemas.kinds for id in registry.ids(kind)]


def read_fields(registry: Registry, kind: Kind, names: Sequence[str]) -> dict[RecordId, dict[str, Json]]:
    """These fields, where they are single values, of every record of a kind that can be read: from its table, for
    reading ten thousand records takes seconds."""
    tables = tables_of(registry)
    tables.need((kind.name,))
    stored = tables.layout.stored[kind.name]
    columns = {name: stored[(name,)] for name in names if (name,) in stored}
    rows = tables.values(kind.name, [stored[()], *columns.values()])
    return {RecordId(kind.name, str(id)): dict(zip(columns, values, strict=True)) for _file, (id, *values) in rows}


def record_choices(
    context: FormContext,
    rids: Sequence[RecordId],
    *,
    first: Sequence[Choice] = (),
    last: Sequence[Choice] = (),
    by_kind: bool = True,
) -> Choices:
    """A choice of these records, by `kind/id` or by id alone, and of others before and after them."""
    choices = [*first, *(Choice(str(rid) if by_kind else rid.id) for rid in rids), *last]
    finder = finder_of(context, rids, by_kind=by_kind, more=[*first, *last])
    return Choices(choices, finder=finder, labels=_labels_of(context, rids, by_kind=by_kind))


def _labels_of(context: FormContext, rids: Sequence[RecordId], *, by_kind: bool) -> Labels:
    """The labels of these records, by the values of their choices: few are read one by one, many from their tables."""
    registry = context.workspace.current
    by_value = {str(rid) if by_kind else rid.id: rid for rid in rids}

    def labels(values: Sequence[str]) -> dict[str, str]:
        asked = {value: by_value[value] for value in values if value in by_value}
        if len(asked) <= FEW:
            return {value: name_of(context, rid) for value, rid in asked.items()}
        by_rid: dict[RecordId, str] = {}
        for kind in (registry.schemas.kinds[name] for name in dict.fromkeys(rid.kind for rid in asked.values())):
            indexed = registry.frame.indexed
            fields = read_fields(registry, kind, [*kind.label, *label_identifiers(kind, indexed)])
            by_rid |= {rid: label_with_identifier(kind, indexed, data, context.lang) for rid, data in fields.items()}
        return {value: by_rid.get(rid, "") for value, rid in asked.items()}

    return labels


def finder_of(
    context: FormContext, rids: Sequence[RecordId], *, by_kind: bool = True, more: Sequence[Choice] = ()
) -> Finder:
    """How these records are found, as everywhere, and `more` choices after them."""
    registry, kinds, others = context.workspace.current, {rid.kind: None for rid in rids}, Choices(more)
    chosen = set(rids)

    def by_words(text: str) -> Iterator[Found]:
        for found in search_records(registry, [*kinds], text):
            yield Found(str(found.rid) if by_kind else found.rid.id, found.is_named)
        named = _named_choice(others, text)
        yield from (Found(choice.value, choice == named) for choice in others.search(text))

    def exactly(text: str) -> Iterable[str]:
        called = find_identified(registry, [*kinds], text) or registry.by_name.find(kinds, text)
        if called and chosen.isdisjoint(called):
            raise _not_to_be_chosen(context, text, called[0])
        return [str(rid) if by_kind else rid.id for rid in called if rid in chosen]

    return Finder(by_words, exactly)


def _named_choice(choices: Choices, text: str) -> Choice | None:
    try:
        return choices.named(text)
    except NoSingleMatch:
        return None


def _not_to_be_chosen(context: FormContext, text: str, rid: RecordId) -> UsageFault:
    """The refusal of a record that is called so, but is not among the choices: its life has ended, as a rule."""
    registry = context.workspace.current
    record, life = registry.get(rid), registry.schemas.kinds[rid.kind].lifecycle
    status = record.data.get(life.field) if record is not None and life is not None else None
    if record is None or life is None or not isinstance(status, str):
        return UsageFault(Message("{text} is {record}, which is not to be chosen here", text=text, record=rid))
    label = registry.schemas.kinds[rid.kind].by_path[(life.field,)].labels.get(status, verbatim(status))
    day = record.data.get(life.dates.get(status, ""))
    hint = Message("smartreg show {record} tells more", record=rid)
    if isinstance(day, str):
        said = {"text": text, "record": rid, "status": label, "day": day}
        return UsageFault(Message("{text} is {record}: {status} on {day}, not to be chosen here", **said), hint)
    return UsageFault(
        Message("{text} is {record}: {status}, not to be chosen here", text=text, record=rid, status=label), hint
    )


def name_of(context: FormContext, rid: RecordId) -> str:
    """The label of a record, with its identifier (see `label_with_identifier`); empty if it has none."""
    registry = context.workspace.current
    record, kind = registry.get(rid), registry.schemas.kinds[rid.kind]
    return "" if record is None else label_with_identifier(kind, registry.frame.indexed, record.data, context.lang)


def nearest_first(context: FormContext, choices: Sequence[Choice], near: Sequence[Near]) -> list[Choice]:
    """The choices, the nearest first, each with its distance."""
    values = {choice.value for choice in choices}
    first = {}
    for each in near:
        for value in (each.record.rid.id, str(each.record.rid)):
            if value in values:
                label = " · ".join(filter(None, (f"{each.metres:.0f} m", name_of(context, each.record.rid))))
                first[value] = Choice(value, label)
    return [*first.values(), *(choice for choice in choices if choice.value not in first)]


def placed_choices(
    context: FormContext,
    rids: Sequence[RecordId],
    near: Sequence[Near],
    *,
    by_kind: bool = True,
    more: Sequence[Choice] = (),
) -> Choices:
    """A choice of these records, the nearest first, and of `more`; where they may have a position, one that is typed
    sorts them anew."""
    registry = context.workspace.current
    choices = [*(Choice(str(rid) if by_kind else rid.id) for rid in rids), *more]
    chosen = set(rids)
    kinds = [registry.schemas.kinds[name] for name in dict.fromkeys(rid.kind for rid in rids)]
    placed = tuple(kind.name for kind in kinds if any((name,) in kind.by_path for name in kind.position))

    def sort(where: Point) -> tuple[Sequence[Choice], int]:
        nearby = [each for each in nearest(registry, placed, where) if each.record.rid in chosen]
        return nearest_first(context, choices, nearby), len(nearby)

    places = Places(typed_point_or_none, sort) if placed else None
    finder = finder_of(context, rids, by_kind=by_kind, more=more)
    labels = _labels_of(context, rids, by_kind=by_kind)
    return Choices(nearest_first(context, choices, near), min(len(near), NUMBERED), places, finder, labels)

"""The forms for changes to records that are there: `set`, `move`, `replace`, `retire`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from smartreg.asking.choices import Choice, Choices
from smartreg.asking.fields import field_question, filled_fields, is_one_answer
from smartreg.asking.question import Answers, FormContext, Question, Questions
from smartreg.asking.records import RECORD_PATH, RECORDS, all_records, read_fields, record_question
from smartreg.core.coordinates import read_coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.secret import mask
from smartreg.core.values import Json, Record, RecordId, path_text, value_at
from smartreg.domain.devices import REPLACES, missing_identifiers
from smartreg.registry import nearest, position
from smartreg.schema import Field, FieldPath, Kind, as_typed, literal
from smartreg.workspace.add import assign, like
from smartreg.workspace.workspace import record_of

SUPPORT: FieldPath = ("SUPPORT",)
FIELD: FieldPath = ("FIELD",)
EQUIPMENT, SUPPORT_KIND = "equipment", "support"


class Assignments(NamedTuple):
    """A change by `set`: records, assignments, paths to unset; `picked`: the records that were asked for."""

    records: tuple[str, ...]
    changes: tuple[str, ...]
    unset: tuple[str, ...]
    picked: tuple[str, ...] = ()

    @property
    def typed(self) -> list[tuple[str, str]]:
        """The answers as arguments and options."""
        return [*(("", word) for word in (*self.picked, *self.changes)), *(("--unset", path) for path in self.unset)]


def assignments(context: FormContext, words: Sequence[str], answers: Answers) -> Questions[Assignments]:
    """Asks for records, unless `words` name them, for a field of them, and for its new value. UsageFault for records of
    several kinds."""
    picked: Sequence[str] = ()
    if not words:
        picked = yield record_question(context, RECORD_PATH, all_records(context), RECORDS, several=True)
    registry = context.workspace.current
    records = [record_of(registry, word) for word in words or picked]
    kind = registry.schemas.kinds[_kind_of_all(records)]
    name = yield _about_field(context, kind, records)
    field = kind.by_path[tuple(name.split("."))]
    default = answers.former.get(field.path)
    if default is None and len(records) == 1:
        default = value_at(records[0].data, field.path)
    optional = not field.required and default is not None
    value = yield field_question(context, kind, records[0].data, field, default, optional=optional)
    changes = () if value is None else as_assignments(kind, field, value)
    return Assignments(tuple(words or picked), changes, (field.name,) if value is None else (), tuple(picked))


def _kind_of_all(records: Sequence[Record]) -> str:
    """UsageFault where there are several."""
    names = list(dict.fromkeys(record.rid.kind for record in records))
    if len(names) > 1:
        raise UsageFault(
            Message("these are of several kinds: {names}", names=", ".join(names)),
            Message("name the field: smartreg set RECORD… PATH=VALUE"),
        )
    return names[0]


def _about_field(context: FormContext, kind: Kind, records: Sequence[Record]) -> Question:
    choices, data = [], mask(dict(records[0].data)) if len(records) == 1 else {}
    for field in kind.fields:
        if is_one_answer(kind, field) and field.path != ("id",):
            value = value_at(data, field.path)
            now = "" if value is None else f" = {value if isinstance(value, str) else literal(value)}"
            choices.append(Choice(field.name, f"{field.title.in_(context.lang)}{now}"))
    explanation = Message("A field is found by its name or its title. Example: status")
    return Question(
        FIELD,
        Message("Field").in_(context.lang),
        explanation=explanation.in_(context.lang),
        choices=lambda: Choices(choices),
        decides=True,
        missing=Message("choose a field"),
    )


def as_assignments(kind: Kind, field: Field, value: Json) -> tuple[str, ...]:
    """The assignments of `set` that give a field the value of an answer."""
    if kind.is_place(field):
        place = read_coordinates(str(value))
        return (f"{field.name}.lon={place.lon}", f"{field.name}.lat={place.lat}") if place else ()
    return tuple(f"{path_text(path)}={as_typed(filled)}" for path, filled in filled_fields(field, value).items())


class Replacement(NamedTuple):
    """The device that is replaced, and how the new one differs from it, as assignments."""

    old: str
    changes: tuple[str, ...]


def replacement(
    context: FormContext, old: str | None, given: Sequence[str], answers: Answers
) -> Questions[Replacement]:
    """Asks for a device in service, unless it is named, and for the identifiers of the new one that are not `given` as
    assignments."""
    old = old or (yield record_question(context, RECORD_PATH, in_life(context, EQUIPMENT, served=True)))
    registry = context.workspace.current
    record = record_of(registry, old)
    kind = registry.schemas.kinds[record.rid.kind]
    data = {**like(kind, registry, record), REPLACES: record.rid.id}
    assign(registry, kind, data, given)
    changes: list[str] = []
    for field in missing_identifiers(registry, kind, data):
        if field.path[0] in data:  # the label of the device gave it
            continue
        former = answers.former.get(field.path)
        value = yield field_question(context, kind, data, field, former, optional=True)
        for path, filled in filled_fields(field, value).items() if value is not None else ():
            if path[0] not in data:
                data[path[0]] = filled
                changes.append(f"{path_text(path)}={filled}")
    return Replacement(old, tuple(changes))


class Move(NamedTuple):
    """A device that is moved, and the support that it moves to, if any."""

    equipment: str
    support: str | None


def move(
    context: FormContext, equipment: str | None, support: str | None, _answers: Answers, *, has_place: bool
) -> Questions[Move]:
    """Asks for a device in service and for its new support, unless they are given or it `has_place` of its own:
    supports by their distance."""
    word = equipment or (yield record_question(context, RECORD_PATH, in_life(context, EQUIPMENT, served=True)))
    if support is not None or has_place:
        return Move(word, support)
    return Move(word, (yield support_question(context, record_of(context.workspace.current, word))))


def support_question(context: FormContext, device: Record) -> Question:
    """Asks for the support that a device moves to: the nearest first."""
    registry = context.workspace.current
    place = position(registry, device)
    near = nearest(registry, (SUPPORT_KIND,), place) if place else ()
    supports = [RecordId(SUPPORT_KIND, id) for id in registry.ids(SUPPORT_KIND)]
    supports += [rid for rid in registry.abroad.records if rid.kind == SUPPORT_KIND]
    return record_question(context, SUPPORT, supports, Message("Support that it moves to"), near)


def retirement(context: FormContext, _answers: Answers) -> Questions[str]:
    """Asks for a record whose life has not ended."""
    word: str = yield record_question(context, RECORD_PATH, in_life(context))
    return word


def in_life(context: FormContext, *kinds: str, served: bool = False) -> list[RecordId]:
    """The records (of these kinds, or of all) whose life has not ended; `served`: which are in service."""
    registry = context.workspace.current
    rids = []
    for kind in registry.schemas.kinds.values():
        life = kind.lifecycle
        if life is not None and (not kinds or kind.name in kinds):
            states = life.in_service if served else set(life.transitions) - life.ends
            rows = read_fields(registry, kind, [life.field])
            rids += [rid for rid, data in rows.items() if data[life.field] in states]
    return rids

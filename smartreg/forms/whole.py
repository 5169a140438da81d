"""The forms of a page: all that a command takes, also what a terminal is given as an option and does not ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from smartreg.asking.choices import Choice, Choices
from smartreg.asking.fields import field_question, is_one_answer
from smartreg.asking.question import Answers, FormContext, Question, Questions
from smartreg.asking.records import record_question
from smartreg.commands.annex import CHARTER, CLAUSE
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.typed import day
from smartreg.core.values import Json, Record, RecordId, value_at
from smartreg.domain.acts import TERMS
from smartreg.domain.devices import MEASURES, REPLACES
from smartreg.domain.kinds import CONVENTION, PARTY
from smartreg.forms.acts import (
    DELIBERATION,
    GIVEN_ON,
    LEAVES,
    ON,
    SIGNED,
    UNTIL,
    ActQuestions,
    AnnexDraft,
    ConventionAct,
    annexation,
    convention_act,
    day_question,
)
from smartreg.forms.changing import (
    Assignments,
    Replacement,
    as_assignments,
    in_life,
    replacement,
    support_question,
)
from smartreg.registry import Point, typed_point
from smartreg.schema import ITEM, TRUTH, Field, Kind, as_typed
from smartreg.workspace.acts import KIND as DECISION
from smartreg.workspace.acts import Acts
from smartreg.workspace.add import like, new_id
from smartreg.workspace.documents import WEB

UNCHANGED: Json = object()  # the answer to a question about a value that stays
BY_RENEWAL = {"signed_on", "effective_from", "effective_until", "terminated_on"}  # not changed by an amendment
AGREED, NOTICE, NO_RENEWAL, LEAVING = "agreed", "notice", "no-renewal", "leaving"
WAYS = {
    AGREED: Message("all its parties agreed to end it"),
    NOTICE: Message("one party ends it by notice"),
    NO_RENEWAL: Message("one party refuses its renewal"),
    LEAVING: Message("one party leaves, the others stay"),
}
DAY_OF_EXCHANGE = Message("Day of the exchange")
FIRST_DAY_THERE = Message("First day at the new place")
FIRST_DAY_OWNED = Message("First day of the new owner")
LAST_DAY = Message("Day")


def edition(context: FormContext, record: Record, _answers: Answers) -> Questions[Assignments]:
    """Asks for every field of a record that is one answer, with its value."""
    kind = context.workspace.current.schemas.kinds[record.rid.kind]
    fields = [field for field in kind.fields if is_editable(kind, field) and field.path != ("id",)]
    return (yield from _changes(context, record, fields))


def is_editable(kind: Kind, field: Field) -> bool:
    """True of a field that a page can ask for: lists of groups have pages of their own."""
    is_group = kind.item_of(field).kind in ("object", "array")
    return is_one_answer(kind, field) and (not is_group or kind.is_place(field) or field.path == (MEASURES,))


def _changes(context: FormContext, record: Record, fields: list[Field]) -> Questions[Assignments]:
    """The values that these fields of a record get, and those that are removed."""
    kind = context.workspace.current.schemas.kinds[record.rid.kind]
    changes: list[str] = []
    unset: list[str] = []
    for field in fields:
        present = value_at(record.data, field.path)
        must = field.required and present is not None
        question = field_question(context, kind, record.data, field, present, optional=not must)
        answer = yield _or_unchanged(question)
        if answer is None:
            unset += [] if present in (None, []) else [field.name]
        elif answer is not UNCHANGED:
            changes += as_assignments(kind, field, answer)
    return Assignments((str(record.rid),), tuple(changes), tuple(unset))


def lists_of_groups(kind: Kind) -> list[Field]:
    """The fields whose rows have fields of their own: events, earlier owners. What a device measures is one answer."""
    lists = [field for field in kind.fields if field.kind == "array" and not field.in_list]
    return [field for field in lists if kind.item_of(field).kind == "object" and field.path != (MEASURES,)]


def rows_edition(context: FormContext, record: Record, group: Field, _answers: Answers) -> Questions[Assignments]:
    """Asks for the fields of each row of a list, whether it goes, and for those of one more row."""
    kind = context.workspace.current.schemas.kinds[record.rid.kind]
    rows: list[Json] = list(value_at(record.data, group.path) or ())
    depth = len(group.path) + 1
    fields = [
        field
        for field in kind.fields
        if field.path[:depth] == (*group.path, ITEM)
        and len(field.path) == depth + 1
        and (kind.is_place(field) or kind.item_of(field).kind not in ("object", "array"))
    ]
    changes: list[str] = []
    gone: list[str] = []
    for at, row in enumerate([*rows, None]):
        title = Message("new row") if row is None else Message("row {number}", number=at + 1)
        leaves = row is not None and (yield _about_removal(context, group, at, title))
        new: dict[str, Json] = {}
        for field in fields:
            answer = yield _about_row(context, kind, record, group, (at, title, row), field)
            name, path = field.path[-1], f"{group.name}[{at}].{field.path[-1]}"
            if answer is UNCHANGED or leaves:
                continue
            place = typed_point(str(answer)) if answer is not None and kind.is_place(field) else None
            if row is None:
                new |= {} if answer is None else {name: {"lon": place[0], "lat": place[1]} if place else answer}
            elif place is not None:
                changes += [f"{path}.lon={place[0]}", f"{path}.lat={place[1]}"]
            elif answer is not None:
                changes.append(f"{path}={as_typed(answer)}")
            elif isinstance(row, dict) and row.get(name) is not None:
                gone.append(path)
        gone += [f"{group.name}[{at}]"] if leaves else []
        changes += [f"{group.name}+={as_typed(new)}"] if new else []
    if rows and len([path for path in gone if path.endswith("]")]) == len(rows) and not changes:
        gone = [group.name]
    return Assignments((str(record.rid),), tuple(changes), tuple(gone))


def _about_removal(context: FormContext, group: Field, at: int, title: Text) -> Question:
    return Question(
        (*group.path, str(at), "remove"),
        Message("Remove {row}", row=title).in_(context.lang),
        form="truth",
        read=lambda text: TRUTH.get(text.lower(), False),
        default="false",
    )


def _about_row(
    context: FormContext, kind: Kind, record: Record, group: Field, row: tuple[int, Text, Json], field: Field
) -> Question:
    """The question for a field of a row of a list; None for the row: of a new one, in which all may stay empty."""
    at, title, present = row
    values = present if isinstance(present, dict) else {}
    name, value = field.path[-1], values.get(field.path[-1])
    judge, path = context.workspace.current.schemas.judges[kind.name], (*group.path, at, name)

    def check(answer: Json) -> None:
        """Refuse what the schema refuses at this place."""
        if answer is None or answer is UNCHANGED:
            return
        place = typed_point(str(answer)) if kind.is_place(field) else None
        new = {**values, name: {"lon": place[0], "lat": place[1]} if place else answer}
        rows: list[Json] = list(value_at(record.data, group.path) or ())
        draft = {**record.data, group.path[0]: [*rows[:at], new, *rows[at + 1 :]]}
        for fault in judge.faults(draft):
            if fault.path[: len(path)] == path and fault.keyword != "required":
                raise UsageFault(fault.message, fault.hint)

    optional = present is None or not (field.required and value is not None)
    question = field_question(context, kind, record.data, field, value, optional=optional)
    return _or_unchanged(
        replace(
            question,
            path=(*group.path, str(at), name),
            unit=f"{question.unit} · {title.in_(context.lang)}",
            check=check,
            default=question.default if value is not None else None,
        )
    )


def _or_unchanged(question: Question) -> Question:
    """The question whose default stays as it is, to the letter, and whatever it is."""
    return replace(
        question,
        read=lambda answer: UNCHANGED if answer == question.default else question.read(answer),
        check=lambda value: value is UNCHANGED or question.check(value),
    )


class Moved(NamedTuple):
    """Where a device is from a day on: on a support, at a point of its own (longitude, latitude), or both."""

    support: str | None
    location: Point | None
    on: date


def moving(context: FormContext, device: Record, answers: Answers) -> Questions[Moved]:
    """Asks for the new place of a device, and from when on."""
    kind = context.workspace.current.schemas.kinds[device.rid.kind]
    optional: Question = replace(support_question(context, device), required=False, decides=False)
    support = yield optional
    place = kind.by_path[("location",)]
    title = Message("Position, if it is not where its support is").in_(context.lang)
    question = field_question(context, kind, {}, place, optional=support is not None)
    missing = Message("choose a support, or give a position")
    text = yield replace(question, title=title, missing=missing)
    on = yield from _day(context, FIRST_DAY_THERE, answers)
    return Moved(support, typed_point(str(text)) if text else None, on)


def _day(context: FormContext, title: Text, answers: Answers) -> Questions[date]:
    """Asks for the day of a change, which is today unless another is given."""
    question = day_question(context, "--on", title, answers)
    text = yield replace(question, default=question.default or context.today.isoformat())
    return day("--on", str(text)) if text else context.today


class Transferred(NamedTuple):
    """The new owner of a record, and from which day on."""

    party: str
    on: date


def transferring(context: FormContext, _record: Record, answers: Answers) -> Questions[Transferred]:
    """Asks for the new owner, and from when on."""
    title = Message("New owner")
    party = yield replace(_party_question(context, "PARTY", title), decides=False)
    return Transferred(str(party), (yield from _day(context, FIRST_DAY_OWNED, answers)))


def _party_question(context: FormContext, name: str, title: Text) -> Question:
    parties = [RecordId(PARTY, id) for id in context.workspace.current.ids(PARTY)]
    return record_question(context, (name,), parties, title)


class Retired(NamedTuple):
    """The last day of a record, and the record that takes its place."""

    on: date
    replaced_by: str | None


def retiring(context: FormContext, record: Record, answers: Answers) -> Questions[Retired]:
    """Asks since when, and what takes its place, if anything of its kind may."""
    on = yield from _day(context, LAST_DAY, answers)
    kind = context.workspace.current.schemas.kinds[record.rid.kind]
    others = [rid for rid in in_life(context, kind.name) if rid != record.rid] if (REPLACES,) in kind.by_path else []
    if not others:
        return Retired(on, None)
    question = record_question(context, ("--replaced-by",), others, Message("The record that takes its place"))
    by = yield replace(question, required=False, decides=False, obligation="optional")
    return Retired(on, by)


def renaming(context: FormContext, record: Record, _answers: Answers) -> Questions[str]:
    """Asks for the new id of a record."""
    kind = context.workspace.current.schemas.kinds[record.rid.kind]
    id = yield field_question(context, kind, {}, kind.by_path[("id",)], record.rid.id)
    return str(id)


def nothing_to_ask(*_given: object) -> Questions[bool]:
    """The form of what is only to be looked at before it is done."""
    yield from ()
    return True


class Exchanged(NamedTuple):
    """The device that is replaced and how the new one differs, the id of the new one, and the day."""

    replacement: Replacement
    id: str
    on: date


def exchanging(context: FormContext, old: Record, answers: Answers) -> Questions[Exchanged]:
    """Asks for the identifiers of the new device, its id, and the day."""
    registry = context.workspace.current
    kind = registry.schemas.kinds[old.rid.kind]
    made = yield from replacement(context, str(old.rid), (), answers)
    proposed = new_id(registry, kind, like(kind, registry, old), old.rid.id)
    id = yield field_question(context, kind, {}, kind.by_path[("id",)], proposed)
    return Exchanged(made, str(id), (yield from _day(context, DAY_OF_EXCHANGE, answers)))


class Amended(NamedTuple):
    """An amendment: what decided it, what it changes, and its first day of effect, if that is not its signature's."""

    act: ConventionAct
    changes: Assignments
    effective_from: date | None


def amending(context: FormContext, convention: Record, answers: Answers) -> Questions[Amended]:
    """Asks for the terms as they are to be, and for the act."""
    kind = context.workspace.current.schemas.kinds[CONVENTION]
    terms = [field for field in kind.fields if is_editable(kind, field) and field.path[0] in {*TERMS} - BY_RENEWAL]
    changes = yield from _changes(context, convention, terms)
    given = ConventionAct(convention.rid.id, Acts())
    act = yield from convention_act(context, given, ActQuestions(), answers)
    question = day_question(context, "--effective-from", Message("Its first day of effect"), answers)
    first = yield replace(question, required=False, obligation="optional")
    return Amended(act, changes, day("--effective-from", str(first)) if first else None)


def renewing(context: FormContext, convention: Record, answers: Answers) -> Questions[ConventionAct]:
    """Asks for the new end, and for the act."""
    given = ConventionAct(convention.rid.id, Acts())
    return (yield from convention_act(context, given, ActQuestions(("--until", UNTIL)), answers))


class Ended(NamedTuple):
    """How a convention ends: the act, the party that gives notice, and whether that one alone leaves."""

    act: ConventionAct
    party: str | None
    leaves: bool


def ending(context: FormContext, convention: Record, answers: Answers) -> Questions[Ended]:
    """Asks how a convention ends, by whose notice, and for the act."""
    way = yield Question(
        ("HOW",),
        Message("How it ends").in_(context.lang),
        choices=lambda: Choices([Choice(name, WAYS[name].in_(context.lang)) for name in WAYS]),
        default=AGREED,
    )
    party = None
    if way not in (AGREED, None):
        signed = [RecordId(PARTY, str(id)) for id in convention.data.get("parties", ())]
        question = record_question(context, ("--party",), signed, Message("The party"))
        party = str((yield question)).removeprefix("party/")
    asks = ending_questions(party, Acts(), leaves=way == LEAVING, renewal=way == NO_RENEWAL)
    given = ConventionAct(convention.rid.id, Acts())
    act = yield from convention_act(context, given, asks, answers)
    return Ended(act, party, way == LEAVING)


def ending_questions(party: str | None, acts: Acts, *, leaves: bool, renewal: bool) -> ActQuestions:
    """What is asked about an end: by the notice of a `party`, which may leave alone or refuse the renewal, or by
    all."""
    return ActQuestions(
        None if renewal else ("--on", LEAVES if leaves else ON),
        GIVEN_ON if party else SIGNED,
        reason=True,
        deliberation=party is None or acts != Acts(),
    )


def annexing(context: FormContext, source: str | None, answers: Answers) -> Questions[AnnexDraft]:
    """Asks for the web address of an annex, unless its file is given, for what it is, and who accepted it."""
    if source is None:
        source = yield Question(
            ("--annex",),
            Message("Its web address").in_(context.lang),
            check=_check_address,
            decides=True,
            missing=Message("choose a file, or give a web address"),
        )
    draft = yield from annexation(context, AnnexDraft(str(source), None, None, None, None, None), answers)
    if draft.kind not in (CHARTER, CLAUSE):
        return draft
    question = _party_question(context, "--party", Message("The third party that accepted it"))
    party = yield replace(question, required=False, decides=False, obligation="optional")
    return (yield from annexation(context, draft._replace(party=party and str(party).removeprefix("party/")), answers))


class Agreement(NamedTuple):
    """The deliberation on which the agreement of a party without a key rests, if it does."""

    deliberation: str | None


def agreeing(context: FormContext, _answers: Answers) -> Questions[Agreement]:
    """Asks on which deliberation the agreement rests."""
    rids = [RecordId(DECISION, id) for id in context.workspace.current.ids(DECISION)]
    if not rids:
        return Agreement(None)
    title = Message("Deliberation by which a party without a key agrees")
    question = record_question(context, (DELIBERATION,), rids, title)
    chosen: str | None = yield replace(question, required=False, decides=False, obligation="optional")
    return Agreement(chosen)


def _check_address(text: Json) -> None:
    if not str(text).startswith(WEB):
        raise UsageFault(Message('"{text}" is not a web address', text=text), Message("it begins with https://"))

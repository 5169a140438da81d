"""Changing values by number: the review of a new record before it is written, fields of a record that is there, and
how a new device differs from the one that it replaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from smartreg.cli.adding.choices import identifiers, numbers_typed
from smartreg.cli.adding.options import item_of
from smartreg.cli.adding.questions import Question, ask_field, is_place
from smartreg.cli.answers import show_command_line
from smartreg.cli.ask import Back, Choice, Choices, Prompt, choose, confirm_or_number
from smartreg.cli.cells import cell
from smartreg.cli.picker import name_of
from smartreg.cli.session import Session
from smartreg.commands.add import assign, like
from smartreg.commands.workspace import record_of
from smartreg.core.errors import Cancelled, UsageFault
from smartreg.core.secret import mask
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json, Record, RecordId, Words, value_at
from smartreg.edit import RefusedWrite, as_typed
from smartreg.schema import Field, Kind, literal, unit_suffix

FieldPath = tuple[str, ...]
Asked = Mapping[FieldPath, Json]  # the questions of the last pass in their order, and their answers
EMPTY = "–"
NUMBER = Words("a number changes a value", "un numéro change une valeur")
EXPLANATION = Words(
    "y or Enter writes the record, n cancels, the number of a value asks for it again",
    "o ou Entrée écrit la fiche, n annule, le numéro d'une valeur la redemande",
)


class ChangeValue(Exception):
    """The user goes back to one value."""

    def __init__(self, path: FieldPath) -> None:
        super().__init__(path)
        self.path = path


class ReviewRow(NamedTuple):
    """A value as the review names it."""

    path: FieldPath
    title: str
    text: str
    label: str


def review(session: Session, kind: Kind, data: Mapping[str, Json], answers: Asked, question: Words) -> bool:
    """Show every value, and those that were left out, and ask; ChangeValue for a number, and for `<`, which goes back
    to the last question."""
    left_out = [path for path, answer in answers.items() if answer is None]
    rows = review_rows(session, kind, data, left_out)
    session.console.ask(_lines(rows))
    session.console.ask([line(Span(NUMBER.in_(session.lang), "dim"))])
    prompt = Prompt(question.in_(session.lang), EXPLANATION.in_(session.lang), back=bool(answers))
    try:
        answer = confirm_or_number(session.console, prompt, len(rows))
    except Back:
        raise ChangeValue(list(answers)[-1]) from None
    if answer.isdigit():
        raise ChangeValue(rows[int(answer) - 1].path)
    return answer == "y"


def review_rows(
    session: Session, kind: Kind, data: Mapping[str, Json], left_out: Sequence[FieldPath]
) -> list[ReviewRow]:
    """What the record says, in the order of the schema; secrets masked."""
    shown_data = mask(dict(data))
    rows = []
    for field in kind.fields:
        value = value_at(shown_data, field.path)
        if is_one_answer(kind, field) and (value is not None or field.path in left_out):
            text = EMPTY if value is None else _text(value)
            label = "" if value is None else _label(session, kind, field, value)
            rows.append(ReviewRow(field.path, field.title.in_(session.lang), text, "" if label == text else label))
    return rows


def is_one_answer(kind: Kind, field: Field) -> bool:
    """Whether a field is asked for by itself: a position is, not its longitude."""
    group = kind.by_path.get(field.path[:-1])
    within = group is not None and is_place(kind, group) and field.path[-1] in ("lon", "lat")
    return not field.in_list and not within and (field.kind != "object" or is_place(kind, field))


def _lines(rows: Sequence[ReviewRow]) -> list[Line]:
    wide = max(len(row.title) for row in rows)
    return [
        line(
            Span(f"{number:>3} ", "code"),
            f"{row.title:<{wide}}  {row.text}",
            Span(f"  {row.label}" if row.label else "", "dim"),
        )
        for number, row in enumerate(rows, 1)
    ]


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "[]"
    if isinstance(value, dict) and {"lon", "lat"} <= value.keys():
        return f"{value['lat']}, {value['lon']}"
    if isinstance(value, dict):
        return " ".join(map(_text, value.values()))
    return value if isinstance(value, str) else literal(value)


def _label(session: Session, kind: Kind, field: Field, value: Json) -> str:
    """What people call a value: the label of an enumeration, the record that it names, its unit."""
    item = item_of(kind, field)
    if item.refs:
        named = [RecordId(ref, id) for id in (value if isinstance(value, list) else [value]) for ref in item.refs]
        return ", ".join(filter(None, (name_of(session, rid) for rid in named)))
    if item.kind in ("object", "array"):
        return ""
    if item.enum:
        return cell(kind, field, value, session.lang)
    return unit_suffix(value, field.unit).in_(session.lang).strip()


FIELD = Words("Field", "Champ")
FIND = Words(
    "A field is found by its name or its title. Example: status",
    "Un champ se trouve par son nom ou son intitulé. Exemple : statut",
)


def set_by_questions(
    session: Session,
    words: Sequence[str],
    picked: Sequence[str],
    work: Callable[[Session, Sequence[str], Sequence[str]], int],
) -> int:
    """Ask for a field of these records, of which some were `picked`, and its new value, and do the `work` with the
    assignments, or with the paths to unset; what is refused is asked again, with everything typed. UsageFault for
    records of several kinds."""
    records = [record_of(session.workspace.current, word) for word in words]
    kind = _kind_of_all(session, records)
    name: str | None = None
    value: Json = None
    while True:
        name = name or _ask_name(session, kind, records)
        field = kind.by_path[tuple(name.split("."))]
        try:
            value = _ask_value(session, kind, records, field, value)
        except Back:
            name, value = None, None
            continue
        changes, unset = _as_words(kind, field, value)
        try:
            return work(session, changes, unset)
        except Back:
            continue
        except Cancelled:
            said = [*(("", word) for word in (*picked, *changes)), *(("--unset", path) for path in unset)]
            show_command_line(session, said)
            raise
        except RefusedWrite as fault:
            session.console.fault(fault)
            session = replace(session, asked=None)


def _kind_of_all(session: Session, records: Sequence[Record]) -> Kind:
    """UsageFault where there are several."""
    names = list(dict.fromkeys(record.rid.kind for record in records))
    if len(names) > 1:
        raise UsageFault(
            Words(f"these are of several kinds: {', '.join(names)}", f"plusieurs types à la fois : {', '.join(names)}"),
            Words(
                "name the field: smartreg set RECORD… PATH=VALUE", "nommez le champ : smartreg set FICHE… CHAMP=VALEUR"
            ),
        )
    return session.workspace.current.schemas.kinds[names[0]]


def _ask_name(session: Session, kind: Kind, records: Sequence[Record]) -> str:
    choices, data = [], mask(dict(records[0].data)) if len(records) == 1 else {}
    for field in kind.fields:
        if is_one_answer(kind, field) and field.path != ("id",):
            value = value_at(data, field.path)
            now = "" if value is None else f" = {value if isinstance(value, str) else literal(value)}"
            choices.append(Choice(field.name, f"{field.title.in_(session.lang)}{now}"))
    prompt = Prompt(FIELD.in_(session.lang), FIND.in_(session.lang))
    while (found := choose(session.console, prompt, Choices(choices))) is None:
        session.console.fault(UsageFault(Words("choose a field", "choisissez un champ")))
    return found


def _ask_value(session: Session, kind: Kind, records: Sequence[Record], field: Field, typed: Json) -> Json:
    """The new value; Enter takes what was `typed` before, or what the record says."""
    default = typed
    if default is None and len(records) == 1:
        default = value_at(records[0].data, field.path)
    if is_place(kind, field) and isinstance(default, dict):
        default = f"{default['lat']}, {default['lon']}"
    question = Question(field, default=default, optional=not field.required and default is not None, back=True)
    return ask_field(session, kind, records[0].data, question)


def _as_words(kind: Kind, field: Field, value: Json) -> tuple[list[str], list[str]]:
    """The assignments and the paths to unset that `set` would be given."""
    if value is None:
        return [], [field.name]
    if is_place(kind, field):
        lat, lon = numbers_typed(str(value))
        return [f"{field.name}.{name}={number.replace(',', '.')}" for name, number in (("lon", lon), ("lat", lat))], []
    return [f"{field.name}={as_typed(value)}"], []


def replace_by_questions(
    session: Session, word: str, assignments: Sequence[str], work: Callable[[Session, Sequence[str]], int]
) -> int:
    """Ask how a new device differs from the old one that people call `word`, and do the `work` with assignments;
    what is refused is asked again, with everything typed."""
    former: list[Json] = []
    while True:
        registry = session.workspace.current
        old = record_of(registry, word)
        kind = registry.schemas.kinds[old.rid.kind]
        data = like(kind, registry, old)
        assign(registry, kind, data, assignments)
        fields = identifiers(registry, kind, data)
        former = _ask_in_turn(session, kind, data, fields, former)
        said = [f"{field.name}={value}" for field, value in zip(fields, former, strict=True) if value is not None]
        try:
            return work(session, said)
        except Back:
            continue
        except Cancelled:
            named = replace(session, words=(word, *session.words))  # another id that comes first is the old device's
            show_command_line(named, [("", change) for change in said])
            raise
        except RefusedWrite as fault:
            if not fields:
                raise
            session.console.fault(fault)
            session = replace(session, asked=None)


def _ask_in_turn(
    session: Session, kind: Kind, data: dict[str, Json], fields: Sequence[Field], former: Sequence[Json]
) -> list[Json]:
    """An answer for each field; Enter takes the former one."""
    offered = [*former, *[None] * (len(fields) - len(former))]
    found: list[Json] = []
    while len(found) < len(fields):
        at = len(found)
        try:
            found.append(
                ask_field(
                    session, kind, data, Question(fields[at], default=offered[at], optional=True, back=bool(found))
                )
            )
        except Back:
            offered[at - 1] = found.pop()
    return found

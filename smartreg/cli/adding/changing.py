"""Change records by questions: which field, which value; how a new device differs from the one that it replaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from smartreg.cli.adding.choices import identifiers, numbers_typed
from smartreg.cli.adding.options import as_typed
from smartreg.cli.adding.questions import Question, ask_field, is_place
from smartreg.cli.adding.review import is_one_answer
from smartreg.cli.ask import Back, Choice, Choices, Prompt, choose
from smartreg.cli.session import Session
from smartreg.commands.add import assign, like
from smartreg.commands.workspace import record_of
from smartreg.core.errors import UsageFault
from smartreg.core.secret import mask
from smartreg.core.values import Json, Record, Words, value_at
from smartreg.edit import RefusedWrite
from smartreg.schema import Field, Kind, literal

FIELD = Words("Field", "Champ")
FIND = Words(
    "A field is found by its name or its title. Example: status",
    "Un champ se trouve par son nom ou son intitulé. Exemple : statut",
)


def set_by_questions(
    session: Session, words: Sequence[str], work: Callable[[Session, Sequence[str], Sequence[str]], int]
) -> int:
    """Ask for a field of these records and its new value, and do the `work` with the assignments, or with the paths to
    unset; what is refused is asked again, with everything typed. UsageFault for records of several kinds."""
    registry = session.workspace.current
    records = [record_of(registry, word) for word in words]
    kinds = {record.rid.kind: registry.schemas.kinds[record.rid.kind] for record in records}
    if len(kinds) > 1:
        raise UsageFault(
            Words(f"these are of several kinds: {', '.join(kinds)}", f"plusieurs types à la fois : {', '.join(kinds)}"),
            Words(
                "name the field: smartreg set RECORD… PATH=VALUE", "nommez le champ : smartreg set FICHE… CHAMP=VALEUR"
            ),
        )
    (kind,) = kinds.values()
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
        try:
            return work(session, *_as_words(kind, field, value))
        except Back:
            continue
        except RefusedWrite as fault:
            session.console.fault(fault)
            session = replace(session, asked=None)


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

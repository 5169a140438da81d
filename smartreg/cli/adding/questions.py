"""What `add-…` asks on a terminal: where, what, identity, then the rest with defaults to accept with Enter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple

from smartreg.cli.adding.choices import (
    CAPTURES,
    FIELD,
    MEASURES,
    OR_NAME,
    Near,
    captures,
    code_of,
    identifiers,
    measures,
    networks,
)
from smartreg.cli.adding.options import item_of
from smartreg.cli.adding.values import DRAFT_ID, missing
from smartreg.cli.ask import Choice, choose, choose_several, parts, text
from smartreg.cli.session import Session
from smartreg.commands.add import new_id, put, unique_fields, with_status
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Language, RecordId, Words, path_text
from smartreg.edit import parse_value
from smartreg.registry import Registry
from smartreg.schema import Field, Kind, unit_heading

ID = Words("Identifier", "Identifiant")
NOTHING = "-"  # the choice that a device captures nothing about people
NO_MORE = Words("", "")
OPTIONAL = Words(" (optional, Enter to skip)", " (facultatif, Entrée pour passer)")
DAY = Words(" (YYYY-MM-DD)", " (AAAA-MM-JJ)")
TRUTH = Words(" [y/n]", " [o/n]")


class Question(NamedTuple):
    """A field to ask for; the records near by that it may name; what Enter takes; whether Enter may leave it out; what
    else refuses an answer that is chosen."""

    field: Field
    near: Sequence[Near] = ()
    default: str | None = None
    optional: bool = False
    judge: Callable[[str], object] = str


def complete(session: Session, kind: Kind, data: dict[str, Json], near: Sequence[Near]) -> None:
    """Put the answers into the values. `near` are the carriers to choose from, nearest first; empty: all of them."""
    registry = session.workspace.current
    _refuse_nothing_to_name(registry, kind, missing(kind, registry.schemas, data))
    _required(session, kind, data, near)
    for field in networks(registry, kind, data):
        _ask(session, kind, data, Question(field, optional=True))
    for field in identifiers(registry, kind, data):
        _ask(session, kind, data, Question(field, optional=True))
    if measures(kind, data):
        _ask_measures(session, kind, data)
    if captures(kind, data):
        _ask_captures(session, kind, data)
    _state(session, kind, data)
    _required(session, kind, data, near)


def next_completed(session: Session, kind: Kind, values: Mapping[str, Json]) -> dict[str, Json]:
    """The values of the next of a series: asked is what it must have and by what it is told apart."""
    data = dict(values)
    _required(session, kind, data, ())
    for field in identifiers(session.workspace.current, kind, data):
        _ask(session, kind, data, Question(field, optional=True))
    return data


def _required(session: Session, kind: Kind, data: dict[str, Json], near: Sequence[Near]) -> None:
    """Ask for everything that the schema wants, as the answers make it want more; a date of the life is today's."""
    schemas = session.workspace.current.schemas
    dates = set(kind.lifecycle.dates.values()) if kind.lifecycle else set()
    asked: set[tuple[str, ...]] = set()
    while wanted := [field for field in missing(kind, schemas, data) if field.path not in asked]:
        field = wanted[0]
        asked.add(field.path)
        _refuse_nothing_to_name(session.workspace.current, kind, wanted)
        today = session.today.isoformat() if field.path[0] in dates else None
        _ask(session, kind, data, Question(field, near, today))


def _state(session: Session, kind: Kind, data: dict[str, Json]) -> None:
    """Ask where in its life the record is, when neither that nor a date of its life was given, and since when."""
    life = kind.lifecycle
    if life is None or life.field in data or set(life.dates.values()) & set(data):
        return
    field = kind.by_path[(life.field,)]
    states = tuple(state for state in field.enum if state not in life.ends)
    usual = next((state for state in life.dates if state in states), next(iter(life.transitions)))

    def judge(state: str) -> None:
        wanted = missing(kind, session.workspace.current.schemas, {**data, life.field: state})
        other = Words(", or choose another here", ", ou choisissez autre chose ici")
        _refuse_nothing_to_name(session.workspace.current, kind, wanted, other)

    _ask(session, kind, data, Question(replace(field, enum=states), default=usual, judge=judge))
    date = kind.by_path.get((life.dates.get(data[life.field], ""),))
    if date is not None and date.path[0] not in data:
        _ask(session, kind, data, Question(date, default=session.today.isoformat()))


def _ask_measures(session: Session, kind: Kind, data: dict[str, Json]) -> None:
    """The observed properties, one after the other until Enter, each in its usual unit."""
    schemas, field = session.workspace.current.schemas, kind.by_path[(MEASURES,)]
    choices = [Choice(item.key, item.label.in_(session.lang)) for item in schemas.properties.values()]
    found: list[Json] = []
    while choices and (
        answer := choose(session.console, _question(session, kind, Question(field, optional=True)), choices)
    ):
        units = schemas.properties[answer].ucum
        found.append({"property": answer, **({"unit": units[0]} if units else {})})
        choices = [item for item in choices if item.value != answer]
    if found:
        data[MEASURES] = found


def _ask_captures(session: Session, kind: Kind, data: dict[str, Json]) -> None:
    """What a device could capture about people: some of it, nothing, or no answer."""
    field = kind.by_path[(CAPTURES,)]
    item = item_of(kind, field)
    none = Words("nothing about people", "rien sur les personnes").in_(session.lang)
    choices = [*(Choice(str(value), _label(item, value, session)) for value in item.enum), Choice(NOTHING, none)]
    question = _question(session, kind, Question(field, optional=True))
    if found := choose_several(session.console, question, choices, judge=_judge_captures):
        data[CAPTURES] = [value for value in found if value != NOTHING]


def _judge_captures(found: Sequence[str]) -> None:
    if NOTHING in found and len(found) > 1:
        raise UsageFault(
            Words("either something or nothing is captured", "c'est soit quelque chose, soit rien"),
            Words(f"{NOTHING} stands alone", f"{NOTHING} se donne seul"),
        )


def _refuse_nothing_to_name(registry: Registry, kind: Kind, fields: Sequence[Field], other: Words = NO_MORE) -> None:
    """A record that must name another cannot be made while there is none of that kind."""
    for refs in (item_of(kind, field).refs for field in fields):
        kinds = [registry.schemas.kinds[name] for name in refs if name in registry.schemas.kinds]
        if kinds and not any(registry.ids(item.name) for item in kinds):
            line = f"smartreg add-{kinds[0].noun}"
            title = kinds[0].title
            raise UsageFault(
                Words(f"there is no {title.en.lower()} yet", f"aucun enregistrement « {title.fr} » n'existe encore"),
                Words(f"create one first: {line}{other.en}", f"créez-en d'abord un : {line}{other.fr}"),
            )


def ask_id(session: Session, kind: Kind, values: Mapping[str, Json]) -> str:
    """The id; Enter takes the one that is proposed."""
    proposed = new_id(session.workspace.current, kind, values)
    judge = _judge(session, kind, values, kind.by_path[("id",)])
    return text(session.console, ID.in_(session.lang), proposed, judge) or proposed


def again(registry: Registry, kind: Kind, values: Mapping[str, Json]) -> dict[str, Json]:
    """What the next of a series keeps: all but where it is and what is its own."""
    own = {"id", *unique_fields(registry, kind), *(name for name in kind.position if name in values)}
    return {name: value for name, value in values.items() if name not in own}


def _question(session: Session, kind: Kind, asked: Question) -> str:
    """The title of the field, after that of its group where another field of the kind is called the same."""
    field = asked.field
    group = kind.by_path.get(field.path[:-1])
    twice = group and any(other.title == field.title and other.path != field.path for other in kind.fields)
    before = f"{group.title.in_(session.lang)} · " if group and twice else ""
    unit = unit_heading(field.unit).in_(session.lang)
    skip = OPTIONAL.in_(session.lang) if asked.optional else ""
    return f"{before}{field.title.in_(session.lang)}{unit}{_form(item_of(kind, field), asked, session.lang)}{skip}"


def _form(item: Field, asked: Question, lang: Language) -> str:
    """How an answer is written, where that is not plain."""
    form, examples = item.schema.get("format"), item.schema.get("examples")
    if item.path[-1] == FIELD:
        return OR_NAME.in_(lang)
    if item.kind == "boolean":
        return TRUTH.in_(lang)
    if form == "date" and not asked.default:
        return DAY.in_(lang)
    if form == "duration" and examples:
        return Words(f" (such as {examples[0]})", f" (comme {examples[0]})").in_(lang)
    return ""


def _ask(session: Session, kind: Kind, data: dict[str, Json], asked: Question) -> None:
    """Ask for one field and keep the answer; no answer leaves an optional one out."""
    field = asked.field
    value = _answer(session, kind, data, asked)
    while value in (None, []) and not asked.optional:
        title = field.title
        session.console.fault(UsageFault(Words(f"{title.en}: required", f"{title.fr} : obligatoire")))
        value = _answer(session, kind, data, asked)
    if value not in (None, []):
        put(data, field.path, value)


def _answer(session: Session, kind: Kind, data: Mapping[str, Json], asked: Question) -> Json:
    """What is typed or chosen for a field; None, or an empty list, for Enter alone where there is no default."""
    field, near, default, optional, judge_more = asked
    item, question = item_of(kind, field), _question(session, kind, asked)
    judge = _judge(session, kind, data, field)
    if not (item.refs or item.enum):
        read = _reader(session, kind, field)
        answer = text(session.console, question, default, lambda answer: judge(read(answer)))
        value = None if answer is None else read(answer)
        if field.path[-1] == FIELD and value != answer:
            session.console.note(Words(f"{answer}: {value}", f"{answer} : {value}"))
        return value
    if item.refs:
        hung = near if field.path[0] in kind.position else ()
        usual = None if optional else _usual(session, item, hung)
        choices = _references(session, item, hung)
    else:
        usual = default
        choices = [Choice(str(value), _label(item, value, session)) for value in item.enum]
    if field.kind != "array":
        found = choose(session.console, question, choices, usual, judge_more)
        return None if found is None else parse_value(field, found)
    several = [usual] if usual and _accepted(judge, [usual]) else []
    answers = choose_several(session.console, question, choices, several, lambda found: judge(_items(item, found)))
    return _items(item, answers)


def _reader(session: Session, kind: Kind, field: Field) -> Callable[[str], Json]:
    """What a text means for a field; UsageFault when nothing."""
    item = item_of(kind, field)
    if field.path[-1] == FIELD:
        return lambda answer: code_of(session.workspace.current, answer)
    if field.kind != "array" or item.kind == "array":
        return lambda answer: _value(field, answer)
    if item.kind == "object":
        return lambda answer: parse_value(field, answer) if answer.startswith("[") else [parse_value(item, answer)]
    return lambda answer: _items(item, parts(answer, ","))


def _items(item: Field, texts: Sequence[str]) -> list[Json]:
    return [parse_value(item, text) for text in texts]


def _accepted(judge: Callable[[Json], object], value: Json) -> bool:
    try:
        judge(value)
    except UsageFault:
        return False
    return True


def _judge(session: Session, kind: Kind, data: Mapping[str, Json], field: Field) -> Callable[[Json], object]:
    """Refuse an answer that the schema of its field refuses, or an id that is taken, as soon as it is given."""
    registry = session.workspace.current

    def judge(value: Json) -> None:
        draft = deepcopy(dict(data))
        put(draft, field.path, value)
        for fault in registry.schemas.judges[kind.name].faults(with_status(kind, {"id": DRAFT_ID, **draft})):
            if fault.path[: len(field.path)] == field.path and fault.keyword != "required":
                raise UsageFault(_by_title(kind.field_at(fault.path), path_text(fault.path), fault.message), fault.hint)
        if field.path == ("id",) and RecordId(kind.name, str(value)) in registry:
            raise UsageFault(Words(f"{kind.name}/{value} exists already", f"{kind.name}/{value} existe déjà"))

    return judge


def _value(field: Field, answer: str) -> Json:
    try:
        return parse_value(field, answer)
    except UsageFault as fault:
        raise UsageFault(_by_title(field, field.name, fault.message), fault.hint) from None


def _by_title(field: Field | None, name: str, message: Words) -> Words:
    """What is wrong, by the title that the question has, not by the name that files have."""

    def said(lang: Language) -> str:
        text, rest = message.in_(lang), message.in_(lang).removeprefix(name)
        return field.title.in_(lang) + rest if field and rest.startswith((" ", ":")) and rest != text else text

    return Words(said("en"), said("fr"))


def _label(item: Field, value: Json, session: Session) -> str:
    label = item.labels[value].in_(session.lang) if value in item.labels else ""
    return "" if label == value else label


def _references(session: Session, item: Field, near: Sequence[Near]) -> list[Choice]:
    """The records that may be named here, with what people call them; by distance when that is known."""
    registry = session.workspace.current
    if near:
        return [
            Choice(found.record.rid.id, f"{found.metres:.0f} m · {_name(registry, found.record.rid, session)}")
            for found in near
        ]
    rids = [RecordId(kind, id) for kind in item.refs if kind in registry.schemas.kinds for id in registry.ids(kind)]
    for kind in item.refs:
        registry.load(place.file for id in registry.ids(kind) for place in registry.places[RecordId(kind, id)])
    return [Choice(rid.id, _name(registry, rid, session)) for rid in rids]


def _name(registry: Registry, rid: RecordId, session: Session) -> str:
    record = registry.get(rid)
    return "" if record is None else registry.schemas.kinds[rid.kind].label_of(record.data, session.lang)


def _usual(session: Session, item: Field, near: Sequence[Near]) -> str | None:
    """The default of a reference: the nearest, the only one, or the metropolis of the settings."""
    registry = session.workspace.current
    if near:
        return near[0].record.rid.id
    known = [id for kind in item.refs for id in registry.ids(kind)]
    if len(known) == 1:
        return known[0]
    metropole = registry.config.metropole
    return metropole if metropole in known else None

"""One question for one field: how it is put, what `?` says of it, which answers are taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

from smartreg.cli.adding.choices import CAPTURES, FIELD, MEASURES, NEEDED, OR_NAME, Near, point
from smartreg.cli.adding.options import explain, item_of
from smartreg.cli.adding.values import DRAFT_ID
from smartreg.cli.ask import Choice, Choices, Prompt, choose, choose_several, parts, text
from smartreg.cli.picker import placed_choices
from smartreg.cli.session import Session
from smartreg.commands.add import put
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Language, RecordId, Words, path_text
from smartreg.domain.codes import members
from smartreg.edit import as_typed, commune_code, parse_value, with_status
from smartreg.schema import Field, Kind, unit_heading

LEAVE_OUT = "-"
NOTHING = "-"  # the choice that a device captures nothing about people
OPTIONAL = Words("optional", "facultatif")
ONCE_THERE = Words("needed on this network once installed", "exigé sur ce réseau dès la pose")
SKIP = Words("Enter to skip", "Entrée pour passer")
LEAVES_OUT = Words("- leaves it out", "- pour ne rien mettre")
DAY = Words(" (YYYY-MM-DD)", " (AAAA-MM-JJ)")
TRUTH = Words(" [y/n]", " [o/n]")
PLACE = " (latitude, longitude)"  # in both languages
PLACE_EXAMPLE = Words(
    "Latitude first, as maps show and copy it. Example: 43.51345, 4.98747",
    "La latitude d'abord, comme les cartes la montrent et la copient. Exemple : 43.51345, 4.98747",
)
NAMED_AS = Words("The name of the commune will do: {}.", "Le nom de la commune suffit : {}.")
SOME_COMMUNE = ("13047", "Istres")  # where the registry has no territory


class Question(NamedTuple):
    """A field to ask for; the records near by that it may name; what Enter takes; whether Enter may leave it out; what
    else refuses an answer that is chosen; whether there is a question before it."""

    field: Field
    near: Sequence[Near] = ()
    default: Json = None
    optional: bool = False
    judge: Callable[[str], object] = str
    back: bool = False


def is_place(kind: Kind, field: Field) -> bool:
    """Whether a field is a group with a longitude and a latitude: a position is one answer."""
    return all((*field.path, name) in kind.by_path for name in ("lon", "lat"))


def ask_field(session: Session, kind: Kind, data: Mapping[str, Json], question: Question) -> Json:
    """The answer for a field that its schema takes, None where it is left out; a position as it was typed. Back for
    `<`."""
    while True:
        value = _read(session, kind, data, question)
        if value is not None or question.optional:
            return value
        session.console.fault(_required(question.field))


def _required(field: Field) -> UsageFault:
    return UsageFault(Words(f"{field.title.en}: required", f"{field.title.fr} : obligatoire"))


def _read(session: Session, kind: Kind, data: Mapping[str, Json], question: Question) -> Json:
    field, item = question.field, item_of(kind, question.field)
    prompt = _prompt(session, kind, question)
    if field.path == (MEASURES,):
        return _read_measures(session, question, prompt)
    if field.path == (CAPTURES,):
        return _read_captures(session, item, question, prompt)
    if item.refs or item.enum:
        return _read_choice(session, kind, data, question, prompt)
    judge, read = _judge(session, kind, data, field), _reader(session, kind, field)
    usual = None if question.default is None else as_typed(question.default, ", ")
    removes = question.optional and usual is not None
    answer = text(
        session.console, prompt, usual, lambda answer: (removes and answer == LEAVE_OUT) or judge(read(answer))
    )
    if answer is None or (removes and answer == LEAVE_OUT):
        return None
    value = answer if is_place(kind, field) else read(answer)
    if field.path[-1] == FIELD and value != answer:
        session.console.note(Words(f"{answer}: {value}", f"{answer} : {value}"))
    return value


def _read_choice(session: Session, kind: Kind, data: Mapping[str, Json], question: Question, prompt: Prompt) -> Json:
    """One of the records that may be named here, or of the values of an enumeration; several for a list."""
    field, item = question.field, item_of(kind, question.field)
    near = question.near if field.path[0] in kind.position else ()
    removes = question.optional and question.default is not None
    more = [Choice(LEAVE_OUT, Words("none", "aucun").in_(session.lang))] if removes else []
    if item.refs:
        choices, usual = _references(session, item, near, more), None if question.optional else _usual(session, item)
    else:
        values = [Choice(str(value), _label(item, value, session)) for value in item.enum]
        choices, usual = Choices([*values, *more]), None
    if field.kind != "array":
        found = choose(session.console, prompt, choices, _text_of(question.default) or usual, question.judge)
        return None if found is None or (removes and found == LEAVE_OUT) else parse_value(field, found)
    judge = _judge(session, kind, data, field)
    default = [str(value) for value in question.default] if isinstance(question.default, list) else []
    several = default or ([usual] if usual and _accepts(judge, [usual]) else [])

    def judge_all(found: list[str]) -> None:
        if not found and not question.optional:
            raise _required(field)
        if found != [LEAVE_OUT]:
            judge(_items(item, found))

    answers = choose_several(session.console, prompt, choices, several, judge_all)
    return _items(item, [answer for answer in answers if not (removes and answer == LEAVE_OUT)]) or None


def _text_of(value: Json) -> str | None:
    return None if value is None else as_typed(value)


def _read_measures(session: Session, question: Question, prompt: Prompt) -> Json:
    """Observed properties, each in its usual unit; those that were there keep theirs."""
    properties = session.workspace.current.schemas.properties
    known = {item["property"]: item for item in question.default or () if isinstance(item, dict) and "property" in item}
    choices = Choices([Choice(item.key, item.label.in_(session.lang)) for item in properties.values()])
    found = [
        known.get(name) or {"property": name, **({"unit": units[0]} if (units := properties[name].ucum) else {})}
        for name in choose_several(session.console, prompt, choices, list(known))
    ]
    return found or None


def _read_captures(session: Session, item: Field, question: Question, prompt: Prompt) -> Json:
    """What a device could capture about people: some of it, nothing (an empty list), or no answer (None)."""
    none = Words("nothing about people", "rien sur les personnes").in_(session.lang)
    choices = [*(Choice(str(value), _label(item, value, session)) for value in item.enum), Choice(NOTHING, none)]
    default = [] if question.default is None else [str(value) for value in question.default] or [NOTHING]
    found = choose_several(session.console, prompt, Choices(choices), default, judge=_judge_captures)
    return [value for value in found if value != NOTHING] if found else None


def _judge_captures(found: Sequence[str]) -> None:
    if NOTHING in found and len(found) > 1:
        raise UsageFault(
            Words("either something or nothing is captured", "c'est soit quelque chose, soit rien"),
            Words(f"{NOTHING} stands alone", f"{NOTHING} se donne seul"),
        )


def _prompt(session: Session, kind: Kind, question: Question) -> Prompt:
    """The title of the field, after that of its group where another field of the kind is called the same; `?` says what
    the schema says of it."""
    field, lang = question.field, session.lang
    group = kind.by_path.get(field.path[:-1])
    twice = group and any(other.title == field.title and other.path != field.path for other in kind.fields)
    before = f"{group.title.in_(lang)} · " if group and twice else ""
    has_default = question.default not in (None, [])
    why, how = ONCE_THERE if field.path[-1] in NEEDED else OPTIONAL, LEAVES_OUT if has_default else SKIP
    skip = f" ({why.in_(lang)}, {how.in_(lang)})" if question.optional else ""
    title = f"{before}{field.title.in_(lang)}{unit_heading(field.unit).in_(lang)}{_form(kind, question, lang)}{skip}"
    return Prompt(title, _explanation(session, kind, field), question.back)


def _explanation(session: Session, kind: Kind, field: Field) -> str:
    """What `?` says: the description in the schema, with an example of this registry where it has one."""
    registry, lang, item = session.workspace.current, session.lang, item_of(kind, field)
    if field.path[-1] == FIELD:
        here = members(registry.config.territory.epci_siren or "")
        code, name = (here[0].insee_code, here[0].name) if here else SOME_COMMUNE
        return f"{explain(kind, field, lang, code)}\n{NAMED_AS.in_(lang).format(name)}"
    named = (id for ref in item.refs if ref in registry.schemas.kinds for id in registry.ids(ref))
    about = explain(kind, field, lang, next(named, ""))
    return f"{about}\n{PLACE_EXAMPLE.in_(lang)}" if is_place(kind, field) else about


def _form(kind: Kind, question: Question, lang: Language) -> str:
    """How an answer is written, where that is not plain."""
    item = item_of(kind, question.field)
    form, examples = item.schema.get("format"), item.schema.get("examples")
    if is_place(kind, question.field):
        return PLACE
    if item.path[-1] == FIELD:
        return OR_NAME.in_(lang)
    if item.kind == "boolean":
        return TRUTH.in_(lang)
    if form == "date" and not question.default:
        return DAY.in_(lang)
    if form == "duration" and examples:
        return Words(f" (such as {examples[0]})", f" (comme {examples[0]})").in_(lang)
    return ""


def _reader(session: Session, kind: Kind, field: Field) -> Callable[[str], Json]:
    """What a text means for a field; UsageFault if it means nothing."""
    item = item_of(kind, field)
    if field.path[-1] == FIELD:
        return lambda answer: commune_code(session.workspace.current, answer)
    if is_place(kind, field):
        return lambda answer: dict(zip(("lon", "lat"), point(answer), strict=True))
    if field.kind == "string":
        respell = session.workspace.current.schemas.judges[kind.name].respell
        return lambda answer: respell(field.path, answer)
    if field.kind != "array" or item.kind == "array":
        return lambda answer: _value(field, answer)
    one = item.kind == "object"

    def read(answer: str) -> Json:
        if answer.startswith("["):
            return parse_value(field, answer)
        return [parse_value(item, answer)] if one else _items(item, parts(answer))

    return read


def _items(item: Field, texts: Sequence[str]) -> list[Json]:
    return [parse_value(item, text) for text in texts]


def _accepts(judge: Callable[[Json], object], value: Json) -> bool:
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
    """What is wrong, with the title that the question shows instead of the field name."""

    def in_language(lang: Language) -> str:
        text, rest = message.in_(lang), message.in_(lang).removeprefix(name)
        return field.title.in_(lang) + rest if field and rest.startswith((" ", ":")) and rest != text else text

    return Words(in_language("en"), in_language("fr"))


def _label(item: Field, value: Json, session: Session) -> str:
    label = item.labels[value].in_(session.lang) if value in item.labels else ""
    return "" if label == value else label


def _references(session: Session, item: Field, near: Sequence[Near], more: Sequence[Choice]) -> Choices:
    """The records that may be named here, with what people call them, the nearest first where a place is known; then
    `more`."""
    registry = session.workspace.current
    rids = [RecordId(kind, id) for kind in item.refs if kind in registry.schemas.kinds for id in registry.ids(kind)]
    return placed_choices(session, rids, near, by_kind=False, more=more)


def _usual(session: Session, item: Field) -> str | None:
    """The default of a reference: the only one, or the metropolis of the settings."""
    registry = session.workspace.current
    known = [id for kind in item.refs for id in registry.ids(kind)]
    if len(known) == 1:
        return known[0]
    metropole = registry.config.metropole
    return metropole if metropole in known else None

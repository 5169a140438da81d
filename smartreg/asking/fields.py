"""The question for a field of a record, made from its schema: how it is put, what is offered, what is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial

from smartreg.asking.choices import LEAVE_OUT, Choice, Choices, parts
from smartreg.asking.explanations import explain
from smartreg.asking.question import AnswerForm, FormContext, Question, accept, no_answer
from smartreg.asking.records import placed_choices
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Message, Text, computed, message_in
from smartreg.core.values import Json, Record, RecordId, path_text
from smartreg.domain.codes import members
from smartreg.domain.devices import CAPTURES, MEASURES, NEEDED, REPLACES
from smartreg.domain.labels import DEV_EUI, read_label
from smartreg.domain.municipalities import listed
from smartreg.domain.typed import commune_code
from smartreg.edit import with_status
from smartreg.registry import Near, Registry, typed_point
from smartreg.schema import CODE_FIELDS, Field, FieldPath, Kind, as_typed, parse_value, unit_heading, values_called
from smartreg.schema.countries import FRANCE
from smartreg.workspace.add import DRAFT_ID, put, unique_fields

LEFT_OUT = message_in("fields", "none")
NOTHING = "-"  # the choice that a device captures nothing about people
DAY = Message(" (YYYY-MM-DD)")
TRUTH = Message(" [y/n]")
FORMS: Mapping[str, AnswerForm] = {"date": "day", "boolean": "truth"}
NEW_ID = Message("Lower-case letters, digits and single hyphens. The record keeps it for good.")
PLACE = " (latitude, longitude)"  # in both languages
OR_NAME = Message(" (or the name of the commune)")
PLACE_EXAMPLE = Message("Latitude first, as maps show and copy it. Example: 43.51345, 4.98747")
LABEL_EXAMPLE = Message("The text of the QR code on the device (LW:D0:…) gives the JoinEUI and the serial number, too.")
NAMED_AS = Message("The name of the commune will do: {}.")
SOME_COMMUNE = ("13047", "Istres")  # where the registry has no territory


def field_question(
    context: FormContext,
    kind: Kind,
    data: Mapping[str, Json],
    field: Field,
    default: Json = None,
    *,
    near: Sequence[Near] = (),
    optional: bool = False,
    check: Callable[[Json], object] = accept,
) -> Question:
    """The question for a field of a record that has this `data` so far. Its answer is a value that the schema of the
    field takes, None where it is left out; a position as it was typed. `default`: the value that stands for no answer;
    `near`: records that the field may name, nearest first; `check`: what else refuses a choice."""
    if kind.is_place(field) and isinstance(default, dict):
        default = f"{default.get('lat')}, {default.get('lon')}"
    item = kind.item_of(field)
    about = _explanation(context, kind, field)
    is_id = field.path == ("id",)
    question = Question(
        field.path,
        _title(kind, field, context.lang),
        unit_heading(field.unit).in_(context.lang),
        _help(kind, field, default, context.lang),
        FORMS.get(str(item.schema.get("format", item.kind)), "text") if field.kind != "array" else "text",
        ("once installed" if field.path[-1] in NEEDED else "optional") if optional else "none",
        NEW_ID.in_(context.lang) if is_id else about,
        about if is_id else "",
        required=not optional,
    )
    leave_out = [Choice(LEAVE_OUT, LEFT_OUT.in_(context.lang))] if optional and default is not None else []
    if field.path == (MEASURES,):
        return _about_measures(context, question, default, leave_out)
    if field.path == (CAPTURES,):
        return _about_captures(context, question, item, default)
    if item.refs or item.enum:
        return _about_choices(context, kind, data, field, question, default, near, leave_out, check)
    check_value, read = _value_check(context, kind, data, field), _reader(context, kind, field)
    return replace(
        question,
        read=lambda answer: None if leave_out and answer == LEAVE_OUT else read(answer),
        check=lambda value: value is None or check_value(value),
        default=None if default is None else as_typed(default, ", "),
        shows_value=field.path[-1] in CODE_FIELDS,
    )


def is_one_answer(kind: Kind, field: Field) -> bool:
    """True of a field that is asked for by itself: a position is, not its longitude."""
    group = kind.by_path.get(field.path[:-1])
    within = group is not None and kind.is_place(group) and field.path[-1] in ("lon", "lat")
    return not field.in_list and not within and (field.kind != "object" or kind.is_place(field))


def _about_choices(
    context: FormContext,
    kind: Kind,
    data: Mapping[str, Json],
    field: Field,
    question: Question,
    default: Json,
    near: Sequence[Near],
    leave_out: Sequence[Choice],
    check: Callable[[Json], object],
) -> Question:
    """One of the records that a field may name, or of the values of an enumeration; several for a list."""
    item, registry = kind.item_of(field), context.workspace.current
    usual = _usual_reference(registry, item) if item.refs and question.required else None

    def choices() -> Choices:
        if not item.refs:
            return Choices([*_values(item, context.lang), *leave_out], called=partial(values_called, item))
        rids = [RecordId(ref, id) for ref in item.refs if ref in registry.schemas.kinds for id in registry.ids(ref)]
        if item.may_refer_abroad:
            rids += [rid for rid in registry.abroad.records if rid.kind in item.refs]
        nearby = near if field.path[0] in kind.position else ()
        return placed_choices(context, rids, nearby, by_kind=False, more=leave_out)

    if field.kind != "array":
        return replace(
            question,
            read=lambda answer: None if leave_out and answer == LEAVE_OUT else parse_value(field, answer),
            check=check,
            choices=choices,
            default=(None if default is None else as_typed(default)) or usual,
        )
    check_items = _value_check(context, kind, data, field)
    listed = [str(value) for value in default] if isinstance(default, list) else []

    def check_all(value: Json) -> None:
        if value is None and question.required:
            raise UsageFault(no_answer(question))
        if value is not None:
            check_items(value)

    return replace(
        question,
        read=lambda answers: None if leave_out and answers == [LEAVE_OUT] else _read_items(item, answers) or None,
        check=check_all,
        choices=choices,
        default=listed or ([usual] if usual and _accepts(check_items, [usual]) else []),
        several=True,
    )


def _about_measures(context: FormContext, question: Question, default: Json, leave_out: Sequence[Choice]) -> Question:
    """Observed properties, each in its usual unit; those that were there keep theirs."""
    schemas = context.workspace.current.schemas
    properties = schemas.properties
    measured = {item["property"]: item for item in default or () if isinstance(item, dict) and "property" in item}

    def measure(name: str) -> Json:
        units = properties[name].ucum
        return measured.get(name) or {"property": name, **({"unit": units[0]} if units else {})}

    return replace(
        question,
        read=lambda names: [measure(name) for name in names if name != LEAVE_OUT] or None,
        choices=lambda: Choices(
            [*(Choice(item.key, item.label.in_(context.lang)) for item in properties.values()), *leave_out],
            called=lambda text: [schemas.property_called(text)],
        ),
        default=list(measured),
        several=True,
    )


def _about_captures(context: FormContext, question: Question, item: Field, default: Json) -> Question:
    """Asks what a device could capture about people: some of it, nothing (an empty list), or no answer (None)."""
    none = Choice(NOTHING, Message("nothing about people").in_(context.lang))

    def read(answers: Sequence[str]) -> Json:
        if NOTHING in answers and len(answers) > 1:
            raise UsageFault(
                Message("either something or nothing is captured"),
                Message("{nothing} stands alone", nothing=NOTHING),
            )
        return [value for value in answers if value != NOTHING] if answers else None

    return replace(
        question,
        read=read,
        choices=lambda: Choices([*_values(item, context.lang), none], called=partial(values_called, item)),
        default=[] if default is None else [str(value) for value in default] or [NOTHING],
        several=True,
    )


def _title(kind: Kind, field: Field, lang: Language) -> str:
    """The title of a field, after that of its group where another field of the kind is called the same."""
    group = kind.by_path.get(field.path[:-1])
    is_ambiguous = any(other.title == field.title and other.path != field.path for other in kind.fields)
    title = field.title.in_(lang)
    return f"{group.title.in_(lang)} · {title}" if group and is_ambiguous else title


def _help(kind: Kind, field: Field, default: Json, lang: Language) -> str:
    """How an answer is typed, where that is not plain."""
    item = kind.item_of(field)
    form, examples = item.schema.get("format"), item.schema.get("examples")
    if kind.is_place(field):
        return PLACE
    if item.path[-1] in CODE_FIELDS:
        return OR_NAME.in_(lang)
    if item.kind == "boolean":
        return TRUTH.in_(lang)
    if form == "date" and not default:
        return DAY.in_(lang)
    if form == "duration" and examples:
        return Message(" (such as {example})", example=examples[0]).in_(lang)
    return ""


def _reader(context: FormContext, kind: Kind, field: Field) -> Callable[[str], Json]:
    """The function that reads a text for a field; it raises UsageFault if the text means nothing."""
    item, registry = kind.item_of(field), context.workspace.current
    if field.path[-1] in CODE_FIELDS:
        return lambda answer: commune_code(registry, answer)
    if kind.is_place(field):
        return _read_place
    if field.kind == "string":
        respell = registry.schemas.judges[kind.name].respell
        is_device = field.path == (DEV_EUI,)
        return lambda answer: answer if is_device and read_label(answer) else respell(field.path, answer)
    if field.kind != "array" or item.kind == "array":
        return lambda answer: _parse(field, answer)

    def read(answer: str) -> Json:
        if answer.startswith("["):
            return parse_value(field, answer)
        return [parse_value(item, answer)] if item.kind == "object" else _read_items(item, parts(answer))

    return read


def _read_place(answer: str) -> str:
    """The text of a position as it is, for its decimals are kept; UsageFault if it is none."""
    typed_point(answer)
    return answer


def _read_items(item: Field, texts: Sequence[str]) -> list[Json]:
    return [parse_value(item, text) for text in texts]


def _parse(field: Field, answer: str) -> Json:
    try:
        return parse_value(field, answer)
    except UsageFault as fault:
        raise UsageFault(_by_title(field, field.name, fault.message), fault.hint) from None


def filled_fields(field: Field, answer: Json) -> dict[FieldPath, Json]:
    """The values that an answer gives, by field: the text of a label on a device fills all that it says."""
    label = read_label(answer) if field.path == (DEV_EUI,) and isinstance(answer, str) else {}
    return {(name,): value for name, value in label.items()} or {field.path: answer}


def _value_check(context: FormContext, kind: Kind, data: Mapping[str, Json], field: Field) -> Callable[[Json], object]:
    """Refuses a value that the schema of its field refuses, an id that is taken, and an identifier that another record
    has, as soon as it is given."""
    registry = context.workspace.current

    def check(value: Json) -> None:
        draft = deepcopy(dict(data))
        value = filled_fields(field, value)[field.path]
        place = dict(zip(("lon", "lat"), typed_point(value), strict=True)) if kind.is_place(field) else value
        put(draft, field.path, place)
        draft = with_status(kind, {"id": DRAFT_ID, **draft})
        for fault in registry.schemas.judges[kind.name].faults(draft):
            if fault.path[: len(field.path)] == field.path and fault.keyword != "required":
                raise UsageFault(_by_title(kind.field_at(fault.path), path_text(fault.path), fault.message), fault.hint)
        if field.path == ("id",) and RecordId(kind.name, str(value)) in registry:
            raise UsageFault(Message("{kind}/{value} exists already", kind=kind.name, value=value))
        if field.path[0] in unique_fields(registry, kind):
            _refuse_taken(context, kind, draft, field)

    return check


def _refuse_taken(context: FormContext, kind: Kind, draft: Mapping[str, Json], field: Field) -> None:
    """UsageFault where a rule that looks records up by this field finds its value in another one, unless the draft
    replaces that."""
    registry = context.workspace.current
    checker = context.workspace.checker(registry, context.today)
    record = Record(RecordId(kind.name, str(draft["id"])), "", draft)
    replaced = registry.files_of(RecordId(kind.name, str(draft.get(REPLACES, ""))))
    for rule in checker.run.rules.by_scope["registry"]:
        if (kind.name, field.path[0]) not in rule.indexed:
            continue
        for finding in checker.run.find_together(rule, registry, [record]):
            others = {place.where.file for place in finding.related}
            is_error = checker.selection.grade(finding.code, finding.severity) == "error"
            if finding.where.path == field.path and is_error and not others <= {*replaced}:
                raise UsageFault(_by_title(field, field.name, finding.message), finding.hint)


def _accepts(check: Callable[[Json], object], value: Json) -> bool:
    try:
        check(value)
    except UsageFault:
        return False
    return True


def _by_title(field: Field | None, name: str, message: Text) -> Text:
    """The message with the title that the question shows instead of the field name."""

    def in_language(lang: Language) -> str:
        text, rest = message.in_(lang), message.in_(lang).removeprefix(name)
        return field.title.in_(lang) + rest if field and rest.startswith((" ", ":")) and rest != text else text

    return computed(in_language)


def _values(item: Field, lang: Language) -> list[Choice]:
    """The values of an enumeration, with their labels where these say more."""
    labels = {value: item.labels[value].in_(lang) if value in item.labels else "" for value in item.enum}
    return [Choice(str(value), "" if labels[value] == value else labels[value]) for value in item.enum]


def _usual_reference(registry: Registry, item: Field) -> str | None:
    """The default of a reference: the only record, or the metropolis of the settings."""
    ids = [id for kind in item.refs for id in registry.ids(kind)]
    if len(ids) == 1:
        return ids[0]
    metropole = registry.config.metropole
    return metropole if metropole in ids else None


def _explanation(context: FormContext, kind: Kind, field: Field) -> str:
    """The description in the schema, with an example of this registry where it has one."""
    registry, lang, item = context.workspace.current, context.lang, kind.item_of(field)
    if field.path[-1] in CODE_FIELDS:
        here = members(registry.config.territory.epci_siren or "") or [*listed(registry).values()]
        if not here and registry.config.country != FRANCE:
            return explain(kind, field, lang)
        code, name = (here[0].insee_code, here[0].name) if here else SOME_COMMUNE
        return f"{explain(kind, field, lang, code)}\n{NAMED_AS.in_(lang).format(name)}"
    ids = (id for ref in item.refs if ref in registry.schemas.kinds for id in registry.ids(ref))
    about = explain(kind, field, lang, next(ids, ""))
    more = PLACE_EXAMPLE if kind.is_place(field) else LABEL_EXAMPLE if field.path == (DEV_EUI,) else None
    return f"{about}\n{more.in_(lang)}" if more else about

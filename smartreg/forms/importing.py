"""The forms for a sheet that comes in for the first time: which column fills which field, what unknown values mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, joined, plural
from smartreg.core.styled import visible
from smartreg.core.values import Json
from smartreg.domain.typed import assignment
from smartreg.forms.choices import Choice, Choices
from smartreg.forms.explanations import explain
from smartreg.forms.question import Answers, FormContext, Question, Questions
from smartreg.importing.options import ImportRequest
from smartreg.importing.profile import ColumnProfile, Proposal, ProposedValue, UnknownValue
from smartreg.importing.readers.sheet import short_name
from smartreg.importing.survey import KindGuess
from smartreg.importing.syntax import HOLE, NOTHING, values_option
from smartreg.schema import ITEM, Kind, key_path

SAMPLE = 30  # characters of a value that are shown
# These name the questions that follow those for the columns, which are named by their place.
KIND, COLUMNS, CONSTANT, IDS, CRS, SKIP, TWINS = "kind", "columns", "=", "ids", "crs", "skip", "twins"
COMMUNE_FROM, INSIDE, CHARACTERS = "commune_from", "inside", "characters"
FROM_CELLS = Message("The column whose cells give the ids: 93 rue de Créqui gives 93-rue-de-crequi.\nExample: NAME")
SYSTEM = Message("The coordinate system of the columns, by its EPSG code.\nExample: EPSG:2154 (Lambert-93)")
LEFT_OUT = Message("A column and the value in it that says nothing; rows with it are not imported.\nExample: X=0")
OTHERWISE = Message(
    "The numbers of the columns that are something else; each is asked for then. Enter takes all of them as shown.\n"
    "Example: 2, 5"
)
ALIKE = Message("first imports one of the rows that say the same; all makes a record of each.")
NEAREST = Message(
    "Near a border the nearest centre may be that of the neighbour: the outlines of smartreg boundaries tell."
)
OUTSIDE = Message(
    "skip leaves such rows out, this year and next; keep imports them, if nothing else speaks against it."
)
DECODED = Message("repair mends them in all cells; keep takes them as they are.")
WHAT_ROWS_ARE = Message("The kind of record that every row becomes.\nExample: support")


def kind_answer(context: FormContext, guesses: Sequence[KindGuess], answers: Answers) -> Questions[str]:
    """Asks what the rows of a sheet are, the likeliest first."""
    kinds = [guess.kind for guess in guesses]
    likeliest = guesses[0] if guesses else None
    why = likeliest.why if likeliest is not None else None
    title = Message("what is each row? ({why})", why=why) if why is not None else Message("what is each row?")
    name = yield _again(
        answers,
        Question(
            (KIND,),
            visible(title.in_(context.lang)),
            explanation=WHAT_ROWS_ARE.in_(context.lang),
            choices=lambda: Choices([Choice(kind.name, kind.title.in_(context.lang)) for kind in kinds]),
            default=likeliest.kind.name if likeliest is not None else None,
        ),
    )
    return str(name)


def proposal_answers(
    context: FormContext, proposal: Proposal, again: Callable[..., Proposal | None], answers: Answers
) -> Questions[ImportRequest]:
    """Asks which columns are something else than the profile shows, and for all that an import needs and no column
    says; what the profile proposes stands in brackets. `again`: the proposal for another request."""
    otherwise = yield _about_columns(context, proposal)
    maps = []
    for number in otherwise if isinstance(otherwise, list) else []:
        column = proposal.columns[int(str(number)) - 1]
        name = yield _again(answers, _about_column(context, proposal, column))
        maps.append(f"{proposal.sheet.word(column.place)}={name or NOTHING}")
    if maps:
        typed = replace(proposal.request, maps=(*proposal.request.maps, *maps))
        proposal = again(request=typed) or proposal
    likely, made = proposal.suggestions, proposal.complete()
    constants = list(proposal.request.constants)
    for each in likely.constants:
        value = yield _again(answers, _about_constant(context, proposal, each))
        constants += [f"{each.name}={value}"] if value else []
    crs, skip, twins, id_from = made.crs, made.skip_rows, made.duplicates, made.id_from
    if made.crs != proposal.request.crs:
        crs = _unless(NOTHING, (yield _again(answers, _about_system(context, proposal, str(made.crs)))))
    if likely.skip_rows:
        text = _unless(NOTHING, (yield _again(answers, _about_rows(context, proposal, likely.skip_rows[0]))))
        skip = (*proposal.request.skip_rows, *([text] if text else []))
    if likely.duplicates and proposal.request.duplicates is None:
        twins = "all" if (yield _again(answers, _about_twins(context))) == "all" else "first"
    commune_from, inside, characters = made.commune_from, made.inside, made.characters
    if commune_from and not proposal.request.commune_from:
        commune_from = "nearest" if (yield _again(answers, _about_communes(context))) == "nearest" else None
    if inside and not proposal.request.inside:
        inside = (yield _again(answers, _about_outside(context, len(proposal.survey.where.outside)))) == "skip"
    if characters and not proposal.request.characters:
        characters = "keep" if (yield _again(answers, _about_characters(context))) == "keep" else "repair"
    if not proposal.named and not likely.key:
        id_from = _unless(NOTHING, (yield _again(answers, _about_ids(context, proposal))))
    return replace(
        made,
        constants=tuple(constants),
        crs=crs,
        skip_rows=skip,
        duplicates=twins,
        id_from=id_from,
        commune_from=commune_from,
        inside=inside,
        characters=characters,
        values=proposal.request.values,
    )


def _unless(nothing: str, answer: Json) -> str | None:
    return None if answer in (None, "", nothing) else str(answer)


def _again(answers: Answers, question: Question) -> Question:
    """The question with the answer that was taken back as its default."""
    former = answers.former.get(question.path)
    return question if former is None else replace(question, default=former)


def _about_columns(context: FormContext, proposal: Proposal) -> Question:
    last = len(proposal.columns)

    def read(text: str) -> list[Json]:
        numbers = [part.strip() for part in text.replace(" ", ",").split(",") if part.strip()]
        if not all(part.isdecimal() and 1 <= int(part) <= last for part in numbers):
            raise UsageFault(Message("type numbers of columns, from 1 to {last}, or Enter alone", last=last))
        return list(numbers)

    return Question(
        (COLUMNS,),
        Message("columns that are something else, by number (Enter: none)").in_(context.lang),
        explanation=OTHERWISE.in_(context.lang),
        read=read,
        required=False,
    )


def _about_column(context: FormContext, proposal: Proposal, column: ColumnProfile) -> Question:
    example = column.statistics.example
    sample = example if len(example) <= SAMPLE else f"{example[:SAMPLE]}…"
    heading = short_name(column.heading)
    title = visible(f"{heading} ({sample})" if sample else heading)
    explanation = Message(
        "{title}: the name of the field that this column fills, such as {example}; {nothing} leaves it out",
        title=title,
        example=column.becomes or proposal.kind.key_order[0],
        nothing=NOTHING,
    )
    return Question(
        (str(column.place),),
        title,
        explanation=explanation.in_(context.lang),
        check=_unless_nothing(proposal.judge_field),
        default=NOTHING,
        required=False,
    )


def _about_system(context: FormContext, proposal: Proposal, likely: str) -> Question:
    title = Message("points look like Lambert-93: their system ({nothing}: degrees)", nothing=NOTHING)
    return Question(
        (CRS,),
        title.in_(context.lang),
        explanation=SYSTEM.in_(context.lang),
        check=_unless_nothing(proposal.judge_system),
        default=likely,
        required=False,
    )


def _about_rows(context: FormContext, proposal: Proposal, likely: str) -> Question:
    title = Message("some rows are at 0, 0: leave out those with ({nothing}: none)", nothing=NOTHING)
    return Question(
        (SKIP,),
        title.in_(context.lang),
        explanation=LEFT_OUT.in_(context.lang),
        check=_unless_nothing(proposal.judge_condition),
        default=likely,
        required=False,
    )


def _about_communes(context: FormContext) -> Question:
    return Question(
        (COMMUNE_FROM,),
        Message(
            "nothing names the commune of a row: take the one whose centre is nearest ({nothing}: none)",
            nothing=NOTHING,
        ).in_(context.lang),
        explanation=NEAREST.in_(context.lang),
        check=_one_of("nearest", NOTHING),
        default="nearest",
        required=False,
    )


def _about_outside(context: FormContext, rows: int) -> Question:
    return Question(
        (INSIDE,),
        plural(
            "{n} row lies outside the territory: skip it, or keep it",
            "{n} rows lie outside the territory: skip them, or keep them",
            n=rows,
        ).in_(context.lang),
        explanation=OUTSIDE.in_(context.lang),
        check=_one_of("skip", "keep"),
        default="skip",
        required=False,
    )


def _about_characters(context: FormContext) -> Question:
    return Question(
        (CHARACTERS,),
        Message("some cells have invisible or wrongly decoded characters (Ã©): repair all, or keep them").in_(
            context.lang
        ),
        explanation=DECODED.in_(context.lang),
        check=_one_of("repair", "keep"),
        default="repair",
        required=False,
    )


def _one_of(*words: str) -> Callable[[Json], None]:
    def check(answer: Json) -> None:
        if answer not in words:
            raise UsageFault(Message("type {words}", words=joined(words, Message(" or "))))

    return check


def _about_twins(context: FormContext) -> Question:
    return Question(
        (TWINS,),
        Message("some rows say the same: import the first of them, or all").in_(context.lang),
        explanation=ALIKE.in_(context.lang),
        check=_one_of("first", "all"),
        default="first",
        required=False,
    )


def _about_constant(context: FormContext, proposal: Proposal, proposed: ProposedValue) -> Question:
    """A value for every row: one of the allowed ones, one of the records that there are, or a text."""
    name, kind = proposed.name, proposal.kind
    path = key_path(name)
    field = kind.field_at(path)
    title = Message("{name}, for every row", name=name).in_(context.lang)
    registry = context.workspace.current
    refs = [ref for part in (field, kind.field_at((*path, ITEM))) if part is not None for ref in part.refs]
    choices = None
    if refs:
        records = [record for ref in refs for record in registry.of_kind(ref)]
        choices = [
            Choice(record.rid.id, registry.schemas.kinds[record.rid.kind].label_of(record.data, context.lang))
            for record in records
        ]
    elif field is not None and field.enum:
        choices = [Choice(str(value), field.choice(value).in_(context.lang)) for value in field.enum]
    return Question(
        (f"{CONSTANT}{name}",),
        title,
        explanation=explain(kind, field, context.lang) if field else title,
        check=lambda value: assignment(kind, f"{name}={value}"),
        choices=(lambda: Choices(choices)) if choices else None,
        default=proposed.value,
        required=False,
    )


def _about_ids(context: FormContext, proposal: Proposal) -> Question:
    def check(answer: Json) -> None:
        for index, part in enumerate(HOLE.split(str(answer))):
            if index % 2 or not HOLE.search(str(answer)):
                proposal.judge_column(part)

    return Question(
        (IDS,),
        Message("ids are made from the column").in_(context.lang),
        explanation=FROM_CELLS.in_(context.lang),
        check=check,
        default=proposal.suggestions.id_from,
        required=False,
    )


def value_answers(
    context: FormContext, kind: Kind, unknown: Sequence[UnknownValue], answers: Answers
) -> Questions[tuple[str, ...]]:
    """Asks for the meaning of values that their fields do not allow, each once; as `--values` takes it."""
    meanings = []
    for place, value in enumerate(unknown):
        meaning = yield _again(answers, _about_value(context, kind, place, value))
        meanings += [values_option(value.column, value.value, meaning)] if meaning else []
    return tuple(meanings)


def _about_value(context: FormContext, kind: Kind, place: int, value: UnknownValue) -> Question:
    field = value.field
    title = Message(
        '{column} says "{value}" (rows: {rows}): which {field} is that?',
        column=value.column,
        value=value.value,
        rows=value.rows,
        field=field.name,
    )
    labels: Mapping[Json, str] = {item: words.in_(context.lang) for item, words in field.labels.items()}
    return Question(
        (str(place),),
        visible(title.in_(context.lang)),
        explanation=explain(kind, field, context.lang),
        choices=lambda: Choices([Choice(str(item), labels.get(item, "")) for item in field.enum]),
        default=value.near,
        required=False,
    )


def _unless_nothing(check: Callable[[str], None]) -> Callable[[str], None]:
    """The check of answers that may also be `-`."""
    return lambda answer: None if answer == NOTHING else check(answer)

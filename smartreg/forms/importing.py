"""The forms for a sheet that comes in for the first time: which column fills which field, what unknown values mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from smartreg.core.messages import Message
from smartreg.core.styled import visible
from smartreg.core.values import Json
from smartreg.forms.choices import Choice, Choices
from smartreg.forms.explanations import explain
from smartreg.forms.question import Answers, FormContext, Question, Questions
from smartreg.importing.profile import Answers as ColumnAnswers
from smartreg.importing.profile import Proposal, UnknownValue, UnmappedColumn
from smartreg.importing.readers.sheet import short_name
from smartreg.importing.syntax import NOTHING, values_option
from smartreg.schema import Kind

SAMPLE = 30  # characters of a value that are shown
# These name the questions that follow those for the columns, which are named by their place.
CONSTANT, IDS, CRS, SKIP = "=", "ids", "crs", "skip"
FROM_CELLS = Message("The column whose cells give the ids: 93 rue de Créqui gives 93-rue-de-crequi.\nExample: NAME")
SYSTEM = Message("The coordinate system of the columns, by its EPSG code.\nExample: EPSG:2154 (Lambert-93)")
LEFT_OUT = Message("A column and the value in it that says nothing; rows with it are not imported.\nExample: X=0")


def column_answers(context: FormContext, proposal: Proposal, answers: Answers) -> Questions[ColumnAnswers]:
    """Asks which field each column fills; then, as far as the columns leave these open, for the system of the points,
    rows that say nothing, values for every row, and the column that ids are made from."""
    fields: dict[str, str] = {}
    for column in proposal.columns:
        name = yield _again(answers, _about_column(context, proposal, column))
        if name and name != NOTHING:
            fields[column.heading] = name
    left_out = [column.heading for column in proposal.columns if column.field and column.heading not in fields]
    has_points = any(name.endswith(".lon") for name in fields.values())
    likely, crs, skip, ids = proposal.suggestions, None, None, None
    if has_points and likely.crs and likely.crs != proposal.sheet.crs:
        crs = yield _again(answers, _about_system(context, proposal, likely.crs))
    if has_points and likely.skip_rows:
        skip = yield _again(answers, _about_rows(context, proposal, likely.skip_rows[0]))
    constants: dict[str, str] = {}
    for name in proposal.find_missing(fields):
        value = yield _again(answers, _about_constant(context, proposal, name))
        constants |= {name: value} if value else {}
    if proposal.lacks_id_source(fields):
        ids = yield _again(answers, _about_ids(context, proposal))
    ids, crs, skip = (None if answer == NOTHING else answer or None for answer in (ids, crs, skip))
    return ColumnAnswers(fields | dict.fromkeys(left_out, NOTHING), constants, ids, crs, skip)


def _again(answers: Answers, question: Question) -> Question:
    """The question with the answer that was taken back as its default."""
    former = answers.former.get(question.path)
    return question if former is None else replace(question, default=former)


def _about_column(context: FormContext, proposal: Proposal, column: UnmappedColumn) -> Question:
    sample = column.sample if len(column.sample) <= SAMPLE else f"{column.sample[:SAMPLE]}…"
    heading = short_name(column.heading)
    title = visible(f"{heading} ({sample})" if sample else heading)
    example = column.likely or proposal.kind.key_order[0]
    explanation = Message(
        "{title}: the name of the field that this column fills, such as {example}; {nothing} leaves it out",
        title=title,
        example=example,
        nothing=NOTHING,
    )
    return Question(
        (str(column.place),),
        title,
        explanation=explanation.in_(context.lang),
        check=_unless_nothing(proposal.judge_field),
        default=column.likely,
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


def _about_constant(context: FormContext, proposal: Proposal, name: str) -> Question:
    title = Message("{name}, for every row", name=name).in_(context.lang)
    field = proposal.kind.by_path.get(tuple(name.split(".")))
    return Question(
        (f"{CONSTANT}{name}",),
        title,
        explanation=explain(proposal.kind, field, context.lang) if field else title,
        check=lambda value: proposal.judge_value(name, value),
        required=False,
    )


def _about_ids(context: FormContext, proposal: Proposal) -> Question:
    return Question(
        (IDS,),
        Message("ids are made from the column").in_(context.lang),
        explanation=FROM_CELLS.in_(context.lang),
        check=proposal.judge_column,
        default=proposal.suggestions.key,
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

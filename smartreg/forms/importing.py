"""The forms for a sheet: which column fills which field, what unknown values mean; and for the next one, what became of
columns and which records doubtful rows are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from smartreg.asking.choices import Choice, Choices
from smartreg.asking.explanations import explain
from smartreg.asking.question import Answers, FormContext, Made, Question, Questions, accept
from smartreg.commands.import_ import FileRead, LikelyKinds, missing_columns, proposal, unknown_values
from smartreg.core.errors import UsageFault
from smartreg.core.messages import SOURCE, Message, Text, joined
from smartreg.core.styled import line, visible
from smartreg.core.typed import day, metres
from smartreg.core.values import Json
from smartreg.domain.lambert import NAME as LAMBERT
from smartreg.domain.typed import assignment
from smartreg.importing.constant_guesses import ProposedValue
from smartreg.importing.effects import Imported
from smartreg.importing.findings import ranges
from smartreg.importing.kind_evidence import KindGuess, decide
from smartreg.importing.matching import Ambiguous, format_metres
from smartreg.importing.options import MOST_M, DeclaredOption, ImportRequest, declared_options
from smartreg.importing.profile import ColumnProfile, Proposal, UnknownValue
from smartreg.importing.renaming import MissingColumn, MissingColumns
from smartreg.importing.syntax import HOLE, NOTHING, values_option
from smartreg.readers.sheet import Sheet, short_name
from smartreg.schema import INSEE_CODE, ITEM, TRUTH, FieldPath, Kind, key_path

SAMPLE = 30  # characters of a value that are shown
MANY = 40  # values and rows that are asked about
KEPT, RETIRED = Message("keep them as they are"), Message("end their life on a day")
# These name the questions that follow those for the columns, which are named by their place.
KIND, COLUMNS, CONSTANT, IDS, CRS, SKIP, TWINS = "kind", "columns", "=", "ids", "crs", "skip", "twins"
FROM_CELLS = Message("The column whose cells give the ids: 93 rue de Créqui gives 93-rue-de-crequi.\nExample: NAME")
SYSTEM = Message("The coordinate system of the columns, by its EPSG code.\nExample: EPSG:2154 (Lambert-93)")
SYSTEMS = {LAMBERT: "Lambert-93"}  # systems that people call otherwise than by their code
LEFT_OUT = Message("A column and the value in it that says nothing; rows with it are not imported.\nExample: X=0")
OTHERWISE = Message(
    "The numbers of the columns that are something else; each is asked for then. Enter takes all of them as shown.\n"
    "Example: 2, 5"
)
COMMUNE, INSIDE, CHARACTERS, NEAREST = "commune", "inside", "characters", "nearest"
BY_CENTRES = Message(
    "Near a border the nearest centre may be that of the neighbour; outlines tell exactly: smartreg boundaries -h\n"
    "Example: 13047"
)
OUTSIDE = Message("inside leaves the rows out that lie in no commune of the territory.")
OUTSIDE_BY_CENTRES = Message(
    "inside leaves the rows out whose nearest centre is that of a commune outside the territory; near a border that "
    "may be wrong. Outlines tell exactly: smartreg boundaries -h"
)
UNTYPED = Message("repair puts right what nobody typed: invisible characters, and accents that were read wrongly.")
MATCH, UNREADABLE = "match", "unreadable"
BROKEN_ROWS = Message("skip imports the other rows; refuse names what is wrong with each, to be corrected in the file.")
HOLDERS = 5  # columns that hold values of one that is missing, of which so many are shown
ROW_SAMPLE = 50  # characters of a row that are shown
NEW_HEADING = Message(
    "The heading that the column has in this sheet; - if it is gone for good. Files of one name share a mapping: if "
    "this one has another form, cancel, and name a mapping for it: --mapping NAME\nExample: 1"
)
BY_PLACE = Message(
    "place takes the record of the same type within 5 m, unless another is nearly as near, and asks about those up to "
    "25 m away. The next files of this name are read in the same way."
)
WHICH_RECORD = Message(
    "The record that this row describes; - makes a new one of it. The answer is kept: next year the row finds its "
    "record.\nExample: 1"
)
ALIKE = Message("first imports one of the rows that say the same; all makes a record of each.")
WHAT_ROWS_ARE = Message("The kind of record that every row becomes.\nExample: support")


def kind_answer(context: FormContext, guesses: Sequence[KindGuess], answers: Answers) -> Questions[str]:
    """Asks what the rows of a sheet are, the likeliest first, with what speaks for each kind; the one that is clearly
    ahead stands in brackets. There may be none."""
    decided = decide(guesses)

    def label(guess: KindGuess) -> str:
        kind = guess.kind.title.in_(context.lang)
        if guess.why is None:
            return kind
        return visible(Message("{kind} ({why})", kind=kind, why=guess.why).in_(context.lang))

    name = yield _again(
        answers,
        Question(
            (KIND,),
            Message("what is each row?").in_(context.lang),
            explanation=WHAT_ROWS_ARE.in_(context.lang),
            choices=lambda: Choices([Choice(guess.kind.name, label(guess)) for guess in guesses]),
            default=decided.kind.name if decided is not None else None,
            missing=Message("nothing in the file says it clearly: name the kind"),
        ),
    )
    return str(name)


def proposal_answers(
    context: FormContext,
    proposal: Proposal,
    again: Callable[..., Proposal | None],
    answers: Answers,
    *,
    by_number: bool = True,
) -> Questions[ImportRequest]:
    """Asks which columns are something else than the profile shows (`by_number`), and for all that an import needs and
    no column says; what the profile proposes stands in brackets. `again`: the proposal for another request."""
    otherwise = (yield _about_columns(context, proposal)) if by_number else []
    for number in otherwise if isinstance(otherwise, list) else []:
        yield _again(answers, _about_column(context, proposal, proposal.columns[int(str(number)) - 1]))
    proposal = _with_columns(proposal, again, answers.reached)
    request, likely = proposal.request, proposal.suggestions
    for each in likely.constants:
        yield _again(answers, _about_constant(context, proposal, each))
    if likely.commune_from is not None:
        yield _again(answers, _about_communes(context, proposal))
    where = proposal.survey.where
    if where.some_outside and not request.inside:
        yield _again(answers, _about_outside(context, exact=where.exact, likely=likely.inside))
    if proposal.unreadable and not request.skip_unreadable:
        yield _again(answers, _about_unreadable(context, proposal))
    if proposal.to_repair is not None and request.characters is None:
        yield _again(answers, _about_characters(context, proposal.to_repair))
    if (system := proposal.complete().crs) != request.crs:
        yield _again(answers, _about_system(context, proposal, str(system)))
    if likely.skip_rows:
        yield _again(answers, _about_rows(context, proposal, likely.skip_rows[0]))
    if likely.duplicates and request.duplicates is None:
        yield _again(answers, _about_twins(context))
    if _asks_for_ids(proposal):
        yield _again(answers, _about_ids(context, proposal.sheet, likely.id_from))
    return _with_answers(proposal, answers.reached)


def proposal_answered(
    proposal: Proposal, again: Callable[..., Proposal | None], given: Mapping[FieldPath, Json]
) -> ImportRequest:
    """The request with the answers to `proposal_answers` that were given so far, by the paths of their questions."""
    if (COLUMNS,) not in given:
        return proposal.request
    return _with_answers(_with_columns(proposal, again, given), given)


def _with_columns(
    proposal: Proposal, again: Callable[..., Proposal | None], given: Mapping[FieldPath, Json]
) -> Proposal:
    """The proposal for what was said of columns that are something else."""
    maps = [
        f"{proposal.sheet.word(column.place)}={given[path] or NOTHING}"
        for column in proposal.columns
        if (path := (str(column.place),)) in given
    ]
    if not maps:
        return proposal
    return again(request=replace(proposal.request, maps=(*proposal.request.maps, *maps))) or proposal


def _asks_for_ids(proposal: Proposal) -> bool:
    return not proposal.named and not proposal.suggestions.key and not proposal.suggestions.has_names


def _with_answers(proposal: Proposal, given: Mapping[FieldPath, Json]) -> ImportRequest:
    """What the proposal takes without a question, and the answers that were given."""
    request, likely, made = proposal.request, proposal.suggestions, proposal.complete()
    commune = given.get((COMMUNE,))
    values = {each.name: given.get((f"{CONSTANT}{each.name}",)) for each in likely.constants}
    if commune not in (None, NEAREST):
        values[INSEE_CODE] = commune
    left_out = _unless(NOTHING, given.get((SKIP,)))
    id_from = _unless(NOTHING, given.get((IDS,))) if _asks_for_ids(proposal) else made.id_from
    return replace(
        made,
        constants=(*request.constants, *(f"{name}={value}" for name, value in values.items() if value)),
        commune_from=likely.commune_from if commune == NEAREST else request.commune_from,
        inside=request.inside or given.get((INSIDE,)) == "inside",
        skip_unreadable=request.skip_unreadable or given.get((UNREADABLE,)) == "skip",
        characters=given.get((CHARACTERS,), request.characters),
        crs=_unless(NOTHING, given[CRS,]) if (CRS,) in given else request.crs,
        skip_rows=(*request.skip_rows, *([left_out] if left_out else [])),
        duplicates=given.get((TWINS,), request.duplicates),
        id_from=id_from,
        match=made.match if id_from == made.id_from else request.match,  # numbers find their records by themselves
        values=request.values,
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
    named = SYSTEMS.get(likely, likely)
    title = Message("points look like {system}: their system ({nothing}: degrees)", system=named, nothing=NOTHING)
    return Question(
        (CRS,),
        title.in_(context.lang),
        explanation=SYSTEM.in_(context.lang),
        check=_unless_nothing(proposal.judge_system),
        default=likely,
        option="--crs",
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


def _about_twins(context: FormContext) -> Question:
    title = Message("some rows say the same: import the first of them, or all")
    return replace(_either(context, TWINS, title, ALIKE, ("first", "all")), option="--duplicates")


def _about_outside(context: FormContext, *, exact: bool, likely: bool) -> Question:
    if exact:
        title = Message("some rows lie outside the territory: import those inside alone, or all")
        return _either(context, INSIDE, title, OUTSIDE, ("inside", "all"))
    title = Message("by the nearest centres, some rows lie outside the territory: import those inside alone, or all")
    return _either(context, INSIDE, title, OUTSIDE_BY_CENTRES, ("inside", "all") if likely else ("all", "inside"))


def _about_unreadable(context: FormContext, proposal: Proposal) -> Question:
    rows = ranges(proposal.unreadable)
    title = Message("rows {rows} cannot be read: skip them, or refuse the file", rows=rows)
    return replace(_either(context, UNREADABLE, title, BROKEN_ROWS, ("skip", "refuse")), option="--skip-unreadable")


def _about_characters(context: FormContext, what: Text) -> Question:
    title = Message("{what}: repair or keep", what=what)
    return _either(context, CHARACTERS, title, UNTYPED, ("repair", "keep"))


def _either(context: FormContext, name: str, title: Text, explanation: Text, words: tuple[str, str]) -> Question:
    """A question that has two answers, of which Enter is the first."""

    def check(answer: Json) -> None:
        if answer not in words:
            raise UsageFault(Message("type {one} or {other}", one=words[0], other=words[1]))

    return Question(
        (name,),
        title.in_(context.lang),
        explanation=explanation.in_(context.lang),
        check=check,
        default=words[0],
        required=False,
    )


def _about_communes(context: FormContext, proposal: Proposal) -> Question:
    """Where no outlines tell: by the nearest centre, or one code for all rows."""

    def check(answer: Json) -> None:
        if answer != NEAREST:
            assignment(proposal.kind, f"{INSEE_CODE}={answer}")

    return Question(
        (COMMUNE,),
        Message("commune of each row: nearest takes that of the nearest centre; or one INSEE code for all").in_(
            context.lang
        ),
        explanation=BY_CENTRES.in_(context.lang),
        check=check,
        default=NEAREST,
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
        required=proposed.value is None and (bool(choices) or not refs),  # without records there is nothing to answer
        option=f"--constant {name}",
    )


def _about_ids(context: FormContext, sheet: Sheet, likely: str | None) -> Question:
    def check(answer: Json) -> None:
        for index, part in enumerate(HOLE.split(str(answer))):
            if index % 2 or not HOLE.search(str(answer)):
                sheet.column(part)

    return Question(
        (IDS,),
        Message("ids are made from the column").in_(context.lang),
        explanation=FROM_CELLS.in_(context.lang),
        check=check,
        default=likely,
        required=False,
        option="--id-from",
    )


def value_answers(
    context: FormContext, kind: Kind, unknown: Sequence[UnknownValue], answers: Answers
) -> Questions[tuple[str, ...]]:
    """Asks for the meaning of values that their fields do not allow, each once; as `--values` takes it."""
    for value in unknown:
        yield _again(answers, _about_value(context, kind, value))
    return meanings_answered(unknown, answers.reached)


def meanings_answered(unknown: Sequence[UnknownValue], given: Mapping[FieldPath, Json]) -> tuple[str, ...]:
    """The answers to `value_answers` that were given so far."""
    meanings = [(value, given.get(_path_of(value))) for value in unknown]
    return tuple(values_option(value.column, value.value, meaning) for value, meaning in meanings if meaning)


def _path_of(value: UnknownValue) -> FieldPath:
    """The name of its question, which is the same whatever other values are asked about."""
    return (hashlib.sha256(f"{value.column}\0{value.value}".encode()).hexdigest()[:12],)


def _about_value(context: FormContext, kind: Kind, value: UnknownValue) -> Question:
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
        _path_of(value),
        visible(title.in_(context.lang)),
        explanation=explain(kind, field, context.lang),
        choices=lambda: Choices([Choice(str(item), labels.get(item, "")) for item in field.enum]),
        default=value.near,
        required=False,
    )


# -- a sheet that lost what identified its rows ----------------------------------------------------------------------


def missing_column_answers(
    context: FormContext, missing: MissingColumns, sheet: Sheet, request: ImportRequest, answers: Answers
) -> Questions[ImportRequest]:
    """Asks what became of columns that the mapping names and the sheet lacks; the one that holds last year's values
    stands in brackets. Then how rows find their records, if their keys are gone with a column."""
    taken: set[Json] = set()
    title = Message("{mapping} names columns that the sheet lacks:", mapping=missing.mapping)
    above = (line(title.in_(context.lang)),)
    for column in missing.columns:
        question = _about_missing_column(context, missing, column, taken)
        taken.add((yield _again(answers, question if taken else replace(question, above=above))))
    mended = missing.mend(request, _headings_given(missing, answers.reached))
    if mended.match != request.match:
        title = Message("nothing in the sheet says any more which record a row is: find it by")
        yield _again(answers, _about_match(context, title))
    if mended.id_from != request.id_from:
        yield _again(answers, _about_ids(context, sheet, mended.id_from))
    return missing_answered(missing, request, answers.reached)


def missing_answered(missing: MissingColumns, request: ImportRequest, given: Mapping[FieldPath, Json]) -> ImportRequest:
    """The request with the answers to `missing_column_answers` that were given so far."""
    mended = missing.mend(request, _headings_given(missing, given))
    return replace(mended, match=given.get((MATCH,), request.match), id_from=given.get((IDS,), request.id_from))


def _headings_given(missing: MissingColumns, given: Mapping[FieldPath, Json]) -> dict[str, str | None]:
    """The heading that each missing column has now, None if it is gone, as far as somebody said it."""
    paths = {column.word: (column.word,) for column in missing.columns}
    return {word: _unless(NOTHING, given[path]) for word, path in paths.items() if path in given}


def _about_missing_column(
    context: FormContext, missing: MissingColumns, column: MissingColumn, taken: Collection[Json]
) -> Question:
    holders = [
        Choice(
            heading,
            Message("holds {same} of the {count} values that it held", same=same, count=column.held).in_(context.lang),
        )
        for heading, same in column.holders[:HOLDERS]
        if heading not in taken
    ]
    gone = Choice(NOTHING, Message("it is gone, with all that it filled").in_(context.lang))
    shown = {holder.value for holder in holders}
    others = [Choice(heading) for heading in missing.open_headings if heading not in shown and heading not in taken]
    likely = column.likely if column.likely in shown else NOTHING
    title = Message('no column "{word}" any more: which one is it now?', word=column.word)
    return Question(
        (column.word,),
        visible(title.in_(context.lang)),
        explanation=NEW_HEADING.in_(context.lang),
        choices=lambda: Choices([*holders, gone, *others], likely=len(holders) + 1),
        default=likely,
    )


def match_answer(context: FormContext, plan: Imported, answers: Answers) -> Questions[Literal["key", "place"]]:
    """Asks whether rows that have no key of a record are the records that stand where they are."""
    title = Message(
        "no row has the key of a record, and {found} of {rows} stand where records of this file do: find them by",
        found=plan.at_records,
        rows=plan.added,
    )
    answer = yield _again(answers, _about_match(context, title))
    return "place" if answer == "place" else "key"


def _about_match(context: FormContext, title: Text) -> Question:
    ways: Mapping[str, Text] = {
        "place": Message("the record that stands where the row is; doubts are asked"),
        "key": Message("none: every row is a new record"),
    }
    return Question(
        (MATCH,),
        title.in_(context.lang),
        explanation=BY_PLACE.in_(context.lang),
        choices=lambda: Choices([Choice(way, label.in_(context.lang)) for way, label in ways.items()]),
        default="place",
    )


def doubt_answers(
    context: FormContext, kind: Kind, doubts: Sequence[Ambiguous], answers: Answers
) -> Questions[tuple[str, ...]]:
    """Asks which record each doubtful row is; as `--pair` takes it. A record that was given to one row is no choice of
    the next; a row that has no choice left is not asked about."""
    for doubt in doubts:
        given = set(answers.reached.values())
        left = [(record, metres) for record, metres in doubt.records if record.rid.id not in given]
        if left:
            yield _again(answers, _about_doubt(context, kind, doubt._replace(records=left)))
    return pairs_answered(answers.reached)


def pairs_answered(given: Mapping[FieldPath, Json]) -> tuple[str, ...]:
    """The answers to `doubt_answers` that were given so far."""
    return tuple(f"{path[0]}={id}" for path, id in given.items())


def _about_doubt(context: FormContext, kind: Kind, doubt: Ambiguous) -> Question:
    row = doubt.draft.row
    cells = ", ".join(filter(None, (cell.strip() for cell in row.cells)))
    sample = cells if len(cells) <= ROW_SAMPLE else f"{cells[:ROW_SAMPLE]}…"
    records = [
        Choice(
            record.rid.id,
            joined(
                [
                    *([Message("{distance} away", distance=format_metres(metres))] if metres is not None else []),
                    *filter(None, [kind.label_of(record.data, context.lang)]),
                ]
            ).in_(context.lang),
        )
        for record, metres in doubt.records
    ]
    title = Message("row {number} ({cells}): which record is it?", number=row.number, cells=sample)
    return Question(
        (str(row.number),),
        visible(title.in_(context.lang)),
        explanation=WHICH_RECORD.in_(context.lang),
        choices=lambda: Choices([*records, Choice(NOTHING, Message("a new record").in_(context.lang))]),
        default=doubt.likely.rid.id if doubt.likely is not None else None,
        missing=Message("none of them is clearly nearer: type a number"),
        option=f"--pair {row.number}",
    )


def _unless_nothing(check: Callable[[str], None]) -> Callable[[str], None]:
    """The check of answers that may also be `-`."""
    return lambda answer: None if answer == NOTHING else check(answer)


# -- a page, which shows the questions about all columns at once ------------------------------------------------------


OPTION = re.compile(r"--[a-z][a-z-]*")
PAIRS = "pairs"  # asked for row by row
ASKED = frozenset(
    ("crs", "key", "match", "id_from", "skip_rows", "inside", "update", "moved_on", "duplicates", "moved_within", PAIRS)
)
"""The options by which a page may be told that rows can come in after all; others have questions of their own."""
VALUES_SHOWN = ("missing", "row")  # the parts of a page whose choices people know by their values


class SheetImport(NamedTuple):
    """What a page says of a sheet: the kind of its rows, the options, and the file as it was read for them."""

    kind: Kind
    request: ImportRequest
    file_read: FileRead


@dataclass(frozen=True)
class SheetSource:
    """A file that a page was given. `likely`: what its rows may be; `read`: reads it for a kind; `show`: is told the
    proposal that the questions are about; `find_doubts`: the rows that may be one of several records; `named`: the
    options that refused rows have been answered with, which are asked for then."""

    file: Path
    likely: LikelyKinds
    read: Callable[[Kind], FileRead]
    show: Callable[[Proposal], None]
    find_doubts: Callable[[SheetImport], Sequence[Ambiguous]]
    named: Collection[str]


def sheet_import(context: FormContext, source: SheetSource, _answers: Answers) -> Questions[SheetImport]:
    """Asks all that `import FILE` does: what the rows are, which field each column fills, what is in no column, what
    unknown values mean; of a sheet that was imported before, what became of its columns, what becomes of records whose
    rows are gone, and which records doubtful rows are."""
    workspace, guesses, file = context.workspace, source.likely.guesses, source.file
    if len(guesses) == 1 and guesses[0].why is None:
        kind = guesses[0].kind
    else:
        name = yield from _named("kind", partial(kind_answer, context, guesses))
        kind = workspace.current.schemas.kind(name)
    request, file_read = ImportRequest(), source.read(kind)
    missing = missing_columns(workspace, kind, file, request, file_read)
    if missing is not None:
        form = partial(missing_column_answers, context, missing, file_read.sheet, request)
        request = yield from _named("missing", form)
    again = partial(proposal, workspace, kind, file, on=context.today, file_read=file_read)
    proposed = again(request=request)
    if proposed is None:
        request = yield from _about_gone(context, request)
    else:
        source.show(proposed)
        maps = yield from _named("column", lambda _answers: _all_columns(context, proposed))
        request = replace(request, maps=(*request.maps, *maps))
        mapped = again(request=request) or proposed
        request = yield from _named("sheet", partial(proposal_answers, context, mapped, again, by_number=False))
    unknown = unknown_values(workspace, kind, file, request, file_read)[:MANY]
    meanings = yield from _named("value", partial(value_answers, context, kind, unknown))
    request = replace(request, values=(*request.values, *meanings))
    for option in declared_options():
        if option.field in source.named and option.field != PAIRS:
            request = yield from _about_option(context, option, request)
    made = SheetImport(kind, request, file_read)
    doubts = source.find_doubts(made) if proposed is None or PAIRS in source.named else ()
    if not 0 < len(doubts) <= MANY:
        return made
    pairs = yield from _named("row", partial(doubt_answers, context, kind, doubts))
    return made._replace(request=replace(made.request, pairs=pairs))


def _about_option(context: FormContext, option: DeclaredOption, request: ImportRequest) -> Questions[ImportRequest]:
    """Asks for the value of an option, as its help says it."""
    title, metavar = option.option.help, option.option.metavar
    choices = [Choice(word) for word in option.choices]

    def read(text: str) -> Json:
        if option.type is bool:
            return TRUTH.get(text.lower())
        if option.type is date:
            return str(day(title, text))
        return metres(title.in_(context.lang), text, MOST_M) if option.type is float else text

    answer = yield Question(
        ("option", option.field),
        title.in_(context.lang),
        help=f" ({metavar})" if metavar else "",
        form="truth" if option.type is bool else "day" if option.type is date else "text",
        obligation="optional",
        read=read,
        choices=(lambda: Choices(choices)) if choices else None,
        required=False,
        option=option.names[0],
    )
    if answer is None:
        return request
    value: Any = date.fromisoformat(str(answer)) if option.type is date else answer
    given: dict[str, Any] = {option.field: (*getattr(request, option.field), value) if option.repeated else value}
    return replace(request, **given)


def named_options(texts: Iterable[Text]) -> set[str]:
    """The options of `import` that these texts name, by their fields: those that a page can ask for."""
    words = {word for text in texts for word in OPTION.findall(text.in_(SOURCE))}
    return {each.field for each in declared_options() if each.field in ASKED and not words.isdisjoint(each.names)}


def _named(part: str, form: Callable[[Answers], Questions[Made]]) -> Questions[Made]:
    """The questions of a form that is one part of a page, with names that differ from those of its other parts."""
    answers = Answers()
    questions = form(answers)
    try:
        question = next(questions)
        while True:
            asked = _showing_values(question) if part in VALUES_SHOWN else question
            answers.given[question.path] = yield replace(asked, path=(part, *question.path))
            answers.asked.append(question.path)
            question = questions.send(answers.given[question.path])
    except StopIteration as end:
        made: Made = end.value
        return made


def _showing_values(question: Question) -> Question:
    """The question with the value of each choice before its label: a heading, or an id."""
    if question.choices is None:
        return question
    shown = [
        choice
        if choice.value == NOTHING or not choice.label
        else Choice(choice.value, f"{choice.value} · {choice.label}")
        for choice in question.choices().items
    ]
    return replace(question, choices=partial(Choices, shown))


def _all_columns(context: FormContext, proposal: Proposal) -> Questions[tuple[str, ...]]:
    """Asks of each column which field it fills; the options for those that are something else than proposed."""
    kind, lang = proposal.kind, context.lang
    fields = [field for field in kind.fields if not field.in_list and field.kind not in ("object", "array")]
    nothing = Choice(NOTHING, Message("nothing: leave it out").in_(lang))
    choices = [nothing, *(Choice(field.name, field.title.in_(lang)) for field in fields)]
    names = {choice.value for choice in choices}
    maps = []
    for column in proposal.columns:
        proposed = column.becomes or NOTHING
        kept = Choice(proposed, Message("kept as it is ({name})", name=proposed).in_(lang))
        offered = choices if proposed in names else [choices[0], kept, *choices[1:]]
        question = _about_column(context, proposal, column)
        name = yield replace(
            question,
            default=proposed,
            explanation=column.why.in_(lang),
            choices=partial(Choices, offered),
            check=accept,  # one of the choices
        )
        if name != proposed:
            maps.append(f"{proposal.sheet.word(column.place)}={name}")
    return tuple(maps)


def _about_gone(context: FormContext, request: ImportRequest) -> Questions[ImportRequest]:
    """Asks what becomes of records whose rows a later sheet no longer has."""
    keep, end = Choice("keep", KEPT.in_(context.lang)), Choice("retire", RETIRED.in_(context.lang))
    title = Message("Records whose rows are no longer in the sheet").in_(context.lang)
    question = Question(("gone",), title, choices=lambda: Choices([keep, end]), default="keep", decides=True)
    if (yield question) != "retire":
        return request
    day_title = Message("Since when they are gone").in_(context.lang)
    today = context.today.isoformat()
    text = yield Question(("gone-on",), day_title, form="day", read=lambda text: str(day("--on", text)), default=today)
    return replace(request, missing_rows="retire", on=day("--on", str(text)))

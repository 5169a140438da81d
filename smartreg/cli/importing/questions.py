"""Which column fills which field, asked on a terminal when a sheet comes in for the first time.

The effects of an import: as CSV rows, as figures for JSON, and as a few lines for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from smartreg.cli.adding.options import explain
from smartreg.cli.answers import Needed, answers
from smartreg.cli.ask import Choice
from smartreg.cli.session import Session
from smartreg.commands.import_ import proposal, unknown_values
from smartreg.core.escape import csv_text
from smartreg.core.findings import Finding
from smartreg.core.styled import Span, line, visible
from smartreg.core.values import Language, Words
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.importing.profile import Answers, Proposal, UnknownValue, UnmappedColumn, apply_answers
from smartreg.importing.readers.sheet import short_name
from smartreg.importing.syntax import NOTHING, values_option
from smartreg.reporters.summing import count
from smartreg.schema import ITEM, Kind

MANY = 40  # values that are asked about
SAMPLE = 30  # characters of a value that are shown
# These name the questions that follow those for the columns, which are named by their place.
CONSTANT, IDS, CRS, SKIP = "=", "ids", "crs", "skip"
FROM_CELLS = Words(
    "The column whose cells give the ids: 93 rue de Créqui gives 93-rue-de-crequi.\nExample: NAME",
    "La colonne dont les cellules donnent les identifiants : 93 rue de Créqui donne 93-rue-de-crequi.\nExemple : NOM",
)
SYSTEM = Words(
    "The coordinate system of the columns, by its EPSG code.\nExample: EPSG:2154 (Lambert-93)",
    "Le système de coordonnées des colonnes, par son code EPSG.\nExemple : EPSG:2154 (Lambert-93)",
)
LEFT_OUT = Words(
    "A column and the value in it that says nothing; rows with it are not imported.\nExample: X=0",
    "Une colonne et la valeur qui n'y dit rien ; les lignes qui l'ont ne sont pas importées.\nExemple : X=0",
)


def with_answers(session: Session, kind: Kind, file: Path, request: ImportRequest) -> ImportRequest:
    """The request with the answers on its columns; unchanged if nothing is open, or nobody can be asked."""
    found = proposal(session.workspace, kind, file, request) if session.interactive else None
    if found is None:
        return request
    _introduce(session, found)
    answered = answers(session, [_column(found, item) for item in found.columns], follow=partial(_further, found))
    named = _fields_by_heading(found, answered)
    left = [item.heading for item in found.columns if item.field and item.heading not in named]
    constants = {name: value for name in found.find_missing(named) if (value := answered[f"{CONSTANT}{name}"])}
    ids, crs, skip = (None if (text := answered.get(flag)) == NOTHING else text or None for flag in (IDS, CRS, SKIP))
    return apply_answers(request, Answers(named | dict.fromkeys(left, NOTHING), constants, ids, crs, skip))


def _column(found: Proposal, item: UnmappedColumn) -> Needed:
    """Which field a column fills."""
    prompt = _question(item)
    explanation = Words(
        f"{prompt}: the name of the field that this column fills, such as "
        f"{item.likely or found.kind.key_order[0]}; {NOTHING} leaves it out",
        f"{prompt} : le nom du champ que cette colonne remplit, comme "
        f"{item.likely or found.kind.key_order[0]} ; {NOTHING} la laisse de côté",
    )
    return Needed(
        str(item.place),
        "FIELD",
        Words(prompt, prompt),
        judge=_unless_nothing(found.judge_field),
        default=item.likely,
        optional=True,
        explanation=explanation,
    )


def _fields_by_heading(found: Proposal, answered: Mapping[str, str]) -> dict[str, str]:
    """The field of each column that fills one, by heading."""
    names = {item.heading: answered.get(str(item.place), "") for item in found.columns}
    return {heading: name for heading, name in names.items() if name not in ("", NOTHING)}


def _further(found: Proposal, answered: Mapping[str, str]) -> list[Needed]:
    """What is asked once every column is known: the system of the points, rows that say nothing, values for every row,
    and what ids are made from."""
    if any(str(item.place) not in answered for item in found.columns):
        return []
    named = _fields_by_heading(found, answered)
    needs = list(_about_points(found, named))
    for name in found.find_missing(named):
        prompt = Words(f"{name}, for every row", f"{name}, pour chaque ligne")
        field = found.kind.by_path.get(tuple(name.split(".")))
        explanation = Words(explain(found.kind, field, "en"), explain(found.kind, field, "fr")) if field else prompt
        judge = partial(found.judge_value, name)
        needs.append(Needed(f"{CONSTANT}{name}", "VALUE", prompt, judge=judge, optional=True, explanation=explanation))
    if found.lacks_id_source(named):
        prompt = Words("ids are made from the column", "identifiants tirés de la colonne")
        likely = found.suggestions.key
        needs.append(
            Needed(
                IDS, "COLUMN", prompt, judge=found.judge_column, default=likely, optional=True, explanation=FROM_CELLS
            )
        )
    return needs


def _about_points(found: Proposal, named: Mapping[str, str]) -> Iterator[Needed]:
    """What is asked of points that look like metres, and of rows at 0, 0; nothing where no column fills a position."""
    likely = found.suggestions
    if not any(name.endswith(".lon") for name in named.values()):
        return
    if likely.crs and likely.crs != found.sheet.crs:
        prompt = Words(
            f"points look like Lambert-93: their system ({NOTHING}: degrees)",
            f"les points ressemblent à du Lambert-93 : leur système ({NOTHING} : degrés)",
        )
        judge = _unless_nothing(found.judge_system)
        yield Needed(CRS, "EPSG", prompt, judge=judge, default=likely.crs, optional=True, explanation=SYSTEM)
    if likely.skip_rows:
        prompt = Words(
            f"some rows are at 0, 0: leave out those with ({NOTHING}: none)",
            f"des lignes sont à 0, 0 : écarter celles où ({NOTHING} : aucune)",
        )
        judge = _unless_nothing(found.judge_condition)
        usual = likely.skip_rows[0]
        yield Needed(SKIP, "COL=VALUE", prompt, judge=judge, default=usual, optional=True, explanation=LEFT_OUT)


def with_values(session: Session, kind: Kind, file: Path, request: ImportRequest) -> ImportRequest:
    """The request with what somebody says the values mean that their fields do not allow, each asked once."""
    unknown = unknown_values(session.workspace, kind, file, request) if session.interactive else []
    questions = {str(place): one for place, one in enumerate(unknown[:MANY])}
    answered = answers(session, [_meaning(session, kind, flag, one) for flag, one in questions.items()])
    said = [values_option(one.column, one.value, answered[flag]) for flag, one in questions.items() if answered[flag]]
    return replace(request, values=(*request.values, *said))


def _meaning(session: Session, kind: Kind, flag: str, one: UnknownValue) -> Needed:
    """What a value means that the field does not allow."""
    prompt = Words(
        visible(f'{one.column} says "{one.value}" (rows: {one.rows}): which {one.field.name} is that?'),
        visible(f"{one.column} dit « {one.value} » (lignes : {one.rows}) : quel {one.field.name} est-ce ?"),
    )
    labels = {str(item): words.in_(session.lang) for item, words in one.field.labels.items()}
    choices = [Choice(str(item), labels.get(str(item), "")) for item in one.field.enum]
    explanation = Words(explain(kind, one.field, "en"), explain(kind, one.field, "fr"))
    return Needed(flag, "VALUE", prompt, lambda: choices, default=one.near, optional=True, explanation=explanation)


def _unless_nothing(judge: Callable[[str], None]) -> Callable[[str], None]:
    """The judge of answers that may also be `-`."""
    return lambda answer: None if answer == NOTHING else judge(answer)


def _introduce(session: Session, found: Proposal) -> None:
    names = ", ".join(field.name for field in found.kind.fields if ITEM not in field.path and field.kind != "object")
    question = Words(
        "Which field does each column fill? Enter takes what stands in brackets, - leaves the column out.",
        "Quel champ remplit chaque colonne ? Entrée prend ce qui est entre crochets, - laisse la colonne de côté.",
    )
    session.console.ask([line(question.in_(session.lang)), line(Span(names, "dim"))])


def _question(item: UnmappedColumn) -> str:
    sample = item.sample if len(item.sample) <= SAMPLE else f"{item.sample[:SAMPLE]}…"
    return visible(f"{short_name(item.heading)} ({sample})" if sample else short_name(item.heading))


COLUMNS = ("row", "record", "action", "fields", "metres", "because")


def rows_csv(done: Imported) -> str:
    """One line for each row of the sheet, then one for each record whose row is gone."""
    return csv_text(COLUMNS, ((*effect[:3], " ".join(effect.fields), *effect[4:]) for effect in done.effects))


def findings_csv(found: Sequence[Finding], lang: Language) -> str:
    """One line for each finding, with its row and column."""
    rows = ((one.where.row, one.where.column, one.code, one.severity, one.message.in_(lang)) for one in found)
    return csv_text(("row", "column", "code", "severity", "message"), rows)


def figures(done: Imported, *, rows: bool) -> dict[str, object]:
    """The figures of an import; on a dry run also what becomes of each row."""
    farthest = done.farthest
    found: dict[str, object] = {
        "mapping": done.mapping,
        "mapped_by": done.mapped_by.en if done.mapped_by else None,
        "source": asdict(done.source),
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "skipped_rows": list(done.skipped),
        "skipped_by": dict(done.filters),
        "twins": done.count("twin"),
        "retired": done.count("retired"),
        "changed_fields": dict(done.fields),
        "farthest_metres": farthest.metres if farthest else None,
        "ignored_columns": list(done.ignored),
        "exported_from": done.base,
        "missing": list(done.missing),
        "longer_ids": list(done.longer),
    }
    if rows:
        found["rows"] = [{**effect._asdict(), "fields": list(effect.fields)} for effect in done.effects]
    return found


def summary(done: Imported) -> Iterator[Words]:
    """What will be done or was done, in figures; zeros are left out."""
    numbers = [count(number) for number in (done.added, done.changed, done.unchanged, len(done.skipped))]
    en = "{} added, {} changed, {} unchanged, {} rows left out".format(*numbers)
    fr = "ajouts : {}, modifications : {}, sans changement : {}, lignes écartées : {}".format(*numbers)
    gone, retired, twins = (done.count(action) for action in ("gone", "retired", "twin"))
    en += "".join(f", {count(number)} {word}" for number, word in ((gone, "gone"), (retired, "retired")) if number)
    fr += "".join(
        f", {word} : {count(number)}" for number, word in ((gone, "disparus"), (retired, "retirés")) if number
    )
    if twins:
        en, fr = f"{en}, {count(twins)} twins left out", f"{fr}, lignes jumelles écartées : {count(twins)}"
    yield Words(en, fr)
    if done.fields:
        yield _count_words("changed", "modifiés", done.fields)
    farthest = done.farthest
    if farthest is not None:
        moved = count(sum(effect.metres is not None for effect in done.effects))
        yield Words(
            f"moved: {moved}, {farthest.id} farthest, by {farthest.metres} m (row {farthest.row})",
            f"déplacés : {moved}, au plus loin {farthest.id}, de {farthest.metres} m (ligne {farthest.row})",
        )
    if done.filters:
        yield _count_words("left out by", "écartées par", done.filters)


def _count_words(en: str, fr: str, counts: Mapping[str, int]) -> Words:
    text = ", ".join(f"{name} ({count(number)})" for name, number in counts.items())
    return Words(f"{en}: {text}", f"{fr} : {text}")

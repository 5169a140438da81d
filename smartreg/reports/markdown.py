"""The bilan in Markdown, as a council reads it: what matters, the decision, the figures, conventions and parties, where
it comes from. What comes from records is in code spans, unless it is a plain name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smartreg.core.escape import code, plain_or_code
from smartreg.core.markdown import lower_headings
from smartreg.core.messages import Language, Message, Text, verbatim
from smartreg.reports import ReportFile
from smartreg.reports.bilan import CONCLUSION, TITLE, Bilan, register_of
from smartreg.reports.figure import (
    Chart,
    Figure,
    FigureColumn,
    FigureTable,
    Label,
    Measure,
    Value,
    code_of,
    matrix_axes,
    rank_rows,
)
from smartreg.reports.origin import AUDIENCES, origin_lines, provenance
from smartreg.reports.outcomes import TERMS, StoryOutcome
from smartreg.reports.story import HEADINGS, NO_DECISION, NOTHING_YET, Decision
from smartreg.reports.typography import COLON, SEMICOLON, capital, joined, quote, typeset
from smartreg.reports.wording import decimals_of, format_measure, format_value, number_words, with_days

OUTCOMES = Message("What matters")
DECISION = Message("Decision requested")
FIGURES = Message("Figures")
SECTIONS = {"conventions": Message("Conventions"), "parties": Message("Parties")}
PROVENANCE = Message("Where this report comes from")
REFERENCES = Message("To verify this document:")
NOT_COMPUTED = Message("Not computed: {why}.")
MOST = 15  # rows of a table that people read in one go
MOST_IDLE = 5  # use cases without an assessment that the first page names
WIDE = 12  # columns of a matrix that a page can hold; a wider one is listed row by row
NUMBERS = ("count", "number", "share", "money", "days")


def render(bilan: Bilan, *, lang: Language = "en") -> Iterator[ReportFile]:
    """One file, `bilan.md`."""
    text = "\n".join(_lines(bilan, lang)) + "\n"
    yield ReportFile(f"{bilan.stem}.md", text.encode("utf-8", "backslashreplace"), None, None)


def _lines(bilan: Bilan, lang: Language) -> Iterator[str]:
    yield from _opening(bilan, lang)
    if bilan.written is not None:
        yield from ("", f"## {CONCLUSION.in_(lang)}", "", lower_headings(bilan.written))
    yield from ("", f"## {FIGURES.in_(lang)}")
    for figure in bilan.figures:
        yield from ("", f"### {_heading(figure, lang)}")
        yield from _figure(figure, lang)
    for name, words in SECTIONS.items():
        yield from ("", f"## {words.in_(lang)}", "")
        table = bilan.register(name)
        yield from table_lines(table, lang) if table else (f"*{_sentence(NOTHING_YET, lang)}*",)
    yield from _provenance(bilan, lang)


def _opening(bilan: Bilan, lang: Language) -> Iterator[str]:
    """The first page: title, period, outcomes, decision."""
    story, title = bilan.story, bilan.title.in_(lang)
    registry, audience_name = (str(bilan.origin.get(name) or "") for name in ("registry", "audience"))
    audience = AUDIENCES.get(audience_name, verbatim(audience_name))
    anchors = {figure.code: _anchor(_heading(figure, lang)) for figure in bilan.figures}
    yield f"# {_inert(title)}"
    names = [TITLE.in_(lang) if title == registry else _inert(registry)] if registry else []
    yield from ("", " · ".join([*names, _sentence(story.period, lang), audience.in_(lang)]))
    yield from ("", f"## {OUTCOMES.in_(lang)}", "")
    for not_counted in story.left_out:
        yield from (_sentence(not_counted, lang), "")
    yield from (story.as_of.in_(lang), "") if story.outcomes else ()
    for outcome in story.outcomes:
        yield f"- {_link(outcome, anchors, lang)}"
        yield from _change(bilan, outcome, lang)
    yield from ("", f"*{_sentence(TERMS, lang)}*") if story.outcomes else (_sentence(NOTHING_YET, lang),)
    yield from ("", f"## {DECISION.in_(lang)}", "", _sentence(story.proposed or NO_DECISION, lang))
    idle = [decision for decision in story.decisions if decision.proposal == "none"]
    shown = [decision for decision in story.decisions if decision not in idle[MOST_IDLE:]]
    yield from ("",) if shown else ()
    yield from (f"- {_decision(decision, anchors, lang)}" for decision in shown)
    if more := len(story.decisions) - len(shown):
        if more == 1:
            others = Message("… and 1 other use case.")
        else:
            others = Message("… and {number} other use cases.")
        yield f"- {others.fill(number=number_words(more)).in_(lang)}"


def _change(bilan: Bilan, outcome: StoryOutcome, lang: Language) -> Iterator[str]:
    """How the headline of the figure changed, below the outcome."""
    headline, change = bilan.headline(outcome.figure), bilan.story.change_of(outcome)
    if headline is not None and change is not None:
        yield f"  *{capital(_sentence(headline.words, lang))}{COLON.in_(lang)}{change.in_(lang)}.*"


def _decision(decision: Decision, anchors: dict[str, str], lang: Language) -> str:
    """A use case with its evidence; what people wrote of it ends the line."""
    last = {item.figure: item for item in decision.evidence}  # a figure is linked once
    links = [_link(item, anchors if last[item.figure] is item else {}, lang) for item in decision.evidence]
    evidence = capital(SEMICOLON.in_(lang).join(links))
    heading, use_case = HEADINGS[decision.proposal].in_(lang), _inert(decision.use_case.in_(lang))
    summary = f" {quote(_inert(decision.summary), lang)}" if decision.summary else ""
    return f"**{heading}{COLON.in_(lang)}{use_case}.** {evidence}.{summary}"


def _link(outcome: StoryOutcome, anchors: dict[str, str], lang: Language) -> str:
    """A sentence with the figure that it is computed from."""
    text = plain_sentence(outcome.sentence.in_(lang))
    return f"{text} ([{outcome.figure}](#{anchors[outcome.figure]}))" if outcome.figure in anchors else text


def plain_sentence(text: str) -> str:
    """A sentence of ours that may name what a record says: no mark of Markdown in it acts."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split(" ")).replace("\n", " "))


def _heading(figure: Figure, lang: Language) -> str:
    return f"{figure.code}. {figure.title.in_(lang)}"


def _anchor(heading: str) -> str:
    """What hosts of Git make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _sentence(words: Text, lang: Language) -> str:
    return with_days(typeset(words).in_(lang), lang)


def _provenance(bilan: Bilan, lang: Language) -> Iterator[str]:
    """In words, then line by line for `verify`."""
    yield from ("", f"## {PROVENANCE.in_(lang)}", "")
    yield provenance(bilan.origin).in_(lang)
    yield from ("", _sentence(REFERENCES, lang), "")
    yield from (f"- {name}{COLON.in_(lang)}{code(text)}" for name, text in origin_lines(bilan.origin, lang))


def _figure(figure: Figure, lang: Language) -> Iterator[str]:
    if figure.definition:
        yield from ("", f"*{_sentence(figure.definition, lang)}*")
    if figure.why_not:
        yield from ("", _sentence(NOT_COMPUTED.fill(why=figure.why_not), lang))
    if figure.measures:
        yield ""
        yield from _measures(figure.measures, lang)
    for table in figure.tables:
        if not register_of(figure, table):
            yield from ("", f"#### {_sentence(table.title, lang)}", "")
            yield from table_lines(table, lang)
    if figure.notes:
        yield from ("", " ".join(f"{capital(_sentence(note, lang).rstrip('.'))}." for note in figure.notes))


def _measures(measures: Sequence[Measure], lang: Language) -> Iterator[str]:
    """Each with its value; then those that have none, once for each reason."""
    unknown: dict[str, list[str]] = {}
    for measure in measures:
        text, name = with_days(format_measure(measure, lang), lang), _sentence(measure.words, lang)
        if measure.value is None:
            unknown.setdefault(text, []).append(name)
        else:
            yield f"- {capital(name)}{COLON.in_(lang)}**{text}**"
    for why, names in unknown.items():
        yield f"- {capital(joined(names).in_(lang))}{COLON.in_(lang)}*{why}*"


def table_lines(table: FigureTable, lang: Language, *, most: int = MOST) -> Iterator[str]:
    """A table, at most so many of its rows."""
    if table.why_not or not table.rows:
        why = table.why_not or NOTHING_YET
        yield f"*{capital(_sentence(why, lang).rstrip('.'))}.*"
    elif table.chart and table.chart.across and len(matrix_axes(table, table.chart)[1]) <= WIDE:
        yield from _matrix(table, table.chart, table.chart.across, lang)
    else:
        yield _row([capital(_sentence(column.words, lang)) for column in table.columns])
        yield _row(["---:" if column.kind in NUMBERS else "---" for column in table.columns])
        shown = rank_rows(table)[:most]
        decimals = [
            None if column.mixed else decimals_of(column.kind, (row[at] for row in shown))
            for at, column in enumerate(table.columns)
        ]
        yield from (_row(_cells(table.columns, row, decimals, lang)) for row in shown)
        yield from _more(len(table.rows) - most, lang)


def _more(rows: int, lang: Language) -> Iterator[str]:
    """How many rows a table has beyond those shown."""
    if rows <= 0:
        return
    if rows == 1:
        more = Message("… and 1 more row; the full table is available from those who keep the registry.")
    else:
        more = Message("… and {number} more rows; the full table is available from those who keep the registry.")
    yield from ("", _sentence(more.fill(number=number_words(rows)), lang))


def _matrix(table: FigureTable, chart: Chart, across: str, lang: Language) -> Iterator[str]:
    """One line per value along, one column per value across."""
    at = {column.key: index for index, column in enumerate(table.columns)}
    column = table.columns[at[chart.values[0]]]
    values = {(code_of(row[at[chart.along]]), code_of(row[at[across]])): row[at[column.key]] for row in table.rows}
    lines, heads = matrix_axes(table, chart)
    down, right = (capital(table.columns[at[key]].words.in_(lang)) for key in (chart.along, across))
    corner = f"{down} ↓ {right} →"
    yield _row([corner, *(_format(head, lang) for head in heads)])
    yield _row(["---", *("---:" for _ in heads)])
    for line in lines[:MOST]:
        cells = [format_value(column.kind, values.get((code_of(line), code_of(head)), 0), lang) for head in heads]
        yield _row([_format(line, lang), *cells])
    yield from _more(len(lines) - MOST, lang)


def _cells(
    columns: Sequence[FigureColumn], row: Sequence[Value], decimals: Sequence[int | None], lang: Language
) -> list[str]:
    return [
        _format(value, lang)
        if isinstance(value, (Label, str)) and value and column.kind != "date"
        else format_value(column.kind, value, lang, places)
        for column, value, places in zip(columns, row, decimals, strict=True)
    ]


def _format(value: Value, lang: Language) -> str:
    """What comes from a record: a plain name, else a code span that no cell ends."""
    text = value.in_(lang) if isinstance(value, Label) else str(value)
    return _inert(text).replace("|", "\\|")


def _inert(text: str) -> str:
    return plain_or_code(" ".join(text.split()))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

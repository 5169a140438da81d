"""The bilan in Markdown, as a council reads it: what matters, the decision, the figures, conventions and parties, where
it comes from. What comes from records is in code spans, unless it is a plain name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smartreg.core.escape import code, plain_or_code
from smartreg.core.values import Language, Words
from smartreg.core.webpage import lower_headings
from smartreg.reports import ReportFile
from smartreg.reports.bilan import CONCLUSION, HEADINGS, NO_DECISION, NOTHING_YET, TITLE, Bilan, Decision, is_register
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
from smartreg.reports.outcomes import TERMS, StoryOutcome
from smartreg.reports.wording import (
    AUDIENCES,
    count_noun,
    decimals_of,
    format_measure,
    format_value,
    join_words,
    origin_lines,
    provenance,
    quote,
    typeset,
    with_days,
)

OUTCOMES = Words("What matters", "L'essentiel")
DECISION = Words("Decision requested", "La décision demandée")
FIGURES = Words("Figures", "Chiffres")
SECTIONS = {"conventions": Words("Conventions", "Conventions"), "parties": Words("Parties", "Parties")}
PROVENANCE = Words("Where this report comes from", "Origine de ce bilan")
REFERENCES = Words("To verify this document:", "Pour vérifier ce document :")
WHY_NOT = Words("Not computed", "Non calculé")
MOST = 15  # rows of a table that people read in one go
MOST_IDLE = 5  # use cases without an assessment that the first page names
WIDE = 12  # columns of a matrix that a page can hold; a wider one is listed row by row
NUMBERS = ("count", "number", "share", "money", "days")


def render(bilan: Bilan, *, lang: Language = "en") -> Iterator[ReportFile]:
    """One file, `bilan.md`."""
    text = "\n".join(_lines(bilan, lang)) + "\n"
    yield ReportFile("bilan.md", text.encode("utf-8", "backslashreplace"), None, None)


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
        yield from _table(table, lang) if table else (f"*{_sentence(NOTHING_YET, lang)}*",)
    yield from _provenance(bilan, lang)


def _opening(bilan: Bilan, lang: Language) -> Iterator[str]:
    """The first page: title, period, outcomes, decision."""
    story, registry, title = bilan.story, str(bilan.origin.get("registry") or ""), bilan.title.in_(lang)
    places = {figure.code: _anchor(_heading(figure, lang)) for figure in bilan.figures}
    yield f"# {_inert(title)}"
    known = [TITLE.in_(lang) if title == registry else _inert(registry)] if registry else []
    yield from ("", " · ".join([*known, _sentence(story.period, lang), _audience(bilan, lang)]))
    yield from ("", f"## {OUTCOMES.in_(lang)}", "")
    for missing in story.left_out:
        yield from (_sentence(missing, lang), "")
    yield from (story.as_of.in_(lang), "") if story.outcomes else ()
    for one in story.outcomes:
        yield f"- {_link(one, places, lang)}"
        yield from _change(bilan, one, lang)
    yield from ("", f"*{_sentence(TERMS, lang)}*") if story.outcomes else (_sentence(NOTHING_YET, lang),)
    yield from ("", f"## {DECISION.in_(lang)}", "", _sentence(story.proposed or NO_DECISION, lang))
    idle = [one for one in story.decisions if one.proposal == "none"]
    shown = [one for one in story.decisions if one not in idle[MOST_IDLE:]]
    yield from ("",) if shown else ()
    yield from (f"- {_decision(one, places, lang)}" for one in shown)
    if more := len(story.decisions) - len(shown):
        yield f"- {_others(more).in_(lang)}"


def _change(bilan: Bilan, one: StoryOutcome, lang: Language) -> Iterator[str]:
    """How the headline of the figure changed, below the outcome."""
    headline, change = bilan.headline(one.figure), bilan.story.change_of(one)
    if headline is not None and change is not None:
        colon = "\u00a0:" if lang == "fr" else ":"
        yield f"  *{_capital(_sentence(headline.words, lang))}{colon} {change.in_(lang)}.*"


def _others(number: int) -> Words:
    one, many = Words("other use case", "autre cas d'usage"), Words("other use cases", "autres cas d'usage")
    others = count_noun(number, one, many)
    return Words(f"… and {others.en}.", f"… et {others.fr}.")


def _decision(one: Decision, places: dict[str, str], lang: Language) -> str:
    """A use case with its evidence; what people wrote of it ends the line."""
    colon = "\u00a0:" if lang == "fr" else ":"
    last = {item.figure: item for item in one.evidence}  # a figure is linked once
    evidence = "; ".join(_link(item, places if last[item.figure] is item else {}, lang) for item in one.evidence)
    evidence = evidence.replace("; ", "\u202f; ") if lang == "fr" else evidence
    end = f" {quote(_inert(one.summary), lang)}" if one.summary else ""
    return f"**{HEADINGS[one.proposal].in_(lang)}{colon} {_inert(one.use_case.in_(lang))}.** {_capital(evidence)}.{end}"


def _link(one: StoryOutcome, places: dict[str, str], lang: Language) -> str:
    """A sentence with the figure that it is computed from."""
    text = plain_sentence(one.sentence.in_(lang))
    return f"{text} ([{one.figure}](#{places[one.figure]}))" if one.figure in places else text


def plain_sentence(text: str) -> str:
    """A sentence of ours that may name what a record says: no mark of Markdown in it acts."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split(" ")).replace("\n", " "))


def _heading(figure: Figure, lang: Language) -> str:
    return f"{figure.code}. {figure.title.in_(lang)}"


def _anchor(heading: str) -> str:
    """What hosts of Git make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _audience(bilan: Bilan, lang: Language) -> str:
    audience = str(bilan.origin.get("audience") or "")
    return AUDIENCES.get(audience, Words(audience, audience)).in_(lang)


def _sentence(words: Words, lang: Language) -> str:
    return with_days(typeset(words).in_(lang), lang)


def _provenance(bilan: Bilan, lang: Language) -> Iterator[str]:
    """In words, then line by line for `verify`."""
    yield from ("", f"## {PROVENANCE.in_(lang)}", "")
    yield provenance(bilan.origin, lang)
    yield from ("", _sentence(REFERENCES, lang), "")
    colon = "\u00a0:" if lang == "fr" else ":"
    yield from (f"- {name}{colon} {code(text)}" for name, text in origin_lines(bilan.origin, lang))


def _figure(figure: Figure, lang: Language) -> Iterator[str]:
    colon = "\u00a0:" if lang == "fr" else ":"
    if figure.definition:
        yield from ("", f"*{_sentence(figure.definition, lang)}*")
    if figure.why_not:
        yield from ("", f"{WHY_NOT.in_(lang)}{colon} {_sentence(figure.why_not, lang)}.")
    if figure.measures:
        yield ""
        yield from _measures(figure.measures, lang)
    for table in figure.tables:
        if not is_register(figure, table):
            yield from ("", f"#### {_sentence(table.title, lang)}", "")
            yield from _table(table, lang)
    if figure.notes:
        yield from ("", " ".join(f"{_capital(_sentence(note, lang).rstrip('.'))}." for note in figure.notes))


def _measures(measures: Sequence[Measure], lang: Language) -> Iterator[str]:
    """Each with its value; then those that have none, once for each reason."""
    colon = "\u00a0:" if lang == "fr" else ":"
    unknown: dict[str, list[str]] = {}
    for measure in measures:
        text, name = with_days(format_measure(measure, lang), lang), _sentence(measure.words, lang)
        if measure.value is None:
            unknown.setdefault(text, []).append(name)
        else:
            yield f"- {_capital(name)}{colon} **{text}**"
    for why, names in unknown.items():
        yield f"- {_capital(join_words(names, lang))}{colon} *{why}*"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(table: FigureTable, lang: Language) -> Iterator[str]:
    if table.why_not or not table.rows:
        why = table.why_not or NOTHING_YET
        yield f"*{_capital(_sentence(why, lang).rstrip('.'))}.*"
    elif table.chart and table.chart.across and _width(table, table.chart.across) <= WIDE:
        yield from _matrix(table, table.chart, table.chart.across, lang)
    else:
        yield _row([_capital(_sentence(column.words, lang)) for column in table.columns])
        yield _row(["---:" if column.kind in NUMBERS else "---" for column in table.columns])
        shown = rank_rows(table)[:MOST]
        decimals = [
            None if column.mixed else decimals_of(column.kind, (row[at] for row in shown))
            for at, column in enumerate(table.columns)
        ]
        yield from (_row(_cells(table.columns, row, decimals, lang)) for row in shown)
        yield from _more(len(table.rows) - MOST, lang)


def _more(rows: int, lang: Language) -> Iterator[str]:
    """How many rows a table has beyond those shown."""
    if rows > 0:
        more = count_noun(rows, Words("more row", "autre ligne"), Words("more rows", "autres lignes"))
        text = Words(
            f"… and {more.en}; the full table is available from those who keep the registry.",
            f"… et {more.fr} ; le tableau complet est disponible auprès de qui tient le registre.",
        )
        yield from ("", _sentence(text, lang))


def _width(table: FigureTable, across: str) -> int:
    """How many columns a matrix has."""
    at = [column.key for column in table.columns].index(across)
    return len({code_of(row[at]) for row in table.rows})


def _matrix(table: FigureTable, chart: Chart, across: str, lang: Language) -> Iterator[str]:
    """One line per value along, one column per value across."""
    at = {column.key: index for index, column in enumerate(table.columns)}
    column = table.columns[at[chart.values[0]]]
    found = {(code_of(row[at[chart.along]]), code_of(row[at[across]])): row[at[column.key]] for row in table.rows}
    lines, heads = matrix_axes(table, chart)
    down, right = (_capital(table.columns[at[key]].words.in_(lang)) for key in (chart.along, across))
    corner = f"{down} ↓ {right} →"
    yield _row([corner, *(_format(head, lang) for head in heads)])
    yield _row(["---", *("---:" for _ in heads)])
    for line in lines[:MOST]:
        cells = [format_value(column.kind, found.get((code_of(line), code_of(head)), 0), lang) for head in heads]
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

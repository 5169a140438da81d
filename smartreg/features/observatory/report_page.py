"""The report of an observatory as a page without scripts, in the style of that of the bilan, and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, log10, radians
from typing import Final

from smartreg.core.messages import Language, Message, Text
from smartreg.core.styled import visible
from smartreg.core.webpage import element, escape_html, frame, resource
from smartreg.domain.coast import land_within
from smartreg.features.observatory.report import Cells, ObservatoryReport, Section, opening_of, sections_of, title_of
from smartreg.reports.figure import FigureTable
from smartreg.reports.markdown import NUMBERS, plain_sentence, table_lines
from smartreg.reports.story import NOTHING_YET
from smartreg.reports.typography import capital, typeset
from smartreg.reports.wording import decimals_of, format_value, number_words

MAP: Final = Message("Where the devices are")
CONTENTS: Final = Message("Contents")
_STYLES: Final = (("smartreg.core", "style.css"), ("smartreg.reports.page", "page.css"), (__package__, "page.css"))
WIDTH, TALLEST = 800, 0.7  # of the map, in its own units; its height is at most this share of its width
AROUND: Final = 0.3  # degrees of land around the devices, at least
_CLASSES: Final = 5


def html(report: ObservatoryReport, lang: Language) -> bytes:
    """The page; the same report gives the same bytes."""
    title = title_of(report).in_(lang)
    styles = [resource(package, name) for package, name in _STYLES]
    return frame(title, lang, "\n".join(_body(report, title, lang)), styles=styles).encode("utf-8", "backslashreplace")


def markdown(report: ObservatoryReport, lang: Language) -> bytes:
    """The same in Markdown, without the map."""
    lines = [f"# {_plain(title_of(report), lang)}", *_paragraphs(opening_of(report), lang)]
    for section in sections_of(report):
        lines += _section_lines(section, 2, lang)
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _plain(words: Text, lang: Language) -> str:
    """A sentence that names what others published: nothing of it acts in Markdown or in a terminal."""
    return plain_sentence(visible(typeset(words).in_(lang)))


def _paragraphs(sentences: Sequence[Text], lang: Language) -> Iterator[str]:
    for sentence in sentences:
        yield from ("", capital(_plain(sentence, lang)))


def _section_lines(section: Section, level: int, lang: Language) -> Iterator[str]:
    yield from ("", f"{'#' * level} {_plain(section.title, lang)}")
    yield from _paragraphs(section.sentences, lang)
    if section.table is not None:
        yield from ("", *table_lines(section.table, lang, most=len(section.table.rows)))
    if section.items:
        yield from ("", *(f"- {_plain(item, lang)}" for item in section.items))
    for part in section.parts:
        yield from _section_lines(part, level + 1, lang)


# -- the page ------------------------------------------------------------------------------------------------------


def _body(report: ObservatoryReport, title: str, lang: Language) -> Iterator[str]:
    sections = sections_of(report)
    entries = [("map", MAP), *((section.id, section.title) for section in sections)]
    yield element("a", Message("Skip to the content").in_(lang), class_="skip", href="#content")
    yield f"<header>{element('h1', title)}</header>"
    links = "".join(f"<li>{element('a', words.in_(lang), href=f'#{id}')}</li>" for id, words in entries)
    contents = escape_html(CONTENTS.in_(lang))
    yield f'<nav id="contents" aria-label="{contents}"><ul>{links}</ul></nav>'
    yield '<main id="content" tabindex="-1">'
    yield from (element("p", capital(typeset(words).in_(lang)), class_="lead") for words in opening_of(report))
    yield f'<section id="map" aria-labelledby="map-title">{element("h2", MAP.in_(lang), id="map-title")}'
    yield from _map(report.cells, lang)
    yield "</section>"
    for section in sections:
        yield f'<section id="{section.id}" aria-labelledby="{section.id}-title">'
        yield from _section(section, 2, lang)
        yield "</section>"
    yield "</main>"


def _section(section: Section, level: int, lang: Language) -> Iterator[str]:
    yield element(f"h{level}", typeset(section.title).in_(lang), id=f"{section.id}-title")
    yield from (element("p", capital(typeset(words).in_(lang))) for words in section.sentences)
    if section.table is not None:
        yield from _table(section.table, lang)
    if section.items:
        yield f"<ul>{''.join(element('li', typeset(item).in_(lang)) for item in section.items)}</ul>"
    for part in section.parts:
        yield f'<div class="card" id="{part.id}">'
        yield from _section(part, level + 1, lang)
        yield "</div>"


def _table(table: FigureTable, lang: Language) -> Iterator[str]:
    caption = typeset(table.title).in_(lang)
    if not table.rows:
        yield element("p", typeset(table.why_not or NOTHING_YET).in_(lang), class_="quiet")
        return
    # Who has no mouse scrolls what has the focus.
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{escape_html(caption)}"><table>'
    yield element("caption", caption, class_="unseen")
    classes = ["number" if column.kind in NUMBERS else "" for column in table.columns]
    heads = zip(table.columns, classes, strict=True)
    cells = "".join(
        element("th", column.words.in_(lang), scope="col", **({"class_": name} if name else {}))
        for column, name in heads
    )
    yield f"<thead><tr>{cells}</tr></thead><tbody>"
    decimals = [decimals_of(column.kind, (row[at] for row in table.rows)) for at, column in enumerate(table.columns)]
    for row in table.rows:
        texts = [
            format_value(column.kind, value, lang, places)
            for column, value, places in zip(table.columns, row, decimals, strict=True)
        ]
        yield f"<tr>{''.join(element('td', text, class_=name) for text, name in zip(texts, classes, strict=True))}</tr>"
    yield "</tbody></table></div>"


# -- the map -------------------------------------------------------------------------------------------------------


def _map(cells: Cells, lang: Language) -> Iterator[str]:
    """Squares on the land, their colour the stronger the more devices; what it does not show in words."""
    if cells.numbers:
        size = cells.size
        (west, east), (south, north) = ((min(axis), max(axis) + size) for axis in zip(*cells.numbers, strict=True))
        narrow = cos(radians((south + north) / 2))  # of a degree of longitude
        around = max(AROUND, (north - south) / 8)
        south, north = south - around, north + around
        around = max(AROUND, ((north - south) / (narrow * TALLEST) - (east - west)) / 2)
        west, east = west - around, east + around
        scale = WIDTH / (east - west)
        stretch = scale / narrow
        height = round((north - south) * stretch)

        def at(lon: float, lat: float) -> str:
            return f"{(lon - west) * scale:.1f} {(north - lat) * stretch:.1f}"

        most = max(cells.numbers.values())
        shown = Message(
            "Devices on this map: {n}. The stronger the colour of a square, the more; the strongest has {most}.",
            n=number_words(sum(cells.numbers.values())),
            most=number_words(most),
        ).in_(lang)
        yield f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape_html(shown)}">'
        rings = land_within(west, south, east, north)
        path = " ".join(f"M{' L'.join(at(*point) for point in ring)}Z" for ring in rings)
        yield f'<path class="land" fill-rule="evenodd" d="{path}"/>'
        for (lon, lat), number in sorted(cells.numbers.items()):
            grade = 1 + min(_CLASSES - 1, int(_CLASSES * log10(number) / max(log10(most), 1)))
            x, y = at(lon, lat + size).split()
            yield (
                f'<rect class="cell{grade}" x="{x}" y="{y}" width="{size * scale:.1f}" height="{size * stretch:.1f}"/>'
            )
        yield f"</svg>{element('p', shown, class_='quiet')}"
    for number, words in (
        (cells.outside, Message("Outside of this map: {n}.", n=number_words(cells.outside))),
        (cells.nowhere, Message("Without a public place: {n}.", n=number_words(cells.nowhere))),
    ):
        if number:
            yield element("p", words.in_(lang), class_="quiet")

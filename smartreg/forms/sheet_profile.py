"""The profile of a sheet: one row for each column, where its rows lie, what an import would take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.messages import Language, Message, Text, joined
from smartreg.core.styled import Block, Grid, Span, cells, line, visible
from smartreg.domain.boundaries import name_commune
from smartreg.importing.findings import ranges
from smartreg.importing.kind_evidence import KindGuess
from smartreg.importing.profile import Proposal
from smartreg.importing.survey import describe_columns
from smartreg.readers.sheet import Sheet, short_name
from smartreg.wording.summing import count

EXAMPLE = 16  # characters of a value that are shown
COMMUNES = 4  # that are named
NOTHING = "–"


def show_profile(proposal: Proposal, lang: Language) -> Iterator[Block]:
    """The profile as it is shown to people."""
    sheet = proposal.sheet
    head = Message(
        "{file}: {rows} rows, {columns} columns; as {kind} they would become:",
        file=sheet.file,
        rows=count(len(sheet.rows)),
        columns=len(proposal.columns),
        kind=proposal.kind.plural.in_(lang).lower(),
    )
    yield line(Span(head.in_(lang), "bold"))
    titles = ("", Message("column"), Message("filled"), Message("values"), Message("example"), "→", Message("because"))
    rows = [cells(*(Span(text if isinstance(text, str) else text.in_(lang), "bold") for text in titles))]
    total = max(len(sheet.rows), 1)
    for number, column in enumerate(proposal.columns, 1):
        filled, distinct, example, _extremes = column.statistics
        rows.append(
            cells(
                Span(str(number), "code"),
                visible(short_name(column.heading)),
                f"{100 * filled // total} %",
                count(distinct),
                visible(_shortened(example)),
                Span(column.becomes or NOTHING, "name" if column.becomes else "dim"),
                Span(column.why.in_(lang), "dim"),
            )
        )
    yield Grid(rows, right={0, 2, 3})
    for text in (*_places(proposal), *_taken(proposal)):
        yield line(text.in_(lang))


def show_columns(sheet: Sheet, guesses: Sequence[KindGuess], lang: Language) -> Iterator[Block]:
    """What lies in the columns of a sheet whose rows nobody has named yet, and what speaks for each kind."""
    head = Message(
        "{file}: {rows} rows, {columns} columns",
        file=sheet.file,
        rows=count(len(sheet.rows)),
        columns=len(sheet.headings),
    )
    yield line(Span(head.in_(lang), "bold"))
    titles = ("", Message("column"), Message("filled"), Message("values"), Message("example"), Message("from … to"))
    rows = [cells(*(Span(text if isinstance(text, str) else text.in_(lang), "bold") for text in titles))]
    total = max(len(sheet.rows), 1)
    for number, (heading, column) in enumerate(zip(sheet.headings, describe_columns(sheet), strict=True), 1):
        rows.append(
            cells(
                Span(str(number), "code"),
                visible(short_name(heading)),
                f"{100 * column.filled // total} %",
                count(column.distinct),
                visible(_shortened(column.example)),
                visible(" … ".join(map(_shortened, column.extremes))),
            )
        )
    yield Grid(rows, right={0, 2, 3})
    for guess in guesses:
        if guess.why is not None and not guess.is_ruled_out:
            yield line(Message("{kind}: {why}", kind=guess.kind.name, why=guess.why).in_(lang))


def _shortened(text: str) -> str:
    return text if len(text) <= EXAMPLE else f"{text[: EXAMPLE - 1]}…"


def _places(proposal: Proposal) -> Iterator[Text]:
    """Where the rows lie, and which say the same."""
    where, twins = proposal.survey.where, proposal.survey.twins
    if where.placed:
        parts: list[Text] = [Message("{count} points", count=count(where.placed))]
        if where.system is not None:
            parts.append(Message("in {system}", system=where.system))
        if where.communes:
            communes = ", ".join(f"{name_commune(code)} ({count(rows)})" for code, rows in where.communes[:COMMUNES])
            more = ", …" if len(where.communes) > COMMUNES else ""
            if where.exact:
                parts.append(Message("in {communes}{more}", communes=communes, more=more))
            else:
                parts.append(Message("nearest to {communes}{more}", communes=communes, more=more))
        if where.outside:
            number, rows = count(len(where.outside)), ranges(where.outside)
            if where.exact:
                parts.append(Message("{count} outside the territory (rows {rows})", count=number, rows=rows))
            else:
                parts.append(
                    Message(
                        "{count} outside the territory by the nearest centre (rows {rows})", count=number, rows=rows
                    )
                )
        yield Message("where: {parts}", parts=joined(parts))
    if twins.identical:
        yield Message(
            "twins, all cells alike: rows {rows} ({count})",
            count=count(len(twins.identical)),
            rows=ranges(twins.identical),
        )
    if twins.same_place:
        yield Message(
            "twins, same point: rows {rows} ({count})",
            count=count(len(twins.same_place)),
            rows=ranges(twins.same_place),
        )


def _taken(proposal: Proposal) -> Iterator[Text]:
    """What the import would take that no column says."""
    likely = proposal.suggestions
    if proposal.why_kind is not None:
        yield Message("kind: {kind} ({why})", kind=proposal.kind.name, why=proposal.why_kind)
    for each in likely.constants:
        if each.value is None:
            yield Message("every row: {name} = ? ({why})", name=each.name, why=each.why)
        else:
            yield Message("every row: {name} = {value} ({why})", name=each.name, value=each.value, why=each.why)
    for value in proposal.values:
        if value.near is not None:
            yield Message(
                "{column} “{value}”: {near} (rows: {rows})",
                column=value.column,
                value=visible(value.value),
                rows=count(value.rows),
                near=value.near,
            )
    yield from proposal.sheet.notes
    if proposal.unreadable:
        yield Message("left out, unreadable: rows {rows}", rows=ranges(proposal.unreadable))
    if likely.skip_rows:
        yield Message("left out: rows with {condition}", condition=", ".join(likely.skip_rows))
    where = proposal.survey.where
    if likely.inside:
        yield Message("left out: rows outside the territory")
    elif where.some_outside:
        yield Message("not left out: rows outside the territory, which may lie at its border; --inside leaves them out")
    if likely.commune_from is not None:
        yield Message("commune of each row: the one whose centre is nearest")
    if proposal.to_repair is not None:
        yield Message("repaired: {what}", what=proposal.to_repair)
    if likely.duplicates:
        yield Message("of rows that say the same, the first")
    ids = likely.id_from or likely.key
    if likely.match is not None:
        yield Message("ids: made from {columns}; next year rows find their records by where they are", columns=ids)
    elif ids is not None:
        yield Message("ids: made from {columns}", columns=ids)

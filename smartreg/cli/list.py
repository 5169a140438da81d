"""`list [KIND]` and `find WORD…`: records as a table, CSV, JSON, or ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.options import At, Columns, KindWord, Limit, Where, split_list, t
from smartreg.cli.session import Session, with_session
from smartreg.commands.show import RecordListing, find, listing
from smartreg.core.errors import UsageFault
from smartreg.core.escape import csv_text, json_text
from smartreg.core.messages import Language, Message, plural, verbatim
from smartreg.core.secret import mask
from smartreg.core.styled import line
from smartreg.core.typed import day
from smartreg.core.values import Json
from smartreg.schema import literal
from smartreg.workspace.conventions import KIND as CONVENTION

NAMED = 3  # files that cannot be read, of which there may be thousands


Sort: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="FIELD",
        help=t("sort by this field (-FIELD: descending)"),
    ),
]


On: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="YYYY-MM-DD",
        help=t("show conventions as they read on this day"),
    ),
]

FoundWords: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="WORD",
        help=t("words of the id, an identifier, the label, the address or the commune, in any order"),
    ),
]


FoundKind: TypeAlias = Annotated[
    str | None,
    typer.Option("--kind", metavar="KIND", help=t("only records of this kind")),
]


app = typer.Typer()


@app.command("list")
@with_session(formats=("table", "csv", "json", "ids"), prefetch=True)
def list_command(
    session: Session, kind: KindWord, where: Where, sort: Sort, columns: Columns, limit: Limit, at: At, on: On
) -> int:
    rows = session.row_limit(limit)
    when = day("--on", on) if on else session.today
    names = split_list(columns)
    listed = listing(session.workspace, kind, where=where, columns=names, sort=sort, limit=rows, at=at, on=when)
    if on and CONVENTION not in listed.kinds:
        raise UsageFault(
            Message("--on is for conventions"),
            Message(
                "smartreg show RECORD --on {on} says where it was; --at {on} lists what the registry said then", on=on
            ),
        )
    _print(session, listed)
    if listed.amended:
        session.console.note(Message("conventions as they read on {when}", when=when))
    if on and listed.signed_later:
        ids = ", ".join(listed.signed_later)
        session.console.note(Message("signed after that day: {ids}", ids=ids))
    _report_rest(session, listed, limit)
    return 0


@app.command("find")
@with_session(formats=("table", "csv", "json", "ids"), prefetch=True)
def find_command(session: Session, words: FoundWords, kind: FoundKind, where: Where, limit: Limit) -> int:
    if not words:
        raise UsageFault(Message("find needs at least one word"), verbatim('smartreg find "rue Mistral"'))
    rows = session.row_limit(limit)
    matches = find(session.workspace, words, session.today, kind=kind, where=where, limit=rows)
    _print(session, matches)
    if not matches.total and not matches.unreadable:
        session.console.note(Message("no record has all of these words"))
    elif matches.total and not matches.is_named:
        session.console.note(Message('nothing is called "{words}"; these have parts of it', words=" ".join(words)))
    _report_rest(session, matches, limit)
    return 0


def _report_rest(session: Session, listed: RecordListing, limit: str | None) -> None:
    if listed.unreadable:
        session.console.note(
            plural(
                "{n} file cannot be read ({files}): smartreg validate says why",
                "{n} files cannot be read ({files}): smartreg validate says why",
                n=len(listed.unreadable),
                files=", ".join((*listed.unreadable[:NAMED], *(["…"] if len(listed.unreadable) > NAMED else ()))),
            )
        )
    rest = listed.total - len(listed.rows)
    if rest and limit is not None:
        session.console.note(Message("{rows} of {total}", rows=len(listed.rows), total=listed.total))
    elif rest:
        session.console.note(Message("{left} more; --limit 0 shows all", left=rest))


def _print(session: Session, listed: RecordListing) -> None:
    console = session.console
    if session.format == "json":
        rows = [
            {"record": str(record.rid), **dict(zip(listed.columns, values, strict=True))}
            for record, values in listed.rows
        ]
        console.write(json_text({"version": 1, "total": listed.total, "records": rows}))
    elif session.format == "ids":
        console.show(line(str(record.rid)) for record, _values in listed.rows)
    elif session.format == "csv":
        records = [str(record.rid) for record, _values in listed.rows]
        rows_of_cells = (
            [value if isinstance(value, (int, float)) else _text(value) for value in values]
            for _record, values in listed.rows
        )
        text = csv_text(listed.columns, rows_of_cells)
        console.write(text, place=cell_at(lambda row, _first: records[row]))
    else:
        console.table(*_table(listed, session.lang))


def _table(listed: RecordListing, lang: Language) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Headings and rows: in English by the names and codes that commands take, in French as the schemas call them."""
    if lang == "en":
        return listed.columns, [
            [_text(mask(value, name.rpartition(".")[2])) for name, value in zip(listed.columns, values, strict=True)]
            for _record, values in listed.rows
        ]
    headings = [listed.heading(name).in_(lang) for name in listed.columns]
    return headings, [
        [listed.word(record, name, value, lang) for name, value in zip(listed.columns, values, strict=True)]
        for record, values in listed.rows
    ]


def _text(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        return ", ".join(map(_text, value))
    return value if isinstance(value, str) else literal(value)

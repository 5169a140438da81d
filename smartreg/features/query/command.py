"""`query SQL`"""

from __future__ import annotations

import sys
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.options import At, Limit, t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.core.errors import UsageFault
from smartreg.core.escape import code, csv_text, encodable, json_text
from smartreg.core.messages import Message, Text
from smartreg.core.typed import count
from smartreg.core.values import Json
from smartreg.features.query.query import SECONDS, Answer, Asking, describe_tables, query

LONGEST = 1 << 20  # bytes of SQL on standard input


Sql: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="SQL",
        help=t("one SELECT statement (-: from stdin); fold(x) ignores accents and case"),
    ),
]
Tables: TypeAlias = Annotated[bool, typer.Option("--tables", help=t("list tables and columns"))]
Timeout: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help=t("time limit in seconds (default: {seconds})", seconds=SECONDS),
    ),
]


app = typer.Typer()


@app.command("query")
@with_session(formats=("table", "csv", "json", "markdown"))
def query_command(session: Session, sql: Sql, tables: Tables, limit: Limit, timeout: Timeout, at: At) -> int:
    if tables and sql is not None:
        raise UsageFault(Message("--tables takes no SQL"))
    seconds = count("--timeout", timeout) if timeout is not None else SECONDS
    rows = session.row_limit(limit)
    asking = Asking(at, session.today, session.lang, rows, seconds)
    with show_progress(session, Message("querying")):
        answer = (
            describe_tables(session.workspace, asking) if tables else query(session.workspace, sql_text(sql), asking)
        )
    print_answer(session, answer)
    if answer.more:
        session.console.note(more_rows(len(answer.rows), limit is None))
    return 0


def sql_text(sql: str | None) -> str:
    """The SQL of an argument: that of standard input for `-`."""
    if sql != "-":
        return sql or ""
    text = sys.stdin.buffer.read(LONGEST + 1)
    if len(text) > LONGEST:
        raise UsageFault(Message("the SQL is longer than 1 MiB"))
    return text.decode("utf-8-sig", "surrogateescape")


def print_answer(session: Session, answer: Answer) -> None:
    """Print an answer in the format of the session."""
    if session.format == "csv":
        session.console.write(csv_text(answer.columns, answer.rows), place=cell_at())
    elif session.format == "json":
        session.console.write(json_of(answer))
    elif session.format == "markdown":
        session.console.write(markdown_of(answer))
    else:
        session.console.table(answer.columns, [[text_of(value) for value in row] for row in answer.rows])


def more_rows(shown: int, usual: bool) -> Text:
    """That an answer has more rows than are shown."""
    if usual:
        return Message("the first {shown} rows; --limit 0 shows all", shown=shown)
    return Message("the first {shown} rows; there are more", shown=shown)


def text_of(value: Json) -> str:
    """A cell as text; nothing where there is no value."""
    return "" if value is None else encodable(value) if isinstance(value, str) else repr(value)


def json_of(answer: Answer) -> str:
    """A document with the origin of the data, the columns in order, and an object per row."""
    content: dict[str, Json] = {
        "version": 1,
        "source": dict(answer.source),
        "columns": list(answer.columns),
        "rows": [dict(zip(answer.columns, row, strict=True)) for row in answer.rows],
        "more": answer.more,
    }
    return json_text(content)


def markdown_of(answer: Answer) -> str:
    """A table, with text in code spans, where it is inert."""
    head = [_cell(name) for name in answer.columns]
    rows = [[_cell(value) for value in row] for row in answer.rows]
    lines = [head, ["---" if not _numeric(answer, at) else "--:" for at in range(len(head))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Json) -> str:
    if not isinstance(value, str):
        return text_of(value)
    return code(value).replace("|", "\\|") if value else ""


def _numeric(answer: Answer, at: int) -> bool:
    values = [row[at] for row in answer.rows if row[at] is not None]
    return bool(values) and not any(isinstance(value, str) for value in values)

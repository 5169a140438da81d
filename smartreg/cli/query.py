"""`query SQL`"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Annotated, TypeAlias

from smartreg.cli.ci import cell_at
from smartreg.cli.dates import count
from smartreg.cli.parameters import Argument, At, Limit, Option, command
from smartreg.cli.progress import working
from smartreg.cli.query_rows import csv_of, json_of, markdown_of, text_of
from smartreg.cli.session import Session
from smartreg.commands.query import Answer, Asking, described, query
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words

USUAL_LIMIT = 200  # rows that a terminal gets unless asked for more
SECONDS = 30  # that a query may take unless asked for more
LONGEST = 1 << 20  # bytes of SQL on standard input
MACHINE = {"json": json_of, "markdown": markdown_of}


Sql: TypeAlias = Annotated[
    str | None,
    Argument(
        "SQL",
        Words(
            "one SELECT; - reads it from stdin; fold(x) leaves out accents and case",
            "un SELECT ; - le lit sur l'entrée standard ; fold(x) ôte accents et majuscules",
        ),
        False,
    ),
]
Tables: TypeAlias = Annotated[
    bool, Option(("--tables",), Words("list tables and columns", "lister tables et colonnes"))
]
Timeout: TypeAlias = Annotated[
    str | None,
    Option(("--timeout",), Words(f"seconds that it may take; {SECONDS}", f"durée maximale ; {SECONDS}"), "SECONDS"),
]


def run(session: Session, sql: Sql, tables: Tables, limit: Limit, timeout: Timeout, at: At) -> int:
    if tables and sql is not None:
        raise UsageFault(Words("--tables takes no SQL", "--tables ne prend pas de SQL"))
    expired = time_limit(count("--timeout", timeout) if timeout is not None else SECONDS)
    wanted = count("--limit", limit) if limit is not None else _usual_limit(session)
    asking = Asking(at, session.today, session.lang, wanted or None, expired)
    with working(session, Words("querying", "requête")):
        found = described(session.workspace, asking) if tables else query(session.workspace, _text(sql), asking)
    _print(session, found)
    if found.more:
        session.console.note(_more(len(found.rows), limit is None))
    return 0


def time_limit(seconds: int) -> Callable[[], bool]:
    """Tells whether the time is up. It runs from the first question on: while tables are filled, which may take long
    the first time that somebody asks for the history, no SQL runs."""
    begin = cache(time.monotonic)
    return lambda: time.monotonic() > begin() + seconds


def _text(sql: str | None) -> str:
    if sql != "-":
        return sql or ""
    text = sys.stdin.buffer.read(LONGEST + 1)
    if len(text) > LONGEST:
        raise UsageFault(Words("the SQL is longer than 1 MiB", "le SQL dépasse 1 Mio"))
    return text.decode("utf-8-sig", "surrogateescape")


def _usual_limit(session: Session) -> int:
    return USUAL_LIMIT if session.format == "table" and session.console.out.isatty() else 0


def _print(session: Session, found: Answer) -> None:
    if session.format == "csv":
        session.console.write(csv_of(found), place=cell_at())
    elif session.format in MACHINE:
        session.console.write(MACHINE[session.format](found))
    else:
        session.console.table(found.columns, [[text_of(value) for value in row] for row in found.rows])


def _more(shown: int, usual: bool) -> Words:
    if usual:
        return Words(
            f"the first {shown} rows; --limit 0 shows all", f"les {shown} premières lignes ; --limit 0 montre tout"
        )
    return Words(f"the first {shown} rows; there are more", f"les {shown} premières lignes ; il y en a d'autres")


COMMAND = command(run, formats=("table", "csv", "json", "markdown"))

"""`observatory` and its sub-commands"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.export import Force, headings, refuse_existing
from smartreg.cli.options import Limit, offer, t
from smartreg.cli.progress import show_progress
from smartreg.cli.report import chosen_format, is_page
from smartreg.cli.session import Session, with_session
from smartreg.commands.destination import refuse_others_in
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, Text, plural
from smartreg.core.styled import Block, Grid, Span, cells, line
from smartreg.core.typed import count
from smartreg.features.federation.sources import kept_releases
from smartreg.features.observatory.build import (
    DUCKDB,
    FOLDER,
    SECONDS,
    SPARK,
    Asking,
    build_tables,
    describe_views,
    query_tables,
    tables_in,
)
from smartreg.features.observatory.confined import MEMORY
from smartreg.features.observatory.core import core
from smartreg.features.observatory.figures import FIGURES
from smartreg.features.observatory.make_report import FORMATS, observatory_report, render
from smartreg.features.observatory.report import opening_of
from smartreg.features.observatory.tables import BuiltTables, CastSource
from smartreg.features.query.command import Timeout, more_rows, print_answer, sql_text
from smartreg.workspace.output import save

SqlOrFigure: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="SQL|FIGURE",
        help=t("one SELECT statement (-: from stdin), or a figure"),
        autocompletion=offer("figures"),
    ),
]
Views: TypeAlias = Annotated[bool, typer.Option("--tables", help=t("list views and columns"))]
Engine: TypeAlias = Annotated[
    str | None,
    typer.Option("--engine", metavar="ENGINE", help=t("duckdb (default), spark, or spark://HOST:PORT")),
]
Memory: TypeAlias = Annotated[
    str | None, typer.Option("--memory", metavar="MIB", help=t("memory limit in MiB (default: {n})", n=MEMORY >> 20))
]
Where: TypeAlias = Annotated[
    str | None, typer.Option("--in", metavar="DIR", help=t("the folder of the tables (default: tables/)"))
]

app = typer.Typer()


@app.callback()
@with_session(formats=("text", "json"))
def observatory_command(session: Session) -> int:
    tables = tables_in(_folder(session, None))
    if session.format == "json":
        session.console.write(json_text({"version": 1, "figures": [_figure_json(tables, name) for name in FIGURES]}))
    else:
        session.console.show(list(_blocks(session, tables)))
    return 0


@app.command("build", help=t("make the tables from the releases that are kept of the sources"))
@with_session(formats=("text", "json"), own_output=True)
def build_command(session: Session) -> int:
    """1 if a release could not be read."""
    folder = session.output.path if session.output is not None else session.workspace.root / FOLDER
    with show_progress(session, Message("building")):
        tables, done = build_tables(kept_releases(session.workspace), folder)
    if session.format == "json":
        session.console.write(json_text({"version": 1, "sources": [_cast_json(tables, cast) for cast in done]}))
    else:
        session.console.show([Grid([cells(*_cast_cells(session, tables, cast)) for cast in done])])
    for cast in done:
        source = tables.sources.get(cast.alias)
        for column, number in source.misfits.items() if source is not None else ():
            why = _misfits(column, number)
            session.console.note(Message("{alias}: {why}", alias=cast.alias, why=why))
        for table, name, column in cast.recognised:
            session.console.note(
                Message(
                    "{alias}: {table}.{name} is read from {column}, which other standards call the same",
                    alias=cast.alias,
                    table=table,
                    name=name,
                    column=column,
                )
            )
        for why in (*cast.unmet, *((cast.fault,) if cast.fault is not None else ())):
            session.console.fault(Refused(Message("{alias}: {why}", alias=cast.alias, why=why)))
    return int(any(cast.fault or cast.unmet for cast in done))


@app.command("query", help=t("ask all registries in SQL, read-only"))
@with_session(formats=("table", "csv", "json", "markdown"))
def query_command(
    session: Session,
    sql: SqlOrFigure,
    tables: Views,
    engine: Engine,
    memory: Memory,
    timeout: Timeout,
    limit: Limit,
    where: Where,
) -> int:
    if tables and sql is not None:
        raise UsageFault(Message("--tables takes no SQL"))
    if engine is not None and engine not in (DUCKDB, SPARK) and not engine.startswith("spark://"):
        raise UsageFault(
            Message('no engine "{engine}"', engine=engine), Message("duckdb, spark, or spark://HOST:PORT of a cluster")
        )
    asking = Asking(
        engine or DUCKDB,
        session.row_limit(limit),
        count("--timeout", timeout) if timeout is not None else SECONDS,
        count("--memory", memory) << 20 if memory is not None else MEMORY,
    )
    folder = _folder(session, where)
    if tables:
        print_answer(session, describe_views(tables_in(folder)))
        return 0
    with show_progress(session, Message("querying")):
        built, answer = query_tables(folder, sql_text(sql), asking)
    print_answer(session, answer)
    if answer.more:
        session.console.note(more_rows(len(answer.rows), limit is None))
    if sql is not None and sql in FIGURES:
        stated = len(FIGURES[sql].stated_in(built))
        session.console.note(Message("{n} of {all} sources state what this rests on", n=stated, all=len(built.sources)))
    return 0


@app.command("report", help=t("all figures, findings across registries, and how the sources stand"))
@with_session(formats=tuple(FORMATS), own_output=True)
def report_command(session: Session, force: Force, where: Where) -> int:
    name = chosen_format(session, FORMATS)
    target = session.output.path if session.output else None
    if session.output is not None and target is not None:
        session.output.refuse_folder()
        if not force and not (FORMATS[name].page and is_page(target)):
            refuse_existing([target])
    with show_progress(session, Message("computing the report")):
        report, built = observatory_report(session.workspace, _folder(session, where), session.today)
        content = render(report, built, name, headings(session), session.workspace.config.observatory.url)
    if len({source.licence for source in report.read}) > 1:
        session.console.note(opening_of(report)[-1])
    if session.output is None or target is None:
        session.console.write(content)
    else:
        refuse_others_in(session.workspace, [target], None)
        save(session.output, content)
    return 0


def _folder(session: Session, word: str | None) -> Path:
    return session.workspace.root / FOLDER if word is None else session.directory / word


def _blocks(session: Session, tables: BuiltTables) -> Iterator[Block]:
    lang, n = session.lang, len(tables.sources)
    yield Grid(
        [
            cells(
                Span(name, "name"),
                figure.title.in_(lang),
                Span(Message("{n} of {all} sources", n=len(figure.stated_in(tables)), all=n).in_(lang), "dim"),
            )
            for name, figure in FIGURES.items()
        ]
    )
    yield line(Span(Message("Then: smartreg observatory query {name}", name=next(iter(FIGURES))).in_(lang), "dim"))


def _figure_json(tables: BuiltTables, name: str) -> dict[str, object]:
    figure = FIGURES[name]
    stated = figure.stated_in(tables)
    return {"name": name, "title": figure.title.in_("en"), "stated": stated, "sources": len(tables.sources)}


def _cast_cells(session: Session, tables: BuiltTables, cast: CastSource) -> tuple[str | Span, ...]:
    lang, source = session.lang, tables.sources.get(cast.alias)
    if source is None:
        return (cast.alias, Message("not in the tables").in_(lang), "", "")
    release = Message("release {serial}", serial=source.serial).in_(lang)
    rows = sum(file.rows for file in source.files.values())
    state = Message("built") if cast.is_new else Message("kept") if cast.fault else Message("unchanged")
    return (cast.alias, release, Message("{n} rows", n=rows).in_(lang), Span(state.in_(lang), "dim"))


def _misfits(column: str, number: int) -> Text:
    """How many values of a column (TABLE.COLUMN of the core) are not of its type."""
    table, _, name = column.partition(".")
    match core().reads[table][name]:
        case "DATE":
            return plural(
                "{n} value of {column} is no day", "{n} values of {column} are no days", n=number, column=column
            )
        case "BOOLEAN":
            return plural(
                "{n} value of {column} is neither true nor false",
                "{n} values of {column} are neither true nor false",
                n=number,
                column=column,
            )
        case _:
            return plural(
                "{n} value of {column} is no number", "{n} values of {column} are no numbers", n=number, column=column
            )


def _cast_json(tables: BuiltTables, cast: CastSource) -> dict[str, object]:
    source = tables.sources.get(cast.alias)
    return {
        "alias": cast.alias,
        "registry": source.registry if source else None,
        "serial": source.serial if source else None,
        "rows": {view: file.rows for view, file in source.files.items()} if source else {},
        "built": cast.is_new,
        "fault": cast.fault.in_("en") if cast.fault else None,
        "misfits": dict(source.misfits) if source else {},
        "unmet": [why.in_("en") for why in cast.unmet],
    }

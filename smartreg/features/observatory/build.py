"""The observatory: tables from the releases of all sources, and answers over them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.files import read_regular
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json
from smartreg.exporters.parquet import engine_version
from smartreg.features.observatory import spark
from smartreg.features.observatory.confined import MEMORY, EngineFault, Rows, Work, run
from smartreg.features.observatory.core import core
from smartreg.features.observatory.figures import FIGURES
from smartreg.features.observatory.tables import (
    PACKAGE,
    BuiltTables,
    CastSource,
    build,
    find_altered,
    read_tables,
    views,
)
from smartreg.features.query.guard import check_statement
from smartreg.features.query.query import MOST, Answer
from smartreg.registry.pins import KeptRelease
from smartreg.release.merkle import canonical
from smartreg.schema import bundled_files, read_schemas
from smartreg.tables.table import free

FOLDER = "tables"
"""Where the tables are, beside the settings, unless another folder is named."""
DUCKDB, SPARK = "duckdb", "spark"
SECONDS = 300


@dataclass(frozen=True)
class Asking:
    """The engine (`duckdb`, `spark`, or the master of a cluster, `spark://…`), how many rows are wanted (None: all),
    for how many seconds DuckDB may run, and the bytes of memory that it, or the driver of Spark, may use."""

    engine: str = DUCKDB
    limit: int | None = None
    seconds: float = SECONDS
    memory: int = MEMORY


def build_tables(releases: Sequence[KeptRelease], folder: Path) -> tuple[BuiltTables, list[CastSource]]:
    """Bring the tables in a folder up to releases. UsageFault without a release or DuckDB, and for a folder with
    something else in it."""
    if not releases:
        raise UsageFault(
            Message("no release of a source is kept here"),
            Message(
                "write whole_releases = true below [observatory] in smartreg.toml; then smartreg source add ALIAS URL "
                "--key FILE, and smartreg source update"
            ),
        )
    if not _may_hold_tables(folder):
        raise UsageFault(
            Message("{folder} holds another data package", folder=folder),
            Message("choose another folder: -o tables/"),
        )
    done = build(releases, folder, read_schemas(bundled_files()).kinds, engine_version())
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", "utf-8")
    return tables_in(folder), done


def _may_hold_tables(folder: Path) -> bool:
    """Whether a folder has no data package, or an earlier one of the observatory."""
    try:
        beginning = read_regular(folder / PACKAGE, 1000)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return f'"name": "{core().document["name"]}"'.encode() in beginning


def tables_in(folder: Path) -> BuiltTables:
    """The tables in a folder. StateFault if there are none of this version."""
    tables = read_tables(folder.resolve())
    if tables is None:
        raise StateFault(
            Message("{folder} has no tables of this version", folder=folder),
            Message("make them: smartreg observatory build"),
        )
    return tables


def query_tables(folder: Path, word: str, asking: Asking) -> tuple[BuiltTables, Answer]:
    """The rows of one SELECT over the views of the tables in a folder, or of the figure of that name, and the tables
    that they are from. UsageFault for anything else, for SQL that does not fit, and for what takes too long, too much
    memory or gives too many rows; StateFault if there are no tables."""
    while True:
        tables = tables_in(folder)
        try:
            return tables, _query(tables, word, asking)
        except (StateFault, UsageFault):
            if tables_in(folder) == tables:
                raise
            # A build removed files that were to be read.


def _query(tables: BuiltTables, word: str, asking: Asking) -> Answer:
    if not word.strip():
        raise UsageFault(
            Message("there is no SQL to run"),
            Message("one SELECT, or a figure: {listed}", listed=", ".join(FIGURES)),
        )
    text = check_statement(word)
    if text.isidentifier() and text not in FIGURES:
        raise UsageFault(
            Message('no figure "{name}"; there are {listed}', name=text, listed=", ".join(FIGURES)),
            did_you_mean(text, FIGURES),
        )
    ((columns, rows, more),) = ask(tables, [FIGURES[text].sql if text in FIGURES else text], asking)
    if more and asking.limit is None:
        raise UsageFault(
            Message("the query returns more than {most} rows", most=MOST),
            Message("narrow it, or say how many: --limit"),
        )
    taken: set[str] = set()
    source = _source(tables, asking.engine, columns, rows)
    return Answer(tuple(free(column, taken) for column in columns), rows, more, source)


def _source(
    tables: BuiltTables, engine: str, columns: Sequence[str], rows: Sequence[Sequence[Json]]
) -> dict[str, Json]:
    """Which releases an answer is from, and its digest, which is the same whatever the engine."""
    digest = hashlib.sha256(canonical([list(columns), *map(list, rows)])).hexdigest()
    sources: dict[str, Json] = {
        source.alias: {"registry": source.registry, "serial": source.serial, "commit": source.commit}
        for source in tables.sources.values()
    }
    return {"engine": engine, "digest": f"sha256:{digest}", "sources": sources}


def ask(tables: BuiltTables, questions: Sequence[str], asking: Asking = Asking()) -> list[Rows]:
    """The answers to questions, each one SELECT over the views. UsageFault for one that an engine cannot answer,
    StateFault if a file is not that which was built."""
    if altered := find_altered(tables.folder, tables.sources.values()):
        raise StateFault(
            Message("{file} is not the file that {package} names", file=tables.folder / altered, package=PACKAGE),
            Message("make it again: smartreg observatory build"),
        )
    most = MOST if asking.limit is None else asking.limit
    try:
        if asking.engine != DUCKDB:
            master = spark.LOCAL if asking.engine == SPARK else asking.engine
            return spark.ask(tables, questions, master, most, asking.memory)
        engine_version()  # UsageFault without DuckDB
        with tempfile.TemporaryDirectory(prefix="smartreg-") as drafts:
            work = Work(
                tuple(views(tables)), tuple(questions), (str(tables.folder),), asking.memory, 0, asking.seconds, most
            )
            return run(Path(drafts), work)
    except EngineFault as fault:
        raise _fault(fault, asking) from None


def _fault(fault: EngineFault, asking: Asking) -> UsageFault:
    sentences: dict[str, tuple[Text, Text]] = {
        "select": (
            Message("query accepts SELECT only"),
            Message("one statement that reads the views; smartreg observatory query --tables lists them"),
        ),
        "memory": (
            Message("the query needs more than {n} MiB of memory", n=asking.memory >> 20),
            Message("join on keys, aggregate before joining, or give it more: --memory MIB"),
        ),
        "time": (
            Message("the query took longer than {seconds} s and was stopped", seconds=asking.seconds),
            Message("join on keys, or give it more: --timeout SECONDS"),
        ),
        "large": (Message("the answer is too large"), Message("select fewer columns, or add LIMIT")),
        "ended": (
            Message("the engine ended before it answered"),
            Message("is there enough memory? the tables can be made again: smartreg observatory build"),
        ),
    }
    if fault.sort in sentences:
        return UsageFault(*sentences[fault.sort])
    if figure := next((name for name in FIGURES if f"Table with name {name} does not exist" in fault.text), None):
        return UsageFault(
            Message("{name} is a figure, no view", name=figure),
            Message("ask for all of it: smartreg observatory query {name}", name=figure),
        )
    return UsageFault(
        Message("SQL: {text}", text=fault.text),
        Message("smartreg observatory query --tables lists the views and their columns"),
    )


def describe_views(tables: BuiltTables) -> Answer:
    """The views, a row for each column."""
    rows = tuple(
        (resource["name"], field["name"], field["type"], field["description"])
        for resource in core().document["resources"]
        for field in resource["schema"]["fields"]
    )
    return Answer(("view", "column", "type", "description"), rows, False, _source(tables, DUCKDB, (), ()))

"""Apache Spark, for more than one machine holds: the same SELECT over the same files. PySpark and Java are needed for
this alone, and nobody is made to install them.

Spark runs with the rights of whoever starts it, and confines nothing: what it is asked is one SELECT that reads the
views, and it reads no other files by their names.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import Message
from smartreg.features.observatory.confined import EngineFault, Rows, plain
from smartreg.features.observatory.core import core
from smartreg.features.observatory.tables import BuiltTables

LOCAL = "local[*]"
_TYPES = {"VARCHAR": "string", "DATE": "date", "DOUBLE": "double", "BIGINT": "bigint", "BOOLEAN": "boolean"}
_ADDRESSES = ("spark.driver.host", "spark.driver.bindAddress")
_NO_QUERIES = ("Command", "ParsedStatement", "CompoundPlanStatement")
_JAVA = re.compile(r"\b(?:try_)?reflect\b|\bjava_method\b", re.IGNORECASE)


def ask(tables: BuiltTables, questions: Sequence[str], master: str, most: int, memory: int) -> list[Rows]:
    """The answers to questions, each one SELECT; `master`: as Spark names it (`local[*]`, `spark://…`); `memory`: bytes
    of the driver. EngineFault if Spark cannot do it, UsageFault without PySpark, StateFault where it does not start."""
    with session_of(tables, master, memory) as session:
        return [rows_of(session, question, most) for question in questions]


@contextmanager
def session_of(tables: BuiltTables, master: str, memory: int) -> Iterator[Any]:
    """A session of Spark that has the views, and leaves nothing behind."""
    try:
        from pyspark import sql
    except ImportError:
        raise UsageFault(Message("--engine spark needs the extra “spark”"), install_command("spark")) from None
    logging.getLogger("SQLQueryContextLogger").disabled = True  # it repeats on standard error what is raised
    with _session(sql, master, memory) as session:
        for view in core().views:
            if files := [str(file) for file in tables.files(view.name)]:
                rows = session.read.parquet(*files)
            else:
                shape = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in view.columns)
                rows = session.createDataFrame([], shape)
            rows.createOrReplaceTempView(view.name)
        yield session


def rows_of(session: Any, question: str, most: int) -> Rows:
    """The answer to one SELECT. EngineFault if Spark cannot give it."""
    import pyspark.errors

    try:
        if not _is_select(session, question):
            raise EngineFault("select")
        answer = session.sql(question)
        rows = answer.limit(most + 1).collect()
    except pyspark.errors.PySparkException as fault:
        lines = [line for line in str(fault).splitlines() if line.strip()]
        raise EngineFault(type(fault).__name__, lines[0] if lines else "") from None
    return Rows(tuple(answer.columns), tuple(tuple(map(plain, row)) for row in rows[:most]), len(rows) > most)


def _is_select(session: Any, sql: str) -> bool:
    """Whether a text is a query that changes nothing and calls no Java, as the parser of Spark understands it."""
    plan = session._jsparkSession.sessionState().sqlParser().parsePlan(sql)
    loader = plan.getClass().getClassLoader()
    others = [loader.loadClass(f"org.apache.spark.sql.catalyst.plans.logical.{name}") for name in _NO_QUERIES]
    return not any(other.isInstance(part) for part in _parts(plan) for other in others) and not _JAVA.search(sql)


def _parts(plan: Any) -> Iterator[Any]:
    yield plan
    children = plan.children()
    for place in range(children.size()):
        yield from _parts(children.apply(place))


@contextmanager
def _session(sql: Any, master: str, memory: int) -> Iterator[Any]:
    """A session that leaves nothing behind. What the Java machine says on standard error is not for the user."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise StateFault(
            Message("Spark needs Java 17 or newer, which is not installed"),
            Message("install it (Debian: apt install openjdk-17-jre-headless), or leave --engine out: DuckDB answers"),
        )
    local = master.startswith("local")
    with tempfile.TemporaryDirectory(prefix="smartreg-") as folder:
        builder = sql.SparkSession.builder.master(master).appName("smartreg observatory")
        for name, value in {
            "spark.driver.memory": f"{memory >> 20}m",
            # Spark would broadcast what is small as Parquet; as rows, ten million supports do not fit into that memory.
            "spark.sql.autoBroadcastJoinThreshold": "-1",
            "spark.sql.warehouse.dir": folder,
            "spark.sql.runSQLOnFiles": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            **({**dict.fromkeys(_ADDRESSES, "127.0.0.1"), "spark.local.dir": folder} if local else {}),
        }.items():
            builder = builder.config(name, value)
        with _silent():
            try:
                session = builder.getOrCreate()
            except Exception as fault:  # of Py4J, of the Java machine, of the cluster
                why = str(fault).partition("\n")[0]
                raise StateFault(
                    Message("Spark did not start: {why}", why=why), Message("it needs Java 17 or newer: java -version")
                ) from None
        try:
            yield session
        finally:
            session.stop()


@contextmanager
def _silent() -> Iterator[None]:
    """Processes that are started meanwhile have no standard error."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)

"""Read-only SQL: what a statement may do, what it may cost, and its faults in our words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, message_in, verbatim
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json
from smartreg.exporters.database import refuse_wide
from smartreg.tables.layout import LENT, REGISTRY

MEMORY = 1 << 30  # bytes that SQLite may use
LONGEST = 10_000_000  # bytes of one value
PATTERN = 200  # bytes of a LIKE or GLOB pattern; long ones take for ever
STEPS = 20_000  # instructions between two looks at the clock

_INNER = re.compile(r"pragma_|sqlite_(?!master$|schema$)|dbstat$|bytecode$|tables_used$", re.IGNORECASE)
_STORED = re.compile(r"k\d+(?:l\d+)?(?:p\d+)?$")  # what views show; the index has other tables, too
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer"}
_POINTS = {"lon_of_host", "lat_of_host"}
_BEHIND = {"commune_name", "text_of", LENT, REGISTRY, *_POINTS}  # functions of the views
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: PATTERN,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
}
FAULTS = (sqlite3.Error, sqlite3.Warning, MemoryError, OverflowError)


@dataclass
class Guard:
    """A record of what one statement does: the tables that it reads, whether it looks up the points of other records,
    the table or function behind the views that it named, and whether it wanted more than to read."""

    read: set[str] = field(default_factory=set)
    points: bool = False
    behind: str = ""
    refused: bool = False

    def allows(self, action: int, first: str | None, second: str | None, base: str | None, view: str | None) -> int:
        """The authorizer of a connection: reading tables and calling functions, nothing else; what is behind the
        views, through them alone."""
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and first is not None and not _INNER.match(first):
            if base == "main" and second and (view is None or not _STORED.match(first)):
                self.behind = first
                return sqlite3.SQLITE_DENY
            self.read.add(first)
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and second is not None and second not in _FORBIDDEN_FUNCTIONS:
            if second in _BEHIND and view is None:
                self.behind = second
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK
        self.refused = True
        return sqlite3.SQLITE_DENY


def guard(base: sqlite3.Connection) -> Guard:
    """From here on the connection only reads, within its bounds of memory, which are those of the whole process."""
    base.execute("PRAGMA temp_store = MEMORY")
    base.execute(f"PRAGMA hard_heap_limit = {MEMORY}")
    base.execute("PRAGMA query_only = ON")
    for name, value in _LIMITS.items():
        base.setlimit(name, value)
    base.text_factory = lambda text: text.decode("utf-8", "replace")
    seen = Guard()
    base.set_authorizer(seen.allows)
    return seen


def read_by(base: sqlite3.Connection, sql: str) -> Guard:
    """The tables that a statement reads, as far as SQLite understands it; it does not run."""
    seen = Guard()
    base.set_authorizer(seen.allows)
    with suppress(*FAULTS):
        program = base.execute(f"EXPLAIN {sql}").fetchall()
        # The authorizer is shown all columns of a view; the program calls functions for those alone that are used.
        called = {str(argument).partition("(")[0] for step in program for argument in step}
        seen.points = not _POINTS.isdisjoint(called)
    base.set_authorizer(None)
    return seen


def check_statement(sql: str) -> str:
    """The statement, if it can be one at all."""
    text = sql.strip()
    if not text:
        raise UsageFault(
            Message("there is no SQL to run"),
            Message('such as: smartreg query "SELECT id, status FROM equipment"; --tables lists the tables'),
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageFault(Message("the SQL is not UTF-8")) from None
    if "\0" in text:
        raise UsageFault(Message("the SQL holds a NUL character"))
    return text


# -- faults in our words -------------------------------------------------------------------------------------------

ColumnsByTable = Mapping[str, Sequence[str]]  # by table


def fault_of(error: BaseException, sql: str, seen: Guard, columns: ColumnsByTable) -> UsageFault:
    """The fault that SQLite reports, with what to do."""
    text = str(error)
    if isinstance(error, MemoryError) or text in ("out of memory", "string or blob too big"):
        return _too_much(Message("the query needs too much memory"))
    if text == "interrupted":
        return _too_much(Message("the query took too long and was stopped"))
    if seen.refused or text.startswith(
        ("cannot modify", "cannot VACUUM")
    ):  # a view is refused before anything is asked
        return UsageFault(
            Message("query accepts SELECT only"),
            Message("to change records: smartreg set, import; to keep a database: smartreg export -f sqlite"),
        )
    if seen.behind:
        return (_no_function if seen.behind in _BEHIND else _no_table)(seen.behind, sql, columns)
    if text == "user-defined aggregate's 'step' method raised error":
        return UsageFault(
            Message("percentile takes a value and a number from 0 to 100"),
            verbatim("SELECT percentile(height_m, 90) FROM supports"),
        )
    for pattern, explain in _EXPLANATIONS:
        match = re.fullmatch(pattern, text)
        if match:
            return explain(match[1], sql, columns)
    return UsageFault(Message("SQL: {text}", text=text), _LISTED)


def _too_much(message: Text) -> UsageFault:
    return UsageFault(
        message,
        Message("join on something, or add LIMIT; for more time: --timeout SECONDS (from Python: seconds=…)"),
    )


def _no_table(name: str, _sql: str, columns: ColumnsByTable) -> UsageFault:
    refuse_wide(name, len(columns.get(name, ())))
    return UsageFault(message_in("query guard", 'no table "{name}"', name=name), did_you_mean(name, columns) or _LISTED)


def _no_column(name: str, sql: str, columns: ColumnsByTable) -> UsageFault:
    word = name.rpartition(".")[2]
    words = {token.casefold() for token in re.findall(r"\w+", sql)}
    tables = [table for table in columns if table.casefold() in words]
    hint = did_you_mean(word, [column for table in tables for column in columns[table]])
    elsewhere = ", ".join(table for table, names in columns.items() if word in names)
    if hint is None and elsewhere:
        hint = Message("{there} has one", there=elsewhere)
    elif hint is None and tables:
        hint = Message("{table} has {listed}", table=tables[0], listed=", ".join(columns[tables[0]]))
    return UsageFault(Message('no column "{name}"', name=name), hint or _LISTED)


def _ambiguous(name: str, _sql: str, _columns: ColumnsByTable) -> UsageFault:
    return UsageFault(
        Message('several tables have a column "{name}"', name=name),
        Message("say which: TABLE.{name}", name=name),
    )


def _syntax(word: str, _sql: str, _columns: ColumnsByTable) -> UsageFault:
    return UsageFault(
        Message('SQL syntax error near "{word}"', word=word),
        Message("texts stand in 'single quotes'; sqlite.org/lang.html describes the language"),
    )


def _no_function(name: str, _sql: str, _columns: ColumnsByTable) -> UsageFault:
    return UsageFault(
        Message('no function "{name}"', name=name),
        Message("sqlite.org/lang_corefunc.html lists them"),
    )


def _several(_word: str, _sql: str, _columns: ColumnsByTable) -> UsageFault:
    return UsageFault(Message("one statement at a time"))


def _placeholder(_word: str, _sql: str, _columns: ColumnsByTable) -> UsageFault:
    return UsageFault(
        Message("there are no values for ? or :name"),
        Message("write the value itself, a text in 'single quotes'"),
    )


_LISTED = Message("smartreg query --tables lists tables and columns")
_EXPLANATIONS: tuple[tuple[str, Callable[[str, str, ColumnsByTable], UsageFault]], ...] = (
    (r"no such table: (?:main\.|temp\.)?(.+)", _no_table),
    (r"no such column: (.+)", _no_column),
    (r"no such function: (.+)", _no_function),
    (r"ambiguous column name: (.+)", _ambiguous),
    (r'near "(.*)": syntax error', _syntax),
    (r'unrecognized token: "(.*)"', _syntax),
    (r"(incomplete input)", _syntax),
    (r"(You can only execute one statement at a time)\.", _several),
    (r"(too many SQL variables|Incorrect number of bindings supplied.*|variable number must be.*)", _placeholder),
)


def plain(value: Json) -> Json:
    """A value of a row as JSON has it: bytes as hexadecimal digits, what is no number as text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value

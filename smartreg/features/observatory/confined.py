"""DuckDB in a process of its own: `python -P -m smartreg.features.observatory.confined`, a request on standard input.

What others published is verified by its digest, which does not make it harmless. So whatever reads it may write into
one folder alone, open nothing else, and has a limit of time and of memory. The request is `Work` as JSON. The answer is
a line of JSON for each part: `["columns", names]`, `["rows", rows]` and `["end", more]` for each question, and last
`["done"]`, or `["fault", sort, text]`.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NamedTuple

from smartreg.core.values import Json
from smartreg.readers.confinement import Limits, confine

MEMORY = 2 << 30
"""The bytes that DuckDB may use unless asked for more; what does not fit goes into temporary files."""
LARGEST = 256_000_000  # characters of an answer
_AT_ONCE = 1_000  # rows that are passed on together
_ADDRESSES = 4 << 30  # bytes beyond `memory`: libraries reserve more than they use
_SPILLED = 64 << 30  # bytes of temporary files
_OPEN_FILES = 4096
_PASSED_ON = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True)
class Work:
    """What the process does: the statements `setup`, then the questions, each one SELECT, of which at most so many rows
    are wanted. `also`: folders that it may read; `memory`: in bytes; `threads`: 0 for all."""

    setup: tuple[str, ...]
    questions: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    memory: int = MEMORY
    threads: int = 0
    seconds: float = 300
    most: int = 0


class Rows(NamedTuple):
    """The answer of an engine: columns, rows, and whether there are more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    more: bool


class EngineFault(Exception):
    """The engine could not do it. `sort`: `select` (no single SELECT), `memory`, `time`, `large`, `ended` (the system,
    or a fault of the library, ended the process), else the name of its error; `text`: what it said."""

    def __init__(self, sort: str, text: str = "") -> None:
        super().__init__(text or sort)
        self.sort, self.text = sort, text


def run(folder: Path, work: Work) -> list[Rows]:
    """The answers to all questions; `folder`: where the process may write. EngineFault if it fails."""
    environment = {name: value for name, value in os.environ.items() if name in _PASSED_ON}
    words = [sys.executable, "-P", "-m", "smartreg.features.observatory.confined"]
    process = subprocess.Popen(
        words, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        with process.stdin as request, process.stdout as answer:  # type: ignore[union-attr]
            request.write(json.dumps(asdict(work)).encode())
            request.close()
            return _read(answer)
    except (ValueError, OSError):
        raise EngineFault("time" if process.wait() == -signal.SIGALRM else "ended") from None
    finally:
        process.kill()
        process.wait()


def _read(answer: IO[bytes]) -> list[Rows]:
    answers: list[Rows] = []
    for line in answer:
        match json.loads(line):
            case ["columns", names]:
                columns, rows = tuple(names), list[tuple[Json, ...]]()
            case ["rows", some]:
                rows += map(tuple, some)
            case ["end", more]:
                answers.append(Rows(columns, tuple(rows), more))
            case ["done"]:
                return answers
            case ["fault", sort, text]:
                raise EngineFault(sort, text)
    raise ValueError("no end")


# -- in the process ------------------------------------------------------------------------------------------------


def main() -> int:
    """Do the work of the request."""
    work = Work(**json.load(sys.stdin))
    import duckdb

    with suppress(AttributeError):
        signal.setitimer(signal.ITIMER_REAL, work.seconds)
    folder = Path.cwd()
    limits = Limits(int(work.seconds * 64) + 1, work.memory + _ADDRESSES, _SPILLED, _OPEN_FILES)
    confine(folder, map(Path, work.also), limits)
    try:
        for part in _answer(duckdb, work, folder):
            sys.stdout.write(f"{json.dumps(part, allow_nan=False)}\n")
    except duckdb.Error as fault:
        sort = "memory" if isinstance(fault, duckdb.OutOfMemoryException) else type(fault).__name__
        sys.stdout.write(f"{json.dumps(['fault', sort, str(fault).partition(chr(10))[0]])}\n")
    except MemoryError:
        sys.stdout.write(f"{json.dumps(['fault', 'memory', ''])}\n")
    return 0


def _answer(duckdb: Any, work: Work, folder: Path) -> Iterator[Sequence[Any]]:
    config = {
        "memory_limit": f"{work.memory}B",
        "temp_directory": str(folder / "spill"),
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        **({"threads": work.threads} if work.threads else {}),
    }
    with duckdb.connect(config=config) as base:
        allowed = ", ".join(map(text, [str(folder), *work.also]))
        base.execute(f"SET allowed_directories = [{allowed}]")
        base.execute("SET enable_external_access = false")
        for statement in work.setup:
            base.execute(statement)
        base.execute("SET lock_configuration = true")
        for question in work.questions:
            statements = duckdb.extract_statements(question)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                yield "fault", "select", ""
                return
            yield from _rows(base.execute(statements[0]), work.most)
    yield ("done",)


def _rows(answer: Any, most: int) -> Iterator[Sequence[Any]]:
    yield "columns", [name for name, *_ in answer.description]
    size, left = 0, most + 1
    while left and (rows := answer.fetchmany(min(_AT_ONCE, left))):
        left -= len(rows)
        shown = [list(map(plain, row)) for row in (rows if left else rows[:-1])]
        size += sum(len(value) for row in shown for value in row if isinstance(value, str))
        if size > LARGEST:
            yield "fault", "large", ""
            return
        yield "rows", shown
    yield "end", not left


def text(word: str) -> str:
    """A literal of SQL."""
    return "'" + word.replace("'", "''") + "'"


def plain(value: Any) -> Json:
    """A value of an engine as JSON has it: days and times as text, bytes as hexadecimal digits, what is no number as
    text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return json.dumps({str(key): plain(item) for key, item in value.items()}, ensure_ascii=False, sort_keys=True)
    if isinstance(value, Sequence):
        return json.dumps(list(map(plain, value)), ensure_ascii=False)
    return str(value)


if __name__ == "__main__":
    sys.exit(main())

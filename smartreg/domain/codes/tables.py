"""The bundled CSV tables as bytes. A look-up searches the bytes and decodes only the lines that it returns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def table(name: str) -> bytes:
    """The whole of `<name>.csv`: UTF-8, one heading line, sorted by its first column."""
    return (_FOLDER / f"{name}.csv").read_bytes()


def rows(lines: bytes) -> Iterator[list[str]]:
    """The cells of CSV `lines`."""
    return csv.reader(lines.decode().splitlines())


def all_rows(name: str) -> Iterator[list[str]]:
    """Every row of a table but its heading."""
    _, _, body = table(name).partition(b"\n")
    return rows(body)


def lines_starting(name: str, cell: str) -> bytes:
    """The contiguous lines of a table whose first cell is `cell`; empty when there is none."""
    data, start_of_line = table(name), f"{cell},".encode()
    first = data.find(b"\n" + start_of_line) + 1
    end = first
    while first and data.startswith(start_of_line, end):
        end = _end_of_line(data, end)
    return data[first:end]


def line_with_second(name: str, cell: str) -> bytes:
    """The line of a table whose second cell is `cell`; empty when there is none."""
    data, needle = table(name), f",{cell},".encode()
    at = data.find(needle)
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        # The same digits can occur further right in another line, as a postal code or a population.
        if data.find(b",", start) == at:
            return data[start : _end_of_line(data, at)]
        at = data.find(needle, at + 1)
    return b""


def _end_of_line(data: bytes, at: int) -> int:
    """The index after the line break that follows `at`."""
    return data.find(b"\n", at) + 1 or len(data)

"""What an export format says of itself, and what it writes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from smartreg.core.messages import Text
from smartreg.core.values import Json
from smartreg.exporters.chosen import Chosen
from smartreg.readers.sheet import SheetGrid


@dataclass(frozen=True)
class Written:
    """A file of an export: name, bytes, rows (None for what is not a table), what it is for people (None: nothing worth
    a line), whether it holds the records of a kind, or everything, what it leaves out of the requested ones, and the
    names and SQL types of its columns, where the format has both."""

    name: str
    content: bytes
    rows: int | None
    note: Text | None
    main: bool = False
    without: tuple[Text, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


def _no_tables(_file: str, _content: bytes) -> list[SheetGrid]:
    return []


@dataclass(frozen=True)
class Format:
    """An export format.

    `export(chosen, …)` yields its files; the keyword-only parameters are its options. `suffix`: the ending of its
    files, with the dot; `also`: others that people give them.

    What it can hold: `single`, all kinds in one file; `binary`, bytes that no terminal can show; `columns`, chosen ones
    (a standard says what it needs), which are those of the tables, or what `names` gives; `crs`, points in another
    system than WGS 84; `lists`, those of the records in the same file; `labels`, labels for codes (what people read,
    not programs); `public`, nothing but what is for the public; `dialects`, by name.

    How a file comes back: `recognizes(file, content)` (None: by its ending alone); `origin(file, content)`, the origin
    that it states (None: it has no place for one). `compared` with the registry as the `bytes` that it is, else its
    `tables(file, content)` as people see them (`sheets`), or as values (`records`). `json`: it is JSON, which may be
    escaped in several ways.
    """

    name: str
    export: Callable[..., Iterator[Written]]
    suffix: str
    also: tuple[str, ...] = ()
    single: bool = False
    binary: bool = False
    columns: bool = True
    names: Callable[[Chosen], Iterable[str]] | None = None
    crs: bool = False
    labels: bool = False
    public: bool = False
    lists: bool = False
    dialects: tuple[str, ...] = ()
    recognizes: Callable[[str, bytes], bool] | None = None
    origin: Callable[[str, bytes], Json] | None = None
    compared: Literal["bytes", "sheets", "records"] = "bytes"
    tables: Callable[[str, bytes], list[SheetGrid]] = _no_tables
    json: bool = False

    @property
    def holds_sheets(self) -> bool:
        """Whether a file is a workbook, with a sheet for each table."""
        return self.compared == "sheets" and self.single

    def takes(self, option: str) -> bool:
        """Whether its files can be written with this option, such as `lang` or `dialect`."""
        return option in inspect.signature(self.export).parameters

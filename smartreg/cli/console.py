"""The only module that prints. Terminals get Rich, which is loaded only for them.

Data, findings and diffs go to stdout; faults, hints, prompts and progress to stderr. Text from records is escaped.
"""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, TextIO

from smartreg.cli.ci import Placing, is_logged, line_at, refuse_commands
from smartreg.core import messages
from smartreg.core.errors import SmartregError
from smartreg.core.messages import Language, Message, message_in
from smartreg.core.progress import end_progress
from smartreg.core.styled import Block, Grid, Line, Span, align, cells, inert, line, plain

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text


STYLES = {
    "error": "bold red",
    "warning": "yellow",
    "info": "cyan",
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "name": "bold",
    "code": "cyan",
    "dim": "dim",
    "bold": "bold",
}
STACKED = 4  # blanks before what does not fit in the first line of a row
_UNCUT = re.compile(r"(?:[a-z_]+/)?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+[,;:.]?")  # ids of records, and days
NARROW = 16  # characters of a column that is wrapped last, as in 2026-11-25 10:00
HELP = Message("help")
ERROR = Message("error")
NOTE = message_in("console", "note")


@dataclass(frozen=True)
class Console:
    """The streams that text goes to, and its looks. `color` is auto, always or never; `out` is stdout, or a buffer for
    -o."""

    lang: Language
    color: str = "auto"
    quiet: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def show(self, blocks: Iterable[Block]) -> None:
        """Lines and grids for people, to stdout: grids fit a terminal, and are aligned text elsewhere."""
        self._print(self.out, blocks)

    def write(self, text: str | bytes, *, place: Placing = line_at, may_act: bool = False) -> None:
        """Machine text to stdout: UTF-8 whatever the locale, not a character changed. UsageFault, which names the
        `place`, when a CI service would find a command in it; not if it `may_act`: commands that are meant, or no
        text."""
        data = text.encode() if isinstance(text, str) else text
        if not may_act and self.out is sys.stdout and is_logged(self.out, os.environ):
            refuse_commands(data.decode("utf-8", "replace"), place)
        if self.out is sys.stdout and hasattr(self.out, "buffer"):
            self.out.flush()
            self.out.buffer.write(data)
            self.out.buffer.flush()
        else:
            self.out.write(data.decode())

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns under headings."""
        self.show([Grid([cells(*(Span(name, "bold") for name in headings)), *(cells(*row) for row in rows)])])

    def ask(self, blocks: Iterable[Block]) -> None:
        """Text that belongs to a question, to stderr."""
        end_progress()
        self._print(self.err, blocks)

    def note(self, words: messages.Text) -> None:
        """A remark on stderr; nothing when quiet."""
        if not self.quiet:
            head = f"{NOTE.in_(self.lang)}{' :' if self.lang == 'fr' else ':'} "
            self._print(self.err, [line(Span(head, "dim"), words.in_(self.lang))])

    def hint(self, words: messages.Text) -> None:
        """Advice on the next step, on stderr; nothing when quiet."""
        if not self.quiet:
            self._print(self.err, [line(Span(words.in_(self.lang), "dim"))])

    def fault(self, fault: SmartregError) -> None:
        """A failure: what is wrong, and what to do."""
        head = f"{ERROR.in_(self.lang)}{' :' if self.lang == 'fr' else ':'} "
        first, *more = fault.message.in_(self.lang).split("\n")
        lines = [line(Span(head, "error"), first), *(line(text) for text in more)]
        if fault.hint:
            tail = f"{HELP.in_(self.lang)}{' :' if self.lang == 'fr' else ':'} "
            first, *more = fault.hint.in_(self.lang).split("\n")
            lines += [line(Span(tail, "info"), first), *(line(text) for text in more)]
        self._print(self.err, lines)

    def _print(self, stream: TextIO, blocks: Iterable[Block]) -> None:
        """Rich prints what is styled or fits a terminal. A terminal that a CI service reads gets aligned text: where
        a cell is wrapped, a line could begin with a command."""
        fits = stream.isatty() and not is_logged(stream, os.environ)
        if not fits and not uses_color(stream, self.color, os.environ):
            stream.write(plain(blocks))
            stream.flush()
            return
        rich = rich_console(stream, self.color)
        for block in blocks:
            if fits and isinstance(block, Grid):
                rich.print(*_fitted(block, rich.width), sep="")
            else:
                for item in align(block) if isinstance(block, Grid) else (block,):
                    rich.print(_rich_text(item), soft_wrap=True)
        stream.flush()


def uses_color(stream: TextIO, color: str, environ: Mapping[str, str]) -> bool:
    """Whether a stream gets styles: by the user's option, else NO_COLOR, FORCE_COLOR, else if it is a terminal."""
    if color != "auto" or isinstance(stream, io.StringIO):
        return color == "always" and not isinstance(stream, io.StringIO)
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()


def rich_console(stream: TextIO, color: str) -> RichConsole:
    """A Rich console for terminals and colours. It interprets no markup in what it prints."""
    from rich.console import Console as RichConsole

    styled = uses_color(stream, color, os.environ)
    return RichConsole(
        file=stream,
        force_terminal=True,
        color_system="standard" if styled else None,
        no_color=not styled,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _fitted(grid: Grid, width: int) -> Iterator[RenderableType]:
    """The grid as Rich shows it in this width: a table, or, where that would cut an id or a date, or words in several
    columns, rows of several lines."""
    rows = [[_rich_text(cell) for cell in row] for row in grid.rows]
    columns = [[row[at] for row in rows if at < len(row)] for at in range(max(map(len, rows), default=0))]
    sizes = {at: max(text.cell_len for text in texts) for at, texts in enumerate(columns) if any(texts)}
    words = {at: [word for text in columns[at] for word in text.plain.split()] for at in sizes}
    longest = {at: max(map(len, words[at]), default=0) for at in sizes}
    whole = {at: max((len(word) for word in words[at] if _UNCUT.fullmatch(word)), default=0) for at in sizes}
    room = width - grid.gap * (len(sizes) - 1)
    widths = _fit(sizes, longest, whole, room)
    breaks = sum(widths.values()) > room
    cut = [at for at in [*sizes][:-1] if widths[at] < longest[at]]
    if (breaks or len(cut) > 1) and next(iter(sizes.values())) <= width:
        yield from _stack(grid, rows, sizes, width)
    else:
        yield _table(grid, rows, _fit(sizes, longest, dict.fromkeys(sizes, 0), room) if breaks else widths)


def _table(grid: Grid, rows: Sequence[Sequence[Text]], widths: Mapping[int, int]) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, grid.gap, 0, 0))
    for at, width in widths.items():
        table.add_column(overflow="fold", width=width, justify="right" if at in grid.right else "left")
    for row in rows:
        table.add_row(*(row[at] for at in widths if at < len(row)))
    return table


def _stack(
    grid: Grid, rows: Sequence[Sequence[Text]], sizes: Mapping[int, int], width: int
) -> Iterator[RenderableType]:
    """Each row as a line of the first columns, as many as fit in the width, and the others below it, indented."""
    from rich.padding import Padding
    from rich.text import Text

    ends = accumulate(size + grid.gap for size in sizes.values())
    first = {at: sizes[at] for at, end in zip(sizes, ends, strict=True) if end - grid.gap <= width}
    for row in rows:
        if any(row[at] for at in first if at < len(row)):
            yield _table(grid, [row], first)
        rest = [text for at, text in enumerate(row) if text and at not in first]
        if rest:
            yield Padding(Text(" " * grid.gap).join(rest), (0, 0, 0, STACKED), expand=False)


def _fit(sizes: Mapping[int, int], words: Mapping[int, int], whole: Mapping[int, int], room: int) -> dict[int, int]:
    """The widths of columns with these sizes and longest words in this room: each column whole, else its words; where
    that is too much, the columns with the longest texts are narrowed first, so that sentences are folded before ids,
    and dates last; none below the length that is to stay `whole`, even if the room is too small then. What remains is
    shared evenly among those that lack some."""
    widths = {at: size if size <= NARROW else words[at] for at, size in sizes.items()}
    for narrow in (NARROW, NARROW * 3 // 4, NARROW // 2):
        for at in sorted(sizes, key=lambda at: -sizes[at]):
            if sum(widths.values()) > room:
                widths[at] = min(widths[at], max(narrow, whole[at]))
    lacks = {at: sizes[at] - widths[at] for at in sizes}
    left = max(room - sum(widths.values()), 0)
    for rank, at in enumerate(sorted(sizes, key=lambda at: lacks[at])):
        share = min(lacks[at], left // (len(sizes) - rank))
        widths[at] += share
        left -= share
    return widths


def _rich_text(item: Line) -> Text:
    """The line as text of Rich, in which nothing is markup."""
    from rich.text import Text

    return Text.assemble(
        *(_highlight(text) if style == "yaml" else (text, STYLES.get(style, "")) for text, style in inert(item))
    )


def _highlight(text: str) -> Text:
    """A line of YAML, coloured by its syntax."""
    from rich.syntax import Syntax

    highlighted = Syntax("", "yaml", theme="ansi_dark").highlight(text)
    highlighted.right_crop(1)  # the line feed that the lexer adds
    return highlighted


def report_failure(fault: SmartregError, console: Console, *, debug: bool) -> int:
    """Report a failure, with what lies behind it to debug; the exit code."""
    console.fault(fault)
    if debug and fault.__cause__ is not None:
        print_trace(fault.__cause__)
    return fault.exit_code


def print_trace(fault: BaseException) -> None:
    """The traceback, to stderr."""
    traceback.print_exception(fault, file=sys.stderr)

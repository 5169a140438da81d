"""The only place that prints. Styles are Rich's, and Rich is loaded only for a terminal that shows them.

Data, findings and diffs go to stdout; faults, hints, prompts and progress to stderr. Text from records is inert.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from smartreg.cli.ci import Place, is_logged, line_at, refuse_commands
from smartreg.core.errors import SmartregError
from smartreg.core.progress import end_progress
from smartreg.core.styled import Line, Span, inert, line, plain, visible
from smartreg.core.values import Language, Words

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

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
HELP = Words("help", "aide")
ERROR = Words("error", "erreur")
NOTE = Words("note", "note")


@dataclass(frozen=True)
class Console:
    """Where text goes and how it looks. `color` is auto, always or never; `out` is stdout, or collects for -o."""

    lang: Language
    color: str = "auto"
    quiet: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def show(self, lines: Iterable[Line]) -> None:
        """Lines for people, to stdout."""
        self._print(self.out, lines)

    def write(self, text: str | bytes, *, place: Place = line_at, may_act: bool = False) -> None:
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
        """Columns under headings: a table that fits a terminal, aligned text elsewhere."""
        shown = [[visible(cell) for cell in row] for row in rows]
        if self.out.isatty():
            self._print_table([visible(name) for name in headings], shown)
            return
        widths = [max(map(len, cells)) for cells in zip(headings, *shown, strict=True)]
        self.show([_row(headings, widths, "bold"), *(_row(row, widths, "") for row in shown)])

    def _print_table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=STYLES["bold"])
        for name in headings:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.out.flush()
        rich_console(self.out, self.color).print(table)

    def ask(self, lines: Iterable[Line]) -> None:
        """What belongs to a question, to stderr."""
        end_progress()
        self._print(self.err, lines)

    def note(self, words: Words) -> None:
        """A remark on stderr; nothing when quiet."""
        if not self.quiet:
            head = f"{NOTE.in_(self.lang)}{' :' if self.lang == 'fr' else ':'} "
            self._print(self.err, [line(Span(head, "dim"), words.in_(self.lang))])

    def hint(self, words: Words) -> None:
        """What one may do next, on stderr; nothing when quiet."""
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

    def _print(self, stream: TextIO, lines: Iterable[Line]) -> None:
        if not coloured(stream, self.color, os.environ):
            stream.write(plain(lines))
            stream.flush()
            return
        rich = rich_console(stream, self.color)
        for item in lines:
            _styled(rich, item)
        stream.flush()


def coloured(stream: TextIO, color: str, environ: Mapping[str, str]) -> bool:
    """Whether a stream gets styles: what the user asked for, else NO_COLOR, FORCE_COLOR, else a terminal."""
    if color != "auto" or isinstance(stream, io.StringIO):
        return color == "always" and not isinstance(stream, io.StringIO)
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()


def _row(cells: Sequence[str], widths: Sequence[int], style: str) -> Line:
    text = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
    return line(Span(text, style))


def rich_console(stream: TextIO, color: str) -> RichConsole:
    """Rich on a terminal, or where colours are wanted. It reads no markup in what it prints."""
    from rich.console import Console as RichConsole

    styled = coloured(stream, color, os.environ)
    return RichConsole(
        file=stream,
        force_terminal=True,
        color_system="standard" if styled else None,
        no_color=not styled,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _styled(rich: RichConsole, item: Line) -> None:
    from rich.text import Text

    rich.print(Text.assemble(*((span.text, STYLES.get(span.style, "")) for span in inert(item))), soft_wrap=True)


def report_failure(fault: SmartregError, console: Console, *, debug: bool) -> int:
    """Report a failure, with what lies behind it to debug; the exit code."""
    console.fault(fault)
    if debug and fault.__cause__ is not None:
        print_trace(fault.__cause__)
    return fault.exit_code


def print_trace(fault: BaseException) -> None:
    """The traceback, to stderr."""
    traceback.print_exception(fault, file=sys.stderr)

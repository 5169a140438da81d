"""The screen of `smartreg` alone: four tasks and the common commands, on a terminal of 24 lines."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.cli.catalogue import ABOUT, COMMANDS
from smartreg.cli.options import in_language, placeholder_in
from smartreg.core.messages import Language, Message
from smartreg.core.styled import Block, Grid, Span, cells, line

TASKS = (
    (Message("Start a registry"), "smartreg init"),
    (Message("Add a sensor, question by question"), "smartreg add-sensor"),
    (Message("Bring in an inventory"), "smartreg import supports lamps.csv"),
    (Message("See what is wrong"), "smartreg validate"),
)

COMMON = ("status", "find", "show", "list", "set", "move", "replace", "retire", "diff", "log", "undo", "export")


def first_screen(lang: Language) -> Iterator[Block]:
    """Its lines, at most 80 columns wide."""
    yield line(Span(in_language(ABOUT, lang), "bold"))
    yield line()
    yield Grid([cells(f"  {task.in_(lang)}", Span(command, "code")) for task, command in TASKS])
    yield line()
    yield Grid([cells(Span(f"  {name}", "code"), in_language(COMMANDS[name].help, lang)) for name in COMMON])
    yield line()
    one, every = Message("One command, with an example"), Message("Every command, and the options of all")
    example = f"smartreg {placeholder_in('COMMAND', lang)} -h"
    yield Grid(
        [cells(one.in_(lang), Span(example, "code")), cells(every.in_(lang), Span("smartreg help --all", "code"))]
    )

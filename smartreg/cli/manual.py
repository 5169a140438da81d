"""`smartreg COMMAND -h`: options by group, with what they can be, in the user's language; nothing is cut."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable

from smartreg.cli.parameters import Argument, Command, Option, Parameter, useful
from smartreg.core.slug import fold
from smartreg.core.styled import line, plain
from smartreg.core.values import Language, Words

COLUMN, NARROW, WIDE = 30, 60, 110
WORDS = Words("Arguments", "Arguments")
REPEATABLE = Words("(repeatable)", "(répétable)")


def manual(command: Command, name: str, lang: Language) -> str:
    """The help of one command."""
    width = max(NARROW, min(WIDE, shutil.get_terminal_size((WIDE, 24)).columns))
    head = "usage :" if lang == "fr" else "usage:"
    lines = [f"{head} smartreg {name} {command.synopsis}".rstrip()]
    if command.summary:
        lines += ["", *textwrap.wrap(command.summary.in_(lang), width)]
    words = [item for item in command.every if isinstance(item.spec, Argument)]
    if words:
        lines += ["", WORDS.in_(lang), *_rows(words, lang, width)]
    options = [item for item in command.every if isinstance(item.spec, Option) and useful(command, item)]
    for group in dict.fromkeys(item.group for item in options):
        inside = [item for item in options if item.group == group]
        lines += ["", group.in_(lang), *_rows(inside, lang, width)]
    if command.formats != ("text",):
        listed = ", ".join(command.formats)
        lines += ["", f"Formats : {listed}" if lang == "fr" else f"Formats: {listed}"]
    return plain(map(line, lines))


def _rows(items: Iterable[Parameter], lang: Language, width: int) -> list[str]:
    rows: list[str] = []
    for item in items:
        name, text = _name(item), _text(item, lang)
        indent = " " * COLUMN
        lines = textwrap.wrap(text, width - COLUMN) or [""]
        if len(name) + 2 >= COLUMN:
            rows.append(f"  {name}")
        else:
            rows.append(f"  {name}".ljust(COLUMN) + lines.pop(0))
        rows += [indent + line for line in lines]
    return rows


def _name(item: Parameter) -> str:
    if isinstance(item.spec, Argument):
        return item.spec.metavar
    names = ", ".join(item.spec.names)
    if not item.spec.names[0].startswith("--"):
        text = names
    else:
        text = f"    {names}"
    return text if item.shape == "flag" else f"{text} {item.spec.metavar}"


def _text(item: Parameter, lang: Language) -> str:
    text, choices = item.spec.help.in_(lang), _choices(item.spec, lang)
    if not all(re.search(rf"\b{re.escape(choice)}\b", text) for choice in choices):
        text = f"{text.removesuffix('.')}{' : ' if lang == 'fr' else ': '}{', '.join(choices)}"
    return f"{text} {REPEATABLE.in_(lang)}" if item.shape == "many" and isinstance(item.spec, Option) else text


def _choices(spec: Option | Argument, lang: Language) -> list[str]:
    """The choices, each with what people call it where that is another word."""
    labels = spec.labels if isinstance(spec, Option) else {}
    named = [(choice, labels[choice].in_(lang) if choice in labels else choice) for choice in spec.choices]
    return [choice if fold(choice) == fold(label) else f"{choice} = {label}" for choice, label in named]

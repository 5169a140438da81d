"""`smartreg -h`: the commands by group, from the table and the nouns of the registry's schemas."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence

from smartreg.cli.language import language, value_of
from smartreg.cli.nouns import nouns, root_above
from smartreg.cli.table import ABOUT, COMMANDS, GROUPS
from smartreg.core.styled import line, plain

WIDTH = 30


def overview(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """The text of the general help."""
    french = language(argv, environ) == "fr"
    folder = value_of("-C", argv) or value_of("--directory", argv) or environ.get("SMARTREG_DIRECTORY") or os.curdir
    words = nouns(root_above(folder))
    parts = [ABOUT[french], "", _usage(french)]
    for key, heading in GROUPS.items():
        rows = _rows(key, words, french)
        if rows:
            parts += ["", heading[french], *(line for name, text in rows for line in _row(name, text))]
    parts += ["", *_end(french)]
    return plain(map(line, parts))


def _row(name: str, text: str) -> list[str]:
    first, *more = textwrap.wrap(text, WIDTH * 3) or [""]
    return [f"  {name:<{WIDTH}}{first}", *(" " * (WIDTH + 2) + line for line in more)]


def _rows(group: str, words: Sequence[str], french: bool) -> list[tuple[str, str]]:
    rows = []
    if group == "records":
        example = "add-sensor" if "sensor" in words else f"add-{words[0]}" if words else "add-<noun>"
        others = ", ".join(sorted(set(words) - {example.removeprefix("add-")}))
        rows.append((example, f"idem pour : {others}" if french else f"likewise for: {others}"))
    for name, (at, _module, synopsis, english, french_text) in COMMANDS.items():
        if at == group:
            rows.append((f"{name} {synopsis}".rstrip(), french_text if french else english))
    return rows


def _usage(french: bool) -> str:
    return "usage : smartreg COMMANDE [OPTIONS]" if french else "usage: smartreg COMMAND [OPTIONS]"


def _end(french: bool) -> tuple[str, ...]:
    if french:
        return (
            "smartreg COMMANDE -h  montre les options d'une commande",
            "smartreg --version    donne la version",
        )
    return ("smartreg COMMAND -h  shows the options of a command", "smartreg --version   tells the version")

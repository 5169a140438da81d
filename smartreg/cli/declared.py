"""What commands take, in JSON: Tab reads it instead of loading the commands with all that they need.

`declared.json` is written, a line a command, by `pytest tests/test_cli_complete.py --update`; the test holds it equal
to the declarations.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartreg.cli.parameters import Argument, Command, Option

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "declared.json")


def takes(name: str, folder: str) -> dict[str, Any]:
    """`items` and `formats` of a command. Those that the schemas of a registry make (`add …`) are asked themselves.
    UsageFault for a name that is none."""
    with open(FILE, "rb") as file:
        known = json.load(file)
    if name in known:
        found: dict[str, Any] = known[name]
        return found
    from smartreg.cli.run import command_named

    return spelled(command_named(name, folder))


def spelled(command: Command) -> dict[str, Any]:
    """Each option and argument: its names (none for an argument), shape, help, choices, what Tab completes it with, and
    whether it is of use."""
    from smartreg.cli.parameters import Option, useful

    items = [
        {
            "names": list(item.spec.names) if isinstance(item.spec, Option) else [],
            "shape": item.shape,
            "help": {"en": item.spec.help.en, "fr": item.spec.help.fr},
            "choices": list(item.spec.choices),
            **_labels(item.spec),
            "completes": item.spec.completes,
            "useful": useful(command, item),
        }
        for item in command.every
    ]
    return {"items": items, "formats": list(command.formats)}


def _labels(spec: Option | Argument) -> dict[str, Any]:
    """What people call the choices, where there is such a word."""
    labels = getattr(spec, "labels", {})
    return {"labels": {value: {"en": words.en, "fr": words.fr} for value, words in labels.items()}} if labels else {}

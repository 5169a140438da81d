"""The command line: the only part that prints, asks, reads the environment and the time, and knows Typer and Rich.

A module reads options into a value, calls `commands/`, and renders what comes back. Nothing is decided here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def load(name: str) -> Any:
    """A module that few runs need, imported on first use: a command, the questions of `add-…`, the words for Tab, what
    Git alone knows."""
    return import_module(f"smartreg.{name}")

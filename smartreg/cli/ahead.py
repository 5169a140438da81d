"""Git is asked at the very start of a run that will look at the working tree: it works while the libraries load."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from smartreg.cli.language import value_of
from smartreg.core.errors import StateFault
from smartreg.gitio import Git, PendingReads
from smartreg.trees.root import find_root
from smartreg.trees.seeing import likely_described

# What begins with the state of the working tree, however it goes on.
COMMANDS = frozenset({"add", "import", "list", "remove", "rename", "retire", "set", "show", "status", "validate"})
ELSEWHERE = ("-h", "--help", "--at", "--staged")


def ahead(name: str, words: Sequence[str]) -> PendingReads | None:
    """The questions about the registry at or above the folder that the words name; None where they will not be needed.
    A fault is told when the answer is needed, or by who needs none."""
    if name not in COMMANDS and not name.startswith("add-"):
        return None
    if any(word.partition("=")[0] in ELSEWHERE for word in words):
        return None
    try:
        root = find_root(Path(folder_of(words)))
        asked = PendingReads(Git(root))
        if not likely_described(root / ".git"):
            asked.ask_listing()
        return asked
    except (StateFault, OSError):
        return None


def folder_of(words: Sequence[str]) -> str:
    """Where the command line says to work."""
    return value_of("-C", words) or value_of("--directory", words) or os.environ.get("SMARTREG_DIRECTORY") or os.curdir

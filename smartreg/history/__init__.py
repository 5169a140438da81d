"""The history of records as Git tells it: commits in one pass, entries for people, who last set each field."""

from smartreg.history.blame import Blame, Held, Setting, blame
from smartreg.history.entries import BULK, Entry, Wanted, history
from smartreg.history.steps import (
    CORRECT,
    MANUAL,
    MERGE,
    OPERATIONS,
    REGULAR,
    UNDO,
    Step,
    Touch,
    touching,
)

__all__ = [
    "BULK",
    "CORRECT",
    "MANUAL",
    "MERGE",
    "OPERATIONS",
    "REGULAR",
    "UNDO",
    "Blame",
    "Entry",
    "Held",
    "Setting",
    "Step",
    "Touch",
    "Wanted",
    "blame",
    "history",
    "touching",
]

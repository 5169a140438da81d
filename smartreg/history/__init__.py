"""The history of records as Git tells it: commits in one pass, entries for people, who last set each field."""

from smartreg.history.blame import Blame, Held, Setting, blame
from smartreg.history.entries import BULK, Entry, Wanted, history
from smartreg.history.steps import (
    CONVENTION,
    CORRECT,
    MANUAL,
    MERGE,
    OP,
    OPERATIONS,
    REASON,
    REGULAR,
    UNDO,
    Step,
    Touch,
    facts_of,
    touching,
)

__all__ = [
    "BULK",
    "CONVENTION",
    "CORRECT",
    "MANUAL",
    "MERGE",
    "OP",
    "OPERATIONS",
    "REASON",
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
    "facts_of",
    "history",
    "touching",
]

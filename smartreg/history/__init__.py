"""The history of records in Git: the commits, entries for people, who last set each field, when a record entered a
status and when it was last changed; `audit/`: what each commit did and how it was made, seals.

How one state differs from another belongs to `diff/`, what a branch introduces to `review/`. Entries (`entries.py`) and
`blame.py` are imported from where they are: most commands need neither.
"""

from smartreg.history.commits import REGULAR, RENAME, History
from smartreg.history.details import Detail, Turn, details, last_touched, states
from smartreg.history.steps import CORRECT, MANUAL, MERGE, OPERATIONS, UNDO, Step, Touch, steps_touching

__all__ = [
    "CORRECT",
    "MANUAL",
    "MERGE",
    "OPERATIONS",
    "REGULAR",
    "RENAME",
    "UNDO",
    "Detail",
    "History",
    "Step",
    "Touch",
    "Turn",
    "details",
    "last_touched",
    "states",
    "steps_touching",
]

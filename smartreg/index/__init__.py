"""The index: one SQLite database next to Git that stores what is derived from it.

It knows tables, rows and versions, but no record, rule or schema. All SQL on this database is in here; upper rooms
store and ask through named functions. Deleting the file costs only the time to build it again.
"""

from smartreg.index.database import Damaged, Index, Lost, Unwritable, index_files
from smartreg.index.findings import StoredFindings, load_findings, load_states, store_findings, update_findings
from smartreg.index.pages import load_image, store_image
from smartreg.index.state import IndexedState, describes_state, load_state, peek_states, stem_of, store_state
from smartreg.index.texts import load_answer, load_values, question, store_answer, store_values

__all__ = [
    "Damaged",
    "Index",
    "IndexedState",
    "Lost",
    "StoredFindings",
    "Unwritable",
    "describes_state",
    "index_files",
    "load_answer",
    "load_findings",
    "load_image",
    "load_state",
    "load_states",
    "load_values",
    "peek_states",
    "question",
    "stem_of",
    "store_answer",
    "store_findings",
    "store_image",
    "store_state",
    "store_values",
    "update_findings",
]

"""The index: one SQLite database next to Git that stores what is derived from it, in tables that people can query.

It knows tables, rows and versions, but no record, rule or schema. Upper rooms store and ask through named functions.
Deleting the file costs only the time to build it again.
"""

from smartreg.index.database import (
    SWITCHED_OFF,
    Damaged,
    Index,
    Lost,
    Unwritable,
    drop_kind_tables,
    index_files,
    read_about,
    write_about,
)
from smartreg.index.findings import StoredFinding, load_findings, store_findings
from smartreg.index.state import (
    LINK,
    UNKNOWN,
    Derived,
    IndexedState,
    Refresh,
    StaleFile,
    StaleText,
    Stamp,
    Term,
    describes_state,
    id_of,
    load_state,
    store_state,
)
from smartreg.index.values import (
    load_answer,
    load_answers,
    load_values,
    question,
    store_answer,
    store_answers,
    store_values,
)
from smartreg.index.words import begin_texts, find_texts, has_trigrams, store_texts

__all__ = [
    "LINK",
    "SWITCHED_OFF",
    "UNKNOWN",
    "Damaged",
    "Derived",
    "Index",
    "IndexedState",
    "Lost",
    "Refresh",
    "StaleFile",
    "StaleText",
    "Stamp",
    "StoredFinding",
    "Term",
    "Unwritable",
    "begin_texts",
    "describes_state",
    "drop_kind_tables",
    "find_texts",
    "has_trigrams",
    "id_of",
    "index_files",
    "load_answer",
    "load_answers",
    "load_findings",
    "load_state",
    "load_values",
    "question",
    "read_about",
    "store_answer",
    "store_answers",
    "store_findings",
    "store_state",
    "store_texts",
    "store_values",
    "write_about",
]

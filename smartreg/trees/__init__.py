"""Trees of files (working tree, index, commit, edit, memory), where a registry stands, and the cache beside them."""

from smartreg.trees.cache import Cache, Row, Stats, key_of
from smartreg.trees.committed import CommitTree
from smartreg.trees.differing import apart, differing
from smartreg.trees.edited import EditedTree, Overlaid
from smartreg.trees.historic import HistoricTree, Texts
from smartreg.trees.listing import RECORD_ENDS, Altered, Listing, Plain
from smartreg.trees.memory import MemoryTree
from smartreg.trees.noted import forget, kept_bytes
from smartreg.trees.remembered import Forgotten, RememberedTree
from smartreg.trees.root import find_root, is_root
from smartreg.trees.schema_texts import OddSchema, schema_texts
from smartreg.trees.staged import StagedTree
from smartreg.trees.table import Table
from smartreg.trees.tabled import Tabled
from smartreg.trees.tree import (
    FOLDERS,
    MAX_BYTES,
    PLAIN,
    READ_LIMIT,
    SCOPE,
    SETTINGS,
    File,
    Size,
    Special,
    Tree,
    in_scope,
    length,
)
from smartreg.trees.usual import LONGEST
from smartreg.trees.working import WorkingTree

__all__ = [
    "FOLDERS",
    "LONGEST",
    "MAX_BYTES",
    "PLAIN",
    "READ_LIMIT",
    "RECORD_ENDS",
    "SCOPE",
    "SETTINGS",
    "Altered",
    "Cache",
    "CommitTree",
    "EditedTree",
    "File",
    "Forgotten",
    "HistoricTree",
    "Listing",
    "MemoryTree",
    "OddSchema",
    "Overlaid",
    "Plain",
    "RememberedTree",
    "Row",
    "Size",
    "Special",
    "StagedTree",
    "Stats",
    "Table",
    "Tabled",
    "Texts",
    "Tree",
    "WorkingTree",
    "apart",
    "differing",
    "find_root",
    "forget",
    "in_scope",
    "is_root",
    "kept_bytes",
    "key_of",
    "length",
    "schema_texts",
]

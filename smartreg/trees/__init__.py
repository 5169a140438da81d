"""Trees of files (working tree, index, commit, edit, memory), where a registry stands, and the cache beside them."""

from smartreg.trees.cache import Cache, Row, Stats
from smartreg.trees.committed import CommitTree
from smartreg.trees.edited import EditedTree, Overlaid
from smartreg.trees.historic import HistoricTree, Texts
from smartreg.trees.memory import MemoryTree
from smartreg.trees.remembered import Forgotten, RememberedTree
from smartreg.trees.root import find_root
from smartreg.trees.staged import StagedTree
from smartreg.trees.tree import (
    FOLDERS,
    MAX_BYTES,
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
from smartreg.trees.working import WorkingTree

__all__ = [
    "FOLDERS",
    "MAX_BYTES",
    "READ_LIMIT",
    "SCOPE",
    "SETTINGS",
    "Cache",
    "CommitTree",
    "EditedTree",
    "File",
    "Forgotten",
    "HistoricTree",
    "MemoryTree",
    "Overlaid",
    "RememberedTree",
    "Row",
    "Size",
    "Special",
    "StagedTree",
    "Stats",
    "Texts",
    "Tree",
    "WorkingTree",
    "find_root",
    "in_scope",
    "length",
]

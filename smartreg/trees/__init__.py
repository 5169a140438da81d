"""Trees of files (working tree, Git's index, commit, edit, memory) and the root of a registry.

A tree knows paths, bytes and blob ids; parsing the bytes belongs to `yamlio/` and `registry/`.
"""

from smartreg.index.state import RECORD_ENDS
from smartreg.trees.committed import CommitTree, Forgotten, HistoricTexts, HistoricTree, RememberedTree, StagedTree
from smartreg.trees.edited import EditedTree, MemoryTree, Overlaid, differing_paths, find_differing
from smartreg.trees.folders import OddSchema, find_root, is_root, root_above, schema_texts, settings_text
from smartreg.trees.indexed import IndexedFiles
from smartreg.trees.refresh import index_of
from smartreg.trees.tree import (
    FOLDERS,
    LONGEST,
    MAX_BYTES,
    PLAIN,
    READ_LIMIT,
    SCOPE,
    SETTINGS,
    Altered,
    File,
    Listing,
    Plain,
    Size,
    Special,
    Tree,
    in_scope,
    length,
)
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
    "CommitTree",
    "EditedTree",
    "File",
    "Forgotten",
    "HistoricTexts",
    "HistoricTree",
    "IndexedFiles",
    "Listing",
    "MemoryTree",
    "OddSchema",
    "Overlaid",
    "Plain",
    "RememberedTree",
    "Size",
    "Special",
    "StagedTree",
    "Tree",
    "WorkingTree",
    "differing_paths",
    "find_differing",
    "find_root",
    "in_scope",
    "index_of",
    "is_root",
    "length",
    "root_above",
    "schema_texts",
    "settings_text",
]

"""Trees of files (working tree, Git's index, commit, edit, memory) and the root of a registry.

A tree knows paths, bytes and blob ids; what the bytes say belongs to `yamlio/` and `registry/`.
"""

from smartreg.trees.committed import CommitTree
from smartreg.trees.differing import differing_paths, find_differing
from smartreg.trees.edited import EditedTree, Overlaid
from smartreg.trees.file import PLAIN, File, Size, Special, length
from smartreg.trees.historic import HistoricTexts, HistoricTree
from smartreg.trees.indexed import IndexedFiles
from smartreg.trees.listing import RECORD_ENDS, Altered, Listing, Plain
from smartreg.trees.memory import MemoryTree
from smartreg.trees.remembered import Forgotten, RememberedTree
from smartreg.trees.root import find_root, is_root
from smartreg.trees.schema_texts import OddSchema, schema_texts, settings_text
from smartreg.trees.staged import StagedTree
from smartreg.trees.tree import FOLDERS, MAX_BYTES, READ_LIMIT, SCOPE, SETTINGS, Tree, in_scope
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
    "is_root",
    "length",
    "schema_texts",
    "settings_text",
]

"""The index: one SQLite database beside Git that stores what is derived from it.

It knows tables, rows and versions, but no record, rule or schema. All SQL on this database stands here; upper rooms
hand rows to named functions and ask by them. Whoever deletes the file loses nothing but the time to build it again.
"""

from smartreg.index.database import Damaged, Index, Lost, Unwritable, index_files

__all__ = ["Damaged", "Index", "Lost", "Unwritable", "index_files"]

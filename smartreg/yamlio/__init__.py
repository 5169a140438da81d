"""The only door to YAML: read a strict profile, locate values, write, and edit without touching anything else.

It knows texts, key paths and plain values; what a record or a schema is belongs to the rooms above.
"""

from __future__ import annotations

from smartreg.yamlio.canonical import canonical, quote_numbers, rename_key, repair, unequivocal
from smartreg.yamlio.changes import Change, SetValue, Unset, apply_change
from smartreg.yamlio.conflicts import MARKER, Conflicted, parse_conflicts, tighten
from smartreg.yamlio.editing import edit
from smartreg.yamlio.faults import not_regular, too_large
from smartreg.yamlio.places import Comment, Marks, comments, marks
from smartreg.yamlio.reader import CONFLICT, YamlDocument, read
from smartreg.yamlio.scalars import MAX_BYTES
from smartreg.yamlio.writer import dump

__all__ = [
    "CONFLICT",
    "MARKER",
    "MAX_BYTES",
    "Change",
    "Comment",
    "Conflicted",
    "Marks",
    "SetValue",
    "Unset",
    "YamlDocument",
    "apply_change",
    "canonical",
    "comments",
    "dump",
    "edit",
    "marks",
    "not_regular",
    "parse_conflicts",
    "quote_numbers",
    "read",
    "rename_key",
    "repair",
    "tighten",
    "too_large",
    "unequivocal",
]

"""The only door to YAML: read by a strict profile, point at places, write, and edit without touching anything else."""

from __future__ import annotations

from smartreg.yamlio.canonical import canonical
from smartreg.yamlio.changes import Change, SetValue, Unset, changed
from smartreg.yamlio.comments import Comment, comments
from smartreg.yamlio.conflicts import MARKER, Conflicted, conflicted, tightened
from smartreg.yamlio.editing import edit
from smartreg.yamlio.faults import not_regular, too_large
from smartreg.yamlio.limits import MAX_BYTES
from smartreg.yamlio.places import Marks, marks
from smartreg.yamlio.reader import YamlDocument, read
from smartreg.yamlio.respelling import mend, quoted_numbers, renamed_key, unequivocal
from smartreg.yamlio.writer import dump

__all__ = [
    "MARKER",
    "MAX_BYTES",
    "Change",
    "Comment",
    "Conflicted",
    "Marks",
    "SetValue",
    "Unset",
    "YamlDocument",
    "canonical",
    "changed",
    "comments",
    "conflicted",
    "dump",
    "edit",
    "marks",
    "mend",
    "not_regular",
    "quoted_numbers",
    "read",
    "renamed_key",
    "tightened",
    "too_large",
    "unequivocal",
]

"""Comparing two registries record by record and field by field, in words; `impact/`: what changes bring about.

Whether a change is allowed, and what its author may do, belongs to `review/`.
"""

from smartreg.diff.change import Change, ChangeKind, Unread, diff
from smartreg.diff.fields import (
    ABSENT,
    FieldChange,
    ItemKey,
    ItemKeys,
    applied,
    changed_names,
    compare,
    place_text,
    plain_path,
    same,
    veiled,
    veiled_item,
)
from smartreg.diff.wording import FieldRow, brief, ending, rows

__all__ = [
    "ABSENT",
    "Change",
    "ChangeKind",
    "FieldChange",
    "FieldRow",
    "ItemKey",
    "ItemKeys",
    "Unread",
    "applied",
    "brief",
    "changed_names",
    "compare",
    "diff",
    "ending",
    "place_text",
    "plain_path",
    "rows",
    "same",
    "veiled",
    "veiled_item",
]

"""Compare two registries record by record and field by field, and describe the changes; `impact/`: their consequences.

Whether a change is allowed, and what its author may do, belongs to `review/`.
"""

from smartreg.diff.change import Change, ChangeKind, Unread, diff, diff_abroad, records_in
from smartreg.diff.fields import (
    ABSENT,
    FieldChange,
    ItemKey,
    ItemKeys,
    apply_changes,
    compare,
    place_text,
    plain_path,
    same,
    top_level_changes,
    veil,
    veil_item,
)
from smartreg.diff.wording import FieldRow, brief, describe_end, rows

__all__ = [
    "ABSENT",
    "Change",
    "ChangeKind",
    "FieldChange",
    "FieldRow",
    "ItemKey",
    "ItemKeys",
    "Unread",
    "apply_changes",
    "brief",
    "compare",
    "describe_end",
    "diff",
    "diff_abroad",
    "place_text",
    "plain_path",
    "records_in",
    "rows",
    "same",
    "top_level_changes",
    "veil",
    "veil_item",
]

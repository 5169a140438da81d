"""Edits: planned by commands, checked on the edited tree, written once; autofix; `merge/`: three versions into one.

Nothing else writes records. How Git keeps what is written belongs to `gitio/`.
"""

from smartreg.edit.apply import PERSONAL, RefusedWrite, carry_out, conventions_of, judged
from smartreg.edit.edit import Edit, Outcome, Past, WriteOptions
from smartreg.edit.text import (
    changed_text,
    formatted_text,
    in_order,
    moved_text,
    new_text,
    respelled_text,
    schema_header,
    text_saying,
)
from smartreg.edit.typed import assignment, decimals_typed, key_path, known_field, typed

__all__ = [
    "PERSONAL",
    "Edit",
    "Outcome",
    "Past",
    "RefusedWrite",
    "WriteOptions",
    "assignment",
    "carry_out",
    "changed_text",
    "conventions_of",
    "decimals_typed",
    "formatted_text",
    "in_order",
    "judged",
    "key_path",
    "known_field",
    "moved_text",
    "new_text",
    "respelled_text",
    "schema_header",
    "text_saying",
    "typed",
]

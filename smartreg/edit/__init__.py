"""Edits: planned by commands, checked on the edited tree, written once; autofix; `merge/`: three versions into one. No
other room writes records. How Git stores the files belongs to `gitio/`.
"""

from smartreg.edit.apply import ALLOWABLE, RefusedWrite, carry_out, conventions_of, plan_edit
from smartreg.edit.edit import Edit, Outcome, Past, WriteOptions
from smartreg.edit.lifecycle import end_of_life, with_status
from smartreg.edit.record_text import (
    FieldValues,
    change_text,
    file_of,
    format_text,
    move_text,
    new_text,
    respell_text,
    schema_header,
    sort_keys,
    text_saying,
)

__all__ = [
    "ALLOWABLE",
    "Edit",
    "FieldValues",
    "Outcome",
    "Past",
    "RefusedWrite",
    "WriteOptions",
    "carry_out",
    "change_text",
    "conventions_of",
    "end_of_life",
    "file_of",
    "format_text",
    "move_text",
    "new_text",
    "plan_edit",
    "respell_text",
    "schema_header",
    "sort_keys",
    "text_saying",
    "with_status",
]

"""Edits: planned by commands, checked on the edited tree, written once; autofix; `merge/`: three versions into one. No
other room writes records. How Git stores the files belongs to `gitio/`.
"""

from smartreg.edit.apply import PERSONAL, RefusedWrite, carry_out, conventions_of, plan_edit
from smartreg.edit.edit import Edit, Outcome, Past, WriteOptions
from smartreg.edit.text import (
    change_text,
    format_text,
    in_order,
    move_text,
    new_text,
    respell_text,
    schema_header,
    text_saying,
)
from smartreg.edit.typed import (
    assignment,
    commune_code,
    decimals_typed,
    field_path,
    find_field,
    key_path,
    parse_value,
    read_value,
)

__all__ = [
    "PERSONAL",
    "Edit",
    "Outcome",
    "Past",
    "RefusedWrite",
    "WriteOptions",
    "assignment",
    "carry_out",
    "change_text",
    "commune_code",
    "conventions_of",
    "decimals_typed",
    "field_path",
    "find_field",
    "format_text",
    "in_order",
    "key_path",
    "move_text",
    "new_text",
    "parse_value",
    "plan_edit",
    "read_value",
    "respell_text",
    "schema_header",
    "text_saying",
]

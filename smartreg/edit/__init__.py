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
from smartreg.edit.typed import (
    INSEE_CODE,
    as_typed,
    assignment,
    commune_code,
    decimals_typed,
    field_path,
    find_field,
    holds_commune,
    key_path,
    parse_value,
    read_value,
)

__all__ = [
    "ALLOWABLE",
    "INSEE_CODE",
    "Edit",
    "FieldValues",
    "Outcome",
    "Past",
    "RefusedWrite",
    "WriteOptions",
    "as_typed",
    "assignment",
    "carry_out",
    "change_text",
    "commune_code",
    "conventions_of",
    "decimals_typed",
    "end_of_life",
    "field_path",
    "file_of",
    "find_field",
    "format_text",
    "holds_commune",
    "key_path",
    "move_text",
    "new_text",
    "parse_value",
    "plan_edit",
    "read_value",
    "respell_text",
    "schema_header",
    "sort_keys",
    "text_saying",
    "with_status",
]

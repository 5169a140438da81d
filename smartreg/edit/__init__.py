"""Edits: planned by commands, judged on the edited tree, written once."""

from smartreg.edit.apply import RefusedWrite, carry_out, conventions_of, judged
from smartreg.edit.edit import Edit, Outcome, Past, WriteOptions
from smartreg.edit.text import changed_text, moved_text, new_text, schema_header
from smartreg.edit.typed import assignment, key_path, known_field, typed

__all__ = [
    "Edit",
    "Outcome",
    "Past",
    "RefusedWrite",
    "WriteOptions",
    "assignment",
    "carry_out",
    "changed_text",
    "conventions_of",
    "judged",
    "key_path",
    "known_field",
    "moved_text",
    "new_text",
    "schema_header",
    "typed",
]

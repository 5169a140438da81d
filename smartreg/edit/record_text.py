"""The text of a record: written from its data, or changed by touching only the lines of the changed fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from smartreg import yamlio
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Data, Json, KeyPath
from smartreg.diff import apply_changes, compare
from smartreg.schema import Kind, literal
from smartreg.schema.source import SUFFIX

MOST_WORK = 5_000_000  # changes times bytes: about two seconds
FieldValues: TypeAlias = Sequence[tuple[KeyPath, Json]]
"""Values by key path."""

_PATH_PART = re.compile(r"[^\s/\\.][^/\\\x00-\x1f]*")
_HEADING = re.compile(rb"(?:[ \t]*(?:#.*)?\n)*")
_HEADER = re.compile(rb"(?m)^#[ \t]*yaml-language-server:[ \t]*\$schema=(\S*)")
_OURS = re.compile(rb"(?:\.\./)*schemas/[\w-]+\.schema\.json")


def schema_header(kind: Kind, file: str) -> str:
    """The first line of a record, from which editors find its schema; a relative path, so that clones and forks
    work."""
    up = "../" * file.count("/")
    return f"# yaml-language-server: $schema={up}schemas/{kind.name}{SUFFIX}"


def file_of(kind: Kind, data: Mapping[str, Json]) -> str:
    """Where a record goes, by the path template of its kind. UsageFault when a field that the template names is absent
    or cannot be part of a path."""
    for name in kind.folder_fields:
        value = data.get(name)
        if value is None:
            raise UsageFault(
                Message(
                    "the folder of a new {kind} needs the field {name}", kind=kind.name, name=name, title=kind.title
                ),
                Message("give {name}", name=name),
            )
        if not _PATH_PART.fullmatch(str(value)):
            raise UsageFault(
                Message("{name} {value} cannot be in a path", name=name, value=literal(value)),
                Message("use lower-case letters, digits and dashes, such as noise-003") if name == "id" else None,
            )
    return kind.path_of(data)


def new_text(kind: Kind, data: Data, file: str) -> bytes:
    """A new record: keys in the order of the schema, identifiers in double quotes."""
    return yamlio.dump(sort_keys(kind, data), quoted=_quote_test(kind), header=schema_header(kind, file))


def change_text(kind: Kind, text: bytes, changes: FieldValues, unset: Sequence[KeyPath] = ()) -> bytes:
    """The text with some values set and others removed; all other lines are unchanged."""
    edits: list[yamlio.Change] = [yamlio.SetValue(path, value) for path, value in changes]
    edits += [yamlio.Unset(path) for path in unset]
    return yamlio.edit(text, edits, order=_order(kind), quoted=_quote_test(kind))


def format_text(kind: Kind, text: bytes, file: str) -> bytes:
    """The canonical form of a record's text: the first line leads to its schema, keys in the order of the schema,
    identifiers in double quotes; its data stay the same. Unchanged if it cannot be read."""
    done = yamlio.canonical(text, order=_order(kind), identifiers=_quote_test(kind), wants_text=_wants_text(kind))
    return text if done is None else _with_header(done, schema_header(kind, file).encode())


def respell_text(kind: Kind, text: bytes) -> bytes:
    """The text in a spelling that every reader reads alike: LF line endings, UTF-8, quotes around unreadable numbers
    that the schema defines as text, and around what readers disagree on. Unchanged if that does not make it
    readable."""
    done = yamlio.repair(text)
    while yamlio.read(done, "").data is None:
        before = done
        done = yamlio.quote_numbers(before, _wants_text(kind))
        if done == before:
            return text
    return yamlio.unequivocal(done, _wants_text(kind))


def text_saying(kind: Kind | None, text: bytes, data: Data) -> bytes:
    """Change the text of a record to hold `data`, field by field and item by item; all other lines are unchanged.
    Raises StateFault if the text cannot be read, or cannot be changed without touching other lines, or if the changes
    would take minutes."""
    now = yamlio.read(text, "").data or {}
    edits: list[yamlio.Change] = []
    changes = compare(now, data, kind)
    if len(changes) * len(text) > MOST_WORK:
        raise StateFault(Message("too many changes at once"))
    for change in changes:
        now = apply_changes(now, (change,))
        top = change.path[:1]
        edits.append(yamlio.SetValue(top, now[top[0]]) if top[0] in now else yamlio.Unset(top))
    if kind is None:
        return yamlio.edit(text, edits)
    return yamlio.edit(text, edits, order=_order(kind), quoted=_quote_test(kind))


def move_text(kind: Kind, text: bytes, file: str, target: str) -> bytes:
    """The text of `file` after a move to `target`: the path to the schema in its first line is adapted."""
    old, new = schema_header(kind, file).encode(), schema_header(kind, target).encode()
    return new + text[len(old) :] if text.startswith((old + b"\n", old + b"\r\n")) else text


def _with_header(text: bytes, ours: bytes) -> bytes:
    """The text under the line that leads to its schema; a line that leads to another schema stays."""
    heading = _HEADING.match(text)
    header = _HEADER.search(text, 0, heading.end() if heading else 0)
    if header is None:
        return ours + b"\n" + text
    return text[: header.start()] + ours + text[header.end() :] if _OURS.fullmatch(header[1]) else text


def _wants_text(kind: Kind) -> Callable[[KeyPath], bool]:
    def wants_text(path: KeyPath) -> bool:
        field = kind.field_at(path)
        return field is not None and field.kind == "string"

    return wants_text


def sort_keys(kind: Kind, value: Json, path: tuple[str, ...] = ()) -> Json:
    """A copy with keys in the order of the schema at every level; unknown keys last, as they came."""
    if isinstance(value, Mapping):
        names = kind.orders.get(path, ())
        keys = [name for name in names if name in value] + [key for key in value if key not in names]
        return {key: sort_keys(kind, value[key], (*path, key)) for key in keys}
    if isinstance(value, (list, tuple)):
        return [sort_keys(kind, item, (*path, "[]")) for item in value]
    return value


def _order(kind: Kind) -> Callable[[KeyPath], tuple[str, ...]]:
    def order(path: KeyPath) -> tuple[str, ...]:
        plain = tuple("[]" if isinstance(part, int) else part for part in path)
        return kind.orders.get(plain, ())

    return order


def _quote_test(kind: Kind) -> Callable[[KeyPath], bool]:
    def must_quote(path: KeyPath) -> bool:
        field = kind.field_at(path)
        return field is not None and field.identifier

    return must_quote

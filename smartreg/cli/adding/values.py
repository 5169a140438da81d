"""The values of a new record: those of the command line, and those that it still lacks."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from smartreg.cli.adding.options import AddOptions, FieldOption, placeholder
from smartreg.cli.answers import name_missing_options
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Data, Json, KeyPath, path_text, value_at
from smartreg.domain.labels import DEV_EUI, read_label
from smartreg.domain.typed import read_value
from smartreg.registry import Registry
from smartreg.schema import ITEM, Field, Kind, decimals_typed
from smartreg.workspace.add import assign, like, put
from smartreg.workspace.documents import content_of
from smartreg.workspace.workspace import record_of
from smartreg.yamlio import MAX_BYTES, read

UNIT = "unit"


def read_values(add_options: AddOptions, registry: Registry, words: Mapping[str, Any]) -> dict[str, Json]:
    """The values that a command line gives a new record. Later ones win: the record of `--like`,
    the file, the preset, the options, `--set`, `--id`. UsageFault for one that its field cannot have (see
    `read_value`)."""
    kind, values = add_options.kind, dict[str, Json]()
    if words["like"]:
        values |= like(kind, registry, record_of(registry, words["like"], kind.name))
    if words["file"]:
        values |= from_file(kind, words["file"])
    values |= add_options.preset
    typed: dict[str, Json] = {}
    labelled: dict[str, Json] = {}  # by the label of a device, which gives several
    for option in add_options.options:
        text, path = words[option.name], option.field.path
        if isinstance(text, str):
            put(typed, path, read_value(kind, path, text, registry))
            labelled |= read_label(text) if path == (DEV_EUI,) else {}
        elif text:
            put(typed, path, [_read_item(kind, registry, option, item) for item in text])
    for name, value in {**labelled, **typed}.items():
        group = isinstance(value, dict) and isinstance(values.get(name), Mapping)
        values[name] = {**values[name], **value} if group else value
    assign(registry, kind, values, words["assignments"])
    return values if words["own_id"] is None else {**values, "id": words["own_id"]}


def decimals_of(add_options: AddOptions, words: Mapping[str, Any]) -> int:
    """The number of decimals of the position as typed."""
    typed = [words[option.name] for option in add_options.options if option.field.path[-1] in ("lon", "lat")]
    return decimals_typed(text for text in typed if text is not None)


def _read_item(kind: Kind, registry: Registry, option: FieldOption, text: str) -> Json:
    """One of several values: that of an item, or `A:B` for an item of two fields."""
    if option.parts:
        return _parts(kind, registry, option, text)
    return read_value(kind, (*option.field.path, ITEM), text, registry)


def _parts(kind: Kind, registry: Registry, option: FieldOption, text: str) -> Json:
    """`noiseLevel:dB[SPL]` → both fields; without the second, the usual unit of an observed property."""
    first, second = option.parts
    left, colon, right = text.partition(":")
    value = read_value(kind, first.path, left, registry)
    if not colon and second.path[-1] == UNIT:
        right = registry.schemas.usual_unit(str(value)) or ""
    item = {first.path[-1]: value}
    return {**item, second.path[-1]: read_value(kind, second.path, right, registry)} if right else item


def command_line(command: str, options: Sequence[FieldOption], values: Data) -> str:
    """The command line that gives these values: by their options, the rest with `--set`."""
    words = ["smartreg", *command.split(" ")]
    rest = json.loads(json.dumps(values))
    if "id" in rest:
        words += ["--id", str(rest.pop("id"))]
    for option in options:
        *above, last = option.field.path
        place = value_at(rest, tuple(above))
        if not isinstance(place, dict) or last not in place:
            continue
        items = place[last] if option.many else [place[last]]
        texts = [_option_text(option, item) for item in items]
        if not texts or None in texts:
            continue
        del place[last]
        words += [word for text in texts if text is not None for word in (option.flag, text)]
    for path, value in _leaves(rest):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        words += ["--set", f"{path_text(path)}={text}"]
    return shlex.join(words)


def _leaves(data: Mapping[str, Json], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Json]]:
    """The values in groups, by their paths; an empty group gives nothing."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _option_text(option: FieldOption, value: Json) -> str | None:
    """How an option writes a value; None when it cannot."""
    if option.parts:
        names = [part.path[-1] for part in option.parts]
        if not isinstance(value, dict) or set(value) - set(names) or names[0] not in value:
            return None
        return ":".join(str(value[name]) for name in names if name in value)
    if isinstance(value, (dict, list)):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def from_file(kind: Kind, word: str) -> Data:
    """The data of a record in a YAML or JSON file, or on standard input (`-`). UsageFault says what is wrong."""
    if word == "-":
        text = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        text = content_of(Path(word), MAX_BYTES)
    if word.endswith(".json") or text.lstrip()[:1] == b"{":
        return _json(word, text)
    document = read(text, word)
    if document.data is None:
        fault = document.faults[0]
        place = f"{word}:{fault.where.mark.line}:{fault.where.mark.column}: " if fault.where.mark else f"{word}: "
        raise UsageFault(Message("{place}{message}", place=place, message=fault.message), fault.hint)
    return document.data


def _json(word: str, text: bytes) -> Data:
    try:
        data = read_json(text)
    except Unreadable as fault:
        raise UsageFault(fault.in_file(word)) from None
    if not isinstance(data, dict):
        raise UsageFault(Message("{word} is not one record", word=word))
    return data


LISTED = 8  # most values of an enumeration that are listed


def name_missing_fields(
    add_options: AddOptions, fields: Sequence[Field], typed_line: Sequence[str], why: Text
) -> UsageFault:
    """All missing fields at once, with a command line that is ready to be filled in."""
    kind, by_field = add_options.kind, {option.field.path: option.flag for option in add_options.options}
    flags = [by_field.get(field.path, f"--set {field.name}=") for field in fields]
    missing = [(flag, placeholder(kind, field)) for field, flag in zip(fields, flags, strict=True)]
    return name_missing_options(missing, typed_line, why, _values(kind, fields, by_field))


def _values(kind: Kind, fields: Sequence[Field], flags: Mapping[tuple[str, ...], str]) -> Text | None:
    """The values that the enumerations among them can have."""
    lines: list[Text] = []
    for field in fields:
        item = kind.item_of(field)
        if item.enum:
            more = ", …" if len(item.enum) > LISTED else ""
            offered = [item.choice(value) for value in item.enum[:LISTED]]
            flag = flags.get(field.path, field.name)
            lines.append(Message("{flag}: {values}{more}", flag=flag, values=joined(offered, ", "), more=more))
    return joined(lines, "\n") if lines else None

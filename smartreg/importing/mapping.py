"""Mappings: how a sheet becomes records, stored in the registry as `registry/imports/<name>.toml` and applied again
next year.

    kind = "support"
    crs = "EPSG:2154"
    id = "{CAR_LIEU}"
    skip_rows = ["POINT_X=0"]

    [fields]                             # field = heading, or the name before its first comma
    address = "CAR_LIEU"
    "location.lon" = "POINT_X"
    "location.lat" = "POINT_Y"

    [constants]
    owner = "montpellier"

    [source]                             # what was imported last (file, sha256): smartreg writes it

    [values]                             # what a column says = what is meant; "COLUMN->field" fills another field
    TYPO = { Immeuble = "building" }

    [set_from]
    address = "{NUM} {VOIE}"             # field = text with columns in it

Also `key` (fields and columns by which rows find records), `absent` (`COL=VALUE`: cells that mean "unknown"), `keep`
(columns that become attributes), `dialect`, `encoding`, `sheet`, `layer`, `date_format`, `dates`, `duplicates`,
`moved_within`, `inside`, `commune_from` and `characters` where somebody gave them. `[fields]` is complete: columns that
it does not name fill nothing. Without it headings find their fields by their names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined, message_in
from smartreg.core.spelling import did_you_mean, slug
from smartreg.core.strict import Unreadable, read_toml
from smartreg.core.values import Json, path_text
from smartreg.domain.typed import assignment
from smartreg.importing.options import MOST_M, DeclaredOption, ImportRequest, declared_options
from smartreg.importing.syntax import NOTHING, left_out, merge_values, read_map, read_template
from smartreg.readers.sheet import short_name
from smartreg.registry import IMPORTS, MAPPING_SUFFIX, ROW_KEYS_SUFFIX, Registry
from smartreg.schema import Kind, find_field, key_path

TABLES = ("fields", "constants", "values", "set_from")  # keys of options that a mapping file keeps as tables
_FIRST = ("sheet", "layer", "crs", "encoding", "dialect")  # keys that a mapping file begins with


@dataclass(frozen=True)
class Source:
    """The sheet that was imported last, as it was read; `sheet`: which one of a workbook."""

    file: str
    sha256: str
    form: str = "csv"
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    rows: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class ImportMapping:
    """A mapping. `fields`: key path as text → heading; `constants`: key path as text → value; `values`: column → what
    it says → what is meant; `set_from`: key path as text → template; `options`: the others that stay."""

    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Json] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    set_from: Mapping[str, str] = field(default_factory=dict)
    options: ImportRequest = field(default_factory=ImportRequest)
    source: Source | None = field(default=None, compare=False)


def kept_options() -> dict[str, DeclaredOption]:
    """The options that a mapping file keeps as they are given, by their keys in the order of the file."""
    kept = {
        declared.key: declared
        for declared in declared_options()
        if declared.key is not None and declared.key not in TABLES
    }
    return {key: kept[key] for key in (*_FIRST, *(key for key in kept if key not in _FIRST))}


def with_request(kind: Kind, recorded: ImportMapping | None, request: ImportRequest) -> ImportMapping:
    """The recorded mapping, or an empty one, with what was typed now in its place. UsageFault for unknown fields."""
    mapping = recorded or ImportMapping(kind.name)
    pairs = [read_map(kind, text) for text in request.maps]
    mapped = {path: word for path, word in pairs if path != NOTHING}
    left = {short_name(word).casefold() for word in left_out(request.maps)}
    before = {path: word for path, word in mapping.fields.items() if short_name(word).casefold() not in left}
    fixed = {path_text(path): value for path, value in (assignment(kind, text) for text in request.constants)}
    both = [path for path in fixed if path in mapped]
    if both:
        raise UsageFault(
            Message("{both} comes from a column and from a constant", both=both[0]),
            message_in("mapping", "give one of them"),
        )
    typed = {declared.field: getattr(request, declared.field) for declared in kept_options().values()}
    return replace(
        mapping,
        fields={path: word for path, word in (before | mapped).items() if path not in fixed},
        constants={path: value for path, value in (dict(mapping.constants) | fixed).items() if path not in mapped},
        values=merge_values(mapping.values, request.values),
        set_from={**mapping.set_from, **dict(read_template(kind, text) for text in request.set_from)},
        options=replace(mapping.options, **{name: value for name, value in typed.items() if _is_given(value)}),
    )


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value not in ("", ())


def read_mapping(text: bytes, place: str) -> ImportMapping:
    """Read a mapping file; UsageFault names the key that is wrong."""
    try:
        raw = read_toml(text)
    except Unreadable as fault:
        raise UsageFault(fault.in_file(place)) from None
    kept = kept_options()
    names = ("kind", *kept, *TABLES, "source")
    former = {declared.option.formerly for declared in kept.values()}
    for key in raw:
        if key not in names and key not in former:
            raise _fault(place, key, Message("unknown setting"), did_you_mean(key, names))
    about, values = _table(place, raw, "source"), _table(place, raw, "values")
    return ImportMapping(
        kind=_text(place, raw, "kind") or "",
        fields=_headings(place, _table(place, raw, "fields")),
        constants={name: _json(value) for name, value in _table(place, raw, "constants").items()},
        values={name: _headings(place, _table(place, values, name)) for name in values},
        set_from=_headings(place, _table(place, raw, "set_from")),
        options=ImportRequest(**{declared.field: _value(place, raw, key, declared) for key, declared in kept.items()}),
        source=Source(str(about.get("file", "")), str(about.get("sha256", ""))) if about else None,
    )


def check_mapping(kind: Kind, mapping: ImportMapping, place: str) -> ImportMapping:
    """The mapping, if it is one of this kind and names fields that the kind has; UsageFault otherwise."""
    if mapping.kind != kind.name:
        raise _fault(
            place,
            "kind",
            Message(
                'this mapping makes "{other}" records, not {kind}',
                other=mapping.kind,
                kind=kind.name,
                title=kind.title,
            ),
            Message("choose another name for this import: --mapping NAME"),
        )
    for name in (*mapping.fields, *mapping.constants):
        find_field(kind, key_path(name))
    return mapping


def mapping_text(mapping: ImportMapping) -> bytes:
    """The file of a mapping."""
    lines = [f"# How smartreg import makes {mapping.kind} records of this sheet, this year and next."]
    lines.append(f"kind = {_toml(mapping.kind)}")
    for key, declared in kept_options().items():
        value = getattr(mapping.options, declared.field)
        if _is_given(value):
            lines.append(f"{key} = {_toml(value)}")
    source = mapping.source
    tables: dict[str, Mapping[str, Json]] = {"fields": mapping.fields, "constants": mapping.constants}
    tables |= {"values": mapping.values, "set_from": mapping.set_from}
    if source is not None:
        tables["source"] = {item.name: getattr(source, item.name) for item in fields(Source)}
    for title, table in tables.items():
        if table:
            lines += ["", f"[{title}]", *(f"{_key(name)} = {_toml(value)}" for name, value in table.items())]
    return ("\n".join(lines) + "\n").encode()


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else _toml(name)


def _toml(value: Json) -> str:
    """A TOML value. What JSON writes is TOML too, but for tables and the character DEL."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {_toml(item)}" for name, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _fault(place: str, key: str, what: Text, hint: Text | None = None) -> UsageFault:
    return UsageFault(joined((place, key, what), ": "), hint)


def _text(place: str, raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value
    raise _fault(place, key, Message("must be a text"))


def _value(place: str, raw: Mapping[str, Any], key: str, declared: DeclaredOption) -> Any:
    """The value of an option in a mapping file, which may have its former name, by its declared type."""
    former = declared.option.formerly
    if former is not None and former in raw and key not in raw:
        key = former
    if declared.repeated:
        texts = raw.get(key, [])
        if isinstance(texts, list) and all(isinstance(item, str) for item in texts):
            return tuple(texts)
        raise _fault(place, key, Message("must be a list of texts"))
    value = raw.get(key)
    if declared.type is float:
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST_M):
            return value
        raise _fault(place, key, Message("must be metres, from 0 to {most}", most=MOST_M))
    if declared.type is bool:
        if isinstance(value, bool) or value is None:
            return value or False
        raise _fault(place, key, Message("must be true or false"))
    text = _text(place, raw, key)
    if text is not None and declared.choices and text not in declared.choices:
        listed = ", ".join(declared.choices)
        raise _fault(place, key, Message("must be one of {listed}", listed=listed))
    return text


def _json(value: Any) -> Json:
    """A TOML value as JSON: dates and times become text."""
    if isinstance(value, Mapping):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _table(place: str, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key, {})
    if isinstance(value, Mapping):
        return value
    raise _fault(place, key, Message("must be a table"))


def _headings(place: str, table: Mapping[str, Any]) -> Mapping[str, str]:
    wrong: Sequence[str] = [name for name, word in table.items() if not isinstance(word, str)]
    if wrong:
        raise _fault(place, f"fields.{wrong[0]}", Message('must be a heading; write "location.lon" in quotes'))
    return table


@dataclass(frozen=True)
class MappingPlace:
    """The file of a mapping, and the mapping that is to be applied; `recorded` says what the registry has there.
    `complete`: columns that it does not name fill nothing, as of one that was recorded or given with its fields;
    `left_out`: columns that fill nothing whatever their headings are."""

    path: str
    mapping: ImportMapping
    recorded: ImportMapping | None
    complete: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def keys(self) -> str:
        """The file with the keys of its rows."""
        return self.path.removesuffix(MAPPING_SUFFIX) + ROW_KEYS_SUFFIX


def names_file(word: str) -> bool:
    """Whether `--mapping` names a file, not a mapping of the registry."""
    return "/" in word or word.endswith(MAPPING_SUFFIX)


def mapping_place(
    registry: Registry, kind: Kind, file: str, request: ImportRequest, text: bytes | None
) -> MappingPlace:
    """The mapping that the request names (`text`: the content of the file, if it names one), else the one recorded for
    a file of this name (without its ending), with what was typed now."""
    word = request.mapping
    name = slug(PurePath(word or file).stem) or kind.folder
    path = f"{IMPORTS}/{name}{MAPPING_SUFFIX}"
    recorded = _load_recorded(registry, path)
    if word is None and recorded is not None and recorded.kind != kind.name:
        path = f"{IMPORTS}/{name}-{kind.name}{MAPPING_SUFFIX}"
        recorded = _load_recorded(registry, path)
    mapping = recorded
    if word is not None and text is not None:
        mapping = read_mapping(text, word)
    if mapping is not None:
        mapping = check_mapping(kind, mapping, word or path)
    complete = mapping is not None and bool(mapping.fields)
    return MappingPlace(path, with_request(kind, mapping, request), recorded, complete, left_out(request.maps))


def with_options(kind: Kind, place: MappingPlace, request: ImportRequest) -> MappingPlace:
    """The place with what the request says in addition."""
    mapping = with_request(kind, place.mapping, request)
    return replace(place, mapping=mapping, left_out=(*place.left_out, *left_out(request.maps)))


def recorded_kind(registry: Registry, file: str) -> str | None:
    """The kind of the mapping that is recorded for a file of this name; None without one."""
    recorded = _load_recorded(registry, f"{IMPORTS}/{slug(PurePath(file).stem)}{MAPPING_SUFFIX}")
    return None if recorded is None else recorded.kind


def _load_recorded(registry: Registry, path: str) -> ImportMapping | None:
    try:
        return read_mapping(registry.tree.read(path), path)
    except FileNotFoundError:
        return None

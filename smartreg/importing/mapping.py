"""How a sheet becomes records, stored in the registry as `registry/imports/<name>.toml` and applied again next year.

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
(columns that become attributes), `dialect`, `encoding`, `sheet`, `layer`, `date_format`, `dates`, `twins` and
`moved_within` where somebody gave them. `[fields]` is complete: columns that it does not name fill nothing. Without it
headings find their fields by their names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import PurePath
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.spelling import did_you_mean, slug
from smartreg.core.strict import Unreadable, read_toml
from smartreg.core.values import Json, KeyPath, Words, path_text
from smartreg.edit import assignment, find_field, key_path
from smartreg.importing.readers.sheet import short_name
from smartreg.importing.values import NOTHING, left_out, merge_values, read_map, read_template
from smartreg.registry import IMPORTS, MAPPING_SUFFIX, ROW_KEYS_SUFFIX, Registry
from smartreg.schema import Kind

_TEXTS = ("sheet", "layer", "crs", "encoding", "dialect", "id", "date_format", "dates")
_LISTS = ("key", "skip_rows", "absent", "keep")
_REPLACED = (*(name for name in _TEXTS if name != "id"), "key", "skip_rows", "absent", "twins")  # by what is typed now
_READING = ("skip_rows", "absent", "date_format", "dates", "keep", "twins", "moved_within")
TWINS = ("first", "all", "refuse")  # rows that say the same, cell by cell
MOST_M = 10_000  # metres; what moved farther is found by a key


@dataclass(frozen=True)
class ImportRequest:
    """What somebody typed: `maps` COL=PATH, `constants` PATH=VALUE, `skip_rows` and `absent` COL=VALUE, `key` paths;
    `mapping` the name of a recorded mapping or the path of one; `package` the `datapackage.json` that came with an
    export; `twins` what becomes of rows that say the same; `moved_within` how many metres a namesake may have moved;
    `list_gone` whether somebody wants to know which rows are gone, `retire_gone` the day on which their records are
    retired; `word` what somebody calls the kind (`import sensors`), `preset` what that says where no column does. What
    is not given comes from the mapping. `moved_on`: since when devices are where the sheet says; `correct`: what the
    registry said of the past was entered wrongly. Both are of this run alone."""

    maps: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    mapping: str | None = None
    dialect: str | None = None
    encoding: str | None = None
    crs: str | None = None
    key: tuple[str, ...] = ()
    id_from: str | None = None
    skip_rows: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    update: bool = False
    sheet: str | None = None
    layer: str | None = None
    package: str | None = None
    values: tuple[str, ...] = ()
    set_from: tuple[str, ...] = ()
    date_format: str | None = None
    dates: str | None = None
    keep: tuple[str, ...] = ()
    moved_on: date | None = None
    correct: bool = False
    twins: str | None = None
    moved_within: float | None = None
    word: str | None = None
    preset: Mapping[str, Json] = field(default_factory=dict)
    list_gone: bool = False
    retire_gone: date | None = None


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
    """A mapping. `fields`: key path as text → heading; `constants`: key path as text → value."""

    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Json] = field(default_factory=dict)
    crs: str | None = None
    encoding: str | None = None
    dialect: str | None = None
    key: tuple[str, ...] = ()
    id: str | None = None
    skip_rows: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    sheet: str | None = None
    layer: str | None = None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    set_from: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    dates: str | None = None
    keep: tuple[str, ...] = ()
    twins: str | None = None
    moved_within: float | None = None
    source: Source | None = field(default=None, compare=False)


def with_request(kind: Kind, recorded: ImportMapping | None, request: ImportRequest) -> ImportMapping:
    """The recorded mapping, or an empty one, with what was typed now in its place. UsageFault for unknown fields."""
    mapping = recorded or ImportMapping(kind.name)
    pairs = [read_map(kind, text) for text in request.maps]
    named = {path: word for path, word in pairs if path != NOTHING}
    left = {short_name(word).casefold() for word in left_out(request.maps)}
    before = {path: word for path, word in mapping.fields.items() if short_name(word).casefold() not in left}
    fixed = {path_text(path): value for path, value in (assignment(kind, text) for text in request.constants)}
    both = [path for path in fixed if path in named]
    if both:
        raise UsageFault(
            Words(
                f"{both[0]} comes from a column and from a constant",
                f"{both[0]} vient d'une colonne et d'une constante",
            ),
            Words("give one of them", "donnez l'une des deux"),
        )
    return replace(
        mapping,
        fields={path: word for path, word in (before | named).items() if path not in fixed},
        constants={path: value for path, value in (dict(mapping.constants) | fixed).items() if path not in named},
        id=request.id_from or mapping.id,
        values=merge_values(mapping.values, request.values),
        set_from={**mapping.set_from, **dict(read_template(kind, text) for text in request.set_from)},
        keep=tuple(dict.fromkeys((*mapping.keep, *request.keep))),
        moved_within=mapping.moved_within if request.moved_within is None else request.moved_within,
        **{name: getattr(request, name) or getattr(mapping, name) for name in _REPLACED},
    )


def read_mapping(text: bytes, place: str) -> ImportMapping:
    """Read a mapping file; UsageFault names the key that is wrong."""
    try:
        raw = read_toml(text)
    except Unreadable as fault:
        raise UsageFault(fault.in_file(place)) from None
    names = [item.name for item in fields(ImportMapping)]
    for key in raw:
        if key not in names:
            raise _fault(place, key, "unknown setting", "réglage inconnu", did_you_mean(key, names))
    plain: dict[str, Any] = {name: _text(place, raw, name) for name in _TEXTS}
    plain |= {name: _texts(place, raw, name) for name in _LISTS}
    about, raw_values = _table(place, raw, "source"), _table(place, raw, "values")
    return ImportMapping(
        kind=_text(place, raw, "kind") or "",
        fields=_headings(place, _table(place, raw, "fields")),
        constants={name: _json(value) for name, value in _table(place, raw, "constants").items()},
        values={name: _headings(place, _table(place, raw_values, name)) for name in raw_values},
        set_from=_headings(place, _table(place, raw, "set_from")),
        twins=_one_of(place, raw, "twins", TWINS),
        moved_within=_metres(place, raw, "moved_within"),
        source=Source(str(about.get("file", "")), str(about.get("sha256", ""))) if about else None,
        **plain,
    )


def check_mapping(kind: Kind, mapping: ImportMapping, place: str) -> ImportMapping:
    """The mapping, if it is one of this kind and names fields that the kind has; UsageFault otherwise."""
    if mapping.kind != kind.name:
        raise _fault(
            place,
            "kind",
            f'this mapping makes "{mapping.kind}" records, not {kind.name}',
            f"cette correspondance donne des fiches « {mapping.kind} », pas « {kind.title.fr} »",
            Words("choose another name for this import: --mapping NAME", "choisissez un autre nom : --mapping NOM"),
        )
    for name in (*mapping.fields, *mapping.constants):
        find_field(kind, key_path(name))
    return mapping


def paths_of(mapping: ImportMapping) -> dict[KeyPath, Json]:
    """The constants by key path."""
    return {key_path(name): value for name, value in mapping.constants.items()}


def mapping_text(mapping: ImportMapping) -> bytes:
    """The file of a mapping."""
    lines = [f"# How smartreg import makes {mapping.kind} records of this sheet, this year and next."]
    lines.append(f"kind = {_toml(mapping.kind)}")
    for name in ("sheet", "layer", "crs", "encoding", "dialect", "key", "id", *_READING):
        value = getattr(mapping, name)
        if value not in (None, "", ()):
            lines.append(f"{name} = {_toml(value)}")
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


def _fault(place: str, key: str, en: str, fr: str, hint: Words | None = None) -> UsageFault:
    where = f"{place}: {key}: " if key else f"{place}: "
    return UsageFault(Words(where + en, where + fr), hint)


def _text(place: str, raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value
    raise _fault(place, key, "must be a text", "doit être un texte")


def _one_of(place: str, raw: Mapping[str, Any], key: str, allowed: Sequence[str]) -> str | None:
    value = _text(place, raw, key)
    if value is None or value in allowed:
        return value
    listed = ", ".join(allowed)
    raise _fault(place, key, f"must be one of {listed}", f"doit être l'un de {listed}")


def _metres(place: str, raw: Mapping[str, Any], key: str) -> float | None:
    value = raw.get(key)
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST_M):
        return value
    raise _fault(place, key, f"must be metres, from 0 to {MOST_M}", f"doit être en mètres, de 0 à {MOST_M}")


def _texts(place: str, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = raw.get(key, [])
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _fault(place, key, "must be a list of texts", "doit être une liste de textes")


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
    raise _fault(place, key, "must be a table", "doit être une table")


def _headings(place: str, table: Mapping[str, Any]) -> Mapping[str, str]:
    wrong: Sequence[str] = [name for name, word in table.items() if not isinstance(word, str)]
    if wrong:
        raise _fault(
            place, f"fields.{wrong[0]}", 'must be a heading; write "location.lon" in quotes', "doit être un intitulé"
        )
    return table


@dataclass(frozen=True)
class MappingPlace:
    """Where a mapping is kept, and the mapping that is to be applied; `recorded` says what the registry has there.
    `complete`: columns that it does not name fill nothing, as of one that was recorded or given with its fields;
    `left_out`: columns that fill nothing whatever their headings are."""

    path: str
    mapping: ImportMapping
    recorded: ImportMapping | None
    complete: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def keys(self) -> str:
        """Where the keys of its rows are stored."""
        return self.path.removesuffix(MAPPING_SUFFIX) + ROW_KEYS_SUFFIX


def names_file(word: str) -> bool:
    """Whether `--mapping` names a file, not a mapping of the registry."""
    return "/" in word or word.endswith(MAPPING_SUFFIX)


def mapping_place(
    registry: Registry, kind: Kind, file: str, request: ImportRequest, text: bytes | None = None
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
    given = recorded
    if word is not None and text is not None:
        given = read_mapping(text, word)
    if given is not None:
        given = check_mapping(kind, given, word or path)
    complete = given is not None and bool(given.fields)
    return MappingPlace(path, with_request(kind, given, request), recorded, complete, left_out(request.maps))


def _load_recorded(registry: Registry, path: str) -> ImportMapping | None:
    try:
        return read_mapping(registry.tree.read(path), path)
    except FileNotFoundError:
        return None

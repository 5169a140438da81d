"""What a sheet most likely means on its first import, which required fields nothing in it fills, and the one
command that would import it.

Nothing of this is applied unless the user says so: it is shown to be copied, or asked for on a terminal.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from string import Formatter
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.spelling import day_in, fold
from smartreg.core.values import KeyPath, Location, Words, path_text
from smartreg.domain.codes import commune, communes_called
from smartreg.domain.crs import WGS84, in_lambert
from smartreg.edit import INSEE_CODE
from smartreg.importing.columns import SheetColumn, within
from smartreg.importing.mapping import ImportRequest
from smartreg.importing.naming import ID, tells_apart
from smartreg.importing.readers.sheet import Row, Sheet, short_name
from smartreg.importing.values import left_out, number_in
from smartreg.registry import Registry
from smartreg.schema import Field, Kind, values_called
from smartreg.tables.view import ATTRIBUTES

MISSING = "SCH101"
_LISTED = 12  # most headings that are named


def unfilled_fault(
    kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], missing: Sequence[KeyPath], named: Iterable[int] = ()
) -> Finding:
    """SCH101 for the fields `missing` that every new record needs; `named` are further columns that serve (in ids)."""
    names = ", ".join(map(path_text, missing))
    pairs = [f"{short_name(column.heading)} → {path_text(column.path)}" for column in columns[:_LISTED]]
    used, prises = (", ".join(pairs) or word for word in ("none", "aucune"))
    places = {column.place for column in columns} | set(named)
    others = [short_name(word) for place, word in enumerate(sheet.headings) if place not in places]
    left = ", ".join(others[:_LISTED]) + (", …" if len(others) > _LISTED else "")
    rest, reste = (f"; not used: {left}", f" ; non utilisées : {left}") if left else ("", "")
    return Finding(
        MISSING,
        "error",
        Words(
            f"no column gives what every {kind.name} needs: {names}. Columns used: {used}{rest}",
            f"aucune colonne ne donne ce que demande le type « {kind.title.fr} » : {names}."
            f" Colonnes utilisées : {prises}{reste}",
        ),
        Location(sheet.file, missing[0]),
        _hint(kind, missing),
    )


def _hint(kind: Kind, missing: Sequence[KeyPath]) -> Words:
    first = path_text(missing[0])
    en = [f"for each field: --map COLUMN={first}, or one value for all rows: --constant {first}=VALUE"]
    fr = [f"pour chaque champ : --map COLONNE={first}, ou une valeur pour tous : --constant {first}=VALEUR"]
    for field in filter(None, map(kind.field_at, missing)):
        if field.enum:
            listed = ", ".join(map(str, field.enum[:_LISTED])) + (", …" if len(field.enum) > _LISTED else "")
            en.append(f"{field.name} can be {listed}")
            fr.append(f"{field.name} : {listed}")
    return Words("; ".join(en), " ; ".join(fr))


def find_missing_fields(kind: Kind, filled: Iterable[KeyPath]) -> list[KeyPath]:
    """The fields of a new record that are not among the `filled`."""
    there = list(filled)
    return [path for path in _required_fields(kind) if not any(within(path, other) for other in there)]


def _required_fields(kind: Kind) -> list[KeyPath]:
    """The fields of a new record that nothing makes up: ids come from names, the first status from the life cycle."""
    made = {ID, (kind.lifecycle.field,) if kind.lifecycle else ID}
    folders = folder_fields(kind)
    return [
        field.path
        for field in kind.fields
        if len(field.path) == 1 and field.path not in made and (field.required or field.path[0] in folders)
    ]


def folder_fields(kind: Kind) -> list[str]:
    """The fields from which the folder and the file name of a record are made."""
    return [name for _, name, _, _ in Formatter().parse(kind.template) if name]


LAMBERT = "EPSG:2154"
_LON = frozenset({"x", "lon", "lng", "long", "longitude", "xlon", "xlong", "xlongitude"})
_LAT = frozenset({"y", "lat", "latitude", "ylat", "ylatitude"})
_NAMES = frozenset({"nom", "name", "libelle", "designation", "label"})
_NUMBERS = frozenset({"ref", "reference", "num", "numero", "number", "code", "id", "ident", "identifiant", "matricule"})
_CALLED: Mapping[str, frozenset[str]] = {  # field → words in the headings of inventories
    "local_ref": _NUMBERS,
    "name": _NAMES,
    "address": _NAMES | {"adresse", "address", "rue", "voie", "street", "lieu", "emplacement"},
    "height_m": frozenset({"haut", "hauteur", "height"}),
    "manufacturer": frozenset({"fabricant", "marque", "manufacturer", "brand"}),
    "model": frozenset({"modele", "model"}),
    "serial_number": frozenset({"serie", "serial"}),
    "installed_on": frozenset({"pose", "posee", "installation", "installe", "installed"}),
}
# fields in which rows differ
_IDENTIFYING = ("local_ref", "serial_number", "dev_eui", "gateway_eui", "mac_address", "imei")
_TRIED = 200  # rows that are looked at
_MOST = 0.8  # of the cells


@dataclass(frozen=True)
class ImportSuggestions:
    """`fields`: which field each of the open columns most likely fills, by its word; `crs` and `skip_rows`: the system
    of its points, and rows at 0, 0; `key`: the column by which next year's rows find their records; `keep`: columns
    that no field takes; `twins`: whether some rows say the same; `missing`: fields that only a constant can give."""

    fields: Mapping[str, str]
    crs: str | None = None
    skip_rows: tuple[str, ...] = ()
    key: str | None = None
    keep: tuple[str, ...] = ()
    twins: bool = False
    missing: tuple[str, ...] = ()


class KnownMapping(NamedTuple):
    """What is settled: the columns that fill fields, the fields that constants give, columns that serve otherwise, the
    system of the points, whether something names the records."""

    columns: Sequence[SheetColumn] = ()
    constants: Sequence[KeyPath] = ()
    used: frozenset[int] = frozenset()
    crs: str | None = None
    named: bool = False


def suggest(registry: Registry, kind: Kind, sheet: Sheet, settled: KnownMapping) -> ImportSuggestions:
    """What the columns most likely fill that nobody has mapped, and what else an import of the sheet needs."""
    alone = {tuple(row.cells): row for row in reversed(sheet.rows)}  # twins tell nothing apart
    twins = len(alone) < len(sheet.rows)
    sheet = replace(sheet, rows=tuple(reversed(alone.values())))
    taken = [*(column.path for column in settled.columns), *settled.constants]
    used = {column.place for column in settled.columns} | settled.used
    fields: dict[int, str] = {}

    def fill(place: int, path: KeyPath) -> None:
        fields[place] = path_text(path)
        taken.append(path)
        used.add(place)

    point = _point(kind, sheet, taken, used)
    for place, path in point.items():
        fill(place, path)
    for path, likely in _tests(registry, kind):
        if any(within(path, other) for other in taken):
            continue
        found = next((place for place in _open_places(sheet, used) if likely(sheet, place)), None)
        if found is not None:
            fill(found, path)
    named = settled.named or any(path == ID for path in taken)
    filled = {column.place: path_text(column.path) for column in settled.columns} | fields
    key = None if named else next(filter(partial(tells_apart, sheet), _candidates(sheet, filled, used)), None)
    rest = [place for place in _open_places(sheet, used) if place != key and _cells(sheet, place)]
    return ImportSuggestions(
        {sheet.word(place): name for place, name in fields.items()},
        settled.crs or _system(sheet, point),
        _nowhere(sheet, point),
        None if key is None else sheet.word(key),
        tuple(map(sheet.word, rest)) if (ATTRIBUTES,) in kind.by_path else (),
        twins,
        tuple(map(path_text, find_missing_fields(kind, taken))),
    )


def import_command(kind: Kind, file: str, request: ImportRequest, found: ImportSuggestions, run: str) -> str:
    """The command that imports the sheet, with the options already typed; `run`: last option, -n or -y. A value that
    nobody but its owner knows is a word in capitals."""
    left = {short_name(word) for word in left_out(request.maps)}
    options = [
        *list_options(request),
        *(("--map", f"{word}={name}") for word, name in found.fields.items() if word not in left),
        *([("--crs", found.crs)] if found.crs and not request.crs and found.crs != WGS84 else []),
        *(("--skip-rows", text) for text in found.skip_rows if text not in request.skip_rows),
        *([("--key", found.key)] if found.key and not request.key and not request.id_from else []),
        *([("--twins", "first")] if found.twins and not request.twins else []),
        *(("--constant", f"{name}={placeholder(name)}") for name in found.missing),
        *(("--keep", word) for word in found.keep if word not in request.keep and word not in left),
    ]
    words = [request.word or kind.name, file, *(word for option in options for word in option), run]
    return shlex.join(["smartreg", "import", *words])


def placeholder(name: str) -> str:
    """The placeholder of a value that somebody has to fill in."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper())


def list_options(request: ImportRequest) -> Iterator[tuple[str, str]]:
    """The options of a request, with their values, but for those of one run alone."""
    several = {
        "--map": request.maps,
        "--constant": request.constants,
        "--key": request.key,
        "--skip-rows": request.skip_rows,
        "--absent": request.absent,
        "--values": request.values,
        "--set-from": request.set_from,
        "--keep": request.keep,
    }
    single = {
        "--mapping": request.mapping,
        "--dialect": request.dialect,
        "--encoding": request.encoding,
        "--crs": request.crs,
        "--id-from": request.id_from,
        "--sheet": request.sheet,
        "--layer": request.layer,
        "--date-format": request.date_format,
        "--dates": request.dates,
        "--twins": request.twins,
    }
    yield from ((option, text) for option, texts in several.items() for text in texts)
    yield from ((option, text) for option, text in single.items() if text)


# -- columns ---------------------------------------------------------------------------------------------------------


def _point(kind: Kind, sheet: Sheet, taken: Sequence[KeyPath], used: set[int]) -> dict[int, KeyPath]:
    """The columns that look like longitude and latitude, or x and y; none where the position is filled already."""
    axes = [(name, axis) for name in kind.position for axis in ("lon", "lat") if (name, axis) in kind.by_path][:2]
    if not axes or any(within(axis, path) for axis in axes for path in taken):
        return {}
    numbers = [place for place in _open_places(sheet, used) if _numbers(sheet, place)]
    places = [[place for place in numbers if _heading_words(sheet, place) & words] for words in (_LON, _LAT)]
    if any(len(found) != 1 for found in places):
        return {}
    return {found[0]: axis for found, axis in zip(places, axes, strict=True)}


def _tests(registry: Registry, kind: Kind) -> Iterator[tuple[KeyPath, Callable[[Sheet, int], bool]]]:
    """What a column must be to fill a field: names of communes, records that are there, values that a required field
    allows, or a heading of its kind."""
    if (INSEE_CODE,) in kind.by_path:
        yield (INSEE_CODE,), _holds_communes
    for field in kind.fields:
        if field.refs and len(field.path) == 1:
            yield field.path, partial(_holds_records, registry, field)
        if field.required and field.enum and field.kind == "string" and len(field.path) == 1:
            yield field.path, partial(_holds_values, field)
    for name, words in _CALLED.items():
        if (name,) in kind.by_path:
            yield (name,), partial(_is_called, kind.by_path[name,], words)


def _holds_communes(sheet: Sheet, place: int) -> bool:
    texts = _cells(sheet, place)
    known = {text: bool(commune(text) or (not text.isdigit() and communes_called(text))) for text in set(texts)}
    return _most(known[text] for text in texts)


def _holds_records(registry: Registry, field: Field, sheet: Sheet, place: int) -> bool:
    texts = set(_cells(sheet, place))
    return _most(
        any(rid.kind in field.refs for rid in registry.with_id(text)) or bool(registry.by_name.find(field.refs, text))
        for text in texts
    )


def _holds_values(field: Field, sheet: Sheet, place: int) -> bool:
    return _most(len(values_called(field, text)) == 1 for text in _cells(sheet, place))


def _is_called(field: Field, words: frozenset[str], sheet: Sheet, place: int) -> bool:
    if not words & _heading_words(sheet, place) or not _cells(sheet, place):
        return False
    if field.schema.get("format") == "date":
        return _most(day_in(text) is not None for text in _cells(sheet, place))
    numbers = _numbers(sheet, place)
    return numbers if field.kind in ("number", "integer") else field.path != ("local_ref",) or tells_apart(sheet, place)


def _candidates(sheet: Sheet, fields: Mapping[int, str], used: set[int]) -> Iterator[int]:
    """Columns that may tell rows apart: those of their numbers first, then the open ones."""
    by_name = {name: place for place, name in fields.items()}
    yield from (by_name[name] for name in _IDENTIFYING if name in by_name)
    yield from _open_places(sheet, used)


# -- cells -----------------------------------------------------------------------------------------------------------


def _system(sheet: Sheet, point: Mapping[int, KeyPath]) -> str | None:
    """Lambert-93 where the points are in it."""
    found = next((xy for row in sheet.rows if (xy := _xy(row, point)) and any(xy)), None)
    return LAMBERT if found and in_lambert(*found) else None


def _nowhere(sheet: Sheet, point: Mapping[int, KeyPath]) -> tuple[str, ...]:
    """What leaves rows at 0, 0 out."""
    if not any(_xy(row, point) == (0, 0) for row in sheet.rows):
        return ()
    return (f"{sheet.word(next(iter(point)))}=0",)


def _xy(row: Row, point: Mapping[int, KeyPath]) -> tuple[float, ...] | None:
    found = [number for place in point if (number := number_in(row.cells[place])) is not None]
    return tuple(found) if len(found) == 2 else None


def _heading_words(sheet: Sheet, place: int) -> set[str]:
    """The words of a heading."""
    return set(fold(short_name(sheet.headings[place])).split("-"))


def _open_places(sheet: Sheet, used: Iterable[int]) -> list[int]:
    return [place for place, word in enumerate(sheet.headings) if word and place not in used]


def _cells(sheet: Sheet, place: int) -> list[str]:
    """The cells of a column that say something, of the first rows."""
    return [text for row in sheet.rows[:_TRIED] if (text := row.cells[place].strip())]


def _numbers(sheet: Sheet, place: int) -> bool:
    texts = _cells(sheet, place)
    return _most(number_in(text) is not None for text in texts)


def _most(true: Iterable[bool]) -> bool:
    found = list(true)
    return bool(found) and sum(found) >= _MOST * len(found)

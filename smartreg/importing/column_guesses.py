"""Which field a column most likely fills that nobody has mapped: by the words of its heading, and by its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from smartreg.core.messages import Message, Text
from smartreg.core.spelling import day_in, fold
from smartreg.core.values import KeyPath
from smartreg.domain.codes import commune, communes_called
from smartreg.domain.municipalities import listed, municipalities_called
from smartreg.importing.columns import SheetColumn
from smartreg.importing.naming import ID, tells_apart
from smartreg.importing.places import commune_path, is_postal
from smartreg.importing.values import number_in
from smartreg.readers.sheet import Sheet, heading_words
from smartreg.registry import Registry
from smartreg.schema import INSEE_CODE, Field, Kind, values_called, values_near
from smartreg.schema.countries import Country, Scheme, country_named

_NAMES = frozenset({"nom", "name", "libelle", "designation", "label"})
_NUMBERS = frozenset({"ref", "reference", "num", "numero", "number", "code", "id", "ident", "identifiant", "matricule"})
_KEYS = _NUMBERS | {"objectid", "fid", "gid", "uid", "uuid", "globalid"}
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
_PLACES = frozenset({"ville", "commune", "city", "town", "municipality", "municipalite"})
_TRIED = 200  # rows that are looked at
_MOST = 0.8  # of the cells
_UNIQUE = 0.85  # of the values of an identifier


def tests_of_columns(registry: Registry, kind: Kind) -> Iterator[tuple[KeyPath, Callable[[Sheet, int], bool], Text]]:
    """Tests that a column must pass to fill a field, and what speaks for it then: names of communes, records that are
    there, values that a required field allows, or a heading of its kind."""
    country = country_named(registry.config.country)
    if (INSEE_CODE,) in kind.by_path:
        yield (INSEE_CODE,), _holds_communes, Message("communes")
    elif country.official_code is not None and commune_path(kind) in kind.by_path:
        yield commune_path(kind), partial(_holds_codes, registry, country, country.official_code), Message("communes")
        yield commune_path(kind), partial(_names_municipalities, registry, country), Message("communes")
    for field in kind.fields:
        if field.refs and len(field.path) == 1:
            yield field.path, partial(_holds_records, registry, country, field), Message("names of records")
        if field.required and field.enum and field.kind == "string" and len(field.path) == 1:
            yield field.path, partial(_holds_values, field), Message("allowed values")
    for name, words in _CALLED.items():
        if (name,) in kind.by_path:
            theirs = (*country.words.get(name, ()), *(country.words.get("name", ()) if words > _NAMES else ()))
            yield (name,), partial(_is_called, kind.by_path[name,], words, theirs), Message("heading and values")


def _holds_communes(sheet: Sheet, place: int) -> bool:
    if is_postal(sheet.headings[place]):
        return False
    texts = filled_cells(sheet, place)
    is_commune = {text: bool(commune(text) or (not text.isdigit() and communes_called(text))) for text in set(texts)}
    return _most(is_commune[text] for text in texts)


def _holds_codes(registry: Registry, country: Country, scheme: Scheme, sheet: Sheet, place: int) -> bool:
    """Whether a column has codes of municipalities of another country than France, which the registry has, or which its
    heading announces; a spreadsheet may have dropped zeros at their front."""
    texts = filled_cells(sheet, place)
    codes = {*registry.config.territory.communes, *listed(registry)}
    if _most(text in codes for text in texts):
        return True
    is_announced = _is_headed(sheet, place, frozenset(), (*scheme.headings, scheme.scheme, scheme.title))
    return is_announced and _most(
        any(map(scheme.has_form, (text, f"0{text}", f"00{text}", f"{scheme.prefix}{text}"))) for text in texts
    )


def _names_municipalities(registry: Registry, country: Country, sheet: Sheet, place: int) -> bool:
    """Whether a column that is headed so has names of municipalities that the registry has."""
    is_headed = _is_headed(sheet, place, _PLACES, country.words.get("municipality", ()))
    return is_headed and any(municipalities_called(registry, text) for text in filled_cells(sheet, place))


def _holds_records(registry: Registry, country: Country, field: Field, sheet: Sheet, place: int) -> bool:
    if _is_headed(sheet, place, _PLACES, country.words.get("municipality", ())):  # where a thing is, not whose it is
        return False
    texts = set(filled_cells(sheet, place))
    return _most(
        any(rid.kind in field.refs for rid in registry.with_id(text)) or bool(registry.by_name.find(field.refs, text))
        for text in texts
    )


def _holds_values(field: Field, sheet: Sheet, place: int) -> bool:
    return _most(len(values_called(field, text)) == 1 for text in filled_cells(sheet, place))


def _is_called(field: Field, english: frozenset[str], words: Sequence[str], sheet: Sheet, place: int) -> bool:
    if not _is_headed(sheet, place, english, words) or not filled_cells(sheet, place):
        return False
    if field.schema.get("format") == "date":
        return _most(day_in(text) is not None for text in filled_cells(sheet, place))
    numbers = holds_numbers(sheet, place)
    return numbers if field.kind in ("number", "integer") else field.path != ("local_ref",) or tells_apart(sheet, place)


def find_key_candidates(sheet: Sheet, fields: Mapping[int, str], used: set[int], *, named: bool) -> Iterator[int]:
    """Columns that may tell rows apart: those of their numbers first; others only where no column names the rows."""
    by_name = {name: place for place, name in fields.items()}
    yield from (by_name[name] for name in _IDENTIFYING if name in by_name)
    places = open_places(sheet, used)
    yield from (place for place in places if not _KEYS.isdisjoint(heading_words(sheet.headings[place])))
    yield from () if named else places


def identifies(sheet: Sheet, place: int) -> bool:
    """Whether a column is headed as one of numbers or names of things, and hardly ever says the same twice."""
    names = set(heading_words(sheet.headings[place]))
    if names.isdisjoint(_KEYS | _NAMES):
        return False
    texts = filled_cells(sheet, place)
    return len(texts) >= _MOST * min(len(sheet.rows), _TRIED) and len(set(texts)) >= _UNIQUE * len(texts)


def can_fill(kind: Kind, sheet: Sheet, column: SheetColumn) -> bool:
    """Whether a column that is called as a field can fill it: an id tells rows apart, some value is allowed or a
    commune, most numbers are numbers."""
    field = column.field
    if column.path == ID:
        return tells_apart(sheet, column.place)
    if field is None or field.in_list:
        return True
    if not filled_cells(sheet, column.place):
        return False
    if column.path[-1] == INSEE_CODE:
        return _holds_communes(sheet, column.place)
    if field.enum and field.kind == "string":
        return any(values_near(field, text) for text in set(filled_cells(sheet, column.place)))
    return field.kind not in ("number", "integer") or holds_numbers(sheet, column.place)


# -- cells -----------------------------------------------------------------------------------------------------------


def _is_headed(sheet: Sheet, place: int, either: frozenset[str], words: Sequence[str]) -> bool:
    """Whether a heading has one of the English and French words, or says one of those of the country."""
    names = heading_words(sheet.headings[place])
    heading = f"-{'-'.join(names)}-"
    return not either.isdisjoint(names) or any(f"-{word}-" in heading for word in map(fold, words))


def open_places(sheet: Sheet, used: Iterable[int]) -> list[int]:
    return [place for place, word in enumerate(sheet.headings) if word and place not in used]


def filled_cells(sheet: Sheet, place: int) -> list[str]:
    """The cells of a column that say something, of the first rows."""
    return [text for row in sheet.rows[:_TRIED] if (text := row.cells[place].strip())]


def holds_numbers(sheet: Sheet, place: int) -> bool:
    texts = filled_cells(sheet, place)
    return _most(number_in(text) is not None for text in texts)


def _most(true: Iterable[bool]) -> bool:
    answers = list(true)
    return bool(answers) and sum(answers) >= _MOST * len(answers)

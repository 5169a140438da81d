"""The official French codes of communes and EPCI (groupings of communes with their own taxes), read from tables
that come with smartreg (see SOURCE.md).

The tables stay bytes: a look-up searches them and decodes only the lines that it returns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from math import fsum
from pathlib import Path
from typing import NamedTuple

from smartreg.core.spelling import fold

__all__ = [
    "Commune",
    "Epci",
    "all_rows",
    "arrondissements_of",
    "centre",
    "commune",
    "commune_of",
    "communes_called",
    "epci",
    "members",
    "search_epci",
]

_FOLDER = Path(__file__).parent


@cache
def table(name: str) -> bytes:
    """The whole of `<name>.csv`: UTF-8, one heading line, sorted by its first column."""
    return (_FOLDER / f"{name}.csv").read_bytes()


def rows(lines: bytes) -> Iterator[list[str]]:
    """The cells of CSV `lines`."""
    return csv.reader(lines.decode().splitlines())


def all_rows(name: str) -> Iterator[list[str]]:
    """Every row of a table except its heading."""
    _, _, body = table(name).partition(b"\n")
    return rows(body)


def lines_starting(name: str, cell: str) -> bytes:
    """The contiguous lines of a table whose first cell is `cell`; empty if there are none."""
    data, start_of_line = table(name), f"{cell},".encode()
    first = data.find(b"\n" + start_of_line) + 1
    end = first
    while first and data.startswith(start_of_line, end):
        end = _end_of_line(data, end)
    return data[first:end]


def line_with_second(name: str, cell: str) -> bytes:
    """The line of a table whose second cell is `cell`; empty if there is none."""
    data, needle = table(name), f",{cell},".encode()
    at = data.find(needle)
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        # The same digits may occur further right in another line, as a postal code or a population.
        if data.find(b",", start) == at:
            return data[start : _end_of_line(data, at)]
        at = data.find(needle, at + 1)
    return b""


def _end_of_line(data: bytes, at: int) -> int:
    """The index after the line break that follows `at`."""
    return data.find(b"\n", at) + 1 or len(data)


_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_SIREN = re.compile(r"[0-9]{9}")


class Commune(NamedTuple):
    """One commune of the code officiel géographique. `population` is INSEE's *population municipale*; `siren` and
    `population` are None for some overseas territories, `epci_siren` for a commune outside any EPCI."""

    insee_code: str
    name: str
    siren: str | None
    postal_codes: tuple[str, ...]
    population: int | None
    department: str
    epci_siren: str | None


@lru_cache(maxsize=4096)
def commune(insee: str) -> Commune | None:
    """The commune of this INSEE code; None for an unknown code and for a municipal arrondissement."""
    if not _INSEE.fullmatch(insee):
        return None
    return next((_commune(row) for row in rows(line_with_second("communes", insee))), None)


@lru_cache(maxsize=64)
def members(epci_siren: str) -> tuple[Commune, ...]:
    """The communes of an EPCI by INSEE code; empty for an unknown EPCI."""
    if not _SIREN.fullmatch(epci_siren):
        return ()
    return tuple(_commune(row) for row in rows(lines_starting("communes", epci_siren)))


@lru_cache(maxsize=4096)
def centre(insee: str) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84, degrees) of the town or village of a commune; None if GeoNames has none."""
    if not _INSEE.fullmatch(insee):
        return None
    return next(((float(lon), float(lat)) for _, lon, lat in rows(lines_starting("centres", insee))), None)


def communes_called(name: str) -> tuple[Commune, ...]:
    """The communes with this name, ignoring accents, case and hyphens."""
    return tuple(map(_commune, _rows_by_name().get(fold(name), ())))


@cache
def _rows_by_name() -> dict[str, list[list[str]]]:
    by_name: dict[str, list[list[str]]] = {}
    for row in all_rows("communes"):
        by_name.setdefault(fold(row[3]), []).append(row)
    by_name.pop("", None)
    return by_name


def commune_of(insee: str) -> str:
    """The INSEE code of the commune of a municipal arrondissement (13201 gives 13055); any other code unchanged."""
    return _arrondissements().get(insee, insee)


def arrondissements_of(insee: str) -> tuple[str, ...]:
    """The INSEE codes of the municipal arrondissements of a commune; empty except for Paris, Lyon and Marseille."""
    return tuple(code for code, whole in _arrondissements().items() if whole == insee)


@cache
def _arrondissements() -> dict[str, str]:
    return {arrondissement: commune_code for arrondissement, commune_code, _name in all_rows("arrondissements")}


def _commune(row: list[str]) -> Commune:
    epci_siren, insee_code, siren, name, postal_codes, population, department = row
    return Commune(
        insee_code=insee_code,
        name=name,
        siren=siren or None,
        postal_codes=tuple(postal_codes.split("|")) if postal_codes else (),
        population=int(population) if population else None,
        department=department,
        epci_siren=epci_siren or None,
    )


_NEAR_WORD = 80.0  # minimum similarity of two words, out of 100: one wrong letter in five
_NEAR_SIREN = 2  # digits mistyped, swapped, missing or too many
_SMALL_WORDS = frozenset({"a", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "s", "sur"})


class Epci(NamedTuple):
    """One EPCI. `category` is METRO, MET69 (Lyon), CU, CA or CC; `population` sums its communes'."""

    siren: str
    name: str
    category: str
    population: int


@lru_cache(maxsize=64)
def epci(siren: str) -> Epci | None:
    """The EPCI of this SIREN, or None."""
    if not _SIREN.fullmatch(siren):
        return None
    return next((_epci(row) for row in rows(lines_starting("epci", siren))), None)


def search_epci(text: str, limit: int = 5) -> list[Epci]:
    """The EPCI whose name or SIREN is similar to `text`, most similar first, then largest first; for "did you mean". A
    name is similar if it has a word like each word of `text`, ignoring accents, case and order. If communes have this
    name, their EPCI come first."""
    digits = "".join(text.split())
    similar = _near_sirens(digits) if digits.isdecimal() else _near_names(_words(text))
    ranked = sorted(similar, key=lambda pair: (pair[0], -pair[1].population, pair[1].siren))
    of_communes = [epci(each.epci_siren) for each in communes_called(text) if each.epci_siren]
    near = dict.fromkeys((*filter(None, of_communes), *(each for _distance, each in ranked)))
    return list(near)[:limit]


def _near_sirens(siren: str) -> list[tuple[float, Epci]]:
    from rapidfuzz.distance import OSA

    distances = ((OSA.distance(siren, each.siren), each) for each, _name in _all())
    return [(distance, each) for distance, each in distances if distance <= _NEAR_SIREN]


def _near_names(wanted: frozenset[str]) -> list[tuple[float, Epci]]:
    from rapidfuzz import fuzz, process

    vocabulary = frozenset[str]().union(*(name for _each, name in _all()))
    likeness = [
        {
            word: score
            for word, score, _key in process.extract_iter(
                word_wanted, vocabulary, scorer=fuzz.ratio, score_cutoff=_NEAR_WORD
            )
        }
        for word_wanted in wanted
    ]
    similar = []
    for each, name in _all():
        scores = [max((likes.get(word, 0.0) for word in name), default=0.0) for likes in likeness]
        if scores and all(scores):
            similar.append((-fsum(scores), each))
    return similar


@cache
def _all() -> tuple[tuple[Epci, frozenset[str]], ...]:
    """Every EPCI with the words of its name."""
    return tuple((each, _words(each.name)) for each in map(_epci, all_rows("epci")))


def _words(name: str) -> frozenset[str]:
    """The folded words that distinguish a name."""
    return frozenset(fold(name).split("-")) - _SMALL_WORDS - {""}


def _epci(row: list[str]) -> Epci:
    siren, name, category, population = row
    return Epci(siren, name, category, int(population))

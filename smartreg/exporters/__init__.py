"""The export formats: each is one module of this package, which says all that the house knows of it in its `FORMAT`.

An exporter is a function of what was chosen: it reads no clock, no file and no Git, so the same commit gives the same
bytes. It never looks behind `chosen`, which holds only what the audience may see. Who means one format imports its
module; who means any asks `FORMATS`, the catalogue, which imports a module when its format is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from smartreg.exporters.chosen import VERSION, Chosen, field_names
from smartreg.exporters.format import Format, Written
from smartreg.exporters.origin import Origin, origin_of

__all__ = ["FORMATS", "VERSION", "Chosen", "Format", "Written", "field_names", "format_of", "origin_in"]


class _Catalogue(Mapping[str, Format]):
    """Formats by name, in the order of lists of them. Light: the command line and Tab read the names."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Format:
        if name not in self._names:
            raise KeyError(name)
        form: Format = import_module(f"{__name__}.{name.replace('-', '_')}").FORMAT
        return form

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


FORMATS = _Catalogue(
    "csv",
    "xlsx",
    "ods",
    "json",
    "jsonl",
    "geojson",
    "gpkg",
    "sqlite",
    "parquet",
    "ngsi-ld",
    "sensorthings",
    "dcat",
    "scdl",
    "labels",
)


def format_of(file: str, content: bytes) -> Format:
    """The format of an exported file: by what it holds, and by the ending of its name where that does not tell."""
    formats = list(FORMATS.values())
    ending = f".{file.rpartition('.')[2].lower()}"
    by_content = (form for form in formats if form.recognizes is not None and form.recognizes(file, content))
    by_name = (form for form in formats if form.suffix == ending and form.recognizes is None)
    return next(by_content, None) or next(by_name, None) or formats[0]


def origin_in(file: str, content: bytes) -> Origin | None:
    """The origin that an exported file states; None if it states none, or not as an export does."""
    read = format_of(file, content).origin
    return origin_of(read(file, content)) if read is not None else None

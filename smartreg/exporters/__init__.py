"""One exporter per file: `export(chosen, …)` yields the files; its keyword-only parameters are its options.

An exporter is a function of what was chosen: it reads no clock, no file and no Git, so the same commit gives the same
bytes. It never looks behind `chosen`, which holds only what the audience may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartreg.core.messages import Text
from smartreg.exporters.chosen import VERSION, Chosen, field_names

__all__ = ["FORMATS", "VERSION", "Chosen", "Format", "Written", "field_names", "module_of"]


@dataclass(frozen=True)
class Written:
    """A file of an export: name, bytes, rows (None for what is not a table), what it is for people (None: nothing worth
    a line), whether it holds the records of a kind, or everything, what it leaves out of the requested ones, and the
    names and SQL types of its columns, where the format has both."""

    name: str
    content: bytes
    rows: int | None
    note: Text | None
    main: bool = False
    without: tuple[Text, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Format:
    """How a format comes: the ending of its files, whether one file holds all kinds, whether no terminal can show it,
    other endings that people give such files, whether its columns can be chosen (a standard says what it needs),
    whether it takes points in another system than WGS 84, whether it can have labels for codes (what people read, not
    programs), and whether it is for the public alone."""

    suffix: str
    single: bool = False
    binary: bool = False
    also: tuple[str, ...] = ()
    columns: bool = True
    crs: bool = False
    labels: bool = False
    public: bool = False


# Light, because the command line and Tab read it.
FORMATS: Mapping[str, Format] = {
    "csv": Format(".csv", crs=True, labels=True),
    "xlsx": Format(".xlsx", single=True, binary=True, crs=True, labels=True),
    "json": Format(".json", single=True),
    "jsonl": Format(".jsonl", single=True),
    "geojson": Format(".geojson", also=(".json",)),
    "gpkg": Format(".gpkg", single=True, binary=True, crs=True),
    "sqlite": Format(".sqlite", single=True, binary=True, crs=True),
    "parquet": Format(".parquet", binary=True),
    "ngsi-ld": Format(".jsonld", single=True, also=(".json",), columns=False),
    "sensorthings": Format(".json", single=True, columns=False),
    "dcat": Format(".jsonld", single=True, also=(".json",), columns=False),
    "scdl": Format(".csv", columns=False),
    "labels": Format(".html", single=True, columns=False, public=True),
}


def module_of(name: str) -> str:
    """The module of a format: that of its name in this package."""
    return f"{__name__}.{name.replace('-', '_')}"

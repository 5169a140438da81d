"""SCDL Délibérations 2.1.2 (OpenDataFrance): deliberations in the columns of the French open-data standard, with
`datapackage.json`. The schemas map fields to columns (`x-map`); columns of the deciding body are filled from its
record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Json, Record
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.cells import STANDARD, CellTexts
from smartreg.exporters.chosen import Around
from smartreg.exporters.csv import csv_text
from smartreg.exporters.data_package import PackageFile, descriptor
from smartreg.exporters.mapped_fields import values
from smartreg.schema import Kind
from smartreg.schema.countries import FRANCE
from smartreg.tables import CellType, Column, Row, Table

NAME, KEY = "scdl-deliberations", "DELIB_ID"
TITLE = verbatim("SCDL Délibérations 2.1.2")


@dataclass(frozen=True)
class _Column:
    name: str
    required: bool = False
    type: CellType = "string"


# In the order of the standard.
COLUMNS = (
    _Column("COLL_NOM", True),
    _Column("COLL_SIRET", True),
    _Column(KEY, True),
    _Column("DELIB_DATE", True, "date"),
    _Column("DELIB_MATIERE_CODE", True),
    _Column("DELIB_MATIERE_NOM", True),
    _Column("DELIB_OBJET", True),
    _Column("BUDGET_ANNEE"),
    _Column("BUDGET_NOM"),
    _Column("PREF_ID"),
    _Column("PREF_DATE", type="date"),
    _Column("VOTE_EFFECTIF", type="integer"),
    _Column("VOTE_REEL", type="integer"),
    _Column("VOTE_POUR", type="integer"),
    _Column("VOTE_CONTRE", type="integer"),
    _Column("VOTE_ABSTENTION", type="integer"),
    _Column("DELIB_URL"),
)


def export(chosen: Chosen) -> Iterator[Written]:
    """The table, then `datapackage.json` with the origin. A row that lacks what the standard requires stays, and is
    reported. UsageFault if no requested kind has deliberations."""
    table = _table(chosen, _kind(chosen))
    content, summary = csv_text(table, CellTexts(STANDARD), "fr")
    yield Written(f"{NAME}.csv", content, summary.rows, _note(list(table.rows())), main=True)
    about = descriptor([PackageFile(table, summary)], chosen.source, STANDARD, "fr")
    yield Written("datapackage.json", json_text(about).encode(), None, TITLE)


def _kind(chosen: Chosen) -> Kind:
    if chosen.view.country != FRANCE:
        raise UsageFault(Message("SCDL is a French standard: it is not for registries of other countries"))
    fitting = [kind for kind in chosen.kinds if any(field.maps.get("scdl") == KEY for field in kind.fields)]
    if not any(field.maps.get("scdl") for kind in chosen.view.schemas.kinds.values() for field in kind.fields):
        raise UsageFault(
            Message("the schemas of this registry map nothing to SCDL"),
            Message("smartreg schema --refresh brings it"),
        )
    others = [kind.name for kind in chosen.kinds if kind not in fitting]
    if not fitting or (others and chosen.source.get("kinds")):
        names = ", ".join(others)
        raise UsageFault(
            Message("SCDL is about deliberations, not {names}", names=names),
            Message("name deliberations alone"),
        )
    return fitting[0]


def _table(chosen: Chosen, kind: Kind) -> Table:
    every = (field for item in chosen.view.schemas.kinds.values() for field in item.fields)
    fields = {field.maps["scdl"]: field for field in every if "scdl" in field.maps}
    columns = tuple(
        Column(item.name, verbatim(item.name), item.type, verbatim(""), fields.get(item.name), item.required)
        for item in COLUMNS
    )
    around = Around(chosen)

    def rows() -> Iterator[Row]:
        for record in chosen.view.of_kind(kind.name):
            mapped = _values(around, kind, record)
            yield tuple(mapped.get(item.name) for item in COLUMNS)

    return Table(NAME, kind, (), TITLE, TITLE, columns, 0, rows)


def _values(around: Around, kind: Kind, record: Record) -> Mapping[str, Json]:
    """The values of a record, and of the records that it refers to."""
    mapped = dict(values(kind, record, "scdl"))
    for field in kind.references:
        other = around.find(record, field.path[0]) if len(field.path) == 1 else None
        if other is not None:
            for name, value in values(around.chosen.view.schemas.kinds[other.rid.kind], other, "scdl").items():
                mapped.setdefault(name, value)
    return mapped


def _note(rows: Sequence[Row]) -> Text:
    """The required columns with gaps, and in how many rows."""
    gaps = {item.name: sum(row[place] is None for row in rows) for place, item in enumerate(COLUMNS) if item.required}
    missing = ", ".join(f"{name} {count}" for name, count in gaps.items() if count)
    if not missing:
        return Message("complete: every row has what SCDL demands")
    return Message("SCDL demands what is missing here: {missing}", missing=missing)


FORMAT = Format("scdl", export, ".csv", columns=False)

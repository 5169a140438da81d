"""The export that a sheet comes from, made again from its commit, so that an import can compare them."""

from __future__ import annotations

from dataclasses import replace

from smartreg.commands.export import WORKBOOK, ExportOptions, prepare_export
from smartreg.exporters.chosen import Around
from smartreg.exporters.features import Features
from smartreg.exporters.origin import Origin
from smartreg.exporters.sheets import sheet_names
from smartreg.importing.merging import OBJECTS, Baseline, object_table
from smartreg.readers.formats import WORKBOOKS
from smartreg.readers.sheet import Sheet
from smartreg.registry import Point, map_point
from smartreg.schema import Kind
from smartreg.workspace.workspace import Workspace


def baseline_of(workspace: Workspace, kind: Kind, origin: Origin, commit: str, sheet: Sheet) -> Baseline | None:
    """The table of a kind as it was exported at a commit; None where the export had none. `sheet`: what came back."""
    options = ExportOptions(origin.kinds, origin.where, (), origin.audience, commit, True, labels=origin.labels)
    chosen = prepare_export(workspace, options, WORKBOOK).chosen  # with every table that any format has
    plain = next((table for table in chosen.tables if table.main and table.kind.name == kind.name), None)
    if plain is None:
        return None
    others = tuple(table for table in chosen.tables if table is not plain)
    shapes: dict[str, Point | None] = {}
    if sheet.beside is not None:
        own_records = chosen.view.of_kind(kind.name)
        shapes = {record.rid.id: map_point(chosen.view, record) for record in own_records}
    base = Baseline(
        commit,
        origin.audience,
        kind,
        plain,
        others,
        {record.rid.id: record for record in chosen.view.of_kind(kind.name)},
        origin.labels,
        origin.columns,
        sheet_names((plain, *others), origin.labels)
        if sheet.form in WORKBOOKS
        else {table.name: table for table in (plain, *others)},
        shapes,
        frozenset(chosen.view.withheld),
    )
    on_map = replace(base, table=Features(plain.kind, plain, Around(chosen)).as_table)
    as_objects = replace(base, table=object_table(plain, tuple(base.records.values())))
    return as_objects if sheet.form in OBJECTS else max(base, on_map, key=lambda base: len(base.places(sheet)))

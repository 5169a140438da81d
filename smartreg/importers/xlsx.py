"""A sheet of a workbook, as rows to import: numbers stay apart from text, since a number is not an identifier."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.errors import UsageFault
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json, Words
from smartreg.importers.origin import ABOUTS
from smartreg.importers.sheet import (
    MAX_CELLS,
    GridRow,
    Row,
    Sheet,
    SheetGrid,
    below_title,
    form_fault,
    with_faults_of_form,
)


def read_sheet(file: str, form: str, grids: Sequence[SheetGrid], wanted: str | None, usual: Sequence[str]) -> Sheet:
    """The `wanted` sheet, else the one with a `usual` name, else the first that has rows.
    UsageFault if there is no such sheet."""
    grid = _choose_sheet(file, grids, wanted, usual)
    used = [place for row in grid.rows for place, cell in enumerate(row.cells) if cell is not None]
    used += [place for place, heading in enumerate(grid.headings) if heading]
    width = max(used, default=-1) + 1
    if width * len(grid.rows) > MAX_CELLS:
        raise UsageFault(
            Words(f"{file} has more than 5 million cells", f"{file} a plus de 5 millions de cellules"),
            Words("split it", "découpez-le"),
        )
    rows = [GridRow(1, grid.headings), *grid.rows]
    first, *others = below_title([Row(row.number, _pad(row.cells, width)) for row in rows])
    headings = tuple(cell.strip() for cell in first.cells)
    found = Sheet(file, "", "", headings, tuple(others), form=form, name=grid.name, top=first.number)
    if not width:
        nothing = form_fault(file, None, Words("the sheet is empty", "la feuille est vide"))
        return Sheet(file, "", "", faults=(nothing,), form=form, name=grid.name)
    return with_faults_of_form(found)


def _pad(cells: Sequence[Json], width: int) -> list[str]:
    return [*(cell or "" for cell in cells[:width]), *[""] * (width - len(cells))]


def _choose_sheet(file: str, grids: Sequence[SheetGrid], wanted: str | None, usual: Sequence[str]) -> SheetGrid:
    named = {grid.name: grid for grid in grids}
    if wanted is not None and wanted not in named:
        listed = ", ".join(named)
        raise UsageFault(
            Words(
                f'{file} has no sheet "{wanted}"; there are {listed}',
                f"{file} n'a pas de feuille « {wanted} » ; il y a {listed}",
            ),
            did_you_mean(wanted, named),
        )
    if wanted is not None:
        return named[wanted]
    folded = {name.casefold(): grid for name, grid in named.items()}
    for name in usual:
        if name.casefold() in folded:
            return folded[name.casefold()]
    full = [grid for grid in grids if grid.rows and grid.name not in ABOUTS]
    return next(iter([*full, *grids]), SheetGrid("", (), ()))

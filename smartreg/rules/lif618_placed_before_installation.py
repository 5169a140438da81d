"""Placement before the installation."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.changes import day_correction
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import BEFORE, INSTALLED, day
from smartreg.domain.placements import PLACEMENTS, placements_of
from smartreg.rules.rule import rule


@rule(
    "LIF618",
    "error",
    "record",
    Words("placed before the installation", "posé avant l'installation"),
    kinds=("equipment",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if PLACEMENTS not in record.data and "placed_on" not in record.data:
        return
    installed = day(record, INSTALLED)
    if installed is None and day(record, BEFORE) is not None:
        return
    for one in placements_of(record):
        path = (*one.path, "from") if one.path[0] == PLACEMENTS else ("placed_on",)
        if one.start is None or (installed is not None and one.start >= installed):
            continue
        if installed is None:
            yield Fault(
                at(record, *path),
                Words(
                    f"placed on {one.start}, and never installed (no installed_on)",
                    f"posé le {one.start}, et jamais installé (pas d'installed_on)",
                ),
                Words(
                    "add the day of the first installation (installed_on), or take its places out",
                    "ajoutez le jour de la première installation (installed_on), ou supprimez ses emplacements",
                ),
            )
        else:
            yield Fault(
                at(record, *path),
                Words(
                    f"placed on {one.start}, before its installation on {installed}",
                    f"posé le {one.start}, avant son installation le {installed}",
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, INSTALLED), Words("the installation", "l'installation")),),
            )

"""Findings on the records of an import, shown where people can mend them: row and column of the sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from smartreg.findings import Finding, Related, in_order
from smartreg.frozen import dataclass, field, replace
from smartreg.importers.columns import Column
from smartreg.importers.consequences import UNKNOWN
from smartreg.importers.sheet import Row
from smartreg.values import KeyPath, Location, Words, path_text

MISSING, PATTERN = "SCH101", "SCH104"
_NAMED = 6  # so many of these rows are named, where a column has it
_SEVERAL = 3  # from so many rows on, what no column can mend is told once


@dataclass(frozen=True)
class Pointer:
    """Where records come from: the sheet, the row of each record file, the columns, the fields that constants fill, and
    the sheets of a workbook whose rows fill lists."""

    file: str
    rows: Mapping[str, Row]
    columns: tuple[Column, ...]
    constants: tuple[KeyPath, ...] = ()
    sheets: Mapping[KeyPath, str] = field(default_factory=dict)

    def point(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with rows and columns for places; what is the same in many rows because a constant is wrong, or
        a field has no column, or names an unknown record, is told once. Findings on other records stay where they
        are."""
        pointed: list[Finding] = []
        shared: dict[tuple[str, KeyPath, str], list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.where.file not in self.rows:
                pointed.append(finding)
                continue
            moved = self._moved(finding)
            if moved.where.column is None or finding.code == UNKNOWN:
                shared[finding.code, finding.where.path, self._general(finding)].append(moved)
            else:
                pointed.append(moved)
        for same in shared.values():
            pointed += [self._once(same)] if len(same) >= _SEVERAL else same
        return in_order(pointed)

    def _moved(self, finding: Finding) -> Finding:
        related = tuple(Related(self._place(item.where), item.note) for item in finding.related)
        where = self._place(finding.where)
        return replace(finding, where=where, related=related, hint=self._hint(finding, where))

    def _place(self, where: Location) -> Location:
        row = self.rows.get(where.file)
        if row is None:
            return where
        column = self._column(where.path)
        return Location(self.file, where.path, row=row.number, column=column.heading if column else None)

    def _column(self, path: KeyPath) -> Column | None:
        """The column that fills the field, or something in it or around it."""
        for column in self.columns:
            if column.path == path:
                return column
        near = (c for c in self.columns if path and (c.path[: len(path)] == path or path[: len(c.path)] == c.path))
        return next(near, None)

    def _hint(self, finding: Finding, where: Location) -> Words | None:
        name = path_text(where.path)
        if where.path in self.constants:
            return Words(f"--constant {name}=… gave it to every row", f"--constant {name}=… l'a donné à chaque ligne")
        if finding.code == MISSING and where.path in self.sheets:
            sheet = self.sheets[where.path]
            return Words(
                f"add a row with the id of the record to the sheet {sheet}",
                f"ajoutez une ligne avec l'identifiant de l'enregistrement à la feuille {sheet}",
            )
        if finding.code == MISSING and where.column is None and name:
            return Words(
                f"give it: --map COLUMN={name}, or --constant {name}=VALUE",
                f"donnez-le : --map COLONNE={name}, ou --constant {name}=VALEUR",
            )
        if finding.code == MISSING and where.column is not None:
            return Words("fill in the cell", "remplissez la cellule")
        column = self._column(where.path)
        cell = self.rows[finding.where.file].cells[column.place] if column is not None else ""
        if finding.code == PATTERN and cell.strip().isdecimal():
            return Words(
                "did a spreadsheet drop the zeros at its beginning? Make the column text and export anew",
                "un tableur a-t-il supprimé les zéros du début ? Mettez la colonne au format texte et réexportez",
            )
        return finding.hint

    @staticmethod
    def _general(finding: Finding) -> str:
        """What makes findings of several rows the same: their words, without the name of each record."""
        return finding.message.en if finding.severity == "error" else ""

    def _once(self, same: Sequence[Finding]) -> Finding:
        count, first = len(same), same[0]
        numbers = ", ".join(str(finding.where.row) for finding in same[:_NAMED]) + (", …" if count > _NAMED else "")
        named = f": {numbers}" if first.where.column else ""
        nommees = f" : {numbers}" if first.where.column else ""
        more = Words(f"{first.message.en} ({count} rows{named})", f"{first.message.fr} ({count} lignes{nommees})")
        if len({finding.message.en for finding in same}) > 1:
            more = Words(f"{first.message.en}, and so on ({count} rows)", f"{first.message.fr}, etc. ({count} lignes)")
        return replace(first, message=more, where=Location(self.file, first.where.path, column=first.where.column))

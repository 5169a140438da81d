"""Findings on the records of an import, shown where people can correct them: row and column of the sheet.

Findings on rows whose record is ambiguous or unknown.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from smartreg.core.findings import Finding, Related, in_order
from smartreg.core.values import KeyPath, Location, Words, path_text
from smartreg.importing.columns import SheetColumn
from smartreg.importing.matching import REACH_M, Ambiguous
from smartreg.importing.naming import ID
from smartreg.importing.readers.sheet import Row
from smartreg.schema import Kind

MISSING, AS_NUMBER, UNDATED = "SCH101", "REC103", "LIF603"
_SET = re.compile(r"smartreg set \S+ ([^\s=]+)=([^\s,;)]++)(?!(?: --unset \S+)* --correct)")
_PLACEHOLDER = re.compile("…|YYYY|AAAA")  # another value for each record
_ENDS = re.compile(r"smartreg (?:retire|remove)(?: [a-z_]+/[^\s,;)]+| [a-z0-9-]+(?=[),;]|$))?")


@dataclass(frozen=True)
class Pointer:
    """Where records come from: the sheet, the row of each record file, the columns, the fields that constants fill, the
    sheets of a workbook whose rows fill lists, and the files of records that exist already."""

    file: str
    rows: Mapping[str, Row]
    columns: tuple[SheetColumn, ...]
    constants: tuple[KeyPath, ...] = ()
    sheets: Mapping[KeyPath, str] = field(default_factory=dict)
    existing: Container[str] = ()

    def point(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with rows and columns for places. Findings on other records stay where they are."""
        return in_order(
            self._move_finding(finding) if finding.where.file in self.rows else finding for finding in findings
        )

    def _move_finding(self, finding: Finding) -> Finding:
        related = tuple(Related(self._place(item.where), item.note) for item in finding.related)
        where = self._place(finding.where)
        return replace(finding, where=where, related=related, hint=self._hint(finding, where))

    def _place(self, where: Location) -> Location:
        row = self.rows.get(where.file)
        if row is None:
            return where
        column = self._column(where.path)
        return Location(self.file, where.path, row=row.number, column=column.heading if column else None)

    def _column(self, path: KeyPath) -> SheetColumn | None:
        """The column that fills the field, or something in it or around it."""
        for column in self.columns:
            if column.path == path:
                return column
        near = (c for c in self.columns if path and (c.path[: len(path)] == path or path[: len(c.path)] == c.path))
        return next(near, None)

    def _hint(self, finding: Finding, where: Location) -> Words | None:
        name = path_text(where.path)
        given = next((path for path in self.constants if where.path[: len(path)] == path), None)
        if given is not None:
            name, more = path_text(given), self._of_the_sheet(finding)
            en, fr = (f"{more.en}; ", f"{more.fr} ; ") if more else ("", "")
            return Words(
                f"{en}--constant {name}=… gave it to every row", f"{fr}--constant {name}=… l'a donné à chaque ligne"
            )
        if finding.code == MISSING and where.path in self.sheets:
            sheet = self.sheets[where.path]
            return Words(
                f"add a row with the id of the record to the sheet {sheet}",
                f"ajoutez une ligne avec l'identifiant de la fiche à la feuille {sheet}",
            )
        if finding.code == MISSING and where.column is None and name:
            return Words(
                f"give it: --map COLUMN={name}, or --constant {name}=VALUE",
                f"donnez-le : --map COLONNE={name}, ou --constant {name}=VALEUR",
            )
        column = self._column(where.path)
        if finding.code in (MISSING, UNDATED) and column is not None:
            return Words("fill in the cell", "remplissez la cellule")
        if finding.code == AS_NUMBER:
            return Words("make it text in the sheet", "mettez-le en texte dans la feuille")
        return self._of_the_sheet(finding)

    def _of_the_sheet(self, finding: Finding) -> Words | None:
        """The hint, what it says of commands on the record put in terms of the sheet."""
        hint = finding.hint
        if hint is None or "smartreg " not in hint.en:
            return hint
        en = _SET.sub(lambda found: self._way(found, "column"), hint.en)
        fr = _SET.sub(lambda found: self._way(found, "colonne"), hint.fr)
        if finding.where.file in self.existing:
            return Words(en, fr)
        return Words(_ENDS.sub("leave the row out, --skip-rows", en), _ENDS.sub("écartez la ligne, --skip-rows", fr))

    def _way(self, found: re.Match[str], column: str) -> str:
        """Where a sheet gives the value that `smartreg set RECORD PATH=VALUE` would set."""
        name, value = found[1], found[2]
        filled = next((one for one in self.columns if path_text(one.path) == name), None)
        if filled:
            return f"{column} {filled.heading}"
        return f"--map {column.upper()}={name}" if _PLACEHOLDER.search(value) else f"--constant {name}={value}"


TWICE, UNSURE = "IMP003", "IMP007"
_FIRST = Words("the first one", "la première")


def nameless(file: str, row: int) -> Finding:
    """IMP003: a row without a key."""
    message = Words("this row has nothing to make an id from", "cette ligne n'a pas de quoi faire un identifiant")
    hint = Words(
        "fill in its name, or leave such rows out with --skip-rows",
        "donnez-lui un nom, ou écartez ces lignes avec --skip-rows",
    )
    return Finding(TWICE, "error", message, Location(file, ID, row=row), hint)


def same_record(file: str, row: int, first: int, kind: Kind, name: str) -> Finding:
    """IMP003: a second row for one record."""
    return Finding(
        TWICE,
        "error",
        Words(
            f'row {first} means the same {kind.name}, "{name}"',
            f"la ligne {first} désigne la même fiche, « {name} »",
        ),
        Location(file, ID, row=row),
        Words("keep one of them", "gardez l'une des deux"),
        (Related(Location(file, ID, row=first), _FIRST),),
    )


def same_cells(file: str, row: int, first: int, unique: bool) -> Finding:
    """IMP003: a row whose cells are all those of another one; of a `unique` key there can be one record only."""
    more = "" if unique else "; --twins all makes a record of each"
    de_plus = "" if unique else " ; --twins all fait de chacune une fiche"
    return Finding(
        TWICE,
        "error",
        Words(f"the same cells as row {first}", f"les mêmes cellules que la ligne {first}"),
        Location(file, ID, row=row),
        Words(f"--twins first leaves such rows out{more}", f"--twins first écarte ces lignes{de_plus}"),
        (Related(Location(file, ID, row=first), _FIRST),),
    )


def ambiguous(file: str, one: Ambiguous, reach: float | None) -> Finding:
    """IMP007: a row may be one of several records, or a new one; `reach` as in `match`."""
    named = [
        record.rid.id if metres is None else f"{record.rid.id} ({_format(metres)})" for record, metres in one.records
    ]
    far = one.records[0][1] if one.records else None
    hint = Words(
        "name a column that tells them apart: --key COLUMN", "nommez une colonne qui les distingue : --key COLONNE"
    )
    if far is not None and far > REACH_M and reach is None:
        hint = Words(
            f"{hint.en}; or say how far one may have moved: --moved-within {REACH_M:.0f} makes it new",
            f"{hint.fr} ; ou dites de combien il a pu bouger : --moved-within {REACH_M:.0f} en fait un nouveau",
        )
    message = Words(
        f"this row may be {' or '.join((*named, 'a new record'))}",
        f"cette ligne peut être {' ou '.join((*named, 'une nouvelle fiche'))}",
    )
    return Finding(UNSURE, "error", message, Location(file, ID, row=one.draft.row.number), hint)


def _format(metres: float) -> str:
    return f"{metres:.1f} m" if metres < 10 else f"{metres:.0f} m"

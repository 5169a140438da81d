"""A sheet as every importer gives it: headings, rows of text, and the faults of its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.errors import UsageFault
from smartreg.findings import Finding
from smartreg.schema import did_you_mean
from smartreg.values import Location, Words

FORM = "IMP001"


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it (the headings are row 1) and its cells, as they stand there."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `file` is the name alone; `delimiter` is empty where the format has none."""

    file: str
    encoding: str
    delimiter: str
    headings: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    faults: tuple[Finding, ...] = ()

    def column(self, word: str) -> int:
        """The index of the column that people call `word`: the whole heading, or what stands before its first comma
        (dBASE writes `CAR_LIEU,C,254`), upper and lower case alike when nothing else fits. UsageFault otherwise."""
        names = [(heading, short_name(heading)) for heading in self.headings]
        tests = (
            lambda pair: pair[0] == word,
            lambda pair: pair[1] == word,
            lambda pair: word.casefold() in (pair[0].casefold(), pair[1].casefold()),
        )
        for test in tests:
            found = [index for index, pair in enumerate(names) if test(pair)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UsageFault(
                    Words(f'{self.file} has several columns "{word}"', f"{self.file} a plusieurs colonnes « {word} »"),
                    Words("give the whole heading", "donnez l'intitulé entier"),
                )
        listed = ", ".join(short for _, short in names if short)
        raise UsageFault(
            Words(
                f'{self.file} has no column "{word}"; there are {listed}',
                f"{self.file} n'a pas de colonne « {word} » ; il y a {listed}",
            ),
            did_you_mean(word, [short for _, short in names]),
        )


def short_name(heading: str) -> str:
    """The name in a heading: what stands before the first comma."""
    return heading.partition(",")[0].strip()


def form_fault(file: str, row: int | None, message: Words, hint: Words | None = None) -> Finding:
    """IMP001: the sheet is no table there."""
    return Finding(FORM, "error", message, Location(file, row=row), hint)

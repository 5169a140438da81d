"""A file of deliveries, `equipment_id,expected,received`: messages that each device should have sent, and did."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence

from smartreg.core.errors import UsageFault
from smartreg.core.suggest import did_you_mean
from smartreg.core.values import Words
from smartreg.reports.material import Delivery

COLUMNS = ("equipment_id", "expected", "received")
MOST = 10**12


def deliveries(content: str, known: Collection[str]) -> Mapping[str, Delivery]:
    """By id of equipment. Comma or semicolon. UsageFault with the line for a heading, id or number that is wrong."""
    first = content.partition("\n")[0]
    rows = csv.reader(content.splitlines(), delimiter=";" if ";" in first else ",", strict=True)
    found: dict[str, Delivery] = {}
    try:
        places = _places([word.strip().lower() for word in next(rows, [])])
        for row in rows:
            if any(word.strip() for word in row):
                id, delivery = _row(row, places, rows.line_num, known)
                if id in found:
                    raise _fault(rows.line_num, f'"{id}" comes twice', f"« {id} » vient deux fois")
                found[id] = delivery
    except csv.Error as error:
        raise _fault(rows.line_num, f"not CSV ({error})", f"ce n'est pas du CSV ({error})") from None
    return found


def _places(heads: Sequence[str]) -> Sequence[int]:
    twice = [name for name in COLUMNS if heads.count(name) > 1]
    if twice:
        listed = ", ".join(twice)
        raise _fault(1, f"several columns are called {listed}", f"plusieurs colonnes s'appellent {listed}")
    missing = [name for name in COLUMNS if name not in heads]
    if missing:
        listed = ", ".join(missing)
        raise _fault(1, f"there is no column {listed}", f"il n'y a pas de colonne {listed}", _COLUMNS_HINT)
    return [heads.index(name) for name in COLUMNS]


_COLUMNS_HINT = Words(f"the first line is {','.join(COLUMNS)}", f"la première ligne est {','.join(COLUMNS)}")


def _row(row: Sequence[str], places: Sequence[int], line: int, known: Collection[str]) -> tuple[str, Delivery]:
    cells = [row[place].strip() if place < len(row) else "" for place in places]
    id = cells[0]
    if id not in known:
        raise _fault(line, f'no equipment "{id}"', f"pas d'équipement « {id} »", did_you_mean(id, known))
    expected, received = (_count(word, line, name) for word, name in zip(cells[1:], COLUMNS[1:], strict=True))
    return id, Delivery(expected, received)


def _count(word: str, line: int, name: str) -> int:
    if word.isascii() and word.isdigit() and len(word) <= len(str(MOST)):
        return int(word)
    raise _fault(line, f'{name} "{word}" is not a whole number', f"{name} « {word} » n'est pas un nombre entier")


def _fault(line: int, en: str, fr: str, hint: Words | None = None) -> UsageFault:
    return UsageFault(Words(f"--deliveries, line {line}: {en}", f"--deliveries, ligne {line} : {fr}"), hint)

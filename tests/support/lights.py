"""A sheet of traffic lights as a city publishes one: ISO-8859-1, semicolons, decimal comma, Lambert-93, headings with
type and width, four rows at 0, 0. Streets and numbers are made up; the place is Montpellier.
"""

from __future__ import annotations

from itertools import product

NAME = "carrefours-a-feux.csv"
ROWS = 73
AT_ZERO = (41, 68, 71, 72)  # as rows of the sheet: the heading is the first
HEADING = "CAR_LIEU,C,254;CAR_ANNEE,N,4,0;SON_ANNEE,N,4,0;SON_NIVEAU,C,50;POINT_X,N,19,8;POINT_Y,N,19,8"
_STREETS = (
    *("Moulin", "Béal", "Cétoines", "Garrigue", "Écluses", "Tamaris", "Clapas", "Mûriers", "Lavoir", "Grand'Rue"),
    *(
        "Cigalons",
        "Fontaine",
        "Olivette",
        "Salicornes",
        "Aqueduc",
        "Chênes verts",
        "Poterie",
        "Tuilerie",
        "Lagune",
        "Sémaphore",
    ),
)
_SQUARES = {"Place du Vieux Puits": 4, "Rond-point des Genêts": 3, "Passage Piéton / École": 2}  # names met again
_WEST, _NORTH = 767_000, 6_279_000  # metres, EPSG:2154


def sheet() -> bytes:
    """The 73 rows of one year."""
    crossings = [f"{one} / {other}" for one, other in product(_STREETS, _STREETS) if one != other]
    squares = [name for name, times in _SQUARES.items() for _ in range(times)]
    names = squares + crossings[: ROWS - len(squares)]
    return ("\r\n".join([HEADING, *map(_row, range(2, ROWS + 2), names)]) + "\r\n").encode("iso-8859-1")


def _row(row: int, name: str) -> str:
    x, y = (0, 0) if row in AT_ZERO else (_WEST + row * 17 % 5_000, _NORTH + row * 29 % 4_000)
    place = f"{x},{row * 7 % 10_000:04};{y},{row * 13 % 10_000:04}" if x else "0;0"
    return f"{name};{1970 + row % 40};{2008 * (row % 3 == 0)};{'Tout' if row % 3 == 0 else 'Aucun'};{place}"

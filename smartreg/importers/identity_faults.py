"""What is wrong with rows of which nobody can say which record they are."""

from __future__ import annotations

from smartreg.core.findings import Finding, Related
from smartreg.core.values import Location, Words
from smartreg.importers.matching import REACH_M, Ambiguous
from smartreg.importers.naming import ID
from smartreg.schema import Kind

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
    """IMP007: which of several records a row is, or whether it is a new one, cannot be said; `reach` as in `match`."""
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

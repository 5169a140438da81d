"""What an import tells besides its figures: names that it took for records, ids that it made longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from smartreg.importers.identity import Meant
from smartreg.values import Words

NAMED = 6  # so many are told


def longer(meant: Sequence[Meant]) -> list[Meant]:
    """The new records whose ids got a tail, since others have the same name."""
    return [one for one in meant if one.record is None and one.draft.stem and one.id != one.draft.stem]


def told(taken: Mapping[str, str], meant: Sequence[Meant]) -> Iterator[Words]:
    if taken:
        pairs = [f"{name} → {id}" for name, id in taken.items()]
        yield Words(f"taken for records: {_listed(pairs)}", f"pris pour des fiches : {_listed(pairs)}")
    tailed = longer(meant)
    if tailed:
        en = _listed([f"{one.id} (row {one.draft.row.number})" for one in tailed])
        fr = _listed([f"{one.id} (ligne {one.draft.row.number})" for one in tailed])
        yield Words(
            f"ids made longer, for another row or record has the same name: {en}; an id stays once its record is in"
            " service: a column of ids, or --id-from, makes others",
            f"identifiants allongés, une autre ligne ou fiche portant le même nom : {fr} ; un identifiant ne change"
            " plus une fois sa fiche en service : une colonne d'identifiants, ou --id-from, en donne d'autres",
        )


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:NAMED]) + (f" (+ {len(words) - NAMED})" if len(words) > NAMED else "")

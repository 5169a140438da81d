"""Acts that a court annulled: a convention, an amendment, a deliberation. An annulled act is taken never to have had
any effect, unless the court says from which day on it has none (CE Ass., 11 May 2004, Association AC!). A contract is
annulled only for grave faults; others leave it in force (CE, 28 December 2009, Ville de Béziers).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from smartreg.core.values import Json
from smartreg.domain.days import day_of

ANNULMENT = "annulment"


class Annulment(NamedTuple):
    """The day of the judgment, the court, and the first day on which the act has no effect; None: it never had any."""

    on: date
    court: str
    start: date | None

    def voids(self, on: date) -> bool:
        """Whether the act has no effect on a day, as is known since the judgment."""
        return self.start is None or self.start <= on


def annulment(act: Mapping[str, Json]) -> Annulment | None:
    """The annulment of a convention, an amendment or a deliberation; None if it has none with a day."""
    given = act.get(ANNULMENT)
    judged = day_of(given.get("judged_on")) if isinstance(given, Mapping) else None
    if judged is None or not isinstance(given, Mapping):
        return None
    return Annulment(judged, str(given.get("court") or "?"), day_of(given.get("from")))

"""The official French codes of communes and EPCI, read from tables that come with smartreg (see SOURCE.md)."""

from smartreg.domain.codes.epci import Epci, epci, search_epci
from smartreg.domain.codes.tables import (
    Commune,
    arrondissements_of,
    centre,
    commune,
    commune_of,
    communes_called,
    members,
)

__all__ = [
    "Commune",
    "Epci",
    "arrondissements_of",
    "centre",
    "commune",
    "commune_of",
    "communes_called",
    "epci",
    "members",
    "search_epci",
]

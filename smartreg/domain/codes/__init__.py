"""The official French codes of communes and EPCI, read from tables that come with smartreg (see SOURCE.md)."""

from smartreg.domain.codes.tables import (
    Commune,
    Epci,
    arrondissements_of,
    centre,
    commune,
    commune_of,
    communes_called,
    epci,
    members,
    search_epci,
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

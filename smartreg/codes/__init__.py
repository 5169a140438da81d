"""The official French codes of communes and EPCI, read from tables that come with smartreg (see SOURCE.md)."""

from smartreg.codes.communes import Commune, commune, commune_of, members
from smartreg.codes.epci import Epci, epci, search_epci

__all__ = ["Commune", "Epci", "commune", "commune_of", "epci", "members", "search_epci"]

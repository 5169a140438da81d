"""What `doctor` says of places: whether they are checked against communes, and what that needs."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.commands.doctor_check import Check
from smartreg.core.values import Words
from smartreg.schema.settings import Territory

OUTLINES = "https://geo.api.gouv.fr/epcis/{siren}/communes?format=geojson&geometry=contour"
CODES = "GEO702, GEO703, GEO711"


def places(territory: Territory) -> Iterator[Check]:
    """Nothing for a registry without a territory of communes."""
    if territory.boundaries:
        yield Check(
            "places",
            "ok",
            Words(
                f"places are checked against communes: {territory.boundaries}",
                f"les positions sont confrontées aux communes : {territory.boundaries}",
            ),
        )
    elif territory.epci_siren or territory.communes:
        yield Check(
            "places",
            "note",
            Words(
                f"no place is checked against its commune ({CODES}): the settings name no file of boundaries",
                f"aucune position n'est confrontée à sa commune ({CODES}) : la configuration ne cite aucun fichier de"
                " contours",
            ),
            _how(territory),
        )


def _how(territory: Territory) -> Words:
    siren = territory.epci_siren
    source = OUTLINES.format(siren=siren) if siren else "geo.api.gouv.fr"
    return Words(
        f"save {source} (or take Admin Express of the IGN), then: smartreg boundaries FILE",
        f"enregistrez {source} (ou prenez Admin Express de l'IGN), puis : smartreg boundaries FICHIER",
    )

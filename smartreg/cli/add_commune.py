"""The INSEE code of a commune that somebody calls by its name."""

from __future__ import annotations

import re

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.domain.codes import Commune, communes_called, members
from smartreg.registry import Registry
from smartreg.schema.settings import Territory

FIELD = "insee_code"
OR_NAME = Words(" (or the name of the commune)", " (ou nom de la commune)")
_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
MOST_SHOWN = 5


def code_of(registry: Registry, answer: str) -> str:
    """The answer when it has the form of a code, else the code of the commune of that name: of the territory where one
    there is called so, else the only one of France. UsageFault when there is none, or several."""
    if _CODE.fullmatch(answer):
        return answer
    found = communes_called(answer)
    found = tuple(each for each in found if _inside(registry.config.territory, each)) or found
    if len(found) == 1:
        return found[0].insee_code
    if found:
        listed = ", ".join(f"{each.insee_code} ({each.department})" for each in found[:MOST_SHOWN])
        more = ", …" if len(found) > MOST_SHOWN else ""
        raise UsageFault(
            Words(f'several communes are called "{answer}"', f"plusieurs communes s'appellent « {answer} »"),
            Words(f"give the code: {listed}{more}", f"donnez le code : {listed}{more}"),
        )
    example = _example(registry.config.territory)
    raise UsageFault(
        Words(
            f'"{answer}" is neither an INSEE code nor the name of a commune',
            f"« {answer} » n'est ni un code INSEE ni le nom d'une commune",
        ),
        Words(f"a code has five characters{example}", f"un code a cinq caractères{example}"),
    )


def _inside(territory: Territory, commune: Commune) -> bool:
    epci = territory.epci_siren
    return commune.insee_code in territory.communes or (epci is not None and commune.epci_siren == epci)


def _example(territory: Territory) -> str:
    known = members(territory.epci_siren or "")
    return f": {known[0].insee_code} ({known[0].name})" if known else ""

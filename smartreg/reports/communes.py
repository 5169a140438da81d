"""In which communes equipment is, and which communes the registry speaks of, as they were on the day of the figures."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.core.messages import verbatim
from smartreg.core.values import Record
from smartreg.domain.codes import Commune, commune_of, members
from smartreg.domain.fields import code_of, codes_in
from smartreg.domain.municipalities import PartySource, municipality, of_territory
from smartreg.domain.successions import successions
from smartreg.reports.figure import Label
from smartreg.reports.material import Material
from smartreg.schema.settings import Territory


def communes_of(material: Material, device: Record) -> tuple[str, ...]:
    """The INSEE codes of the communes of the day where equipment is: that of its support, else those that it moves in;
    empty where it has only a position."""
    support = material.support_of(device)
    code = code_of(support) if support else None
    codes = (code,) if code else codes_in(device.data.get("mobile"))
    history, on = successions(material.view), material.as_of
    return tuple(dict.fromkeys(history.commune_on(commune_of(code), on) for code in codes))


def territory(source: PartySource, about: Territory) -> Mapping[str, Commune]:
    """The communes of the settings by their codes; empty when they name none that is known."""
    communes = [*members(about.epci_siren or ""), *of_territory(source, about)]
    return {item.insee_code: item for item in sorted(communes, key=lambda item: item.insee_code)}


def communes_then(material: Material) -> Mapping[str, tuple[Commune, ...]]:
    """The communes of the territory on the day of the figures by INSEE code, each with those of the official codes of
    which it consists; none for one that the official codes no longer have."""
    history, on = successions(material.view), material.as_of
    communes: dict[str, tuple[Commune, ...]] = {}
    for code, official in territory(material.view, material.config.territory).items():
        code_then = history.commune_on(code, on)
        communes[code_then] = (*communes.get(code_then, ()), official)
    for party, code in history.codes.items():
        later = {history.codes.get(id) for id in history.descendants(party)}
        if party in history.ends and history.exists(party, on) and not later.isdisjoint(communes):
            communes.setdefault(code, ())
    return communes


def commune_label(material: Material, code: str) -> Label:
    """The name of a commune of the day by its INSEE code: that of the party if it took the place of others."""
    history = successions(material.view)
    for party, party_code in history.codes.items():
        if party_code == code and party in history.predecessors and history.exists(party, material.as_of):
            return Label(code, material.label("party", party).words)
    official = municipality(material.view, code)
    name = official.name if official else code
    return Label(code, verbatim(name))

"""In which communes equipment is, and which communes the registry speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.core.values import Record, Words, value_at
from smartreg.domain.codes import Commune, commune, commune_of, members
from smartreg.domain.fields import text, text_list
from smartreg.reports.figure import Label
from smartreg.reports.material import Material
from smartreg.schema.settings import Territory


def communes_of(material: Material, device: Record) -> tuple[str, ...]:
    """The INSEE codes of the communes where equipment is: that of its support, else those that it moves in; empty where
    it has only a position."""
    support = material.support_of(device)
    code = text(support, "insee_code") if support else None
    codes = (code,) if code else text_list(value_at(device.data, ("mobile", "insee_codes")))
    return tuple(dict.fromkeys(map(commune_of, codes)))


def territory(about: Territory) -> Mapping[str, Commune]:
    """The communes of the settings by INSEE code; empty when they name none."""
    listed_codes = (commune(commune_of(code)) for code in about.communes)
    found = [*members(about.epci_siren or ""), *(item for item in listed_codes if item)]
    return {item.insee_code: item for item in sorted(found, key=lambda item: item.insee_code)}


def label(code: str) -> Label:
    """The name of a commune by its INSEE code."""
    found = commune(code)
    name = found.name if found else code
    return Label(code, Words(name, name))

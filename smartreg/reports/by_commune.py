"""The measures of single communes: the same figures, of the devices that are there and of the conventions of their
parties.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from smartreg.core.values import Record
from smartreg.domain.fields import code_of, text_list
from smartreg.domain.kinds import CONVENTION, EQUIPMENT
from smartreg.reports import (
    b01_reciprocity,
    b02_shared_supports,
    b04_use_cases,
    b05_networks,
    b07_lifecycle,
    b08_incidents,
    b09_availability,
    b10_conventions,
    b12_costs,
    b13_mutualisation,
)
from smartreg.reports.communes import communes_of
from smartreg.reports.figure import Measure
from smartreg.reports.material import Material

# Those that count devices or conventions; the others are about the territory, the flows or the whole registry.
_LOCAL = (
    *(b01_reciprocity, b02_shared_supports, b04_use_cases, b05_networks, b07_lifecycle, b08_incidents),
    *(b09_availability, b10_conventions, b12_costs, b13_mutualisation),
)
# Measures of these figures that are of the whole all the same: of the programme, its use cases, flows and messages.
_OF_THE_WHOLE = frozenset(
    {
        *("use_cases", "budget", "budget_initial", "spent", "several_consumers", "received", "beyond", "as_promised"),
    }
)


@dataclass(frozen=True)
class LocalMaterial(Material):
    """What figures of a part of the registry are computed from: `only` has the records of some kinds; names, owners and
    supports are still found among all."""

    only: Mapping[str, Sequence[Record]] = field(default_factory=dict)

    def of(self, kind: str) -> Sequence[Record]:
        """The records of a kind, of the part where it has its own."""
        return self.only[kind] if kind in self.only else super().of(kind)


def measures_by_commune(material: Material) -> Mapping[str, Mapping[str, Sequence[Measure]]]:
    """By INSEE code, then by figure, the measures of each commune with devices or a convention; of figures that can be
    computed there."""
    devices, conventions = defaultdict[str, list[Record]](list), defaultdict[str, list[Record]](list)
    for device in material.of(EQUIPMENT):
        for code in communes_of(material, device):
            devices[code].append(device)
    codes = {party.rid.id: insee for party in material.of("party") if (insee := code_of(party))}
    for convention in material.of(CONVENTION):
        for code in dict.fromkeys(codes[id] for id in text_list(convention.data.get("parties")) if id in codes):
            conventions[code].append(convention)
    whole = {item.name: getattr(material, item.name) for item in fields(Material)}
    return {
        code: _measures(LocalMaterial(**whole, only={EQUIPMENT: devices[code], CONVENTION: conventions[code]}))
        for code in sorted({*devices, *conventions})
    }


def _measures(material: LocalMaterial) -> Mapping[str, Sequence[Measure]]:
    figures = (module.figure(material) for module in _LOCAL)
    return {
        figure.code: [measure for measure in figure.measures if measure.key not in _OF_THE_WHOLE]
        for figure in figures
        if figure.measures
    }

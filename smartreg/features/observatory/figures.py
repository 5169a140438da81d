"""The figures: one SELECT each over the views of the core, in `figures/`, the same text for every engine.

They join on single keys, aggregate before they join parties, compare no columns of two tables by `<>`, and order their
rows totally: a join on the registry and the id makes engines pair all records of a registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from smartreg.core.messages import Message, Text
from smartreg.features.observatory.tables import BuiltTables


@dataclass(frozen=True)
class Figure:
    """A figure: its title, and the columns (VIEW.COLUMN) without a value in which a source has no part in it."""

    name: str
    title: Text
    rests_on: tuple[str, ...]

    @property
    def sql(self) -> str:
        """The SELECT."""
        return (Path(__file__).parent / "figures" / f"{self.name}.sql").read_text("utf-8")

    def stated_in(self, tables: BuiltTables) -> list[str]:
        """The sources (aliases) that state the columns that it rests on."""
        pairs = [column.split(".") for column in self.rests_on]
        return [
            source.alias
            for source in tables.sources.values()
            if all(name in source.states[view] for view, name in pairs)
        ]


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure(
            "reciprocity",
            Message("Devices in place on a support of another party"),
            ("equipment.owner_key", "equipment.support_key"),
        ),
        Figure(
            "coverage",
            Message("Exchanges between parties, and whether a convention covers them"),
            ("coverage.family", "coverage.state"),
        ),
        Figure(
            "devices",
            Message("Devices in place by commune and type"),
            ("equipment.insee_code", "equipment.type", "equipment.status"),
        ),
        Figure(
            "growth",
            Message("Devices installed and removed by year"),
            ("equipment.installed_on", "equipment.status"),
        ),
        Figure(
            "ending",
            Message("Conventions that end within twelve months"),
            ("conventions.in_force",),
        ),
        Figure(
            "networks",
            Message("Devices on the network of another party"),
            ("equipment.network_key", "equipment.owner_key"),
        ),
        Figure(
            "flows",
            Message("Flows of data by theme, and how many are open"),
            ("flows.access", "flows.theme"),
        ),
        Figure(
            "lifetime",
            Message("Devices by type: their age, and how long those lasted that ended"),
            ("equipment.type", "equipment.installed_on"),
        ),
    )
}

"""The bilan as a value: every figure, where they come from, and what people concluded."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import Any

from smartreg.core.progress import track
from smartreg.core.values import Json, Words
from smartreg.reports.figure import Figure, FigureTable
from smartreg.reports.material import Material
from smartreg.reports.story import Story, story_of

PACKAGE = "smartreg.reports"
_FIGURE = re.compile(r"b[0-9]{2}_\w+")


@dataclass(frozen=True)
class Bilan:
    """`origin`: registry, commit, reference date, period, rules, audience, records left out; `conclusion`: a text in
    Markdown that people wrote."""

    origin: Mapping[str, Json]
    figures: tuple[Figure, ...]
    material: Material
    conclusion: str | None = None

    @cached_property
    def title(self) -> Words:
        """What the settings call the report, else the registry; else what it is."""
        own = self.material.config.report.title or self.material.config.name
        return Words(own, own) if own else TITLE

    @cached_property
    def story(self) -> Story:
        """The outcomes and decisions, in sentences."""
        return story_of(self.figures, self.material.period)

    def register(self, name: str) -> FigureTable | None:
        """A table that has a section of its own; None where its figure cannot be computed."""
        return next((table for one in self.figures for table in one.tables if is_register(one, table) == name), None)


TITLE = Words("Report", "Bilan")
REGISTERS = {("B10", "conventions"): "conventions", ("B10", "parties"): "parties"}


def is_register(figure: Figure, table: FigureTable) -> str | None:
    """The section of its own that a table of a figure has, where people read the report; None: it stays there."""
    return REGISTERS.get((figure.code, table.name))


def figures(material: Material) -> Iterator[Figure]:
    """Every figure, in the order of their numbers, each with the day that it is as of."""
    modules = track(_modules(), "figures")
    return (_complete(module.figure(material), module.DEFINITION, material.as_of) for module in modules)


def _complete(figure: Figure, definition: Words, usual: date) -> Figure:
    """A figure with its definition, and the day that it is as of in its notes."""
    figure, on = replace(figure, definition=definition), figure.as_of or usual
    day = Words(f"As of {on}.", f"État au {on}.")
    return figure if figure.why_not else replace(figure, as_of=on, notes=(day, *figure.notes))


@cache
def _modules() -> tuple[Any, ...]:
    """The modules of this package that bear the number of a figure: each has `DEFINITION` and `figure(material)`."""
    names = sorted(found.name for found in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__))
    return tuple(importlib.import_module(f"{PACKAGE}.{name}") for name in names if _FIGURE.fullmatch(name))

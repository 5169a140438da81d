"""The bilan as a value: every figure, where they come from, and what people concluded."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache

from smartreg.frozen import dataclass, replace
from smartreg.progress import track
from smartreg.reports.figure import Figure
from smartreg.reports.material import Material
from smartreg.values import Json, Words

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


def figures(material: Material) -> Iterator[Figure]:
    """Every figure, in the order of their numbers, each with the day that it is as of."""
    return (_dated(compute(material), material.as_of) for compute in track(_known(), "figures"))


def _dated(figure: Figure, usual: date) -> Figure:
    on = figure.as_of or usual
    said = Words(f"As of {on}.", f"État au {on}.")
    return figure if figure.why_not else replace(figure, as_of=on, notes=(said, *figure.notes))


@cache
def _known() -> tuple[Callable[[Material], Figure], ...]:
    """Each module of this package that bears the number of a figure has one."""
    names = sorted(found.name for found in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__))
    return tuple(importlib.import_module(f"{PACKAGE}.{name}").figure for name in names if _FIGURE.fullmatch(name))

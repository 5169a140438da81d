"""The bilan as a value: every figure, where they come from, and what people concluded."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, cast

from smartreg.core.markdown import without_heading
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.progress import track
from smartreg.core.values import Json
from smartreg.reports.change import headline_changes, headline_of, previous
from smartreg.reports.figure import Figure, FigureTable, Measure
from smartreg.reports.material import Material
from smartreg.reports.story import Story, examples_note, left_out, story_of
from smartreg.schema.countries import FRANCE

TITLE = Message("Report")
CONCLUSION = Message("Conclusion")
REGISTERS = {("B10", "conventions"): "conventions", ("B10", "parties"): "parties"}
PACKAGE = "smartreg.reports"
_FIGURE = re.compile(r"b[0-9]{2}_\w+")


@dataclass(frozen=True)
class Bilan:
    """`origin`: registry, commit, reference date, period, rules, audience, records left out; `conclusion`: a text in
    Markdown that people wrote; `earlier` computes the figures of the period that this one is compared with, for the
    formats that state changes."""

    origin: Mapping[str, Json]
    figures: tuple[Figure, ...]
    material: Material
    conclusion: str | None = None
    earlier: Callable[[], Sequence[Figure]] = tuple

    @property
    def stem(self) -> str:
        """What its files are called."""
        return "bilan" if self.material.config.country == FRANCE else "report"

    @cached_property
    def title(self) -> Text:
        """What the settings call the report, else the registry; else what it is."""
        title = self.material.config.report.title or self.material.config.name
        return verbatim(title) if title else TITLE

    @cached_property
    def written(self) -> str | None:
        """The conclusion as it stands below the heading of its section, which it does not repeat."""
        return None if self.conclusion is None else without_heading(self.conclusion, CONCLUSION).strip()

    @cached_property
    def story(self) -> Story:
        """The outcomes and decisions, in sentences, and what they do not count."""
        view = self.material.view
        unreadable = int(cast(int, self.origin.get("left_out") or 0)) - sum(view.withheld.values())
        examples = examples_note(self.material)
        not_counted = left_out(view, self.material.audience, unreadable)
        story = story_of(self.figures, self.material.period)
        said_first = (*((examples,) if examples else ()), *not_counted)
        return replace(story, left_out=said_first, changes=self._changes())

    def _changes(self) -> Mapping[str, Text]:
        """What changed in the headline of each figure since the earlier period; nothing where the history of the
        registry begins after it, because then that is not known but only supposed."""
        period, known_from = self.material.period, self.material.known_from
        before = previous(period)
        if known_from is None or known_from > before.until:
            return {}
        return headline_changes(self.figures, self.earlier(), period, before)

    def headline(self, code: str) -> Measure | None:
        """The measure that leads a figure."""
        return next((headline_of(figure) for figure in self.figures if figure.code == code), None)

    def register(self, name: str) -> FigureTable | None:
        """A table that has a section of its own; None where its figure cannot be computed."""
        tables = ((figure, table) for figure in self.figures for table in figure.tables)
        return next((table for figure, table in tables if register_of(figure, table) == name), None)


def register_of(figure: Figure, table: FigureTable) -> str | None:
    """The section of its own that a table of a figure has, where people read the report; None: it stays there."""
    return REGISTERS.get((figure.code, table.name))


def figures(material: Material) -> Iterator[Figure]:
    """Every figure, in the order of their numbers, each with the day that it is as of."""
    modules, examples = track(_modules(), "figures"), examples_note(material)
    return (_complete(module.figure(material), module.DEFINITION, material, examples) for module in modules)


def _complete(figure: Figure, definition: Text, material: Material, examples: Text | None) -> Figure:
    """A figure with its definition, and in its notes the day that it is as of, and that it counts examples."""
    if figure.why_not:
        return replace(figure, definition=definition)
    day = material.as_of
    said = [note for note in (examples, material.note) if note is not None]
    notes = [Message("As of {day}.", day=day), *said, *figure.notes]
    return replace(figure, definition=definition, as_of=day, notes=tuple(notes))


@cache
def _modules() -> tuple[Any, ...]:
    """The modules of this package that bear the number of a figure: each has `DEFINITION` and `figure(material)`."""
    names = sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__))
    return tuple(importlib.import_module(f"{PACKAGE}.{name}") for name in names if _FIGURE.fullmatch(name))

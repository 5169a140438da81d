"""What the page shows, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Text, verbatim
from smartreg.core.values import Json, RecordId
from smartreg.diff.impact import Comparison
from smartreg.domain.responsibilities import Roles
from smartreg.domain.titles import Standing
from smartreg.reports.figure import Figure, Measure
from smartreg.reports.story import Story
from smartreg.tables import View

Ring: TypeAlias = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Term:
    """A convention on the reference date: first and last day in force, who is responsible for what under it (only of
    visible records), and the number of the amendment by which it reads so (None: as first signed)."""

    standing: Standing
    start: date | None
    last: date | None
    responsible: Mapping[str, Roles]
    amendment: str | None = None


@dataclass(frozen=True, slots=True)
class MapTerritory:
    """The communes of the settings by INSEE code, and what the file of boundaries knows of communes: outlines as rings
    of (longitude, latitude), centres, and to whom the outlines are owed."""

    codes: Sequence[str] = ()
    outlines: Mapping[str, Sequence[Ring]] = field(default_factory=dict)
    centres: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    credit: Text | None = None


@dataclass(frozen=True, slots=True)
class Tiles:
    """The requested tile server: address with {z}, {x} and {y}, and the attribution of its pictures."""

    url: str
    origin: str
    credit: str


@dataclass(frozen=True)
class PageOptions:
    """`view`: the records that the audience may see; `source`: registry, commit, reference date and the like; `logo`: a
    picture as a data URI; `terms` by id of the convention; where `changes` or `findings` are not shown, a sentence says
    why; `rids` names the record of each file; `local`: the measures of single communes, by INSEE code and figure.
    `lang` None: the page speaks the language of the reader's browser."""

    view: View
    source: Mapping[str, Json]
    changes: Comparison | Text
    findings: Sequence[Finding] | Text
    rids: Mapping[str, RecordId]
    lang: Language | None = None
    figures: Sequence[Figure] = ()
    title: Text = field(default_factory=lambda: verbatim(""))
    story: Story | None = None
    logo: str | None = None
    conclusion: str | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)
    territory: MapTerritory = MapTerritory()
    tiles: Tiles | None = None
    local: Mapping[str, Mapping[str, Sequence[Measure]]] = field(default_factory=dict)

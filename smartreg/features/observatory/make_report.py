"""`observatory report`: the tables brought up to the releases that are kept, all figures and findings, and how the
sources stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import Json
from smartreg.diff.impact.cover import FAMILIES
from smartreg.domain.kinds import EQUIPMENT, FLOW, NETWORK
from smartreg.features.federation.sources import kept_releases
from smartreg.features.observatory.build import Asking, ask, build_tables
from smartreg.features.observatory.catalogue import catalogue
from smartreg.features.observatory.confined import Rows
from smartreg.features.observatory.crossing import MAP, find_crossing, questions
from smartreg.features.observatory.decisions import read_decisions
from smartreg.features.observatory.figures import FIGURES, Figure
from smartreg.features.observatory.report import Answer, Cells, ObservatoryReport, report_json
from smartreg.features.observatory.report_page import html, markdown
from smartreg.features.observatory.standing import Standing, absent, standing_of
from smartreg.features.observatory.tables import BuiltTables
from smartreg.registry.pins import KeptRelease, manifest_file
from smartreg.release.format import Manifest, RefusedRelease, read_manifest
from smartreg.reports import Form
from smartreg.schema import Schemas, bundled_files, read_schemas
from smartreg.validation.check import Selection
from smartreg.workspace.kept_sources import lock_of
from smartreg.workspace.workspace import Workspace

FORMATS: Final = {
    "markdown": Form(".md"),
    "html": Form(".html", page=True),
    "json": Form(".json"),
    "dcat": Form(".jsonld"),
}
Row: TypeAlias = Sequence[Json]
MOST: Final = 100_000
"""The rows of an answer that are looked at."""
_LARGEST: Final = 1 << 26  # bytes of a manifest


def observatory_report(workspace: Workspace, folder: Path, on: date) -> tuple[ObservatoryReport, BuiltTables]:
    """The report of the sources that are kept, on a day, and the tables in `folder` that it is made from."""
    config = workspace.config
    decisions = read_decisions(workspace.root, config.sources)
    releases = kept_releases(workspace)
    tables, casts = build_tables(releases, folder)
    faults = {cast.alias: cast.fault for cast in casts}
    earlier = earlier_manifests(workspace, releases)
    sources = []
    for release in releases:
        built = tables.sources.get(release.alias)
        shown = None if built is None else built.serial
        sources.append(standing_of(release, earlier.get(release.alias), shown, faults.get(release.alias), on))
    refusals = lock_of(workspace.current).refusals
    kept = {release.alias for release in releases}
    sources += [
        absent(alias, source.id, refusals.get(alias))
        for alias, source in sorted(config.sources.items())
        if alias not in kept
    ]
    asked = {**{name: figure.sql for name, figure in FIGURES.items()}, **questions(decisions)}
    answers = dict(zip(asked, ask(tables, [*asked.values()], Asking(limit=MOST)), strict=True))
    selection = Selection(config.select, config.ignore, config.severity)
    crossing = find_crossing(
        sources, {name: answer.rows for name, answer in answers.items()}, decisions, selection.grade
    )
    return ObservatoryReport(
        config.name,
        on,
        config.country,
        tuple(sources),
        tuple(_answer(tables, sources, figure, answers[figure.name]) for figure in FIGURES.values()),
        crossing,
        _cells(answers[MAP].rows),
        _labels(read_schemas(bundled_files())),
    ), tables


def render(report: ObservatoryReport, tables: BuiltTables, form: str, lang: Language, url: str) -> bytes:
    """The report in a format. UsageFault for a catalogue of tables that are served nowhere."""
    if form == "json":
        return f"{json_text(report_json(report))}\n".encode()
    if form == "dcat":
        if not url:
            raise UsageFault(
                Message("a DCAT catalogue needs the address where the tables are served"),
                Message('add to smartreg.toml: [observatory] url = "https://…", the folder with datapackage.json'),
            )
        return catalogue(tables, report.name, url.rstrip("/"), report.country)
    return (html if form == "html" else markdown)(report, lang)


def earlier_manifests(workspace: Workspace, releases: Sequence[KeptRelease]) -> Mapping[str, Manifest]:
    """By alias, the manifest of the release that was accepted before the one that is kept, as the history has it."""
    if workspace.repo is None:
        return {}
    waiting = {manifest_file(release.alias): release for release in releases}
    earlier: dict[str, Manifest] = {}
    for commit in workspace.git.history([*waiting]) if waiting else ():
        for change in commit.changes:
            release = waiting.pop(change.path, None)
            if release is None or change.before is None:
                continue
            ((_, content),) = workspace.git.blobs([change.before], _LARGEST)
            with suppress(RefusedRelease):
                manifest = read_manifest(content)
                if manifest.registry == release.pin.id and manifest.serial != release.pin.serial:
                    earlier[release.alias] = manifest
        if not waiting:
            break
    return earlier


def _answer(tables: BuiltTables, sources: Sequence[Standing], figure: Figure, answer: Rows) -> Answer:
    stated = figure.stated_in(tables)
    kept = sum(source.alias in stated and source.is_earlier for source in sources)
    return Answer(figure, answer.columns, answer.rows, len(stated), kept)


def _cells(rows: Sequence[Row]) -> Cells:
    numbers = {(x * size, y * size): number for size, place, x, y, number in rows if place == "inside"}
    outside, nowhere = (sum(row[-1] for row in rows if row[1] == place) for place in ("outside", "nowhere"))
    return Cells(rows[0][0] if numbers else 0, numbers, outside, nowhere)


def _labels(schemas: Schemas) -> Mapping[str, Mapping[str, Text]]:
    """What columns of figures call their values."""
    fields = {"type": EQUIPMENT, "technology": NETWORK, "theme": FLOW}
    labels = {name: schemas.kinds[kind].by_path[(name,)].labels for name, kind in fields.items()}
    return {**labels, "family": FAMILIES}

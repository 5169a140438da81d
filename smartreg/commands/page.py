"""`report -f html`: the bilan, and the registry that it speaks of, as one page to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from smartreg.commands.choice import INTERNAL
from smartreg.commands.diff import diff
from smartreg.commands.export import Exported
from smartreg.core.errors import UsageFault
from smartreg.core.messages import LANGUAGES, SOURCE, Language, Message, Text, verbatim
from smartreg.core.values import Location, Record, RecordId, short_id
from smartreg.core.webpage import UnfitPicture, picture
from smartreg.diff.fields import same
from smartreg.diff.impact import Comparison, Side
from smartreg.domain.boundaries import boundaries
from smartreg.domain.coverage import title_of
from smartreg.domain.kinds import CONVENTION
from smartreg.domain.responsibilities import responsible
from smartreg.domain.titles import read_on, title_versions, version_on
from smartreg.exporters import Written
from smartreg.registry import Registry
from smartreg.reports.bilan import Bilan
from smartreg.reports.by_commune import measures_by_commune
from smartreg.reports.communes import territory
from smartreg.reports.html import render
from smartreg.reports.page.options import MapTerritory, PageOptions, Term, Tiles
from smartreg.schema.countries import FRANCE
from smartreg.tables import View
from smartreg.tables.view import view
from smartreg.trees import SETTINGS
from smartreg.workspace.origin import source_of
from smartreg.workspace.show_convention import find_standing
from smartreg.workspace.workspace import Workspace

RECENT = timedelta(days=90)


@dataclass(frozen=True)
class ChangesShown:
    """The parts of the page besides the figures: the state that changes count from (revision or date; None: 90
    days before the reference date), its language (None: the reader's), the tiles of a map server."""

    at: str | None = None
    since: str | None = None
    lang: Language | None = None
    tiles: Tiles | None = None


def page(workspace: Workspace, bilan: Bilan, shown: ChangesShown) -> Exported:
    """The file. UsageFault for an unknown revision, and for a territory file that cannot be used."""
    content = render(look(workspace, bilan, shown))
    return Exported((Written("report.html", content, None, None, main=True),), bilan.origin["commit"])


def look(workspace: Workspace, bilan: Bilan, shown: ChangesShown) -> PageOptions:
    material = bilan.material
    registry = material.registry
    return PageOptions(
        _read(material.view, material.as_of),
        bilan.origin,
        _changes(workspace, bilan, shown),
        material.evidence.findings,
        registry.by_file,
        SOURCE if shown.lang not in (None, *LANGUAGES) or registry.config.country != FRANCE else shown.lang,
        bilan.figures,
        bilan.title,
        bilan.story,
        _logo(registry),
        bilan.written,
        _terms(registry, material.view, material.as_of),
        _territory(registry),
        shown.tiles,
        measures_by_commune(material),
    )


def map_page(workspace: Workspace, at: str | None, on: date, lang: Language) -> PageOptions:
    """What the map of the desk shows: every record in a state (a revision or day; None: the working tree), as the
    conventions read on the day `on`. UsageFault for an unknown revision."""
    registry = workspace.registry(at).load_all()
    seen = view(registry, INTERNAL)
    source = {**source_of(workspace, registry), "audience": INTERNAL}
    nothing = verbatim("")
    return PageOptions(
        *(_read(seen, on), source, nothing, nothing, registry.by_file, lang),
        terms=_terms(registry, seen, on),
        territory=_territory(registry),
    )


def _logo(registry: Registry) -> str | None:
    """The picture that the settings name, as the page embeds it. UsageFault if it cannot be used."""
    path = registry.config.report.logo
    if path is None:
        return None
    content = registry.text_of(path)
    try:
        if content is None:
            raise UnfitPicture(Message("there is no such file"))
        return picture(content)
    except UnfitPicture as fault:
        why = fault.words
        raise UsageFault(
            Message("{settings}: report.logo: {path}: {why}", settings=SETTINGS, path=path, why=why),
            Message("name a PNG or SVG below registry/annexes/, at most 256 KiB"),
            Location(SETTINGS, ("report", "logo")),
        ) from None


def _territory(registry: Registry) -> MapTerritory:
    """The communes of the settings, with outlines and centres where the settings name a file that has them."""
    codes, communes = tuple(territory(registry, registry.config.territory)), boundaries(registry)
    if communes is None:
        return MapTerritory(codes)
    outlines = {code: outline.rings for code, outline in communes.outlines.items() if communes.counts(code)}
    return MapTerritory(codes, outlines, communes.centres, communes.credit)


def _read(seen: View, on: date) -> View:
    """The view with conventions as they read on a day."""
    conventions = tuple(read_on(seen, record, on) for record in seen.seen.get(CONVENTION, ()))
    return replace(seen, seen={**seen.seen, CONVENTION: conventions}) if conventions else seen


def _terms(registry: Registry, seen: View, on: date) -> Mapping[str, Term]:
    """How the conventions that may be seen stand; of what falls under them, only what may be seen."""
    return {record.rid.id: _term(registry, seen, record, on) for record in seen.of_kind(CONVENTION)}


def _term(registry: Registry, seen: View, record: Record, on: date) -> Term:
    title = title_of(registry, registry.get(record.rid) or record)
    roles = {
        party: {role: kept for role, rids in held.items() if (kept := tuple(filter(seen.get, rids)))}
        for party, held in responsible(registry, title, on).items()
        if seen.get(RecordId("party", party))
    }
    numbers = [act.number for act in version_on(title_versions(registry, title.record), on).acts]
    held = {party: held for party, held in roles.items() if held}
    return Term(find_standing(title, on), title.start, title.last, held, ", ".join(numbers) or None)


def _changes(workspace: Workspace, bilan: Bilan, shown: ChangesShown) -> Comparison | Text:
    """The changes since the state that was asked for; without one, in the last 90 days, where the history goes back so
    far."""
    on, internal = bilan.material.as_of, bilan.material.audience == INTERNAL
    since, is_past = shown.since or (on - RECENT).isoformat(), on.isoformat() != bilan.origin["reference_date"]
    if workspace.repo is None:
        return Message("The registry keeps no history yet.")
    try:
        comparison = diff(workspace, rev=since, other=f"{on}" if is_past else shown.at, on=on if internal else None)
    except UsageFault:
        if shown.since is not None:
            raise
        return Message(
            "The history of the registry begins after {since}: there is nothing to compare with yet.", since=since
        )
    if not is_past:
        commit = bilan.origin["commit"]
        if commit:  # a state whose files are those of a commit is named by it, on every clone
            comparison = replace(comparison, after=Side(verbatim(short_id(commit)), commit, short_id(commit)))
    if not internal:
        before = view(workspace.registry(comparison.before.commit), bilan.material.audience)
        comparison = _filter_for_audience(comparison, before, bilan.material.view)
    return comparison


def _filter_for_audience(comparison: Comparison, before: View, after: View) -> Comparison:
    """The changes as an audience may know them: without what follows from them, which speaks of other records."""
    changes = []
    for change in comparison.changes:
        old, new = before.get(change.rid), after.get(change.rid)
        if (old or new) and not (old and new and same(old.data, new.data)):
            changes.append(replace(change, before=old, after=new, unread=(None, None)))
    return Comparison(comparison.before, comparison.after, tuple(changes), {})


def tiles(url: str, credit: str | None) -> Tiles:
    """A tile server; UsageFault for an invalid address."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or not all(f"{{{name}}}" in url for name in "zxy"):
        raise UsageFault(
            Message("--tiles: {url} is not an address of map tiles", url=url),
            Message("write it like https://tiles.example.org/{z}/{x}/{y}.png"),
        )
    origin = f"https://{parts.netloc.rpartition('@')[2]}"
    return Tiles(url, origin, credit or parts.hostname)

"""All that the page knows, as one value of JSON types.

Changes since a date, as the page lists them: both languages, of each record what differs and what follows.

Findings as the page lists them: the gravest first, each with its record where it has one.

What the explorer of the page needs besides the records: communes with places for their names, and how kinds look.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from statistics import median
from typing import Any, TypeAlias, cast

from smartreg import __version__
from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.values import Json, Language, RecordId, Words, path_text
from smartreg.diff import Change, FieldRow, rows
from smartreg.diff.impact import Comparison, Impact, Side, consequences, format_grades
from smartreg.domain.coast import land_within
from smartreg.domain.codes import centre, commune
from smartreg.reports.page.figures import figures_json, local_json, registers_json, sentence, story_json, streams_json
from smartreg.reports.page.records import communes_json, kinds_json, pack_rows, pair, records_json
from smartreg.reports.page.words import WORDS, MapTerritory, PageOptions, Ring, Term
from smartreg.reports.wording import provenance
from smartreg.schema import Kind
from smartreg.tables import View

MOST_CHANGES = 500  # maximum number of listed changes


def changes_json(found: Comparison) -> dict[str, Json]:
    """`changes`: [kind, record, label, rows in English, rows in French, consequences]."""
    return {
        "before": _side(found.before),
        "after": _side(found.after),
        "counts": dict(found.counts),
        "graded": pair(Words(format_grades(found, "en"), format_grades(found, "fr"))),
        "changes": [_change(change, found.impacts.get(change.rid)) for change in found.changes[:MOST_CHANGES]],
        "more": max(0, len(found.changes) - MOST_CHANGES),
    }


def _side(side: Side) -> Json:
    """What it is called, and its commit where it has one."""
    return [pair(side.name), side.short]


def _change(change: Change, impact: Impact | None) -> list[Json]:
    label = change.schema.label_of if change.schema and change.record else None
    data = change.record.data if change.record else {}
    words = Words(label(data, "en"), label(data, "fr")) if label else Words("", "")
    tables = [_rows(change, "en"), _rows(change, "fr")] if change.kind in ("changed", "retired") else [[], []]
    return [change.kind, str(change.rid), pair(words), *tables, _consequences(impact)]


def _rows(change: Change, lang: Language) -> list[Json]:
    return [_row(row) for row in rows(change, lang, titles=True)]


def _row(row: FieldRow) -> list[Json]:
    """Name of the field, what was, what is, a note."""
    if row.before is not None and row.after is not None:
        return [row.name, row.before, row.after, row.note]
    return [row.name, ", ".join(row.minus) or None, ", ".join(row.plus) or None, row.note]


def _consequences(impact: Impact | None) -> list[Json]:
    if impact is None:
        return []
    both = zip(consequences(impact, "en", str), consequences(impact, "fr", str), strict=True)
    return [[en.grade, pair(Words(en.label, fr.label)), pair(Words(en.text, fr.text))] for en, fr in both]


MOST_FINDINGS = 2000  # maximum number of listed findings; `validate` lists more


def findings_json(findings: Sequence[Finding], rids: Mapping[str, RecordId]) -> dict[str, Json]:
    """`listed`: [severity, code, message, hint, file, field, record or null]; `counts` by severity, of all."""
    ordered = sorted(findings, key=lambda found: SEVERITIES.index(found.severity))
    counts = Counter(found.severity for found in findings)
    return {
        "counts": {severity: counts[severity] for severity in SEVERITIES if counts[severity]},
        "listed": [_finding(found, rids.get(found.where.file)) for found in ordered[:MOST_FINDINGS]],
        "more": max(0, len(ordered) - MOST_FINDINGS),
    }


def _finding(found: Finding, rid: RecordId | None) -> list[Json]:
    return [
        found.severity,
        found.code,
        pair(found.message),
        pair(found.hint) if found.hint else None,
        found.where.file,
        path_text(found.where.path),
        str(rid) if rid else None,
    ]


COARSE = 4  # decimals of a degree: 11 m, finer than public outlines are
Place: TypeAlias = tuple[float, float]


def explorer_json(view: View, about: MapTerritory, records: Mapping[str, list[Any]]) -> dict[str, Json]:
    """`communes` of the territory and of the rows: [INSEE code, name, [latitude, longitude] or null, its rings];
    `land`: see `_land`, null where there are outlines; `credit`: to whom the outlines are owed; by kind, `marks`: its
    place among all kinds, so that it looks the same on every page, and `hosts`: the field that names what it hangs
    on."""
    places = _places(records)
    codes = {*about.codes, *(row[3] for listed in records.values() for row in listed if row[3])}
    communes = [_commune(code, about, places.get(code, ())) for code in sorted(codes)]
    return {
        "communes": communes,
        "land": None if about.outlines else _land(communes, places),
        "credit": pair(about.credit) if about.credit else None,
        "marks": {name: place for place, name in enumerate(view.schemas.kinds)},
        "hosts": {kind.name: host for kind in view.schemas.kinds.values() if (host := _host_field(kind))},
    }


def _host_field(kind: Kind) -> str | None:
    fields = ((name, kind.by_path.get((name,))) for name in kind.position)
    return next((name for name, field in fields if field is not None and field.refs), None)


def _commune(code: str, about: MapTerritory, places: Sequence[Place]) -> list[Json]:
    found, rings = commune(code), about.outlines.get(code, ())
    at = about.centres.get(code) or _place_of_name(rings) or centre(code) or _middle(places)
    return [
        code,
        found.name if found else code,
        _lat_lon(at) if at else None,
        [[*map(_lat_lon, ring)] for ring in rings],
    ]


AROUND = 1.0  # degrees of land around the territory, at least


def _land(communes: Sequence[list[Json]], places: Mapping[str, Sequence[Place]]) -> dict[str, Json] | None:
    """The land where there are no outlines: the corners of a box around all communes and records, as wide again on each
    side, and the rings of the land within; None where nothing has a place, or nothing is known of it."""
    named = [cast(list[float], item[2]) for item in communes if item[2]]
    points = [*((lon, lat) for lat, lon in named), *(place for some in places.values() for place in some)]
    if not points:
        return None
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
    around = max(AROUND, east - west, north - south)
    box = (west - around, south - around, east + around, north + around)
    rings = land_within(*box)
    corners: list[Json] = [_lat_lon((box[0], box[1])), _lat_lon((box[2], box[3]))]
    return {"corners": corners, "rings": [[*map(_lat_lon, ring)] for ring in rings]} if rings else None


def _lat_lon(place: Place) -> list[Json]:
    """Latitude first, as maps in a browser want it."""
    lon, lat = place
    return [round(lat, COARSE), round(lon, COARSE)]


def _places(records: Mapping[str, list[Any]]) -> Mapping[str, Sequence[Place]]:
    """Where the records of each commune are."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for listed in records.values():
        for row in listed:
            if row[2] and row[3]:
                found[row[3]].append((row[2][0], row[2][1]))
    return found


def _middle(places: Sequence[Place]) -> Place | None:
    return (median(lon for lon, _ in places), median(lat for _, lat in places)) if places else None


HEIGHTS = tuple(step / 16 for step in range(4, 13))  # within a shape: a name at its end looks like its neighbour's


def _place_of_name(rings: Sequence[Ring]) -> Place | None:
    """Where a name has most room inside: the middle of the longest stretch from west to east, of the ring with the most
    corners."""
    if not rings:
        return None
    ring = max(rings, key=len)
    low, high = min(lat for _, lat in ring), max(lat for _, lat in ring)
    lines = (low + (high - low) * share for share in HEIGHTS)
    found = [(east - west, (west + east) / 2, lat) for lat in lines for west, east in _stretches(ring, lat)]
    return max(found)[1:] if found else ring[0]


def _stretches(ring: Ring, lat: float) -> Iterator[tuple[float, float]]:
    """From where to where a line from west to east is inside a ring."""
    edges = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    crossed = sorted(
        lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
        for (lon1, lat1), (lon2, lat2) in edges
        if (lat1 > lat) != (lat2 > lat)
    )
    return zip(crossed[::2], crossed[1::2], strict=True)


VERSION = 1
_kind = attrgetter("kind")


def whole(look: PageOptions) -> dict[str, Json]:
    """The island of data. The same look gives the same value."""
    records, names = records_json(look.view)
    explorer = explorer_json(look.view, look.territory, records)
    places = {kind: {row[0]: place for place, row in reversed([*enumerate(rows)])} for kind, rows in records.items()}
    return {
        "version": VERSION,
        "smartreg": __version__,
        "lang": look.lang,
        "source": dict(look.source),
        "title": pair(look.title),
        "logo": look.logo,
        "story": story_json(look.story) if look.story else None,
        "words": {name: sentence(words) for name, words in WORDS.items()},
        "kinds": kinds_json(look.view),
        "repeated": {kind: pack_rows([row[1] for row in rows]) for kind, rows in records.items()},
        "records": records,
        "names": names,
        "communes": communes_json(records, look.local),
        "explorer": explorer,
        "tiles": None if look.tiles is None else {"url": look.tiles.url, "credit": look.tiles.credit},
        "terms": {id: _term(term, places) for id, term in look.terms.items()},
        "streams": streams_json(look.view),
        "figures": figures_json(look.figures, look.story.changes if look.story else {}),
        "local": local_json(look.local),
        "provenance": pair(Words(provenance(look.source, "en"), provenance(look.source, "fr"))),
        "registers": registers_json(look.figures),
        "changes": None if isinstance(look.changes, Words) else changes_json(look.changes),
        "why_no_changes": sentence(look.changes) if isinstance(look.changes, Words) else None,
        "findings": None if isinstance(look.findings, Words) else findings_json(look.findings, look.rids),
        "why_no_findings": sentence(look.findings) if isinstance(look.findings, Words) else None,
    }


def _term(term: Term, places: Mapping[str, Mapping[str, int]]) -> Mapping[str, Json]:
    """The state of a convention; the records that a party answers for by kind and place among its rows."""
    return {
        "standing": term.standing,
        "start": term.start.isoformat() if term.start else None,
        "last": term.last.isoformat() if term.last else None,
        "amendment": term.amendment,
        "responsible": [
            [party, role, [[kind, [places[kind][rid.id] for rid in found]] for kind, found in groupby(rids, _kind)]]
            for party, roles in term.responsible.items()
            for role, rids in roles.items()
        ],
    }

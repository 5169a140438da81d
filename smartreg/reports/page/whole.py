"""All that the page knows, as one value of JSON types."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter

from smartreg import __version__
from smartreg.core.messages import Text
from smartreg.core.values import Json
from smartreg.reports.origin import provenance
from smartreg.reports.page.changes import changes_json
from smartreg.reports.page.explorer import explorer_json
from smartreg.reports.page.figures import figures_json, local_json, registers_json, sentence, story_json
from smartreg.reports.page.findings import findings_json
from smartreg.reports.page.options import PageOptions, Term
from smartreg.reports.page.records import communes_json, kinds_json, pack_rows, pair, records_json
from smartreg.reports.page.streams import streams_json
from smartreg.reports.page.words import WORDS

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
        "communes": communes_json(look.view, records, look.local),
        "explorer": explorer,
        "tiles": None if look.tiles is None else {"url": look.tiles.url, "credit": look.tiles.credit},
        "terms": {id: _term(term, places) for id, term in look.terms.items()},
        "streams": streams_json(look.view),
        "figures": figures_json(look.figures, look.story.changes if look.story else {}),
        "local": local_json(look.local),
        "provenance": pair(provenance(look.source)),
        "registers": registers_json(look.figures),
        "changes": None if isinstance(look.changes, Text) else changes_json(look.changes),
        "why_no_changes": sentence(look.changes) if isinstance(look.changes, Text) else None,
        "findings": None if isinstance(look.findings, Text) else findings_json(look.findings, look.rids),
        "why_no_findings": sentence(look.findings) if isinstance(look.findings, Text) else None,
    }


def _term(term: Term, places: Mapping[str, Mapping[str, int]]) -> Mapping[str, Json]:
    """The state of a convention; the records that a party answers for by kind and place among its rows."""
    return {
        "standing": term.standing,
        "start": term.start.isoformat() if term.start else None,
        "last": term.last.isoformat() if term.last else None,
        "amendment": term.amendment,
        "responsible": [
            [party, role, [[kind, [places[kind][rid.id] for rid in of_kind]] for kind, of_kind in groupby(rids, _kind)]]
            for party, roles in term.responsible.items()
            for role, rids in roles.items()
        ],
    }

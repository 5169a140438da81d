"""References that name no record of the kinds allowed there, and suggestions to correct them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Fix, Put
from smartreg.core.slug import fold
from smartreg.core.suggest import all_close
from smartreg.core.values import Link, Record, RecordId, Words
from smartreg.domain.checks import Snapshot
from smartreg.domain.fields import links_of

MOST_SUGGESTIONS = 50
"""Ids looked up in one run: each costs a comparison with every id of its kinds, and many mean another fault."""


def find_unresolved(registry: Snapshot, subjects: Iterable[Record]) -> Iterator[tuple[Record, Link]]:
    """Each reference of the subjects that names no record of an allowed kind, whether or not it can be read."""
    known: set[tuple[str, tuple[str, ...]]] = set()
    for record in subjects:
        for link in links_of(registry, record):
            sought = (link.target, link.kinds)
            if sought in known:
                continue
            if any(registry.files_of(RecordId(kind, link.target)) for kind in link.kinds):
                known.add(sought)
            else:
                yield record, link


def bearers(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The subjects whose references the coming or going of `record` can repair or break: all that name its id."""
    return (link.source for link in registry.links_to_id(record.rid.id))


class Suggestions:
    """The nearest existing ids, each computed once, for the first `MOST_SUGGESTIONS` look-ups."""

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def nearest(self, link: Link) -> Words | None:
        """`did you mean "istres-ep-00412" (street_light · EP-0412)?`, or None when nothing is near."""
        near = self._near(link)
        if not near:
            return None
        label = self._label(next(RecordId(kind, near[0]) for kind in link.kinds if near[0] in self._registry.ids(kind)))
        return Words(f'did you mean "{near[0]}"{label.en}?', f"vouliez-vous dire « {near[0]} »{label.fr} ?")

    def fix(self, link: Link) -> Fix | None:
        """The id that is near, when no other is: safe where it differs in case, accents and separators only."""
        near = self._near(link)
        if not near:
            return None
        alike = [id for id in near if id == fold(link.target)]
        if alike:
            return Fix(Put(link.path, alike[0]))
        return Fix(Put(link.path, near[0]), safe=False) if len(near) == 1 else None

    def _near(self, link: Link) -> tuple[str, ...]:
        """The ids that are near, the nearest first; two of them are enough to know."""
        sought = (link.target, link.kinds)
        if sought not in self._found and len(self._found) < MOST_SUGGESTIONS:
            ids = [id for kind in link.kinds for id in self._registry.ids(kind)]
            self._found[sought] = all_close(link.target, ids) if len(link.target) <= 200 else ()
        return self._found.get(sought, ())

    def _label(self, rid: RecordId) -> Words:
        record = self._registry.get(rid)
        kind = self._registry.schemas.kinds[rid.kind]
        en, fr = (kind.label_of(record.data, "en"), kind.label_of(record.data, "fr")) if record else ("", "")
        return Words(f" ({en})" if en else "", f" ({fr})" if fr else "")

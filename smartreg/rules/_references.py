"""References that name no record of the kinds allowed there, and the words that help to mend them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.rules._fields import links_of
from smartreg.rules.rule import Snapshot
from smartreg.suggest import closest
from smartreg.values import Link, Record, RecordId, Words

MOST_SUGGESTIONS = 50
"""Ids looked up in one run: each costs a comparison with every id of its kinds, and many mean another fault."""


def unresolved(registry: Snapshot, subjects: Iterable[Record]) -> Iterator[tuple[Record, Link]]:
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
    """The subjects whose references the coming or going of `record` can mend or break: all that name its id."""
    return (link.source for link in registry.naming(record.rid.id))


class Suggestions:
    """The nearest existing ids, each worked out once, for the first `MOST_SUGGESTIONS` that are asked for."""

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._found: dict[tuple[str, tuple[str, ...]], Words | None] = {}

    def nearest(self, target: str, kinds: tuple[str, ...]) -> Words | None:
        """`did you mean "istres-ep-00412" (street_light · EP-0412)?`, or None when nothing is near."""
        sought = (target, kinds)
        if sought not in self._found and len(self._found) < MOST_SUGGESTIONS:
            self._found[sought] = self._work_out(target, kinds)
        return self._found.get(sought)

    def _work_out(self, target: str, kinds: tuple[str, ...]) -> Words | None:
        homes = {id: kind for kind in kinds for id in self._registry.ids(kind)}
        near = closest(target, homes) if len(target) <= 200 else None
        if near is None:
            return None
        label = self._label(RecordId(homes[near], near))
        return Words(f'did you mean "{near}"{label.en}?', f"vouliez-vous dire « {near} »{label.fr} ?")

    def _label(self, rid: RecordId) -> Words:
        record = self._registry.get(rid)
        kind = self._registry.schemas.kinds[rid.kind]
        en, fr = (kind.label_of(record.data, "en"), kind.label_of(record.data, "fr")) if record else ("", "")
        return Words(f" ({en})" if en else "", f" ({fr})" if fr else "")

"""References that name no record of an allowed kind, with corrections to suggest; records that nothing in life uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import SOURCE, Localized, Message, Text
from smartreg.core.spelling import all_close, fold
from smartreg.core.values import Link, Record, RecordId
from smartreg.domain.checks import Snapshot, derive
from smartreg.domain.fields import has_ended, links_of
from smartreg.registry import alias_of

MOST_SUGGESTIONS = 50
"""Ids looked up in one run: each costs a comparison with every id of its kinds, and many mean another fault."""


def find_unresolved(registry: Snapshot, subjects: Iterable[Record]) -> Iterator[tuple[Record, Link]]:
    """Each reference of the subjects that names no record of an allowed kind, whether or not it can be read."""
    known = derive(registry, _Resolved)
    for record in subjects:
        links = known.by_file.get(record.file)
        if links is None:
            links = known.by_file[record.file] = [
                link for link in links_of(registry, record) if not known.resolves(link)
            ]
        for link in links:
            yield record, link


class _Resolved:
    """What references lead to, and those of each file that lead nowhere: two rules look at them."""

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._resolved: set[tuple[str, tuple[str, ...]]] = set()
        self.by_file: dict[str, Sequence[Link]] = {}

    def resolves(self, link: Link) -> bool:
        """Whether it names a record of an allowed kind, whether or not it can be read, here or abroad."""
        sought = (link.target, link.kinds)
        if sought in self._resolved:
            return True
        for kind in link.kinds:
            if self._registry.files_of(RecordId(kind, link.target)):
                self._resolved.add(sought)
                return True
        return _leads_abroad(self._registry, link)


def _leads_abroad(registry: Snapshot, link: Link) -> bool:
    """Whether it names a record of another registry, where that is allowed (REF221 and REF222 check it)."""
    field = registry.schemas.kinds[link.source.kind].field_at(link.path)
    return alias_of(link.target) is not None and field is not None and field.may_refer_abroad


class Suggestions:
    """The nearest existing ids, each computed once, for the first `MOST_SUGGESTIONS` look-ups."""

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def nearest(self, link: Link) -> Text | None:
        """`did you mean "istres-ep-00412" (street_light · EP-0412)?`, or None if nothing is similar."""
        near = self._near(link)
        if not near:
            return None
        id = near[0]
        label = self._label(next(RecordId(kind, id) for kind in link.kinds if id in self._registry.ids(kind)))
        if label is None:
            return Message('did you mean "{id}"?', id=id)
        return Message('did you mean "{id}" ({label})?', id=id, label=label)

    def fix(self, link: Link) -> Fix | None:
        """The only similar id: a safe fix if it differs only in case, accents and separators."""
        near = self._near(link)
        if not near:
            return None
        alike = [id for id in near if id == fold(link.target)]
        if alike:
            return Fix(Put(link.path, alike[0]))
        return Fix(Put(link.path, near[0]), safe=False) if len(near) == 1 else None

    def _near(self, link: Link) -> tuple[str, ...]:
        """The similar ids, most similar first; two of them are enough to decide."""
        sought = (link.target, link.kinds)
        if sought not in self._found and len(self._found) < MOST_SUGGESTIONS:
            ids = [id for kind in link.kinds for id in self._registry.ids(kind)]
            self._found[sought] = all_close(link.target, ids) if len(link.target) <= 200 else ()
        return self._found.get(sought, ())

    def _label(self, rid: RecordId) -> Text | None:
        """The label of a record for people; None if it has none."""
        record = self._registry.get(rid)
        kind = self._registry.schemas.kinds[rid.kind]
        label = (
            Localized.of(en=kind.label_of(record.data, "en"), fr=kind.label_of(record.data, "fr")) if record else None
        )
        return label if label and label.in_(SOURCE) else None


Users = Mapping[str, str]
"""Kind of the user → its top-level field that names what it uses."""


def in_use(registry: Snapshot, rid: RecordId, users: Users) -> bool:
    """Whether a record whose life has not ended uses this one."""
    for link in registry.some_links_to(rid):
        if users.get(link.source.kind) == link.path[0]:
            user = registry.get(link.source)
            if user is not None and not has_ended(registry, user):
                return True
    return False

"""Changes: which records were added, removed or altered. Equal texts are never read, and a moved file is not a
change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.values import Record, RecordId
from smartreg.diff.fields import FieldChange, compare, plain_path, same
from smartreg.registry import Place, Registry
from smartreg.schema import Kind
from smartreg.trees import find_differing

ChangeKind: TypeAlias = Literal["added", "removed", "changed", "retired", "unreadable"]


class Unread(NamedTuple):
    """A file that exists but cannot be read, and why."""

    file: str
    faults: tuple[Finding, ...]


@dataclass(frozen=True)
class Change:
    """One record before and after; None on a side where it is absent, or its file cannot be read (then `unread` says
    so, before and after). `schema` is its kind, from the later side that knows it. `only` narrows `fields` to these
    fields (`location`, `measures.unit`)."""

    rid: RecordId
    before: Record | None
    after: Record | None
    schema: Kind | None = field(default=None, compare=False, repr=False)
    unread: tuple[Unread | None, Unread | None] = (None, None)
    only: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def kind(self) -> ChangeKind:
        """The kind of change; `retired` if the record reached the end of its life cycle."""
        if any(self.unread):
            return "unreadable"
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return (
            "retired" if _has_ended(self.after, self.schema) and not _has_ended(self.before, self.schema) else "changed"
        )

    @property
    def record(self) -> Record | None:
        """The record after the change, or before it if it was removed."""
        return self.after or self.before

    def fields(self) -> tuple[FieldChange, ...]:
        """The differences, field by field. A side that is absent or unreadable counts as empty."""
        return self._fields

    @cached_property
    def _fields(self) -> tuple[FieldChange, ...]:
        before = self.before.data if self.before else {}
        after = self.after.data if self.after else {}
        changes = compare(before, after, self.schema)
        return tuple(item for item in changes if _among(item, self.only)) if self.only else changes

    def within(self, names: Sequence[str]) -> Change:
        """The same change, narrowed to these fields."""
        return replace(self, only=tuple(names))

    def inverse(self) -> Change:
        """The way back."""
        return Change(self.rid, self.after, self.before, self.schema, (self.unread[1], self.unread[0]))


def _among(item: FieldChange, names: Sequence[str]) -> bool:
    """Whether the change is in one of these fields, or contains one of them."""
    path = f"{plain_path(item.path)}."
    return any(path.startswith(f"{name}.") or f"{name}.".startswith(path) for name in names)


def _has_ended(record: Record, schema: Kind | None) -> bool:
    life = schema.lifecycle if schema else None
    state = record.data.get(life.field) if life else None
    return life is not None and isinstance(state, str) and state in life.ends


def records_in(files: Iterable[str], *registries: Registry) -> list[RecordId]:
    """The records that stand in these files in one of the registries, by id."""
    paths = list(files)
    return sorted({rid for side in registries for path in paths if (rid := side.by_file.get(path)) is not None})


def diff(before: Registry, after: Registry, only: Iterable[RecordId] | None = None) -> list[Change]:
    """The changes from one registry to another, kinds in their order, then by id. Comments, key order and the folder of
    a file do not belong to a record's content."""
    if only is None:
        only = records_in(find_differing(before.tree.files(), after.tree.files()), before, after)
    rids = set(only)
    pairs = [(rid, *_different(before.places.get(rid, ()), after.places.get(rid, ()))) for rid in rids]
    pairs = [pair for pair in pairs if pair[1] or pair[2]]
    before.load(place.file for _, olds, _ in pairs for place in olds)
    after.load(place.file for _, _, news in pairs for place in news)
    order = {name: index for index, name in enumerate((*after.schemas.kinds, *before.schemas.kinds)[::-1])}
    pairs.sort(key=lambda pair: (-order[pair[0].kind], pair[0].id))
    sides = (before, after)
    return [change for rid, olds, news in pairs for change in _changes(sides, rid, (olds, news))]


def diff_abroad(before: Registry, after: Registry) -> Iterator[Change]:
    """The changes of the records that are kept of other registries, by kind and id."""
    there, here = before.abroad.records, after.abroad.records
    for rid in sorted({*there, *here}):
        old, new = there.get(rid), here.get(rid)
        if old is None or new is None or old.data != new.data:
            schema = after.schemas.kinds.get(rid.kind) or before.schemas.kinds.get(rid.kind)
            yield Change(rid, old, new, schema)


def _different(olds: Sequence[Place], news: Sequence[Place]) -> tuple[Sequence[Place], Sequence[Place]]:
    """The files of a record on both sides without those with the same bytes on the other side."""
    if olds == news and all(place.blob is not None for place in olds):
        return (), ()
    shared = Counter(place.blob for place in olds if place.blob) & Counter(place.blob for place in news if place.blob)
    return _without(olds, shared), _without(news, shared)


def _without(places: Sequence[Place], shared: Counter[str]) -> Sequence[Place]:
    left = Counter(shared)
    kept = []
    for place in places:
        if place.blob is not None and left[place.blob] > 0:
            left[place.blob] -= 1
        else:
            kept.append(place)
    return kept


def _changes(
    sides: tuple[Registry, Registry], rid: RecordId, places: tuple[Sequence[Place], Sequence[Place]]
) -> Iterator[Change]:
    """One change, or several if the record has several files; none if both sides are equal."""
    schema = sides[1].schemas.kinds.get(rid.kind) or sides[0].schemas.kinds.get(rid.kind)
    olds = [_side(sides[0], place.file) for place in places[0]]
    news = [_side(sides[1], place.file) for place in places[1]]
    for old_side in list(olds):
        twin = next((new for new in news if _alike(sides, old_side, new)), None)
        if twin is not None:
            olds.remove(old_side)
            news.remove(twin)
    for old, new in zip_longest(olds, news):
        before, unread_before = _distinguish(old)
        after, unread_after = _distinguish(new)
        yield Change(rid, before, after, schema, (unread_before, unread_after))


def _distinguish(side: Record | Unread | None) -> tuple[Record | None, Unread | None]:
    return (None, side) if isinstance(side, Unread) else (side, None)


def _side(registry: Registry, file: str) -> Record | Unread:
    return registry.at(file) or Unread(file, registry.faults_of(file))


def _alike(sides: tuple[Registry, Registry], old: Record | Unread, new: Record | Unread) -> bool:
    if isinstance(old, Record) and isinstance(new, Record):
        return same(old.data, new.data)
    if isinstance(old, Unread) and isinstance(new, Unread):
        return _bytes(sides[0], old.file) == _bytes(sides[1], new.file)
    return False


def _bytes(registry: Registry, file: str) -> bytes | None:
    try:
        return registry.tree.read(file)
    except FileNotFoundError:
        return None

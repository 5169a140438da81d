"""Settle the conflicts marked in a record: one field, or all that are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from smartreg.core.values import Data, Json, KeyPath, path_text
from smartreg.diff import ABSENT, FieldChange, ItemKey, apply_changes, compare, place_text, same
from smartreg.edit import text_saying
from smartreg.edit.merge.texts import merge_texts
from smartreg.edit.merge.three_way import Versions
from smartreg.gitio.merge_file import LineMerger
from smartreg.schema import Kind
from smartreg.yamlio import parse_conflicts, read, tighten

Choice: TypeAlias = Literal["ours", "theirs"]


@dataclass(frozen=True)
class Settling:
    """The two sides of a text with conflicts, and their data (None: not readable by itself)."""

    kind: Kind | None
    texts: tuple[bytes, bytes]
    data: tuple[Data | None, Data | None]
    labels: tuple[str, str]

    @classmethod
    def of(cls, text: bytes, kind: Kind | None) -> Settling | None:
        """None if the text has no conflict, or unmatched markers."""
        conflicts = parse_conflicts(text)
        if conflicts is None:
            return None
        texts = (conflicts.ours, conflicts.theirs)
        return cls(kind, texts, (read(texts[0], "").data, read(texts[1], "").data), conflicts.hunks[0].labels)

    def merge_fields(self, base: bytes, merger: LineMerger) -> Settling:
        """Settle what merges field by field, as the merge driver does; `base` is the common ancestor's text. Unchanged
        if a version cannot be read."""
        if None in self.data or read(base, "").data is None:
            return self
        merge = merge_texts(Versions(base, *self.texts), self.kind, merger)
        if not merge.clean:
            return Settling.of(merge.text, self.kind) or self
        data = read(merge.text, "").data
        return Settling(self.kind, (merge.text, merge.text), (data, data), self.labels)

    @property
    def agrees(self) -> bool:
        """Whether both sides have the same text: nothing is in conflict."""
        return self.texts[0] == self.texts[1]

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The conflicts: our side is before, theirs after. Empty if a side cannot be read."""
        ours, theirs = self.data
        return () if ours is None or theirs is None else compare(ours, theirs, self.kind)

    def conflicts_at(self, name: str) -> list[FieldChange]:
        """The conflicts at a field or below it, or the item that holds it; items of lists by key or by index."""
        return [
            change
            for change in self.fields
            if any(_within(text, name) or _within(name, text) for text in self._names(change.path))
        ]

    def whole(self, choice: Choice) -> bytes:
        """The text with every conflict settled in favour of one side."""
        return self.texts[choice == "theirs"]

    def settle(self, chosen: Sequence[FieldChange], choice: Choice) -> Settling:
        """Settle these fields in favour of one side. Raises StateFault if a text cannot be changed accordingly."""
        if choice == "theirs":
            return self._settle(lambda ours: apply_changes(ours, chosen), None)
        rest = [change for change in self.fields if change not in chosen]
        return self._settle(None, lambda _theirs: apply_changes(self.data[0] or {}, rest))

    def set_value(self, change: FieldChange, value: Json) -> Settling:
        """Give one field a value on both sides. Raises StateFault if a text cannot be changed accordingly."""

        def put(data: Data) -> Data:
            return apply_changes(data, (FieldChange(change.path, change.before, value),))

        return self._settle(put, put)

    def text(self, merger: LineMerger, choice: Choice) -> bytes:
        """The present text, with markers around remaining conflicts; without any left, in the spelling of `choice`."""
        ours, theirs = self.data
        if ours is not None and theirs is not None and same(ours, theirs):
            return self.whole(choice)
        return tighten(merger.compare(*self.texts).text)

    def _settle(self, ours: Callable[[Data], Data] | None, theirs: Callable[[Data], Data] | None) -> Settling:
        texts, data = list(self.texts), list(self.data)
        for index, change in enumerate((ours, theirs)):
            if change is not None:
                data[index] = change(data[index] or {})
                texts[index] = text_saying(self.kind, texts[index], data[index] or {})
        return Settling(self.kind, (texts[0], texts[1]), (data[0], data[1]), self.labels)

    def _names(self, path: KeyPath) -> tuple[str, str]:
        """A path with keys of items, and with their indexes on the side that has them."""
        return place_text(path), path_text(_resolve_path(self.data, path))


def can_be_valued(change: FieldChange) -> bool:
    """Whether a value may be given: an added or removed item can only be taken or dropped as a whole."""
    return not isinstance(change.path[-1], ItemKey)


def _within(name: str, path: str) -> bool:
    return name == path or name.startswith((f"{path}.", f"{path}["))


def _resolve_path(sides: Sequence[Data | None], path: KeyPath) -> KeyPath:
    """The path with the index of each item; of an item that only one side has, on that side."""
    for side in sides:
        place: Json = side
        steps: list[str | int] = []
        for part in path:
            if isinstance(part, ItemKey):
                indexes = [number for number, item in enumerate(place) if ItemKey.of(part.names, item) == part]
                if not indexes:
                    break
                part = indexes[0]
            steps.append(part)
            inside = isinstance(part, int) or part in place
            place = place[part] if inside else ABSENT
        else:
            return tuple(steps)
    return path

"""The text of a record, merged three ways: the data field by field, comments and everything else line by line.

All three texts are first edited to hold the merged data, each by touching only the lines of the fields that change.
Only comments, blank lines and the fields in conflict still differ then, and Git's own line merge does the rest: it
takes the comments of both sides and marks just the lines of the conflicts. Every result is read again and must hold
exactly the merged data, on both sides of its markers; otherwise the plain line merge is used, in which nothing is lost.

Also settling the conflicts marked in a record: one field, or all that are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import Data, Json, KeyPath, path_text
from smartreg.diff import ABSENT, FieldChange, ItemKey, apply_changes, compare, place_text, same
from smartreg.edit import text_saying
from smartreg.edit.merge.three_way import Versions, merge_data
from smartreg.gitio.objects import LineMerger, MergeOutput
from smartreg.schema import Kind
from smartreg.yamlio import MARKER, parse_conflicts, read, tighten

_SPACER = b"\x1d\n"
"""A line that no record holds. With it between all lines, comments that two sides changed on neighbouring lines do not
meet."""


class Merge(NamedTuple):
    """A merged text. `clean`: no conflict is marked in it; `fields` are those in conflict, as people write them;
    `twice`: both sides made this file, and it does not say the same."""

    text: bytes
    clean: bool
    fields: tuple[str, ...] = ()
    twice: bool = False


def merge_texts(texts: Versions[bytes], kind: Kind | None, merger: LineMerger) -> Merge:
    """Merge the three texts of a record of `kind` (None: not known). An unreadable version leaves it to the plain line
    merge. Raises GitFailed if Git treats a text as binary data."""
    base, ours, theirs = (read(text, "").data for text in texts)
    if ours is None or theirs is None:
        return Merge(*merger.merge(*texts))
    if not texts.base.strip():
        return _merge_created(texts, Versions({}, ours, theirs), kind, merger)
    if base is None:
        return Merge(*merger.merge(*texts))
    return _merge(texts, Versions(base, ours, theirs), kind, merger)


def _merge_created(texts: Versions[bytes], data: Versions[Data], kind: Kind | None, merger: LineMerger) -> Merge:
    """Both sides made the file. Two devices must not become one: every difference is a conflict."""
    if not same(data.ours, data.theirs):
        return Merge(*_mark_all(texts, merger), _names(data.ours, data.theirs, kind), twice=True)
    if _comments(texts.theirs) <= _comments(texts.ours):
        return Merge(texts.ours, clean=True)
    return Merge(*_mark_all(texts, merger))


def _mark_all(texts: Versions[bytes], merger: LineMerger) -> MergeOutput:
    """Every line in which the sides differ, as a conflict."""
    found = merger.compare(texts.ours, texts.theirs)
    return found._replace(text=tighten(found.text, merger.marker))


def _merge(texts: Versions[bytes], data: Versions[Data], kind: Kind | None, merger: LineMerger) -> Merge:
    wanted = Versions(*(merge_data(data, kind, side) for side in ("base", "ours", "theirs")))
    if merger.marker > MARKER:  # an ancestor that Git constructs: markers in it would spoil the merge that uses it
        with suppress(StateFault, UsageFault):
            return Merge(text_saying(kind, texts.ours, wanted.base), clean=True)
    fields = _names(wanted.ours, wanted.theirs, kind)
    plain = merger.merge(*texts)
    marked: list[MergeOutput] = []
    for found in _attempts(texts, wanted, kind, merger, plain):
        if not _is_exact(found, wanted, merger.marker):
            continue
        if found.clean:
            return Merge(*found)
        marked.append(MergeOutput(tighten(found.text, merger.marker), clean=False))
        if fields:  # none of the others can be clean
            break
    if not marked and plain.clean:  # the lines merge into something that neither side means
        marked.append(_mark_all(texts, merger))
    return Merge(*(marked or [plain])[0], fields)


def _attempts(
    texts: Versions[bytes], wanted: Versions[Data], kind: Kind | None, merger: LineMerger, plain: MergeOutput
) -> Iterator[MergeOutput]:
    """Ways to merge, the most faithful first."""
    if plain.clean:
        yield plain
    with suppress(StateFault, UsageFault):
        lifted = Versions(*(text_saying(kind, text, data) for text, data in zip(texts, wanted, strict=True)))
        spread = merger.merge(*(text.replace(b"\n", b"\n" + _SPACER) for text in lifted))
        yield MergeOutput(spread.text.replace(_SPACER, b""), spread.clean)
        yield merger.merge(*lifted)
        if _comments(texts.theirs) - _comments(texts.base) <= _comments(lifted.ours):
            ours, data = lifted.ours, wanted
            yield merger.merge(text_saying(kind, ours, data.base), ours, text_saying(kind, ours, data.theirs))
        yield _mark_all(lifted, merger)  # lines that merge into what neither side means: mark every difference


def _is_exact(found: MergeOutput, wanted: Versions[Data], marker: int) -> bool:
    """Whether a merged text holds the merged data, whichever side of its markers is taken."""
    if found.clean:
        said = read(found.text, "").data
        return same(wanted.ours, wanted.theirs) and said is not None and same(said, wanted.ours)
    sides = parse_conflicts(found.text, marker)
    if sides is None:
        return False
    ours, theirs = (read(text, "").data for text in (sides.ours, sides.theirs))
    return ours is not None and theirs is not None and same(ours, wanted.ours) and same(theirs, wanted.theirs)


def _names(ours: Data, theirs: Data, kind: Kind | None) -> tuple[str, ...]:
    return tuple(place_text(change.path) for change in compare(ours, theirs, kind))


def _comments(text: bytes) -> Counter[bytes]:
    """Possible comments, with repetitions; a `#` inside a value counts too, which does no harm."""
    return Counter(b"#" + line.partition(b"#")[2].rstrip() for line in text.split(b"\n") if b"#" in line)


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
        found = parse_conflicts(text)
        if found is None:
            return None
        texts = (found.ours, found.theirs)
        return cls(kind, texts, (read(texts[0], "").data, read(texts[1], "").data), found.hunks[0].labels)

    def merge_fields(self, base: bytes, merger: LineMerger) -> Settling:
        """Settle what merges field by field, as the merge driver does; `base` is the common ancestor's text. Unchanged
        if a version cannot be read."""
        if None in self.data or read(base, "").data is None:
            return self
        found = merge_texts(Versions(base, *self.texts), self.kind, merger)
        if not found.clean:
            return Settling.of(found.text, self.kind) or self
        data = read(found.text, "").data
        return Settling(self.kind, (found.text, found.text), (data, data), self.labels)

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
        return self._settle(None, lambda _theirs: apply_changes(self._ours, rest))

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

    @property
    def _ours(self) -> Data:
        return self.data[0] or {}

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
                found = [number for number, item in enumerate(place) if ItemKey.of(part.names, item) == part]
                if not found:
                    break
                part = found[0]
            steps.append(part)
            inside = isinstance(part, int) or part in place
            place = place[part] if inside else ABSENT
        else:
            return tuple(steps)
    return path

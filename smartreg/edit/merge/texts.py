"""The text of a record, merged three ways: the data field by field, comments and everything else line by line.

All three texts are first edited to hold the merged data, each by touching only the lines of the fields that change.
Only comments, blank lines and the fields in conflict still differ then, and Git's own line merge does the rest: it
takes the comments of both sides and marks just the lines of the conflicts. Every result is read again and must hold
exactly the merged data, on both sides of its markers; otherwise the plain line merge is used, in which nothing is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import Data
from smartreg.diff import compare, place_text, same
from smartreg.edit import text_saying
from smartreg.edit.merge.three_way import Versions, merge_data
from smartreg.gitio.merge_file import LineMerger, MergeOutput
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
    if comments_in(texts.theirs) <= comments_in(texts.ours):
        return Merge(texts.ours, clean=True)
    return Merge(*_mark_all(texts, merger))


def _mark_all(texts: Versions[bytes], merger: LineMerger) -> MergeOutput:
    """Every line in which the sides differ, as a conflict."""
    marked = merger.compare(texts.ours, texts.theirs)
    return marked._replace(text=tighten(marked.text, merger.marker))


def _merge(texts: Versions[bytes], data: Versions[Data], kind: Kind | None, merger: LineMerger) -> Merge:
    merged = Versions(*(merge_data(data, kind, side) for side in ("base", "ours", "theirs")))
    if merger.marker > MARKER:  # an ancestor that Git constructs: markers in it would spoil the merge that uses it
        with suppress(StateFault, UsageFault):
            return Merge(text_saying(kind, texts.ours, merged.base), clean=True)
    fields = _names(merged.ours, merged.theirs, kind)
    plain = merger.merge(*texts)
    marked: list[MergeOutput] = []
    for attempt in _attempts(texts, merged, kind, merger, plain):
        if not _is_exact(attempt, merged, merger.marker):
            continue
        if attempt.clean:
            return Merge(*attempt)
        marked.append(MergeOutput(tighten(attempt.text, merger.marker), clean=False))
        if fields:  # none of the others can be clean
            break
    if not marked and plain.clean:  # the lines merge into something that neither side means
        marked.append(_mark_all(texts, merger))
    return Merge(*(marked or [plain])[0], fields)


def _attempts(
    texts: Versions[bytes], merged: Versions[Data], kind: Kind | None, merger: LineMerger, plain: MergeOutput
) -> Iterator[MergeOutput]:
    """Ways to merge, the most faithful first."""
    if plain.clean:
        yield plain
    with suppress(StateFault, UsageFault):
        lifted = Versions(*(text_saying(kind, text, data) for text, data in zip(texts, merged, strict=True)))
        spread = merger.merge(*(text.replace(b"\n", b"\n" + _SPACER) for text in lifted))
        yield MergeOutput(spread.text.replace(_SPACER, b""), spread.clean)
        yield merger.merge(*lifted)
        if comments_in(texts.theirs) - comments_in(texts.base) <= comments_in(lifted.ours):
            ours, data = lifted.ours, merged
            yield merger.merge(text_saying(kind, ours, data.base), ours, text_saying(kind, ours, data.theirs))
        yield _mark_all(lifted, merger)  # lines that merge into what neither side means: mark every difference


def _is_exact(output: MergeOutput, merged: Versions[Data], marker: int) -> bool:
    """Whether a merged text holds the merged data, whichever side of its markers is taken."""
    if output.clean:
        result = read(output.text, "").data
        return same(merged.ours, merged.theirs) and result is not None and same(result, merged.ours)
    sides = parse_conflicts(output.text, marker)
    if sides is None:
        return False
    ours, theirs = (read(text, "").data for text in (sides.ours, sides.theirs))
    return ours is not None and theirs is not None and same(ours, merged.ours) and same(theirs, merged.theirs)


def _names(ours: Data, theirs: Data, kind: Kind | None) -> tuple[str, ...]:
    return tuple(place_text(change.path) for change in compare(ours, theirs, kind))


def comments_in(text: bytes) -> Counter[bytes]:
    """Possible comments, with repetitions; a `#` inside a value counts too, which does no harm."""
    return Counter(b"#" + line.partition(b"#")[2].rstrip() for line in text.split(b"\n") if b"#" in line)

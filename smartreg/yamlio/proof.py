"""Prove that an edit left every line outside the changed fields as it was, in order, and the comments next to changed
values.

The fields that differ are found by comparing the data, not by asking what the surgery did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from smartreg.core.values import Json, KeyPath
from smartreg.yamlio.changes import equal_ends, same
from smartreg.yamlio.page import Page


class _Difference(NamedTuple):
    """A value that was replaced or removed at `path`, or added to the mapping or list at `path`."""

    how: Literal["replaced", "removed", "added"]
    path: KeyPath


def keeps_lines(before: Page, after: Page, old: Json, new: Json) -> bool:
    """Whether `after` is `before` with nothing changed but the lines of what differs between `old` and `new`."""
    touched: set[int] = set()
    differences = list(_differences((), old, new))
    removed = {difference.path for difference in differences if difference.how == "removed"}
    for difference in differences:
        for start, end in _extents(before, difference, removed):
            touched.update(range(before.text.count("\n", 0, start), before.text.count("\n", 0, end) + 1))
        if difference.how == "replaced" and not _keeps_comments(before, after, difference.path):
            return False
    rest = (line.removesuffix("\r") for line in after.text.split("\n"))
    kept = (line for number, line in enumerate(before.text.split("\n")) if number not in touched)
    return all(line.removesuffix("\r") in rest for line in kept)


def _differences(path: KeyPath, old: Json, new: Json) -> Iterator[_Difference]:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key, value in old.items():
            if key in new:
                yield from _differences((*path, key), value, new[key])
            else:
                yield _Difference("removed", (*path, key))
        if new.keys() - old.keys():
            yield _Difference("added", path)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        head, tail = equal_ends(old, new)
        shorter = min(len(old), len(new))
        for index in range(head, shorter - tail):
            yield from _differences((*path, index), old[index], new[index])
        for index in range(shorter - tail, len(old) - tail):
            yield _Difference("removed", (*path, index))
        if len(new) > len(old):
            yield _Difference("added", path)
    else:
        yield _Difference("replaced", path)


def _extents(page: Page, difference: _Difference, removed: Collection[KeyPath]) -> Iterator[tuple[int, int]]:
    """The extents, in the text before, of lines that the difference may touch. Where the first entries on the line of a
    dash go, the first that stays moves up to it."""
    span = page.spans[difference.path]
    if difference.how == "added":
        if span.style in ("{", "["):
            yield span.start, span.end
        elif not page.begins_line(span.start):
            yield span.start, span.start
        return
    yield (span.key_start if span.key_start >= 0 else _item_start(page, span.start)), span.end
    parent = page.spans[difference.path[:-1]] if difference.path else span
    if difference.how == "removed" and parent.style in ("{", "["):
        yield parent.start, parent.end
    elif difference.how == "removed" and not page.begins_line(parent.start) and parent.children[0] == difference.path:
        stays = next((child for child in parent.children if child not in removed), parent.children[-1])
        following = page.spans[stays]
        yield span.start, following.key_start if following.key_start >= 0 else following.start


def _item_start(page: Page, start: int) -> int:
    return page.text.rfind("-", 0, start) if not page.text[page.line_start(start) : start].strip(" ") else start


def _keeps_comments(before: Page, after: Page, path: KeyPath) -> bool:
    """Whether there are as many comments next to a replaced value, or the key above a block, as before."""
    span = before.spans[path]
    is_block = span.style in (":", "-", "|", ">")
    above = span.key_end if span.key_start >= 0 else span.start
    start = above if is_block else span.end
    end = before.line_end(start)
    if span.style in (":", "-") and span.start < end:  # the line of the dash is in the block
        return True
    beside = before.text[start:end]
    comment = "#" + beside.partition("#")[2].rstrip()
    return "#" not in beside or after.text.count(comment) >= before.text.count(comment)

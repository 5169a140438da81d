"""Edit a record so that only the lines of the changed fields change, and prove it. The result of surgery is read again:
the data must be exactly the old data with the change. The proof also compares the lines: every line outside the changed
fields is unchanged, in order, and so are the comments next to changed values. The differing fields are found by
comparing the data, not by asking the surgery. The second way to edit: ruamel.yaml reads the text with its comments,
changes it and writes it again. It rewrites more than it should (of 31 texts tried, 13 kept all other lines), so it is
used only if surgery fails, and its result must pass the same proof.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from io import StringIO
from typing import Any, Literal, NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.core.values import Json, KeyPath, path_text
from smartreg.yamlio import surgery
from smartreg.yamlio.changes import Change, SetValue, apply_change, equal_ends, same
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.places import Order, Page
from smartreg.yamlio.reader import read
from smartreg.yamlio.scalars import BOM
from smartreg.yamlio.writer import Quoted, dump


class _Difference(NamedTuple):
    """A value that was replaced or removed at `path`, or added to the mapping or list at `path`."""

    how: Literal["replaced", "removed", "added"]
    path: KeyPath


def keeps_lines(before: Page, after: Page, old: Json, new: Json) -> bool:
    """Whether `after` is `before` with only the lines of the differences between `old` and `new` changed."""
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
    """The extents, in the text before, of lines that the difference may touch. If the first entries on the line of a
    dash are removed, the first remaining one moves up to it."""
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
    """Whether as many comments as before are next to a replaced value, or the key above a block."""
    span = before.spans[path]
    is_block = span.style in (":", "-", "|", ">")
    above = span.key_end if span.key_start >= 0 else span.start
    start = above if is_block else span.end
    end = before.line_end(start)
    if span.style in (":", "-") and span.start < end:  # the line of the dash is in the block
        return True
    tail = before.text[start:end]
    comment = "#" + tail.partition("#")[2].rstrip()
    return "#" not in tail or after.text.count(comment) >= before.text.count(comment)


def round_trip(page: Page, change: Change) -> str | None:
    """The text after one change, or None when the library cannot read, change or write it."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = len(page.text) + 1_000_000
    offset = _list_offset(page)
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    written = StringIO()
    try:
        root = yaml.load(page.text.replace("\r\n", "\n"))
        if isinstance(change, SetValue):
            _put(root, change)
        else:
            _take(root, change.path)
        yaml.dump(root, written)
    except Exception:  # its own errors, and ValueError, KeyError, TypeError, AttributeError, AssertionError occur
        return None
    return written.getvalue().replace("\n", page.eol)


def _put(root: Any, change: SetValue) -> None:
    node = root
    for step, following in zip(change.path, change.path[1:], strict=False):
        if not _has(node, step) or node[step] is None:
            _place(node, step, [] if isinstance(following, int) else {})
        node = node[step]
    _place(node, change.path[-1], _quote_texts(change.value))


def _take(root: Any, path: KeyPath) -> None:
    nodes = [root]
    for step in path[:-1]:
        nodes.append(nodes[-1][step])
    for node, step in zip(reversed(nodes), reversed(path), strict=True):
        del node[step]
        if node:
            return


def _has(node: Any, step: str | int) -> bool:
    return step < len(node) if isinstance(step, int) else step in node


def _place(node: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int) and step == len(node):
        node.append(value)
    else:
        node[step] = value


def _quote_texts(value: Json) -> Any:
    """The value with its texts in double quotes, which all readers read alike."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, dict):
        return {key: _quote_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quote_texts(item) for item in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) else value


def _list_offset(page: Page) -> int:
    """The indentation of the dashes of the first list below their key; 2 when there is no list."""
    for span in page.spans.values():
        if span.style == "-" and span.key_start >= 0:
            return page.column(span.start) - page.column(span.key_start)
    return 2


def _no_order(_: KeyPath) -> Sequence[str]:
    return ()


def edit(text: bytes, changes: Sequence[Change], *, order: Order = _no_order, quoted: Quoted = ()) -> bytes:
    """The text with the changes made, one after the other. Raises `StateFault` if the text cannot be read or a change
    cannot be made without touching other lines, and `UsageFault` for an impossible path or value."""
    data = read(text, "").data
    if data is None:
        raise StateFault(Message("this record cannot be read"), _VALIDATE)
    mark = BOM if text.startswith(BOM) else b""
    body = text.removeprefix(BOM).decode()
    page = Page(body, "\r\n" if "\r\n" in body else "\n", order, quoted)
    for change in changes:
        expected = apply_change(data, change)
        if not same(data, expected):
            page = _prove(page, change, data, expected)
        data = expected
    return mark + page.text.encode()


_VALIDATE = Message("smartreg validate says why")


def _prove(page: Page, change: Change, data: Json, expected: Json) -> Page:
    """The page after one change. Raises `StateFault` if the proof fails."""
    for attempt in (_operate, _round_tripped):
        after = attempt(page, change, data, expected)
        if after is not None and _holds(page, after, data, expected):
            return after
    shown = path_text(change.path)
    raise StateFault(
        Message("{shown} cannot be changed here without touching other lines", shown=shown),
        Message("change it by hand in the file"),
    )


def _holds(page: Page, after: Page, data: Json, expected: Json) -> bool:
    result = read(after.text.encode(), "").data
    return result is not None and same(result, expected) and keeps_lines(page, after, data, expected)


def _operate(page: Page, _: Change, data: Json, expected: Json) -> Page | None:
    try:
        return _reconcile(page, (), data, expected)
    except (LookupError, ValueError, libyaml().error):
        return None


def _round_tripped(page: Page, change: Change, _data: Json, _expected: Json) -> Page | None:
    text = round_trip(page, change)
    return None if text is None else page.with_text(text)


def _reconcile(page: Page, path: KeyPath, old: Json, new: Json) -> Page:
    """The page whose value at `path` was `old` and becomes `new`, by the smallest cuts."""
    if same(old, new):
        return page
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key, value in new.items():
            page = (
                _reconcile(page, (*path, key), old[key], value)
                if key in old
                else surgery.add_entry(page, (*path, key), value)
            )
        for key in old:
            page = page if key in new else surgery.remove_entry(page, (*path, key))
        return page
    if isinstance(old, list) and isinstance(new, list) and old and new:
        return _reconcile_list(page, path, old, new)
    if not path:
        return page.with_text(dump(new, quoted=page.quoted).decode().replace("\n", page.eol))
    return surgery.replace_value(page, path, new)


def _reconcile_list(page: Page, path: KeyPath, old: list[Json], new: list[Json]) -> Page:
    head, tail = equal_ends(old, new)
    shorter = min(len(old), len(new))
    for index in range(head, shorter - tail):
        page = _reconcile(page, (*path, index), old[index], new[index])
    for index in reversed(range(shorter - tail, len(old) - tail)):
        page = surgery.remove_entry(page, (*path, index))
    for index in range(shorter - tail, len(new) - tail):
        put = surgery.insert_item if index < len(page.spans[path].children) else surgery.add_entry
        page = put(page, (*path, index), new[index])
    return page

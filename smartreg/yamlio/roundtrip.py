"""The second way to edit: ruamel.yaml reads the text with its comments, changes it and writes it again.

It rewrites more than it should (31 texts tried: 13 came out with every other line as it was), so that it is asked only
where surgery fails, and its result goes through the same proof.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

from smartreg.core.values import Json, KeyPath
from smartreg.yamlio.changes import Change, SetValue
from smartreg.yamlio.page import Page


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
    """The value with its texts in double quotes, which no reader takes for something else."""
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

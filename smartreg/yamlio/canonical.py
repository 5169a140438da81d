"""The canonical form of a record: LF, keys in order, quotes and numbers as all readers read them alike, tidy lines.
Comments stay."""

from __future__ import annotations

from collections.abc import Callable

from smartreg.core.values import KeyPath
from smartreg.yamlio.ordering import ordered
from smartreg.yamlio.page import Order, Page
from smartreg.yamlio.reader import read
from smartreg.yamlio.respelling import mend, quoted, tidied, unequivocal
from smartreg.yamlio.writer import Quoted


def canonical(text: bytes, *, order: Order, identifiers: Quoted, wants_text: Callable[[KeyPath], bool]) -> bytes | None:
    """The text in its canonical form, which says the same; None when it cannot be read. Lists keep their order, texts
    the quotes that somebody chose, numbers the digits that all readers read alike."""
    data = read(text, "").data
    if data is None:
        return None
    page = Page(unequivocal(mend(text), wants_text).decode(), "\n", order, identifiers)
    return tidied(quoted(ordered(page), data)).text.encode()

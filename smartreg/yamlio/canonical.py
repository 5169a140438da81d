"""The canonical form of a record: LF, keys in order, quotes where readers need them, tidy lines. Comments stay."""

from __future__ import annotations

from smartreg.yamlio.ordering import ordered
from smartreg.yamlio.page import Order, Page
from smartreg.yamlio.reader import read
from smartreg.yamlio.respelling import mend, quoted, tidied
from smartreg.yamlio.writer import Quoted


def canonical(text: bytes, *, order: Order, identifiers: Quoted) -> bytes | None:
    """The text in its canonical form, which says the same; None when it cannot be read. Lists keep their order, texts
    the quotes that somebody chose, numbers their digits."""
    data = read(text, "").data
    if data is None:
        return None
    page = Page(mend(text).decode(), "\n", order, identifiers)
    return tidied(quoted(ordered(page), data)).text.encode()

"""The canonical form of a record: LF, keys in order, quotes and numbers as all readers read them alike, tidy lines.
Comments stay."""

from __future__ import annotations

from collections.abc import Callable

from smartreg.core.values import KeyPath
from smartreg.yamlio.ordering import order_keys
from smartreg.yamlio.page import Order, Page
from smartreg.yamlio.reader import read
from smartreg.yamlio.respelling import mend, quote_page, tidy, unequivocal
from smartreg.yamlio.writer import Quoted


def canonical(text: bytes, *, order: Order, identifiers: Quoted, wants_text: Callable[[KeyPath], bool]) -> bytes | None:
    """The text in its canonical form, which says the same; None when it cannot be read. Lists keep their order, texts
    their quotes, numbers the digits that all readers read alike."""
    data = read(text, "").data
    if data is None:
        return None
    page = Page(unequivocal(mend(text), wants_text).decode(), "\n", order, identifiers)
    return tidy(quote_page(order_keys(page), data)).text.encode()

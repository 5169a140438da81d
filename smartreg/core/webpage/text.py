"""Text in HTML: what comes from records never becomes markup."""

from __future__ import annotations

from html import escape

from smartreg.core.styled import visible


def escape_html(text: str) -> str:
    """Text for between tags and for quoted attributes; control and bidirectional characters shown as `\\uXXXX`."""
    return escape(visible(text))


def element(tag: str, text: str, **attributes: str) -> str:
    """An element that holds text only; `class_` is written `class`."""
    told = "".join(f' {name.rstrip("_")}="{escape_html(value)}"' for name, value in attributes.items())
    return f"<{tag}{told}>{escape_html(text)}</{tag}>"

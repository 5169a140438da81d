"""The frame of a page: one file, nothing is fetched, and only the scripts and styles that we put in may act.

The policy (Content-Security-Policy, level 3) names them by their SHA-256, so the same page has the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from smartreg.core.values import Language
from smartreg.core.webpage.text import escape_html

Script: TypeAlias = str
GENERATOR = "smartreg"
_END, _NONE = "</", "'none'"


def frame(
    title: str, lang: Language, body: str, *, styles: Sequence[str], scripts: Sequence[Script] = (), images: str = ""
) -> str:
    """The text of a page. `body` is markup whose texts are escaped; `images`: from which origins pictures may come,
    besides the page itself."""
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{lang}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape_html(_policy(styles, scripts, images))}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="color-scheme" content="light dark">',
            f'<meta name="generator" content="{GENERATOR}">',
            f"<title>{escape_html(title)}</title>",
            *_inline("style", styles),
            "</head>",
            "<body>",
            body,
            *_inline("script", scripts),
            "</body>",
            "</html>",
            "",
        )
    )


def _policy(styles: Sequence[str], scripts: Sequence[str], images: str) -> str:
    """Nothing but what is named; a page that is opened from disk has no origin of its own."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_digests(scripts)}",
            f"style-src {_digests(styles)}",
            f"img-src {images or _NONE}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digests(texts: Sequence[str]) -> str:
    found = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in found) or _NONE


def _inline(tag: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if _END + tag in text.lower():
            raise ValueError(f"a {tag} must not hold its own end")
        yield f"<{tag}>{text}</{tag}>"


def ours(start: bytes) -> bool:
    """Whether what begins so is a page that we made: the first kilobytes are enough."""
    return start.startswith(b"<!DOCTYPE html>") and f'<meta name="generator" content="{GENERATOR}">'.encode() in start

"""The parts of every HTML page of smartreg: a frame that fetches nothing, escaped text, and one style.

The policy of the frame (Content-Security-Policy, level 3) names our own scripts and styles by their SHA-256, so the
same page has the same bytes. What comes from records never becomes markup; data inside a page is JSON that no HTML
parser mistakes for anything else. Pictures are those that the settings name.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import TypeAlias
from xml.etree import ElementTree

from smartreg.core.messages import SOURCE, Language, Message, Text
from smartreg.core.styled import visible
from smartreg.core.values import Json

__all__ = [
    "Script",
    "UnfitPicture",
    "element",
    "escape_html",
    "frame",
    "island",
    "ours",
    "picture",
    "resource",
]

LARGEST_PICTURE = 1 << 18  # bytes: every page contains it
_PNG = b"\x89PNG\r\n\x1a\n"


class UnfitPicture(ValueError):
    """A picture that a page may not contain; `words` says why."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.in_(SOURCE))
        self.words = words


_NO_PICTURE = Message("neither PNG nor SVG")


def _refuse(what: str) -> UnfitPicture:
    return UnfitPicture(Message("a picture may not hold {what}", what=what))


def picture(content: bytes) -> str:
    """A PNG or SVG as a data URI. Raises UnfitPicture for any other file, one over 256 KiB, and an SVG that does more
    than draw: scripts, events, foreign elements, links, entities."""
    if len(content) > LARGEST_PICTURE:
        raise UnfitPicture(Message("more than 256 KiB"))
    if content.startswith(_PNG):
        return f"data:image/png;base64,{base64.b64encode(content).decode()}"
    _check_svg(content)
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"


_ACTS = frozenset(("script", "foreignobject", "iframe", "object", "embed", "audio", "video", "a", "handler", "set"))


def _check_svg(content: bytes) -> None:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<?xml-stylesheet" in content:
        raise _refuse("<!DOCTYPE>, <!ENTITY>, <?xml-stylesheet?>")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError):
        raise UnfitPicture(_NO_PICTURE) from None
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        raise UnfitPicture(_NO_PICTURE)
    for node in root.iter():
        name = str(node.tag).rpartition("}")[2].lower()
        if name in _ACTS:
            raise _refuse(f"<{name}>")
        for attribute, value in node.attrib.items():
            key = attribute.rpartition("}")[2].lower()
            if key.startswith("on") or (key == "href" and not value.startswith(("#", "data:image/"))):
                raise _refuse(key)
            if "url(" in value and "url(#" not in value:
                raise _refuse(key)
        if name == "style" and ("url(" in (node.text or "") or "@import" in (node.text or "")):
            raise _refuse("url() / @import")


def escape_html(text: str) -> str:
    """Text for between tags and for quoted attributes; control and bidirectional characters shown as `\\uXXXX`."""
    return escape(visible(text))


def element(tag: str, text: str, **attributes: str) -> str:
    """An element that holds text only; `class_` is written `class`."""
    written = "".join(f' {name.rstrip("_")}="{escape_html(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{escape_html(text)}</{tag}>"


Script: TypeAlias = str
GENERATOR = "smartreg"
_END, _NONE = "</", "'none'"


def frame(
    title: str, lang: Language, body: str, *, styles: Sequence[str], scripts: Sequence[Script] = (), images: str = ""
) -> str:
    """The text of a page. `body` is markup whose texts are escaped; `images`: the origins from which pictures may come,
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
    """Allow nothing but what is named; a page opened from disk has no origin of its own."""
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
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or _NONE


def _inline(tag: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if _END + tag in text.lower():
            raise ValueError(f"a {tag} must not hold its own end")
        yield f"<{tag}>{text}</{tag}>"


def ours(start: bytes) -> bool:
    """Whether a file that begins like this is a page that we made: the first kilobytes are enough."""
    return start.startswith(b"<!DOCTYPE html>") and f'<meta name="generator" content="{GENERATOR}">'.encode() in start


# `<` would end the element or open a comment; U+2028 and U+2029 end a line in older scripts.
_ACTING = "<>&\u2028\u2029"


def island(id: str, data: Json) -> str:
    """A script element of type application/json, which no browser runs."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if "##" in text:  # a CI service reads what may follow as a command, if the page ends up in a log
        text = visible(text)
    for sign in _ACTING:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{id}">{text}</script>'


@cache
def resource(package: str, name: str) -> str:
    """The text of a file in the folder of `package`."""
    return files(package).joinpath(name).read_text(encoding="utf-8")

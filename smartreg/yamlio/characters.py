"""Cheap tests for texts that hold nothing out of the ordinary."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import is_normalized

from smartreg.yamlio.limits import MAX_BYTES

BOM: Final = b"\xef\xbb\xbf"

SEPARATORS: Final = re.compile("[\u2028\u2029]")
"""Line ends for YAML 1.1, text for 1.2: they agree only inside quotes, between two characters that are not blank."""

# The same characters in UTF-8, for a search that costs a tenth of the one above.
_SUSPECT = re.compile(
    rb"\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
    rb"|\xef\xbb\xbf|\xef\xb7[\x90-\xaf]|\xef\xbf[\xbe\xbf]|[\xf0-\xf4][\x80-\xbf]\xbf[\xbe\xbf]"
)

# What the UTF-8 of French letters is made of: none of these bytes begins a suspect character.
_FREE_IN_UTF8: Final = bytes(range(0xC0)) + b"\xc3\xc5"

# The bytes that need no second look. Left out: the control characters, and what begins an escape.
_ORDINARY: Final = b"\n" + bytes(set(range(0x20, 0x7F)) - {0x5C}) + bytes(range(0x80, 0x100))
# What begins a directive at the start of a line; an anchor, an alias or a tag where a value can begin.
_INDICATOR: Final = re.compile(rb"(?m)^%|(?:^|[\s\[\]{},:?-])[&*!]")


def ordinary(text: bytes) -> str | None:
    """The text when no character, conflict marker or limit of size can be wrong: what remains is YAML to be parsed."""
    if len(text) > MAX_BYTES or text.translate(None, _ORDINARY):
        return None
    if b"<<<<<<<" in text or b">>>>>>>" in text or b"|||||||" in text:
        return None
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return None
    suspect = len(decoded) < len(text) and text.translate(None, _FREE_IN_UTF8) and _SUSPECT.search(text)
    return None if suspect else decoded


def may_point(text: bytes) -> bool:
    """Whether a directive, anchor, alias or tag may be in it."""
    signs = b"%" in text or b"&" in text or b"*" in text or b"!" in text
    return signs and _INDICATOR.search(text) is not None


def is_composed(text: bytes, decoded: str) -> bool:
    """Whether no sign of the text, which is not ASCII or French alone, could be composed in another way."""
    return decoded.isascii() or not text.translate(None, _FREE_IN_UTF8) or is_normalized("NFC", decoded)

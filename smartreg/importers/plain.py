"""Whether bytes are text at all: of what is none, no row and no column says anything to people."""

from __future__ import annotations

import codecs

_SAMPLE = 65_536  # bytes
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1a\x1b"})  # 0x1A ended files in DOS
_MOST = 20  # one byte of so many; of bytes at random, and of packed ones, one of eleven is a control character


def is_text(content: bytes) -> bool:
    """Whether it may be text: it begins with a byte order mark, or has few control characters. A text with a NUL byte
    by accident is one, UTF-16 without its mark is none."""
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    sample = content[:_SAMPLE]
    return (len(sample) - len(sample.translate(None, _CONTROLS))) * _MOST <= len(sample)

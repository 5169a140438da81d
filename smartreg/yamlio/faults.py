"""Say what is wrong with a text that the reader refuses or finds odd: YML001 to YML009, YML013 and YML014, with line
and column.

The checks go from the bytes to the events: size, encoding, conflict markers, characters, line endings, directives, then
structure. A text that fails as bytes is not parsed; of syntax faults, only the first is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from smartreg.core.escape import FORBIDDEN
from smartreg.core.findings import Finding, Fix, Respell
from smartreg.core.messages import Message, number
from smartreg.core.values import Data, Location, Mark
from smartreg.yamlio.conflicts import faults_of, parse_conflicts
from smartreg.yamlio.scalars import BOM, MAX_BYTES, Lines
from smartreg.yamlio.sentences import YamlFault, raw
from smartreg.yamlio.structure import structure_faults

_CONFLICT = re.compile(r"^[ \t]*(?:<{7}|>{7}|\|{7})(?:[ \t]|$)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_LONE_CARRIAGE_RETURN = re.compile(r"\r(?!\n)")

MOST_FAULTS = 50
"""Maximum number of faults reported for one file; a file with more is broken in one way, many times."""


def find(text: bytes, file: str) -> tuple[Finding, ...]:
    """The faults of the bytes of `file`, in the order of the text. Warnings and notes are included only if the text is
    usable: how other readers interpret it matters only then."""
    if len(text) > MAX_BYTES:
        return (_finding(_too_large(len(text)), file),)
    try:
        decoded = text.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        return (_finding(_not_utf8(text, error), file),)
    for check in (_conflict, _characters, _carriage_return, _directive):
        fault = check(decoded)
        if fault is not None:
            return (_finding(fault, file),)
    faults = structure_faults(decoded)
    faults = [fault for fault in faults if fault.severity == "error"] or faults
    return tuple(_finding(fault, file) for fault in (*_repairable(text), *faults[:MOST_FAULTS]))


def conflicts(text: bytes, file: str, data_of: Callable[[bytes], Data | None]) -> tuple[Finding, ...]:
    """The conflicts of a text by the fields that differ; empty if the sides cannot be read."""
    sides = parse_conflicts(text)
    return tuple(_finding(fault, file) for fault in (faults_of(sides, data_of) if sides else [])[:MOST_FAULTS])


def unreadable_fault(file: str) -> Finding:
    """For an unusable text with no fault that we can describe."""
    message = Message("this text cannot be read as YAML")
    return Finding("YML001", "error", message, Location(file, mark=Mark(1, 1)))


def too_large(file: str, size: int) -> Finding:
    """YML007 for a file whose size, in bytes, was learned without reading it."""
    return _finding(_too_large(size), file)


def not_regular(file: str) -> Finding:
    """YML010: a symbolic link, folder, pipe, socket or device where a record should be."""
    message = Message("this is not a regular file")
    hint = Message("put the record itself here; links, folders and devices are never followed")
    return Finding("YML010", "error", message, Location(file), hint)


def _finding(fault: YamlFault, file: str) -> Finding:
    where = Location(file, fault.path, fault.on_key, fault.mark)
    fix = Fix(Respell()) if fault.respell else None
    return Finding(fault.code, fault.severity, fault.message, where, fault.hint, fix=fix)


def _too_large(size: int) -> YamlFault:
    length, most = (number(f"{count:,}") for count in (size, MAX_BYTES))
    message = Message("this file has {size} bytes; a record has at most {most}", size=length, most=most)
    hint = Message("move the bulk to a file that the record links to")
    return YamlFault("YML007", Mark(1, 1), message, hint)


def _not_utf8(text: bytes, error: UnicodeDecodeError) -> YamlFault:
    before = error.object[: error.start].decode()
    mark = Lines(before).mark(len(before))
    wide = text[:2] in (b"\xff\xfe", b"\xfe\xff") or text[1:2] == b"\0" or text[:1] == b"\0"
    byte = error.object[error.start]
    message = Message("this text is not in UTF-8: byte {byte}", byte=format(byte, "#04x"))
    if wide:
        hint = Message("it looks like UTF-16; save it as UTF-8")
    elif text.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        hint = Message("it is a compressed file; unpack it first")
    else:
        hint = Message("it looks like Latin-1 or Windows-1252; save it as UTF-8")
    return YamlFault("YML005", mark, message, hint)


def _conflict(text: str) -> YamlFault | None:
    match = _CONFLICT.search(text)
    if match is None:
        return None
    offset = match.start() + len(match[0]) - len(match[0].lstrip(" \t"))
    message = Message("a merge conflict is not resolved here")
    hint = Message("keep the right lines and delete the three marker lines <<<<<<<, ======= and >>>>>>>")
    return YamlFault("YML009", Lines(text).mark(offset), message, hint)


def _characters(text: str) -> YamlFault | None:
    match = next((character for character in FORBIDDEN.finditer(text) if character[0] != "\r"), None)
    if match is None:
        return None
    if match[0] == "\0" and text[1:2] == "\0":
        message = Message("this text is not in UTF-8")
        hint = Message("it looks like UTF-16; save it as UTF-8")
        return YamlFault("YML005", Mark(1, 1), message, hint)
    return raw(Lines(text).mark(match.start()), match[0])


def _carriage_return(text: str) -> YamlFault | None:
    match = _LONE_CARRIAGE_RETURN.search(text)
    if match is None:
        return None
    message = Message("a line ends with a carriage return alone, which Git does not see as a line end")
    hint = Message("save the file with LF line ends")
    return YamlFault("YML005", Lines(text).mark(match.start()), message, hint)


def _directive(text: str) -> YamlFault | None:
    match = _DIRECTIVE.search(text)
    if match is None:
        return None
    message = Message("a line begins with %: a YAML directive")
    hint = Message("delete the line; a record needs no directive")
    return YamlFault("YML003", Lines(text).mark(match.start()), message, hint)


def _repairable(text: bytes) -> Iterator[YamlFault]:
    """Faults that a formatter fixes and that the reader tolerates."""
    if text.startswith(BOM):
        message = Message("this file begins with a byte order mark")
        yield YamlFault("YML005", Mark(1, 1), message, _SAVE, severity="warning")
    if b"\r\n" in text:
        first = text.index(b"\r\n")
        lines = text.count(b"\n")
        windows = text.count(b"\r\n")
        message = Message(
            "{windows} of {lines} lines end in CR LF (Windows) instead of LF", windows=windows, lines=lines
        )
        before = text[:first].removeprefix(BOM).decode()
        yield YamlFault("YML005", Lines(before).mark(len(before)), message, _SAVE, severity="warning")


_SAVE = Message("save it as UTF-8 without BOM, with LF line ends")

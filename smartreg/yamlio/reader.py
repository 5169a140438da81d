"""Read one record: bytes in, JSON types or findings out. Never raises, whatever the bytes are.

A text goes once through libyaml and a tight loop. Whatever that loop rejects is left to `faults`, which goes through
the events again and says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from sys import intern
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath
from smartreg.yamlio import faults
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.scalars import (
    BOM,
    JSON_WORDS,
    MAX_DEPTH,
    MAX_NODES,
    NUMBER_HEADS,
    SPECIAL,
    count_nodes,
    differs,
    is_composed,
    may_point,
    ordinary,
    parse_scalar,
)

CONFLICT: Final = "YML009"

_MAX_EVENTS: Final = 2 * MAX_NODES + 4


class YamlDocument(NamedTuple):
    """A text as read. `data` is None if it cannot be used; then `faults` has at least one error, otherwise none.
    `numeric` holds, by key path, the source text of plain scalars read as number, boolean or null whose JSON text
    differs: `+33123456789`, `1.10`, `True`.
    """

    data: dict[str, Json] | None
    faults: tuple[Finding, ...] = ()
    numeric: Mapping[KeyPath, str] = MappingProxyType({})


class _NotPlainSailing(Exception):
    """The builder met something outside the profile."""


def read(text: bytes, file: str) -> YamlDocument:
    """Read the bytes of `file` by the strict profile. One mapping of JSON types, or the faults with line and column."""
    decoded = ordinary(text)
    findings: tuple[Finding, ...] = ()
    if decoded is None or may_point(text) or not is_composed(text, decoded):
        findings = faults.find(text, file)
        if any(fault.severity == "error" for fault in findings):
            return YamlDocument(None, _by_field(text, file, findings))
    try:
        data, numeric, doubtful = _build(text.removeprefix(BOM))
    except (_NotPlainSailing, ValueError, libyaml().error):
        findings = findings or faults.find(text, file)
        errors = any(fault.severity == "error" for fault in findings)
        return YamlDocument(None, findings if errors else (*findings, faults.unreadable_fault(file)))
    return YamlDocument(data, findings or (faults.find(text, file) if doubtful else ()), numeric)


def _by_field(text: bytes, file: str, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Report a merge conflict field by field if both of its sides can be read."""
    if found[0].code != CONFLICT:
        return found
    return faults.conflicts(text, file, lambda side: read(side, file).data) or found


def _build(text: bytes) -> tuple[dict[str, Json], dict[KeyPath, str], bool]:
    """The data, its `numeric` texts, and whether other readers interpret any scalar differently. One long loop: a call
    per event would cost a third more. Equal strings are one object, because most strings of a registry (keys, ids,
    units, dates) occur thousands of times; duplicates would be two thirds of its memory.
    """
    lib = libyaml()
    scalar, mapping_start, sequence_start = lib.scalar, lib.mapping_start, lib.sequence_start
    heads, special, doubtful = NUMBER_HEADS, SPECIAL, False
    events = islice(iter(lib.parser(text).get_event, None), _MAX_EVENTS)
    root: dict[str, Json] = {}
    numeric: dict[KeyPath, str] = {}
    mapping: dict[str, Json] | None = root
    items: list[Json] = []
    key: str | None = None
    above: list[tuple[dict[str, Json] | None, list[Json], str | int]] = []
    _enter(events)
    for event in events:
        kind = event.__class__
        if kind is scalar:
            value: Any = intern(event.value)
            if (value[:1] in heads or value in special) and not event.style:
                source = value
                value = parse_scalar(source)
                if value is source:
                    doubtful = doubtful or differs(source, value)
                elif source not in JSON_WORDS:
                    if repr(value) != source or value is True or value is False:
                        step: Any = len(items) if mapping is None else key
                        numeric[(*(entry[2] for entry in above), step)] = source
                        doubtful = doubtful or differs(source, value)
                    elif "e" in source:
                        doubtful = doubtful or differs(source, value)
            if mapping is None:
                items.append(value)
            elif key is not None:
                mapping[key] = value
                key = None
            elif value.__class__ is str and value not in mapping and (value != "<<" or event.style):
                key = value
            else:
                raise _NotPlainSailing
        elif kind is mapping_start or kind is sequence_start:
            child: Any = {} if kind is mapping_start else []
            if mapping is None:
                above.append((None, items, len(items)))
                items.append(child)
            elif key is not None:
                above.append((mapping, items, key))
                mapping[key] = child
                key = None
            else:
                raise _NotPlainSailing
            if len(above) >= MAX_DEPTH:
                raise _NotPlainSailing
            if kind is mapping_start:
                mapping = child
            else:
                mapping, items = None, child
        elif kind is lib.mapping_end or kind is lib.sequence_end:
            if not above:
                break
            mapping, items, _ = above.pop()
        else:
            raise _NotPlainSailing
    _leave(events)
    if len(text) > MAX_NODES and count_nodes(root) > MAX_NODES:
        raise _NotPlainSailing
    return root, numeric, doubtful


def _enter(events: Iterator[Any]) -> None:
    """Skip the start of stream, document and root mapping; a text that begins differently is not a record."""
    lib = libyaml()
    next(events, None)
    start: Any = next(events, None)
    if start.__class__ is not lib.document_start or start.version or start.tags:
        raise _NotPlainSailing
    if next(events, None).__class__ is not lib.mapping_start:
        raise _NotPlainSailing


def _leave(events: Iterator[Any]) -> None:
    """After the root mapping: the end of the document and of the stream, nothing else."""
    lib = libyaml()
    if [event.__class__ for event in events] != [lib.document_end, lib.stream_end]:
        raise _NotPlainSailing

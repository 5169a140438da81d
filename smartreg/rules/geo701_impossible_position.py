"""Implausible position."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.positions import impossible_positions
from smartreg.rules.rule import rule


@rule("GEO701", "error", "record", Words("Implausible position", "Position impossible"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for name, message, hint in impossible_positions(record, context):
        yield Fault(at(record, name), message, hint)

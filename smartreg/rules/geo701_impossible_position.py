"""Implausible position."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.positions import impossible_positions
from smartreg.rules.rule import rule


@rule("GEO701", "error", "record", Message("Implausible position"), asks=lambda kind: kind.position)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for name, message, hint in impossible_positions(record, context):
        yield Fault(at(record, name), message, hint)

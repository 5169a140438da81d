"""Convention that allows installation for a fee."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import current, path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule


@rule("CON306", "error", "record", Message("convention for a fee"), kinds=("convention",), law="FR")
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if current(record).get("consideration") == "fee":
        yield Fault(
            at(record, *path_of_term(record, "consideration")),
            Message("the model of convention is free of charge (titre gracieux)"),
            Message("record a paid occupation elsewhere, or set consideration to free"),
        )

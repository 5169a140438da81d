"""The convention that a command is about."""

from __future__ import annotations

from smartreg.errors import UsageFault
from smartreg.registry import Registry
from smartreg.values import Record, Words
from smartreg.workspace import record_of

KIND = "convention"


def convention_named(registry: Registry, word: str) -> Record:
    """The convention that people call `word`; UsageFault when it is another kind of record."""
    bare = "/" not in word and word in registry.ids(KIND)
    record = record_of(registry, f"{KIND}/{word}" if bare else word)
    if record.rid.kind != KIND:
        raise UsageFault(
            Words(f"{record.rid} is no convention", f"{record.rid} n'est pas une convention"),
            Words("smartreg list convention shows them", "smartreg list convention les montre"),
        )
    return record

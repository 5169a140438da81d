"""A record of the registry as it was at some moment."""

from __future__ import annotations

from smartreg.commands.workspace import record_of
from smartreg.core.errors import UsageFault
from smartreg.core.values import Record, Words
from smartreg.registry import Registry


def find_record(registry: Registry, word: str, at: str | None) -> Record:
    """The record that people call `word`; UsageFault tells also of which moment there is none."""
    try:
        return record_of(registry, word)
    except UsageFault as fault:
        if at is None:
            raise
        told = Words(f"{fault.message.en} at {at}", f"{fault.message.fr} à {at}")
        raise UsageFault(told, fault.hint) from None

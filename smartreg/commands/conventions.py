"""The convention that a command is about."""

from __future__ import annotations

from smartreg.commands.workspace import record_of
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import Record, Words
from smartreg.registry import Registry
from smartreg.schema import Kind

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


def refuse_old_schema(kind: Kind, field: str) -> None:
    """StateFault where the registry's own schema, older than this release, does not know a field that is to be
    written."""
    if (field,) not in kind.by_path:
        raise StateFault(
            Words(
                f"the schema of this registry does not know {field} of a {kind.name}",
                f"le schéma de ce registre ne connaît pas {field} du type {kind.name}",
            ),
            Words(
                "bring its schemas to this release first, in a change of its own: smartreg schema --refresh",
                "mettez d'abord ses schémas à cette version, par une modification à part : smartreg schema --refresh",
            ),
        )

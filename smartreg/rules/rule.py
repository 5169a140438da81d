"""What a rule is.

One file per rule. The module's docstring is its manual page; the function that `@rule` marks is the check. Checks are
pure: they read values and yield `Fault`s; the engine adds code and severity.

Scopes and what the check is called with:

    file      no check: the reader (YML) or the schemas (SCH) find these
    sheet     no check: the import finds these in a sheet
    frame     no check: `validate --since` finds these
    history   no check: `smartreg audit` finds these in Git
    schema    check(record, fault, source, context)   a schema fault this rule names instead (source: as written)
    record    check(record, context)                  one record by itself
    registry  check(registry, subjects, context)      `subjects`: the records of `kinds` to judge, all or
                                                      some; it is not called when there are none
    change    check(before, after, changes, context)  two registries
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeAlias

from smartreg.core.findings import Severity
from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Fault, Snapshot, Touches

Scope: TypeAlias = Literal["file", "sheet", "frame", "history", "schema", "record", "registry", "change"]


def linked(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """What a change of `record` can touch, unless a rule says otherwise: itself, what it names, what names it."""
    yield record.rid
    for link in registry.links_from(record.rid):
        yield from (RecordId(kind, link.target) for kind in link.kinds)
    for link in registry.links_to(record.rid):
        yield link.source


def nothing(_registry: Snapshot, _record: Record) -> tuple[RecordId, ...]:
    """For rules that judge each record without looking at others, or that `touches_existence` says enough of."""
    return ()


def everything(registry: Snapshot, _record: Record) -> Iterator[RecordId]:
    """For rules whose subjects cannot be told from the change."""
    for kind in registry.schemas.kinds:
        yield from (record.rid for record in registry.of_kind(kind))


@dataclass(frozen=True)
class Rule:
    """One rule: code, default severity, scope, subjects, the check; its manual page, where that of its module is none.

    Registry scope: `touches` tells which subjects a changed record can affect, beside itself; `touches_existence` those
    that it affects only when it comes or goes (its id has no file before, or none after); `reads` names the files,
    besides records, that the verdict on a record depends on. `indexed` names the (kind, field) pairs that the check
    looks up with `by_value`; `dated` rules depend on the reference date. `claims`, called like a check of schema scope,
    lets a rule of record scope name schema faults besides. `advises`: what it says to do (hint, fix) depends on more
    of the registry than `touches` tells; where something was found, it is asked again after any change.
    `grades_errors`: the check calls some faults errors, though `severity` is less.
    """

    code: str
    severity: Severity
    scope: Scope
    kinds: tuple[str, ...]
    title: Words
    check: Callable[..., Any]
    module: str = ""
    touches: Touches = linked
    touches_existence: Touches = nothing
    indexed: tuple[tuple[str, str], ...] = ()
    dated: bool = False
    reads: Callable[[Record], Iterable[str]] | None = None
    claims: Callable[..., Any] | None = None
    advises: bool = False
    grades_errors: bool = False
    page: str | None = None

    @property
    def manual(self) -> str:
        """The manual page: what stands at the head of the module."""
        if self.page is not None:
            return self.page
        return import_module(self.module).__doc__ or _docstring_in_source(self.module)

    def speaks_of(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


def _docstring_in_source(module: str) -> str:
    """What `python -OO` leaves out of the module; nothing where its source is not installed."""
    import ast
    from importlib.util import find_spec

    spec = find_spec(module)
    read = getattr(spec and spec.loader, "get_source", None)
    source = read(module) if read else None
    return (ast.get_docstring(ast.parse(source), clean=False) or "") if source else ""


def rule(
    code: str, severity: Severity, scope: Scope, title: Words, **more: Any
) -> Callable[[Callable[..., Any]], Rule]:
    """Make a rule of a check. `more`: kinds, touches, touches_existence, indexed, dated, reads,
    claims, advises, grades_errors as in `Rule`."""

    def made(check: Callable[..., Any]) -> Rule:
        kinds = tuple(more.pop("kinds", ()))
        return Rule(code, severity, scope, kinds, title, check, check.__module__, **more)

    return made


def found_elsewhere(*_: object) -> tuple[Fault, ...]:
    """The check of a code that is found by reading (YML), schemas (SCH), import (IMP), the gate or the audit."""
    return ()

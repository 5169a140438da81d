"""A rule: what it declares, and its check.

One module per rule: the function that `@rule` marks is the check; its manual is `pages/<CODE>.md`. Checks are pure:
they read values and yield `Fault`s; the engine adds code and severity.

Scopes and what the check is called with:

    file      no check: the reader (YML) or the schemas (SCH) find these
    sheet     no check: the import finds these in a sheet
    frame     no check: `validate --since`, or a merge under way, shows these
    history   no check: `smartreg audit` finds these in Git
    sources   no check: an observatory finds these among the releases of its sources
    schema    check(record, fault, source, context)   a schema fault this rule names instead (source: as written)
    record    check(record, context)                  one record by itself
    registry  check(registry, subjects, context)      `subjects`: the records of `kinds` to check, all or
                                                      some; it is not called when there are none
    change    check(before, after, changes, context)  two registries
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, TypeAlias

from smartreg.core.findings import Severity
from smartreg.core.messages import Text
from smartreg.core.values import Record
from smartreg.domain.checks import Fault, Touches
from smartreg.domain.reach import linked
from smartreg.schema import Kind

Asks: TypeAlias = Callable[[Kind], Iterable[str]]
Scope: TypeAlias = Literal["file", "sheet", "frame", "history", "sources", "schema", "record", "registry", "change"]


class Rule(NamedTuple):
    """One rule: code, default severity, scope, kinds, and check. `page` replaces its manual page.

    Registry scope: `touches` gives the subjects that a changed record can affect, besides itself, if they are others
    than those of `reach.py`; `reads` names the files, besides records, that the findings on a record depend on.
    `indexed` names the (kind, field) pairs that the check looks up with `by_value`; `dated` rules depend on the
    reference date. `claims`, called like a check of schema scope, lets a rule of record scope name schema faults too.
    `advises`: its advice (hint, fix) depends on more of the registry than `touches` covers; if it found something, it
    runs again after any change. `law`: the country (ISO 3166-1) whose law or official codes it goes by; in any other,
    the engine leaves it out. `grades_errors`: the check raises some faults to errors, although `severity` is lower.

    Record and registry scope: `asks` gives the top-level fields of a kind without any of which the check finds nothing
    in a record: it is not called for such records.
    """

    code: str
    severity: Severity
    scope: Scope
    kinds: tuple[str, ...]
    title: Text
    check: Callable[..., Any]
    module: str = ""
    touches: Touches = linked
    indexed: tuple[tuple[str, str], ...] = ()
    dated: bool = False
    reads: Callable[[Record], Iterable[str]] | None = None
    claims: Callable[..., Any] | None = None
    advises: bool = False
    grades_errors: bool = False
    law: str = ""
    asks: Asks | None = None
    page: str | None = None

    def applies_in(self, country: str) -> bool:
        """Whether it counts in a registry of this country."""
        return self.law in ("", country)

    def speaks_of(self, kind: str) -> bool:
        """Whether it checks records of this kind."""
        return not self.kinds or kind in self.kinds


def rule(code: str, severity: Severity, scope: Scope, title: Text, **more: Any) -> Callable[[Callable[..., Any]], Rule]:
    """Make a rule from a check. `more`: kinds, touches, indexed, dated, reads, claims,
    advises, grades_errors, law, asks as in `Rule`."""

    def make(check: Callable[..., Any]) -> Rule:
        kinds = tuple(more.pop("kinds", ()))
        return Rule(code, severity, scope, kinds, title, check, check.__module__, **more)

    return make


def one_of(*names: str) -> Asks:
    """`asks` of a check that looks at these fields of any kind."""
    return lambda _kind: names


def found_elsewhere(*_: object) -> tuple[Fault, ...]:
    """The check of a code reported by reading (YML), schemas (SCH), import (IMP), the gate or the audit."""
    return ()

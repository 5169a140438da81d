"""A crash in a rule: an error of the program, reported with the rule and the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from smartreg import __version__
from smartreg.core.errors import SmartregError
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId
from smartreg.rules.rule import Rule

Check: TypeAlias = Callable[[Sequence[Any]], Iterable[Any]]

BUILT_IN = "smartreg.rules."
PASSING = (SmartregError, OSError, MemoryError)
"""Exceptions that a check may let through: settings that cannot be used, a file or memory that the system refuses. They
are no crash."""


class RuleCrash(SmartregError):
    """Exit 70: the check of a rule crashed. `record`: what it checked, None when no single record makes it fail.
    `findings`: what all the other rules found."""

    def __init__(
        self, rule: Rule, record: RecordId | None, fault: BaseException, findings: Sequence[Finding] = ()
    ) -> None:
        name = type(fault).__name__
        if record:
            message = Message(
                "rule {code} broke off on {record} ({name}); smartreg {version}",
                code=rule.code,
                record=record,
                name=name,
                version=__version__,
            )
        else:
            message = Message(
                "rule {code} broke off ({name}); smartreg {version}", code=rule.code, name=name, version=__version__
            )
        super().__init__(message, _hint(rule))
        self.rule, self.record, self.findings = rule, record, tuple(findings)

    def with_findings(self, findings: Sequence[Finding]) -> RuleCrash:
        """The same with what the other rules found."""
        cause = self.__cause__ or self
        crash = RuleCrash(self.rule, self.record, cause, findings)
        crash.__cause__ = cause
        return crash


@contextmanager
def blame_rule(rule: Rule, check: Check, subjects: Sequence[Any]) -> Iterator[Check]:
    """RuleCrash if `check`, which is given these subjects here (records, or pairs of one before and after), crashes. It
    names the first subject that makes `check` fail when checked alone."""
    try:
        yield check
    except PASSING:
        raise
    except Exception as fault:
        raise RuleCrash(rule, _culprit(check, subjects), fault) from fault


def _culprit(check: Check, subjects: Sequence[Any]) -> RecordId | None:
    for subject in subjects:
        try:
            list(check([subject]))
        except Exception:
            sides: tuple[Record | None, ...] = (subject,) if isinstance(subject, Record) else subject
            return next((side.rid for side in sides if side is not None), None)
    return None


def _hint(rule: Rule) -> Text:
    without = f"smartreg validate --ignore {rule.code}"
    if rule.module.startswith(BUILT_IN):
        return Message(
            "run it again with --debug and send the maintainers what it prints, without what is confidential; until "
            "then: {without}",
            without=without,
        )
    return Message(
        "it is a rule of a plug-in: report it to the maintainer of {module} (--debug shows where it fails); until "
        "then: {without}",
        module=rule.module,
        without=without,
    )

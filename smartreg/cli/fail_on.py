"""`--fail-on`: from which severity of findings on a command ends with 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Option
from smartreg.cli.session import choice
from smartreg.core.findings import SEVERITIES, Severity
from smartreg.core.values import Words

FAIL_ON = ("error", "warning", "info", "never")

FailOn: TypeAlias = Annotated[
    str | None,
    Option(
        ("--fail-on",),
        Words("exit 1 from this severity on", "sortie 1 à partir de cette gravité"),
        "SEVERITY",
        FAIL_ON,
    ),
]


def limit_of(word: str | None) -> str:
    """The severity that was asked for, else errors. UsageFault for a word that is none."""
    return choice(word or FAIL_ON[0], FAIL_ON, Words("severity", "la gravité"))


def reaches(found: Iterable[Severity], limit: str) -> bool:
    """Whether one of the findings is as grave as the limit, or graver."""
    grave = () if limit == "never" else SEVERITIES[: SEVERITIES.index(limit) + 1]
    return any(severity in grave for severity in found)

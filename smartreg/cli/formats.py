"""Reporters by name: the modules of `smartreg.reporters`, found by walking the package and imported when used. A name
of several words is that of a shared piece or of a report of something else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from smartreg import reporters
from smartreg.commands.validate import Verdict
from smartreg.core.findings import Finding
from smartreg.core.styled import Line, plain
from smartreg.core.values import Language

FIRST = "full"
COMMANDING = ("github",)  # its lines are commands to a CI service
SHARED = ("secrets", "summing")
Reporter = Callable[..., Any]


def finding_formats() -> tuple[str, ...]:
    """The names of the reporters of findings, the usual one first."""
    names = sorted(module.name for module in pkgutil.iter_modules(reporters.__path__))
    return (FIRST, *(name for name in names if name not in (FIRST, *SHARED) and "_" not in name))


def finding_reporter(name: str) -> Reporter:
    """The `report` function of a reporter; it gives lines for people or one text for machines."""
    report: Reporter = importlib.import_module(f"{reporters.__name__}.{name}").report
    return report


def reported(name: str, verdict: Verdict, lang: Language, findings: Sequence[Finding] | None = None) -> Any:
    """What a reporter makes of a verdict, or of some of its findings. Its keyword-only parameters say what it needs."""
    report = finding_reporter(name)
    known = {"locate": verdict.locate, "lang": lang, "rules": verdict.rules}
    code = report.__code__
    wanted = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    shown = verdict.findings if findings is None else findings
    return report(shown, verdict.summary, **{key: value for key, value in known.items() if key in wanted})


def report_text(name: str, verdict: Verdict, lang: Language) -> str:
    """A whole report as text without styles."""
    made: str | Iterable[Line] = reported(name, verdict, lang)
    return made if isinstance(made, str) else plain(made)

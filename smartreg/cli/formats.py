"""Reporters by name: the modules of `smartreg.reporters`, found by walking the package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from smartreg import reporters

FIRST = "full"
Reporter = Callable[..., Any]


def finding_formats() -> tuple[str, ...]:
    """The names of the reporters of findings, the usual one first."""
    names = [module.name for module in pkgutil.iter_modules(reporters.__path__) if "_" not in module.name]
    found = sorted(name for name in names if hasattr(_module(name), "report"))
    return (FIRST, *(name for name in found if name != FIRST))


def finding_reporter(name: str) -> Reporter:
    """The `report` function of a reporter; it gives lines for people or one text for machines."""
    report: Reporter = _module(name).report
    return report


def _module(name: str) -> Any:
    return importlib.import_module(f"{reporters.__name__}.{name}")

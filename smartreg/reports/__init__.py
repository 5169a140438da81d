"""The bilan: one file per figure (`bNN_…`: `DEFINITION`, `figure(material)`), one per format (`render(bilan, lang=…)`).

A figure is a function of its material, and a format of the bilan: they read no clock, no file and no Git, so the same
commit gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartreg.core.messages import Text

__all__ = ["FORMATS", "Form", "ReportFile"]


@dataclass(frozen=True)
class ReportFile:
    """A file of a report: name, bytes, rows (None for what is not a table), what it is for people (None: nothing worth
    a line)."""

    name: str
    content: bytes
    rows: int | None
    note: Text | None


@dataclass(frozen=True)
class Form:
    """How a format comes: the ending of its file; whether it needs a folder; whether it is the page, which shows the
    registry too."""

    suffix: str
    folder: bool = False
    page: bool = False


# Each is the module of its name in this package. Light, because the command line and Tab read it.
FORMATS: Mapping[str, Form] = {
    "markdown": Form(".md"),
    "csv": Form(".csv", folder=True),
    "json": Form(".json"),
    "html": Form(".html", page=True),
}

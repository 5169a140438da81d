"""The names that sheets of workbooks may have."""

from __future__ import annotations

import re
from typing import Final

from smartreg.core.messages import Language, Message, languages

LONGEST: Final = 31
_REFUSED = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")


def sheet_name(text: str) -> str:
    """A text without what no name of a sheet may have; it may still be too long."""
    return _REFUSED.sub(" ", text).strip("' ")


def about_sheet(lang: Language) -> str:
    """The sheet with the origin of an export, in a workbook with labels of this language."""
    return sheet_name(Message("about").in_(lang))[:LONGEST]


def about_sheets() -> set[str]:
    """Its names in all languages."""
    return set(map(about_sheet, languages()))

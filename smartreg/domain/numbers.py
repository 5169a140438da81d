"""Numbers in records: read, sum, format for people. The check digit of SIREN and IMEI."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from smartreg.core import messages
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json

SIREN = re.compile(r"[0-9]{9}")
_EXACT = 6  # decimals of a sum: 0.1 + 0.2 must be 0.3


def number(value: Json) -> float | None:
    """A finite number; None for anything else (true is not a number, nor is infinity)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        converted = float(value)
    except OverflowError:
        return None
    return converted if math.isfinite(converted) else None


def total(values: Iterable[float]) -> float:
    """The sum, without binary rounding errors."""
    return round(math.fsum(values), _EXACT)


def format_number(value: float) -> Text:
    """17.2 as written in English and French."""
    text = f"{value:.{_EXACT}f}".rstrip("0").rstrip(".")
    return messages.number(text)


def metres(value: float) -> Text:
    """A distance: centimetres below ten metres, whole metres, kilometres from one thousand."""
    if value < 10:
        text, unit = f"{value:.2f}".rstrip("0").rstrip("."), "m"
    elif value < 1000:
        text, unit = f"{value:.0f}", "m"
    else:
        text, unit = f"{value / 1000:.1f}", "km"
    return Message("{text} {unit}", text=messages.number(text), unit=unit)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn formula, ISO/IEC 7812-1 annex B)."""
    from stdnum.luhn import is_valid

    return is_valid(digits)

"""Dates and numbers as options give them."""

from __future__ import annotations

from datetime import date

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words


def day(option: str, text: str) -> date:
    """An ISO date; UsageFault names the option otherwise."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageFault(
        Words(f'{option} "{text}" is not a date', f"{option} « {text} » n'est pas une date"),
        Words("write it like 2024-03-11", "écrivez-la comme 2024-03-11"),
    )


def metres(option: str, text: str, most: float) -> float:
    """Metres from 0 to `most`, with a decimal point or comma; UsageFault names the option otherwise."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = -1.0
    if 0 <= found <= most:
        return found
    raise UsageFault(
        Words(
            f'{option} "{text}" is no distance in metres from 0 to {most}',
            f"{option} « {text} » n'est pas une distance de 0 à {most} mètres",
        )
    )


def count(option: str, text: str) -> int:
    """A whole number from 0; UsageFault names the option otherwise."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageFault(
        Words(f'{option} "{text}" is not a whole number', f"{option} « {text} » n'est pas un nombre entier")
    )

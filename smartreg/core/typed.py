"""Days, distances and counts as people type them, in options and answers."""

from __future__ import annotations

from datetime import date

from smartreg.core.errors import UsageFault
from smartreg.core.spelling import day_in
from smartreg.core.values import Words

HIGHEST = 999_999_999


def day(option: str | Words, text: str) -> date:
    """An ISO date; UsageFault names the option, or what was asked for, otherwise."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    name, meant = option if isinstance(option, Words) else Words(option, option), day_in(text)
    raise UsageFault(
        Words(f'{name.en} "{text}" is not a date', f"{name.fr} « {text} » n'est pas une date"),
        Words(f"is it {meant}?", f"est-ce {meant} ?")
        if meant
        else Words("write it like 2024-03-11", "écrivez-la comme 2024-03-11"),
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
            f'{option} "{text}" is not a distance in metres from 0 to {most}',
            f"{option} « {text} » n'est pas une distance de 0 à {most} mètres",
        )
    )


def count(option: str, text: str) -> int:
    """A whole number from 0 to `HIGHEST`; UsageFault names the option otherwise."""
    if text.isascii() and text.isdigit():
        if len(text.lstrip("0")) <= len(str(HIGHEST)):
            return int(text)
        raise UsageFault(Words(f"{option} takes at most {HIGHEST}", f"{option} : {HIGHEST} au plus"))
    raise UsageFault(
        Words(f'{option} "{text}" is not a whole number', f"{option} « {text} » n'est pas un nombre entier")
    )

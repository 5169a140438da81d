"""Days, distances and counts as people type them, in options and answers."""

from __future__ import annotations

from datetime import date

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.spelling import day_in

HIGHEST = 999_999_999


def day(option: str | Text, text: str) -> date:
    """An ISO date; UsageFault names the option, or what was asked for, otherwise."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    name, meant = option if isinstance(option, Text) else verbatim(option), day_in(text)
    raise UsageFault(
        Message('{name} "{text}" is not a date', name=name, text=text),
        Message("is it {meant}?", meant=meant) if meant else Message("write it like 2024-03-11"),
    )


def metres(option: str, text: str, most: float) -> float:
    """Metres from 0 to `most`, with a decimal point or comma; UsageFault names the option otherwise."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if 0 <= number <= most:
        return number
    raise UsageFault(
        Message('{option} "{text}" is not a distance in metres from 0 to {most}', option=option, text=text, most=most)
    )


def count(option: str, text: str) -> int:
    """A whole number from 0 to `HIGHEST`; UsageFault names the option otherwise."""
    if text.isascii() and text.isdigit():
        if len(text.lstrip("0")) <= len(str(HIGHEST)):
            return int(text)
        raise UsageFault(Message("{option} takes at most {highest}", option=option, highest=HIGHEST))
    raise UsageFault(Message('{option} "{text}" is not a whole number', option=option, text=text))

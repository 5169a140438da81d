"""The names of units for people; schemas, exports and records keep the code (UCUM, or EUR)."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.core.values import Json, Words

_NONE = Words("", "")
_CALLED: Mapping[str, tuple[Words, Words]] = {  # one, several
    "1": (_NONE, _NONE),
    "EUR": (Words("€", "€"), Words("€", "€")),
    "deg": (Words("°", "°"), Words("°", "°")),
    "s": (Words("second", "seconde"), Words("seconds", "secondes")),
    "h": (Words("hour", "heure"), Words("hours", "heures")),
    "d": (Words("day", "jour"), Words("days", "jours")),
    "wk": (Words("week", "semaine"), Words("weeks", "semaines")),
    "mo": (Words("month", "mois"), Words("months", "mois")),
    "a": (Words("year", "an"), Words("years", "ans")),
}


def unit_words(code: str | None) -> tuple[Words, Words]:
    """Singular and plural; other codes are what people write anyway (m, kg, W)."""
    if code is None:
        return _NONE, _NONE
    return _CALLED.get(code) or (Words(code, code), Words(code, code))


def unit_suffix(number: Json, code: str | None) -> Words:
    """The unit as written after a number, with its blank: ` days`, ` jour`, `°`."""
    one, several = unit_words(code)
    en = one.en if number == 1 else several.en
    fr = one.fr if isinstance(number, (int, float)) and abs(number) < 2 else several.fr
    return Words(_blank(en), _blank(fr))


def unit_heading(code: str | None) -> Words:
    """The unit as written after the name of a field: ` (days)`; empty without a unit."""
    words = unit_words(code)[1]
    return Words(f" ({words.en})" if words.en else "", f" ({words.fr})" if words.fr else "")


def _blank(unit: str) -> str:
    return unit if unit in ("", "°") else f" {unit}"

"""The names of units for people; schemas, exports and records keep the code (UCUM, or EUR)."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.core.messages import SOURCE, Language, Message, Text, computed, verbatim
from smartreg.core.values import Json

COUNT = "{count}"  # a number of things, as UCUM writes it
_NONE = verbatim("")
# Codes that people write otherwise.
_SIGNS: Mapping[str, str] = {
    "m2": "m²",
    "m3": "m³",
    "m3/h": "m³/h",
    "m3/d": "m³/d",
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "Cel": "°C",
    "dB[SPL]": "dB",
    "kW.h": "kWh",
    "MW.h": "MWh",
    "[ppm]": "ppm",
    "[pH]": "pH",
}
_CALLED: Mapping[str, tuple[Text, Text]] = {  # one, several
    "1": (_NONE, _NONE),
    "EUR": (verbatim("€"), verbatim("€")),
    "deg": (verbatim("°"), verbatim("°")),
    **{code: (verbatim(sign), verbatim(sign)) for code, sign in _SIGNS.items()},
    "s": (Message("second"), Message("seconds")),
    "h": (Message("hour"), Message("hours")),
    "d": (Message("day"), Message("days")),
    "wk": (Message("week"), Message("weeks")),
    "mo": (Message("month"), Message("months")),
    "a": (Message("year"), Message("years")),
}


def unit_words(code: str | None) -> tuple[Text, Text]:
    """Singular and plural; other codes are what people write anyway (m, kg, W)."""
    if code is None:
        return _NONE, _NONE
    return _CALLED.get(code) or (verbatim(code), verbatim(code))


def unit_suffix(number: Json, code: str | None) -> Text:
    """The unit as written after a number, with its blank: ` days`, ` jour`, `°`."""
    one, several = unit_words(code)
    is_below_two = isinstance(number, (int, float)) and abs(number) < 2

    def in_language(lang: Language) -> str:
        singular = number == 1 if lang == SOURCE else is_below_two
        return _blank((one if singular else several).in_(lang))

    return computed(in_language)


def unit_heading(code: str | None) -> Text:
    """The unit as written after the name of a field: ` (days)`; empty without a unit."""
    several = unit_words(code)[1]
    return computed(lambda lang: f" ({unit})" if (unit := several.in_(lang)) else "")


def _blank(unit: str) -> str:
    return unit if unit in ("", "°") else f" {unit}"

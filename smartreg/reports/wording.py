"""Values of figures in words for people: numbers, shares, money, dates as the language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from smartreg.core.values import Json, Language, Words
from smartreg.reports.figure import Kind, Label, Measure, Value

NARROW = "\u202f"  # between groups of three digits, and before % and €
FIXED = "\u00a0"
SMALL = 10  # numbers below have two decimals
UNKNOWN = "—"
SAID = {
    "registry": Words("Registry", "Registre"),
    "commit": Words("Commit", "Commit"),
    "reference_date": Words("Reference date", "Date de référence"),
    "period": Words("Period", "Période"),
    "audience": Words("Audience", "Public visé"),
    "records": Words("Records read", "Enregistrements lus"),
    "left_out": Words("Records left out", "Enregistrements laissés de côté"),
    "withheld_values": Words("Contacts of people withheld", "Coordonnées de personnes retirées"),
    "rules": Words("Rules", "Règles"),
    "conclusion": Words("Conclusion", "Conclusion"),
    "deliveries": Words("Deliveries", "Messages"),
    "smartreg": Words("smartreg", "smartreg"),
}


def said(kind: Kind, value: Value, lang: Language) -> str:
    """A value as people read it; a dash where it is not known. Text of records stays as it is: make it inert."""
    if value is None:
        return UNKNOWN
    if isinstance(value, Label):
        return value.in_(lang)
    if isinstance(value, str):
        return value
    if kind == "share":
        return _number(100 * float(value), 1, lang) + (f"{NARROW}%" if lang == "fr" else "%")
    if kind == "money":
        return _number(float(value), 0 if value == int(value) else 2, lang) + f"{FIXED}€"
    exact = float(value)
    return _number(exact, 0 if exact.is_integer() else 1 if abs(exact) >= SMALL else 2, lang)


def told(measure: Measure, lang: Language) -> str:
    """The value of a measure, with what a share was computed of; or why there is none."""
    if measure.value is None:
        return measure.why_not.in_(lang) if measure.why_not else UNKNOWN
    text = said(measure.kind, measure.value, lang)
    if measure.parts is None:
        return text
    part, whole = (_number(float(item), 0 if item == int(item) else 1, lang) for item in measure.parts)
    return f"{text} ({part}/{whole})"


def about(origin: Mapping[str, Json], lang: Language) -> list[tuple[str, str]]:
    """The origin of a report, line by line: what it is called, and what it says."""
    period = cast(Mapping[str, Json], origin["period"])
    texts = {name: str(value) for name, value in origin.items() if name in SAID and value is not None}
    texts["period"] = f"{period['from'] or '…'} → {period['until']}"
    if origin.get("commit") is None:
        texts["commit"] = Words("none: changes that no commit holds", "aucun : modifications sans commit").in_(lang)
    return [(words.in_(lang), texts[name]) for name, words in SAID.items() if name in texts]


def _number(value: float, decimals: int, lang: Language) -> str:
    text = f"{value:,.{decimals}f}"
    if lang == "fr":
        return text.replace(",", NARROW).replace(".", ",")
    return text


def plain(value: Value) -> Json:
    """A value for machines: a code, a text, a number with at most six decimals."""
    if isinstance(value, Label):
        return value.code
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded == int(rounded) else rounded
    return value

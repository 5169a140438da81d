"""Damage records, with one schema fault each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartreg.core.values import Json

Data = dict[str, Json]

_ENUM = {
    "party": ("category", "metropolis"),
    "convention": ("status", "singed"),
    "support": ("type", "lamp_post"),
    "equipment": ("status", "actve"),
    "network": ("access", "open"),
    "flow": ("status", "actif"),
    "use_case": ("domain", "sound"),
}
_MISSING = {
    "party": "name",
    "deliberation": "subject",
    "convention": "title",
    "support": "status",
    "equipment": "type",
    "network": "name",
    "flow": "title",
    "use_case": "title",
}
_TYPE: Mapping[str, tuple[str, Json]] = {
    "party": ("notes", 12),
    "deliberation": ("subject", 2023),
    "convention": ("removal_days", "ninety"),
    "support": ("height_m", "8 m"),
    "equipment": ("weight_kg", "0.9 kg"),
    "network": ("name", True),
    "flow": ("quality", "good"),
    "use_case": ("objective", 3),
}


def _wrong_value(kind: str, data: Data) -> Data:
    name, value = _ENUM.get(kind, ("date", "2023-02-30"))
    return {**data, name: value}


def _missing_field(kind: str, data: Data) -> Data:
    return {name: value for name, value in data.items() if name != _MISSING[kind]}


def _wrong_type(kind: str, data: Data) -> Data:
    name, value = _TYPE[kind]
    return {**data, name: value}


def _unknown_field(_kind: str, data: Data) -> Data:
    return {**data, "colour": "green"}


FAULTS: tuple[Callable[[str, Data], Data], ...] = (_wrong_value, _missing_field, _wrong_type, _unknown_field)

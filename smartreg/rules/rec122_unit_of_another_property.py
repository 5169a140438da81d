"""Unit in which the property is not measured."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message, Text, joined
from smartreg.core.spelling import did_you_mean, suggestion
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.ucum import bare_ucum, everyday_ucum
from smartreg.domain.units import is_unit, property_at, units
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule("REC122", "warning", "record", Message("Unit that the property is not measured in"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, unit in units(record, context):
        entry = property_at(record, path, context)
        if entry is None or not entry.ucum or unit in entry.ucum or not is_unit(unit, context):
            continue
        if bare_ucum(unit) not in entry.ucum:
            yield Fault(
                at(record, *path),
                Message(
                    "{path} {unit} is not a unit of {key}", path=path_text(path), unit=literal(unit), key=entry.key
                ),
                _help(unit, entry.ucum),
            )


def _help(unit: str, allowed: tuple[str, ...]) -> Text:
    usual = everyday_ucum(unit)
    near = suggestion(usual) if usual in allowed else did_you_mean(unit, allowed)
    if near:
        return near
    codes = [Message('"{code}"', code=code) for code in allowed]
    choices = joined(codes, Message(" or "))
    return Message(
        "write {choices}, or correct the property; observed-properties.json may list further units", choices=choices
    )

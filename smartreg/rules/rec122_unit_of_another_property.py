"""Unit in which the property is not measured."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.spelling import did_you_mean, suggestion
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.units import bare_ucum, everyday_ucum, is_unit, property_at, units
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule(
    "REC122",
    "warning",
    "record",
    Words("Unit that the property is not measured in", "Unité qui n'est pas celle de la grandeur"),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, unit in units(record, context):
        entry = property_at(record, path, context)
        if entry is None or not entry.ucum or unit in entry.ucum or not is_unit(unit, context):
            continue
        if bare_ucum(unit) not in entry.ucum:
            yield Fault(
                at(record, *path),
                Words(
                    f"{path_text(path)} {literal(unit)} is not a unit of {entry.key}",
                    f"{path_text(path)} {literal(unit)} n'est pas une unité de la grandeur {entry.key}",
                ),
                _help(unit, entry.ucum),
            )


def _help(unit: str, known: tuple[str, ...]) -> Words:
    usual = everyday_ucum(unit)
    near = suggestion(usual) if usual in known else did_you_mean(unit, known)
    if near:
        return near
    codes = [Words(f'"{code}"', f"« {code} »") for code in known]
    choices = Words(" or ".join(code.en for code in codes), " ou ".join(code.fr for code in codes))
    return Words(
        f"write {choices.en}, or correct the property; observed-properties.json may list further units",
        f"écrivez {choices.fr}, ou corrigez la grandeur ; observed-properties.json peut citer d'autres unités",
    )

"""A text that YAML reads as a number, a boolean or nothing."""

from __future__ import annotations

import json

from smartreg.core.findings import Fix, Put
from smartreg.core.values import Json, Location, Record, Words, path_text
from smartreg.domain.checks import Context, Fault
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault


@rule(
    "REC103",
    "error",
    "schema",
    Words("Text read as a number, a boolean or nothing", "Texte lu comme un nombre, un booléen ou rien"),
)
def check(record: Record, fault: SchemaFault, source: str | None, _context: Context) -> Fault | None:
    if fault.code != "SCH102" or not _wants_text(fault.wanted):
        return None
    read_as = _read_as(fault.value, source)
    if read_as is None:
        return None
    written = json.dumps(fault.value) if source is None else source
    quoted = json.dumps(written, ensure_ascii=False)
    name = path_text(fault.path)
    if fault.value is None:
        hint = Words(
            f"write it in quotes: {quoted}, or leave the field out",
            f"écrivez-le entre guillemets : {quoted}, ou supprimez le champ",
        )
    else:
        hint = Words(f"write it in quotes: {quoted}", f"écrivez-le entre guillemets : {quoted}")
    return Fault(
        Location(record.file, fault.path),
        Words(f"{name}: {written} is read as {read_as.en}", f"{name} : {written} est lu comme {read_as.fr}"),
        hint,
        fix=None if fault.value is None else Fix(Put(fault.path, written)),
    )


def _wants_text(wanted: Json) -> bool:
    return wanted == "string" or (isinstance(wanted, list) and "string" in wanted)


def _read_as(value: Json, source: str | None) -> Words | None:
    """What YAML made of the text; None for a list, a mapping, and a missing value (SCH102 reports it)."""
    if isinstance(value, bool):
        return Words("a boolean", "un booléen")
    if isinstance(value, (int, float)):
        return Words("a number", "un nombre")
    if value is None and source:
        return Words("nothing", "rien")
    return None

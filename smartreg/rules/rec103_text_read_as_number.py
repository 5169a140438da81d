"""A text that YAML reads as a number, a boolean or nothing."""

from __future__ import annotations

import json

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Location, Record, path_text
from smartreg.domain.checks import Context, Fault
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault


@rule("REC103", "error", "schema", Message("Text read as a number, a boolean or nothing"))
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
        hint = Message("write it in quotes: {quoted}, or leave the field out", quoted=quoted)
    else:
        hint = Message("write it in quotes: {quoted}", quoted=quoted)
    return Fault(
        Location(record.file, fault.path),
        Message("{name}: {written} is read as {read_as}", name=name, written=written, read_as=read_as),
        hint,
        fix=None if fault.value is None else Fix(Put(fault.path, written)),
    )


def _wants_text(wanted: Json) -> bool:
    return wanted == "string" or (isinstance(wanted, list) and "string" in wanted)


def _read_as(value: Json, source: str | None) -> Text | None:
    """The type that YAML made of the text; None for a list, a mapping, and a missing value (SCH102 reports it)."""
    if isinstance(value, bool):
        return Message("a boolean")
    if isinstance(value, (int, float)):
        return Message("a number")
    if value is None and source:
        return Message("nothing")
    return None

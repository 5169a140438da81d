"""Date that the status requires is missing."""

from __future__ import annotations

from smartreg.core.messages import SOURCE, Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import BEFORE, INSTALLED
from smartreg.domain.fields import state
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault


@rule("LIF603", "error", "schema", Message("date of the status missing"))
def check(record: Record, fault: SchemaFault, _source: str | None, context: Context) -> Fault | None:
    kind = context.schemas.kinds[record.rid.kind]
    field = kind.field_at(fault.path) if len(fault.path) == 1 else None
    if fault.code != "SCH101" or kind.lifecycle is None or field is None or field.required:
        return None
    name, status = field.path[0], state(context, record)
    if name not in kind.lifecycle.dates.values() or not status.in_(SOURCE):
        return None
    return Fault(
        at(record, name),
        Message('status "{status}" needs {name}', status=status, name=name),
        _hint(record, name, may_be_unknown=name == INSTALLED and (BEFORE,) in kind.by_path),
    )


def _hint(record: Record, name: str, *, may_be_unknown: bool) -> Text:
    line = f"smartreg set {record.rid.id} {name}"
    if record.rid.kind == "convention":  # what binds the parties can only be corrected (CHG805)
        return Message('take the date from the act: {line}=YYYY-MM-DD --correct -m "as the act says"', line=line)
    if may_be_unknown:
        return Message(
            "add the date: {line}=YYYY-MM-DD; where nobody knows it: {before}=YYYY-MM-DD, a day on which it was there",
            line=line,
            before=BEFORE,
        )
    return Message("add the date: {line}=YYYY-MM-DD", line=line)

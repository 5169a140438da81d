"""Camera that does not say what it could capture about people."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended
from smartreg.rules.rule import rule


@rule("DAT518", "warning", "record", Message("camera without captures"), kinds=("equipment",))
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.data.get("type") == "camera" and "captures" not in record.data and not has_ended(context, record):
        yield Fault(
            at(record, "type"),
            Message("the camera does not say what it could capture about people"),
            Message("add captures: image, audio, plates …; an empty list when it is nothing"),
        )

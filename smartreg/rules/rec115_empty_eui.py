"""EUI of only zeros or Fs."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.devices import EUIS
from smartreg.rules.rule import rule

BLANKS = ("0" * 16, "F" * 16)


@rule("REC115", "error", "record", Message("EUI of only zeros or Fs"), asks=EUIS.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, eui in EUIS(record, context):
        if eui in BLANKS:
            name = path_text(path)
            yield Fault(
                at(record, *path),
                Message('{name} "{eui}" identifies nothing', name=name, eui=eui),
                Message("copy it from the label or the network server, or leave {name} out", name=name),
                severity="warning" if name == "join_eui" and eui == BLANKS[0] else None,
            )

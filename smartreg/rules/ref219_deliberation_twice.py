"""Deliberation number shared by two records of one body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.corrections import as_text
from smartreg.domain.fields import text
from smartreg.rules.rule import rule


@rule(
    "REF219",
    "error",
    "registry",
    Message("deliberation number twice"),
    kinds=("deliberation",),
    indexed=(("deliberation", "number"),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for clash in clashes(registry, subjects, "number", lambda record: text(record, "body")):
        other, body = clash.others[0].rid, text(clash.record, "body")
        number = as_text(clash.value)
        if clash.more:
            message = Message(
                '{body} already has a deliberation "{number}": {other} and {more} more',
                body=body,
                number=number,
                other=other,
                more=clash.more,
            )
        else:
            message = Message(
                '{body} already has a deliberation "{number}": {other}', body=body, number=number, other=other
            )
        yield Fault(
            at(clash.record, "number"),
            message,
            Message(
                "correct the number or the body; if they are the same act, remove one (smartreg remove) that nothing "
                "names (smartreg show {other} --refs)",
                other=other,
            ),
            clash.related,
        )

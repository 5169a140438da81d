"""Signed convention without a known end."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import UNTIL, current
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.domain.fields import text
from smartreg.rules.rule import rule


@rule(
    "CON320", "warning", "record", Words("convention without known end", "convention sans terme connu"), kinds=(KIND,)
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if text(record, "status") == "signed" and UNTIL not in current(record):
        yield Fault(
            at(record, "status"),
            Words(
                "signed, but in force without a known end: effective_until is missing",
                "signée, mais en vigueur sans terme connu : effective_until manque",
            ),
            Words(
                f"take it from the act: smartreg set {record.rid.id} effective_until=YYYY-MM-DD --correct"
                ' -m "as the act says"',
                f"reprenez-le de l'acte : smartreg set {record.rid.id} effective_until=AAAA-MM-JJ --correct"
                ' -m "selon l\'acte"',
            ),
        )

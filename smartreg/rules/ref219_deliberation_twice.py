"""Deliberation number shared by two records of one body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.changes import as_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

KIND, FIELD = "deliberation", "number"


@rule(
    "REF219",
    "error",
    "registry",
    Words("deliberation number twice", "numéro de délibération en double"),
    kinds=(KIND,),
    indexed=((KIND, FIELD),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for clash in clashes(registry, subjects, FIELD, lambda record: text(record, "body")):
        other, body = clash.others[0].rid, text(clash.record, "body")
        number = as_text(clash.value)
        if clash.more:
            message = Words(
                f'{body} already has a deliberation "{number}": {other} and {clash.more} more',
                f"{body} a déjà une délibération « {number} » : {other} et {clash.more} de plus",
            )
        else:
            message = Words(
                f'{body} already has a deliberation "{number}": {other}',
                f"{body} a déjà une délibération « {number} » : {other}",
            )
        yield Fault(
            at(clash.record, FIELD),
            message,
            Words(
                "correct the number or the body; if they are the same act, remove one (smartreg remove) that nothing"
                f" names (smartreg show {other} --refs)",
                "corrigez le numéro ou l'assemblée ; si c'est le même acte, supprimez-en une (smartreg remove) que rien"
                f" ne cite (smartreg show {other} --refs)",
            ),
            clash.related,
        )

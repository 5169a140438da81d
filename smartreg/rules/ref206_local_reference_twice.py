"""Local reference that two supports of one owner share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, text
from smartreg.rules.rule import rule

FIELD = "local_ref"


@rule(
    "REF206",
    "error",
    "registry",
    Words("local reference twice", "référence locale en double"),
    kinds=("support",),
    indexed=(("support", FIELD),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    def owner(record: Record) -> str | None:
        return None if has_ended(registry, record) else text(record, "owner")

    for clash in clashes(registry, subjects, FIELD, owner):
        other, whose = clash.others[0].rid.id, owner(clash.record)
        if clash.more:
            message = Words(
                f"{clash.shown} of {whose} is already support {other} and {clash.more} more",
                f"{clash.shown} (propriétaire : {whose}) est déjà le support {other} et {clash.more} de plus",
            )
        else:
            message = Words(
                f"{clash.shown} of {whose} is already support {other}",
                f"{clash.shown} (propriétaire : {whose}) est déjà le support {other}",
            )
        yield Fault(
            at(clash.record, FIELD),
            message,
            Words(
                "correct the number or the owner of one of them, or delete one if they are the same support",
                "corrigez le numéro ou le propriétaire de l'un des deux, ou supprimez-en un si c'est le même support",
            ),
            clash.related,
        )

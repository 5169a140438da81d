"""Serial number that two pieces of equipment of one manufacturer share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, state, text
from smartreg.rules.rule import rule

FIELD = "serial_number"


@rule(
    "REF205",
    "error",
    "registry",
    Words("serial number twice", "numéro de série en double"),
    kinds=("equipment",),
    indexed=(("equipment", FIELD),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    def maker(record: Record) -> str | None:
        name = text(record, "manufacturer")
        return None if name is None or has_ended(registry, record) else name.casefold()

    for clash in clashes(registry, subjects, FIELD, maker):
        other, status = clash.others[0].rid.id, state(registry, clash.others[0])
        if clash.more:
            message = Words(
                f"{FIELD} {clash.shown} of the same manufacturer is already on {other} ({status.en}) and {clash.more} "
                "more",
                f"{FIELD} {clash.shown} du même fabricant figure déjà sur {other} ({status.fr}) et {clash.more} de "
                "plus",
            )
        else:
            message = Words(
                f"{FIELD} {clash.shown} of the same manufacturer is already on {other} ({status.en})",
                f"{FIELD} {clash.shown} du même fabricant figure déjà sur {other} ({status.fr})",
            )
        yield Fault(
            at(clash.record, FIELD),
            message,
            Words(
                'read the label again; if the device moved, set the other record to removed and add "replaces"',
                "relisez l'étiquette ; si l'appareil a été déplacé, "
                "passez l'autre fiche à removed et ajoutez « replaces »",
            ),
            clash.related,
        )

"""Device identifier that two pieces of equipment share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, state
from smartreg.rules.rule import rule

FIELDS = ("dev_eui", "gateway_eui", "mac_address", "imei")


@rule(
    "REF204",
    "error",
    "registry",
    Words("device identifier twice", "identifiant d'appareil en double"),
    kinds=("equipment",),
    indexed=tuple(("equipment", field) for field in FIELDS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    present = list(subjects)
    for field in FIELDS:
        for clash in clashes(registry, present, field, lambda record: None if has_ended(registry, record) else True):
            other, status = clash.others[0].rid.id, state(registry, clash.others[0])
            if clash.more:
                message = Words(
                    f"{field} {clash.shown} is already on {other} ({status.en}) and {clash.more} more",
                    f"{field} {clash.shown} figure déjà sur {other} ({status.fr}) et {clash.more} de plus",
                )
            else:
                message = Words(
                    f"{field} {clash.shown} is already on {other} ({status.en})",
                    f"{field} {clash.shown} figure déjà sur {other} ({status.fr})",
                )
            yield Fault(
                at(clash.record, field),
                message,
                Words(
                    'read the label again; if the device moved, set the other record to removed and add "replaces"',
                    "relisez l'étiquette ; si l'appareil a été déplacé, "
                    "passez l'autre fiche à removed et ajoutez « replaces »",
                ),
                clash.related,
            )

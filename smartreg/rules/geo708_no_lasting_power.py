"""Equipment on the mains, on a support with power only at night or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import AT_WORK, text
from smartreg.domain.mounted import support_of, support_on
from smartreg.rules.rule import rule

_UNFED = {"none", "night_only"}
_MINDED = AT_WORK | {"planned"}


@rule("GEO708", "warning", "registry", Message("no lasting power supply"), kinds=("equipment",), dated=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        if value_at(record.data, ("power", "source")) != "mains" or text(record, "status") not in _MINDED:
            continue
        planned = text(record, "status") == "planned"
        support = support_of(registry, record) if planned else support_on(registry, record, context.on)
        availability = value_at(support.data, ("power", "availability")) if support else None
        if support is None or not isinstance(availability, str) or availability not in _UNFED:
            continue
        if availability != "night_only" or text(record, "type") != "controller":
            yield _no_lasting_power(record, support, availability)


def _no_lasting_power(record: Record, support: Record, availability: str) -> Fault:
    id = support.rid.id
    if availability == "none":
        message = Message("the support {id} has no power supply", id=id)
    else:
        message = Message("the support {id} is fed at night only", id=id)
    return Fault(
        at(record, "power", "source"),
        message,
        Message("add a battery or choose another support"),
        (Related(at(support, "power", "availability"), Message("its supply")),),
    )

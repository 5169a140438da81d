"""Equipment that is both on a support and mobile."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended, text
from smartreg.rules.rule import rule


@rule(
    "REF220",
    "warning",
    "record",
    Words("on a support and mobile", "sur un support et mobile"),
    kinds=("equipment",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    support = text(record, "support")
    if support is None or record.data.get("mobile") is None or has_ended(context, record):
        return
    id = record.rid
    yield Fault(
        at(record, "support"),
        Words(
            f"it cannot hang on support {support} and be mobile",
            f"il ne peut être posé sur le support {support} et mobile à la fois",
        ),
        Words(
            f"remove the wrong one: smartreg set {id} --unset mobile, or smartreg set {id} --unset support",
            f"supprimez le champ erroné : smartreg set {id} --unset mobile, ou smartreg set {id} --unset support",
        ),
        (Related(at(record, "mobile"), Words("where it moves", "où il se déplace")),),
    )

"""Equipment that is both on a support and mobile."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended, text
from smartreg.rules.rule import one_of, rule


@rule("REF220", "warning", "record", Message("on a support and mobile"), kinds=("equipment",), asks=one_of("mobile"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    support = text(record, "support")
    if support is None or record.data.get("mobile") is None or has_ended(context, record):
        return
    id = record.rid
    yield Fault(
        at(record, "support"),
        Message("it cannot hang on support {support} and be mobile", support=support),
        Message("remove the wrong one: smartreg set {id} --unset mobile, or smartreg set {id} --unset support", id=id),
        (Related(at(record, "mobile"), Message("where it moves")),),
    )

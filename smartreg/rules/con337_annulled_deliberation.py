"""Convention or act that rests on a deliberation which a court annulled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.domain.acts import acts
from smartreg.domain.annulments import ANNULMENT, annulment
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import approvals
from smartreg.domain.fields import text
from smartreg.domain.titles import SIGNED
from smartreg.rules.rule import rule


@rule("CON337", "warning", "registry", Message("annulled deliberation"), kinds=("convention",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if text(record, "status") not in SIGNED or annulment(record.data) is not None:
            continue
        approved, _complete = approvals(registry, record)
        yield from _check(record, ("deliberations",), approved)
        for act in acts(record):
            ids = (RecordId("deliberation", id) for id in act.deliberations)
            decided = [found for rid in ids if (found := registry.get(rid)) is not None]
            yield from _check(record, (*act.path, "deliberations"), decided)


def _check(record: Record, path: KeyPath, approved: Sequence[Record]) -> Iterator[Fault]:
    for deliberation in approved:
        annulled = annulment(deliberation.data)
        if annulled is not None:
            yield Fault(
                at(record, *path),
                Message(
                    "rests on deliberation {deliberation}, which {court} annulled on {on}",
                    deliberation=text(deliberation, "number") or deliberation.rid.id,
                    court=annulled.court,
                    on=annulled.on,
                ),
                Message(
                    "the act stands until a court annuls it, too: record that (annulment), or the deliberation that "
                    "replaces this one"
                ),
                (Related(at(deliberation, ANNULMENT), Message("the judgment")),),
            )

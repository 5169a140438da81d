"""Annex of a signed convention without a digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.annexes import DIGEST, WEB, candidates, digest_of, undigested
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import SIGNED
from smartreg.domain.fields import text
from smartreg.rules.rule import rule
from smartreg.schema import literal


def _read(record: Record) -> Iterator[str]:
    """Every file that the record's verdict depends on."""
    for _, item in undigested(record):
        yield from candidates(record, str(item["path"]))


@rule(
    "CON335",
    "warning",
    "registry",
    Message("annex of a signed convention without a digest"),
    kinds=("convention",),
    reads=_read,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if text(record, "status") not in SIGNED:
            continue
        for index, item in undigested(record):
            path = str(item["path"])
            digest = None if path.startswith(WEB) else digest_of(registry, record, path)
            yield Fault(
                at(record, "annexes", index, "path"),
                Message("nothing shows whether {path} is what was signed: it has no digest", path=literal(path)),
                Message("compare the file with the one that was signed, and record its digest in sha256"),
                fix=Fix(Put(("annexes", index, DIGEST), digest), safe=False) if digest else None,
            )

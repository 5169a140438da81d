"""The last release of another registry has expired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Location, Record
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.reach import nothing
from smartreg.rules.rule import rule


@rule("REF225", "warning", "registry", Message("release expired"), touches=nothing, dated=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    if not registry.config.sources or not any(subjects):
        return
    from smartreg.domain.kept_releases import find_expired  # and with it how releases are read
    from smartreg.registry.pins import LOCK

    for alias, pin in find_expired(registry, context.on):
        yield Fault(
            Location(LOCK, (alias, "expires")),
            Message(
                "release {serial} of {alias} expired on {day}: what changed there since is not known here",
                serial=pin.serial,
                alias=alias,
                day=pin.expires[:10],
            ),
            Message("ask its keeper to publish again; if it ended: smartreg source close {alias}", alias=alias),
        )

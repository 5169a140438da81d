"""What is kept of another registry differs from the release that it signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.reach import nothing
from smartreg.rules.rule import rule


@rule("REF224", "error", "registry", Message("kept records differ from their release"), touches=nothing)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    if not registry.config.sources or not any(subjects):
        return
    from smartreg.domain.kept_releases import find_kept_faults  # and with it how releases are read

    for fault in find_kept_faults(registry):
        yield Fault(
            fault.where,
            fault.message,
            Message("nobody edits these files: restore them with Git, or run smartreg source update"),
        )

"""Reference to a record that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.references import Suggestions, find_unresolved
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule("REF201", "error", "registry", Message("unknown reference"), advises=True)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    suggestions = Suggestions(registry)
    for record, link in find_unresolved(registry, subjects):
        if registry.with_id(link.target):
            continue
        name, target = path_text(link.path), literal(link.target)
        near = suggestions.nearest(link)
        adding = " / ".join(f"smartreg add-{registry.schemas.kinds[kind].noun}" for kind in link.kinds)
        yield Fault(
            at(record, *link.path),
            Message("{name} {target} does not exist", name=name, target=target),
            Message("{near} Or create it: {adding}", near=near, adding=adding)
            if near
            else Message("correct the id, or create it: {adding}", adding=adding),
            fix=suggestions.fix(link),
        )

"""Reference to a record of another kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message, Text, joined
from smartreg.core.values import Location, Record, path_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.references import Suggestions, find_unresolved
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule("REF202", "error", "registry", Message("reference to another kind"), advises=True)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    suggestions = Suggestions(registry)
    for record, link in find_unresolved(registry, subjects):
        homes = registry.with_id(link.target)
        if not homes:
            continue
        name, target = path_text(link.path), literal(link.target)
        found = _titles(registry, [home.kind for home in homes])
        wanted = _titles(registry, link.kinds)
        yield Fault(
            at(record, *link.path),
            Message(
                "{name}: {target} is of kind {found}, not {wanted}",
                name=name,
                target=target,
                found=found,
                wanted=wanted,
            ),
            suggestions.nearest(link) or _list_command(registry, link.kinds),
            tuple(Related(Location(registry.files_of(home)[0]), found) for home in homes),
        )


def _titles(registry: Snapshot, kinds: Iterable[str]) -> Text:
    return joined((registry.schemas.kinds[kind].title.lower() for kind in kinds), Message(" or "))


def _list_command(registry: Snapshot, kinds: Iterable[str]) -> Text:
    command = " / ".join(f"smartreg list {registry.schemas.kinds[kind].noun}" for kind in kinds)
    return Message("{command} shows the ids allowed here", command=command)

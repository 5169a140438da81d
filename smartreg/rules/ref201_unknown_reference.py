"""Reference to a record that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import Suggestions, find_unresolved
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule(
    "REF201",
    "error",
    "registry",
    Words("unknown reference", "référence inconnue"),
    advises=True,
)
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
            Words(f"{name} {target} does not exist", f"{name} {target} n'existe pas"),
            Words(f"{near.en} Or create it: {adding}", f"{near.fr} Ou créez-le : {adding}")
            if near
            else Words(f"correct the id, or create it: {adding}", f"corrigez l'identifiant, ou créez-le : {adding}"),
            fix=suggestions.fix(link),
        )

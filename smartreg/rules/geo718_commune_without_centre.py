"""Position that nothing here can compare with its commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import has_centre, name_commune, outlines_decide
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune, commune_of
from smartreg.domain.fields import has_ended, text
from smartreg.domain.positions import believable
from smartreg.rules.rule import rule


@rule(
    "GEO718",
    "info",
    "registry",
    Words("position not checked", "position non vérifiée"),
    kinds=("support",),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        code = commune_of(text(record, "insee_code") or "")
        if place is None or commune(code) is None or has_centre(code) or outlines_decide(registry, code):
            continue
        name = name_commune(code)
        yield Fault(
            at(record, "location"),
            Words(f"nothing here says where {name} is", f"rien ici ne dit où se trouve {name}"),
            Words(
                "outlines of communes, once stored, check positions: smartreg boundaries -h",
                "des contours de communes, une fois enregistrés, contrôlent les positions : smartreg boundaries -h",
            ),
        )

"""Position that nothing here can compare with its commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.boundaries import has_centre, name_commune, outlines_decide
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune, commune_of
from smartreg.domain.fields import code_of
from smartreg.domain.positions import position_in_life
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO718",
    "info",
    "registry",
    Message("position not checked"),
    kinds=("support",),
    asks=one_of("location"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = position_in_life(record, context)
        code = commune_of(code_of(record) or "")
        if place is None or commune(code) is None or has_centre(code) or outlines_decide(registry, code):
            continue
        name = name_commune(code)
        yield Fault(
            at(record, "location"),
            Message("the location of {name} is unknown", name=name),
            Message("outlines of communes, once stored, check positions: smartreg boundaries -h"),
        )

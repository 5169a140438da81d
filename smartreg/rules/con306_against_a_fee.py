"""Convention that allows installation for a fee."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import current, path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule


@rule("CON306", "error", "record", Words("convention for a fee", "convention à titre onéreux"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if current(record).get("consideration") == "fee":
        yield Fault(
            at(record, *path_of_term(record, "consideration")),
            Words(
                "the model of convention is free of charge (titre gracieux)",
                "le modèle de convention est à titre gracieux",
            ),
            Words(
                "record a paid occupation elsewhere, or set consideration to free",
                "enregistrez ailleurs une occupation payante, ou mettez consideration à free",
            ),
        )

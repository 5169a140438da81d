"""Same field changed by two acts on one day."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.acts import Act, acts
from smartreg.domain.changes import correction_command
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.rules.rule import rule


@rule("CON323", "error", "record", Words("changed twice on one day", "modifié deux fois le même jour"), kinds=(KIND,))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    found = acts(record)
    for index, act in enumerate(found):
        line = correction_command(record, [f"{path_text(act.path)}.effective_from=DATE"])
        for other in found[:index]:
            for path in sorted(_find_clashing(other, act)) if other.start == act.start else ():
                yield Fault(
                    at(record, *act.path),
                    Words(
                        f"amendments {other.number} and {act.number} both change {path} on {act.start}",
                        f"les avenants {other.number} et {act.number} changent tous deux {path} le {act.start}",
                    ),
                    Words(
                        f"correct the day of one of them ({line.en}), or record both as one act",
                        f"corrigez la date de l'un d'eux ({line.fr}), ou saisissez les deux comme un seul acte",
                    ),
                    (Related(at(record, *other.path), Words("the other act", "l'autre acte")),),
                )


def _find_clashing(one: Act, other: Act) -> frozenset[str]:
    """The paths that both change, one of them by setting or unsetting it."""
    given = {*one.part("sets"), *one.unset, *other.part("sets"), *other.unset}
    return one.changed & other.changed & given

"""Same field changed by two acts of one day, signed on one day."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.acts import Act, acts
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import correction_command
from smartreg.rules.rule import rule


@rule("CON323", "error", "record", Message("changed twice on one day"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    amendments = acts(record)
    for index, act in enumerate(amendments):
        line = correction_command(record, [f"{path_text(act.path)}.effective_from=DATE"])
        for other in amendments[:index]:
            for path in sorted(_find_clashing(other, act)) if _is_undecided(other, act) else ():
                yield Fault(
                    at(record, *act.path),
                    Message(
                        "amendments {number} and {act_number} both change {path} on {start}",
                        number=other.number,
                        act_number=act.number,
                        path=path,
                        start=act.start,
                    ),
                    Message("correct the day of one of them ({line}), or record both as one act", line=line),
                    (Related(at(record, *other.path), Message("the other act")),),
                )


def _is_undecided(first: Act, second: Act) -> bool:
    """Whether no day says which of two acts holds: the later signature does."""
    return first.start == second.start and first.signed == second.signed


def _find_clashing(first: Act, second: Act) -> frozenset[str]:
    """The paths that both change, one of them by setting or unsetting it."""
    given = {*first.part("sets"), *first.unset, *second.part("sets"), *second.unset}
    return first.changed & second.changed & given

"""Protection of personal data reduced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.messages import Message
from smartreg.core.values import Json, KeyPath, Record, value_at
from smartreg.domain.changes import Changes, pairs_of
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import as_text
from smartreg.domain.days import seconds
from smartreg.domain.flows import personal
from smartreg.rules.rule import rule

_PLACE = "personal_data"


@rule("CHG809", "warning", "change", Message("less protection of personal data"), kinds=("flow",))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, _context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, "flow"):
        for path in _find_reduced(personal(old), personal(new)):
            yield _less_protection(new, path, value_at(personal(old), path))


def _find_reduced(was: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[KeyPath]:
    """The fields below `personal_data` that protect less than before."""
    if was.get("involved") is True and now.get("involved") is not True:
        yield ("involved",)
        return  # the other fields go with it
    status = ("dpia", "status")
    if value_at(was, status) == "done" and value_at(now, status) != "done":
        yield status
    kept, keeps = _length(was), _length(now)
    if kept is not None and (keeps is None or keeps > kept):
        yield ("retention",)


def _length(data: Mapping[str, Json]) -> int | None:
    """The retention period in seconds; None if unreadable."""
    value = data.get("retention")
    return seconds(value) if isinstance(value, str) else None


def _less_protection(record: Record, path: KeyPath, was: Json) -> Fault:
    now = value_at(record.data, (_PLACE, *path))
    name = ".".join(map(str, (_PLACE, *path)))
    given = next((path[:length] for length in range(len(path), 0, -1) if _there(record, path[:length])), ())
    here = at(record, _PLACE, *given) if _PLACE in record.data else at(record, "id")
    before = as_text(was)
    if now is None:
        message = Message("{name} was {before} and is now empty", name=name, before=before)
    else:
        after = as_text(now)
        message = Message("{name} was {before} and is now {after}", name=name, before=before, after=after)
    return Fault(
        here,
        message,
        Message("ask the data protection officer to review this change"),
    )


def _there(record: Record, path: KeyPath) -> bool:
    return value_at(record.data, (_PLACE, *path)) is not None

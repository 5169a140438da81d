"""Personal data: what a change alters in what is known about people, and in who receives it."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.diff import Change, plain_path
from smartreg.diff.impact.comparison import Effect
from smartreg.domain.flows import captures, is_personal
from smartreg.domain.kinds import is_equipment, is_flow

TERMS = ("personal_data", "producer", "consumers", "access", "equipment", "platform", "status")
"""The fields of a flow that say what is known of people, on what terms and who has it."""


def of_people(change: Change) -> Iterator[Effect]:
    """The effects of grade `personal` of one change."""
    if is_flow(change.rid):
        yield from _of_flow(change)
    elif is_equipment(change.rid):
        yield from _of_device(change)


def _of_flow(change: Change) -> Iterator[Effect]:
    was = change.before is not None and is_personal(change.before)
    is_ = change.after is not None and is_personal(change.after)
    if not was and not is_:
        return
    if change.before is None:
        effect = Message("a new flow of personal data")
    elif change.after is None or change.kind == "retired":
        effect = Message("a flow of personal data ends")
    elif not was:
        effect = Message("carries personal data from now on")
    elif not is_:
        effect = Message("said to carry no personal data any more")
    else:
        touched = tuple(plain_path(field.path) for field in change.fields() if field.path[0] in TERMS)
        if touched:
            yield Effect("personal", Message("other terms: {}"), words=touched)
        return
    yield Effect("personal", effect)


def _of_device(change: Change) -> Iterator[Effect]:
    was = set(captures(change.before)) if change.before else set()
    is_ = set(captures(change.after)) if change.after else set()
    came, went = tuple(sorted(is_ - was)), tuple(sorted(was - is_))
    if came:
        yield Effect("personal", Message("can capture people: {}"), words=came)
    elif went and change.after is not None:
        yield Effect("personal", Message("said to capture no more: {}"), words=went)

"""Amending act that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.messages import Message, Text
from smartreg.core.values import KeyPath, Record
from smartreg.domain.acts import Act, at_path, key_of, list_at, steps
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import OPEN, correction_command
from smartreg.domain.fields import text_list
from smartreg.domain.renewal import Terms
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule


@rule("CON321", "error", "registry", Message("act without effect"), kinds=("convention",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        yield from _check(record, successions(registry).acts)


def _check(record: Record, succeeded: Sequence[Act]) -> Iterator[Fault]:
    for act, before in steps(record, succeeded):
        yield from _check_added(record, act, before)
        for path, items in act.part("removes").items():
            held = [key_of(path, item) for item in list_at(before, path) or ()]
            for item in items if isinstance(items, list) else ():
                if key_of(path, item) not in held:
                    message = Message(
                        "amendment {number}: {path} has no {item}", number=act.number, path=path, item=item
                    )
                    yield _no_effect(record, (*act.path, "removes", path), path, message)
        for path, value in act.part("sets").items():
            if at_path(before, path) == value:
                message = Message(
                    "amendment {number}: {path} is already {value}", number=act.number, path=path, value=value
                )
                yield _no_effect(record, (*act.path, "sets", path), path, message)
        for place, path in enumerate(act.unset):
            if at_path(before, path) is None:
                message = Message("amendment {number}: {path} is not there", number=act.number, path=path)
                yield _no_effect(record, (*act.path, "unsets", place), path, message)


def _check_added(record: Record, act: Act, before: Terms) -> Iterator[Fault]:
    gone = act.part("removes")
    for path, items in act.part("adds").items():
        held = [key_of(path, item) for item in list_at(before, path) or ()]
        back = text_list(gone.get(path))
        for item in items if isinstance(items, list) else ():
            if key_of(path, item) in held and key_of(path, item) not in back:
                name = key_of(path, item)
                message = Message(
                    "amendment {number}: {path} already has {name}", number=act.number, path=path, name=name
                )
                yield _no_effect(record, (*act.path, "adds", path), path, message)


def _no_effect(record: Record, where: KeyPath, path: str, message: Text) -> Fault:
    line = correction_command(record, [f"{path}={OPEN}"])
    return Fault(
        at(record, *where),
        message,
        Message("take it out of the act, or put the initial field back to what was first signed: {line}", line=line),
    )

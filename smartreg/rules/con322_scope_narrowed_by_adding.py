"""Amending act that adds to no scope, or empties one."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Record, path_text
from smartreg.domain.acts import OBJECTS, Act, apply_act, list_at, steps
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import correction_command, value_word
from smartreg.rules.rule import rule


@rule("CON322", "error", "record", Message("scope left unclear"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    id = record.rid.id
    for act, before in steps(record):
        for path in act.part("adds"):
            if path not in OBJECTS and list_at(before, path) is None:
                line = _move_command(
                    record, act, (path, "adds"), ("sets", {**act.part("sets"), path: act.part("adds")[path]})
                )
                yield Fault(
                    at(record, *act.path, "adds", path),
                    Message(
                        "amendment {number} adds to {path}, which is not limited: it would narrow the convention",
                        number=act.number,
                        path=path,
                    ),
                    Message("if the act sets that limit: {line}; if it sets none, take this out of the act", line=line),
                )
        after = apply_act(before, act)
        for path in act.part("removes"):
            if path not in OBJECTS and list_at(before, path) and list_at(after, path) == []:
                line = _move_command(record, act, (path, "removes"), ("unsets", [*act.unset, path]))
                yield Fault(
                    at(record, *act.path, "removes", path),
                    Message("amendment {number} empties {path}", number=act.number, path=path),
                    Message("if the act lifts the limit: {line}", line=line)
                    if path.startswith("scope.")
                    else Message("to end the convention: smartreg terminate {id}", id=id),
                )


def _move_command(record: Record, act: Act, source: tuple[str, str], target: tuple[str, Json]) -> Text:
    """The command that moves a path to another part of the act: removed from one, added to the other."""
    (path, part), (other, value) = source, target
    rest = {name: items for name, items in act.part(part).items() if name != path}
    place = path_text(act.path)
    left = (f"{place}.{part}={value_word(rest)}",) if rest else ("--unset", f"{place}.{part}")
    return correction_command(record, (f"{place}.{other}={value_word(value)}", *left))

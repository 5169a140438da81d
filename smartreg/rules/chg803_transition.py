"""Status transition that is not allowed."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Localized, Message, Text, joined
from smartreg.core.values import Record
from smartreg.domain.changes import Changes, pairs_of
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import correction_hint, is_given, successor, unless_corrected
from smartreg.domain.days import BEFORE, INSTALLED
from smartreg.domain.fields import text
from smartreg.rules.lif604_status_against_dates import unreached_dates
from smartreg.rules.rule import rule
from smartreg.schema import Kind, Lifecycle


@rule("CHG803", "error", "change", Message("status transition not allowed"))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes):
        kind = context.schemas.kinds.get(new.rid.kind)
        life = kind.lifecycle if kind else None
        if kind is None or life is None:
            continue
        start, end = text(old, life.field), text(new, life.field)
        statuses = {*life.transitions, *life.ends, *life.in_service}
        if start is None or end is None or start == end or not {start, end} <= statuses:
            continue  # SCH103 reports an unknown status
        if not _leads(life, start, end, new):
            yield unless_corrected(_illegal_transition(kind, life, (old, new), (start, end)), context, new, life.field)


def _leads(life: Lifecycle, start: str, end: str, record: Record) -> bool:
    """Whether a legal route leads there, through statuses whose dates the record gives."""
    seen, waiting = {start}, [start]
    while waiting:
        for state in life.transitions.get(waiting.pop(), ()):
            if state == end:
                return True
            name = life.dates.get(state)
            if state not in seen and (name is None or _has_date(record, name)):
                seen.add(state)
                waiting.append(state)
    return False


def _has_date(record: Record, name: str) -> bool:
    return is_given(record.data.get(name)) or (name == INSTALLED and is_given(record.data.get(BEFORE)))


def _illegal_transition(kind: Kind, life: Lifecycle, sides: tuple[Record, Record], step: tuple[str, str]) -> Fault:
    record = sides[1]
    start, end = map(kind.state, step)
    way = life.route(step[0], frozenset({step[1]}))
    names = [life.dates[state] for state in way[:-1] if state in life.dates] if way else []
    missing = list(dict.fromkeys(name for name in names if not _has_date(record, name)))
    return Fault(
        at(record, life.field),
        Message("{start} → {end} is not allowed", start=start, end=end),
        _dates(life, record, step, missing) if missing else _hint(kind, life, sides, step),
    )


def _dates(life: Lifecycle, record: Record, step: tuple[str, str], missing: list[str]) -> Text:
    """The dates missing on the route; the command that enters them if it leads from service to an end."""
    hint = Message("add the dates on the way (YYYY-MM-DD): {listed}", listed=", ".join(missing))
    if step[1] not in life.ends or step[0] not in life.served:
        return hint
    line = f"smartreg retire {record.rid.id} --on"
    return Message("{hint}; {line} DATE enters them", hint=hint, line=line)


def _hint(kind: Kind, life: Lifecycle, sides: tuple[Record, Record], step: tuple[str, str]) -> Text:
    """The statuses that may follow, with their command, and what else may be meant: a different thing, or a mistake."""
    start, end = step
    old, record = sides
    hints = [_onward(kind, life.transitions[start])] if life.transitions.get(start) else []
    if end in life.ends and start not in life.ends:
        line = f"smartreg retire {record.rid.id}"
        hints.append(Message("{line} ends its life", line=line))
    elif end in life.served and ("replaces",) in kind.by_path:
        hints.append(successor(kind, record))
    elif start in life.ends:
        hints.append(Message("a new start is a new record"))
    too_late = [
        word for name in unreached_dates(life, end) if is_given(old.data.get(name)) for word in ("--unset", name)
    ]
    hints.append(correction_hint(record, life.field, end, too_late))
    return joined(hints, Message("; "))


def _onward(kind: Kind, states: tuple[str, ...]) -> Text:
    return Message("from there it can become {states}", states=joined(_labelled(kind, state) for state in states))


def _labelled(kind: Kind, state: str) -> Text:
    """A status, after its label in a language in which that differs."""
    label = kind.state(state).in_("fr")
    return Localized.of(en=state, fr=state if label == state else f"{label} ({state})")

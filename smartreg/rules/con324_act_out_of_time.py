"""Act before the signature, after the end, or effective before it is signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, path_text
from smartreg.domain.acts import Act, first_day, steps, too_late
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import correction_command
from smartreg.domain.days import day
from smartreg.domain.fields import text
from smartreg.domain.renewal import ENDED, UNTIL
from smartreg.domain.titles import SIGNED
from smartreg.rules.rule import rule


@rule("CON324", "error", "record", Message("act outside the convention's term"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    first, signed = first_day(record), day(record, "signed_on")
    if first is not None and signed is not None and first < signed and text(record, "status") in SIGNED:
        yield _before_signature(record, first, signed)
    shortened: Act | None = None  # the act by which the end that holds was agreed, or notice of it given
    for act, before in steps(record):
        early = (signed is not None and (act.signed or act.start) < signed) or (first is not None and act.start < first)
        if early:
            message = Message("amendment {number} comes before the signature of the convention", number=act.number)
            yield _out_of_time(record, act, message)
        elif too_late(act, before):
            if shortened is not None and _signing_order(act) < _signing_order(shortened):
                continue  # overtaken: the convention was to go on when it was signed
            message = Message(
                "amendment {number} comes after the end of the convention and has no effect", number=act.number
            )
            yield _out_of_time(record, act, message)
        elif act.signed is not None and act.start < act.signed:
            yield Fault(
                at(record, *act.path, "effective_from"),
                Message(
                    "amendment {number} takes effect on {start}, before it was signed on {signed}",
                    number=act.number,
                    start=act.start,
                    signed=act.signed,
                ),
                Message("check both dates in the act"),
                severity="warning",
            )
        if not too_late(act, before) and (act.ends_renewal or ENDED in act.part("sets") or UNTIL in act.part("sets")):
            shortened = act


def _before_signature(record: Record, first: date, signed: date) -> Fault:
    """The initial act reaches back: in between nobody had signed what it covers."""
    return Fault(
        at(record, "effective_from"),
        Message(
            "takes effect on {start}, {days} days before it was signed on {signed}: nothing was signed for those days",
            start=first,
            signed=signed,
            days=(signed - first).days,
        ),
        Message("check both days in the act; an earlier title is a convention of its own"),
        severity="warning",
    )


def _signing_order(act: Act) -> tuple[date, int]:
    return act.signed or act.start, act.place


def _out_of_time(record: Record, act: Act, message: Text) -> Fault:
    line = correction_command(record, [f"{path_text(act.path)}.signed_on=DATE"])
    return Fault(
        at(record, *act.path),
        message,
        Message("correct its date ({line}), or record a new convention (smartreg add-convention)", line=line),
    )

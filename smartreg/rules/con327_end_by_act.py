"""End of a convention on which its acts and its status disagree, or that one side may not decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId
from smartreg.domain.acts import Act, current, steps
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import correction_command
from smartreg.domain.days import day_of
from smartreg.domain.fields import MUNICIPAL, text, text_list
from smartreg.domain.renewal import ENDED, Terms, earliest_termination, term_ended_by, termination_notice
from smartreg.domain.successions import Successions, successions
from smartreg.rules.rule import rule

GENERAL_INTEREST, PUBLIC = "general_interest", frozenset({*MUNICIPAL, "public"})


@rule("CON327", "error", "registry", Message("end not as agreed"), kinds=("convention",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        yield from _check_status(record)
        yield from _check_notices(registry, record, successions(registry))


def _check_status(record: Record) -> Iterator[Fault]:
    ending = next((act for act, _ in steps(record) if ENDED in act.part("sets")), None)
    over = text(record, "status") == "terminated"
    if over and ENDED not in current(record):
        line = correction_command(record, ["status=signed"])
        yield Fault(
            at(record, "status"),
            Message("terminated, and no act says from when"),
            Message(
                "put the status back ({line}), then record the act: smartreg terminate {record}",
                line=line,
                record=record.rid.id,
            ),
        )
    if ending is not None and not over:
        yield Fault(
            at(record, *ending.path, "sets", ENDED),
            Message(
                "amendment {number} terminates the convention, and its status does not say so", number=ending.number
            ),
            Message("set the status too: smartreg set {record} status=terminated", record=record.rid.id),
        )


def _check_notices(registry: Snapshot, record: Record, lineage: Successions) -> Iterator[Fault]:
    for act, before in steps(record, lineage.acts):
        if act.part("notice").get("of") == GENERAL_INTEREST:
            message = _explain_unfounded_interest(registry, act)
        else:
            message = _explain_unfounded(act, before, lineage) if act.part("notice") else None
        if message is not None:
            yield Fault(
                at(record, *act.path, "notice"),
                message,
                Message("correct the act; if both sides agreed, take notice out of it"),
            )


def _explain_unfounded_interest(registry: Snapshot, act: Act) -> Text | None:
    """The reason why the act is no termination in the general interest."""
    by = act.part("notice").get("by")
    party = registry.get(RecordId("party", by)) if isinstance(by, str) else None
    if party is not None and text(party, "category") not in PUBLIC:
        return Message(
            "amendment {number} ends it in the general interest, but {by} is no public body", number=act.number, by=by
        )
    if ENDED not in act.part("sets"):
        return Message(
            "amendment {number} ends it in the general interest, but sets no terminated_on", number=act.number
        )
    return None


def _explain_unfounded(act: Act, before: Terms, lineage: Successions) -> Text | None:
    """The reason why the convention does not provide for the notice. Its party may have been succeeded between the day
    it was given and the day it takes effect."""
    number, by, given = act.number, act.part("notice").get("by"), act.signed or act.start
    if not isinstance(by, str):
        return None
    heirs = () if lineage.has_ended(by, given) else lineage.parties_on(by, act.start)
    if by not in text_list(before.get("parties")) and not set(heirs) & set(text_list(before.get("parties"))):
        return Message("amendment {number} is a notice, but {by} is not a party", number=number, by=by)
    if act.ends_renewal:
        if term_ended_by(before, given) is None:
            return Message(
                "amendment {number} is a notice, but no renewal is left for which {given} is in time",
                number=number,
                given=given,
            )
        return None
    allowed = before.get("termination")
    allowed = allowed if isinstance(allowed, Mapping) else {}
    if allowed.get("unilateral") is not True:
        return Message("amendment {number} is a notice, but termination.unilateral does not allow it", number=number)
    notice = termination_notice(before)
    end, earliest = day_of(act.part("sets").get(ENDED)), earliest_termination(given, notice)
    gone = text_list(act.part("removes").get("parties"))
    if end is None and gone == (by,):
        if len(text_list(before.get("parties"))) < 3:
            return Message("amendment {number} is a notice, but a single party would be left", number=number)
        end = act.start
    elif end is None or gone:
        return Message(
            "amendment {number} is a notice, but a notice ends the convention or takes {by} out of it, and nothing "
            "else",
            number=number,
            by=by,
        )
    if end is not None and earliest is not None and end < earliest:
        if isinstance(notice, int):
            return Message(
                "amendment {number} is a notice, but the notice of {notice} days leads to {earliest} at the earliest",
                number=number,
                notice=notice,
                earliest=earliest,
            )
        return Message(
            "amendment {number} is a notice, but the notice of {notice} leads to {earliest} at the earliest",
            number=number,
            notice=notice,
            earliest=earliest,
        )
    return None

"""Amending act without a signatory's deliberation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId, path_text
from smartreg.domain.acts import Act, apply_act, ever, steps, too_late
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import conventions_reached, deliberates
from smartreg.domain.corrections import correction_command
from smartreg.domain.days import day
from smartreg.domain.fields import text, text_list
from smartreg.domain.renewal import Terms
from smartreg.domain.successions import is_metropole, parties_on, successions
from smartreg.rules.rule import rule


@rule(
    "CON325",
    "warning",
    "registry",
    Message("act without deliberation"),
    kinds=("convention",),
    touches=conventions_reached,
    grades_errors=True,
    law="FR",
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        for act, before in steps(record, successions(registry).acts):
            if not too_late(act, before) and not act.part("notice") and act.changed != {"third_parties"}:
                yield from _of_act(registry, record, act, before)


def _of_act(registry: Snapshot, record: Record, act: Act, before: Terms) -> Iterator[Fault]:
    ids = text_list(act.data.get("deliberations"))
    deliberations = [registry.get(RecordId("deliberation", id)) for id in ids]
    recorded = [deliberation for deliberation in deliberations if deliberation is not None]
    late = [
        deliberation
        for deliberation in recorded
        if act.signed is not None and (on := day(deliberation, "date")) is not None and on > act.signed
    ]
    if late:
        yield Fault(
            at(record, *act.path, "signed_on"),
            Message(
                "amendment {number} is signed on {signed}, before the deliberation of {late}",
                number=act.number,
                signed=act.signed,
                late=day(late[0], "date"),
            ),
            Message("correct one of the two dates"),
            (Related(at(late[0], "date"), Message("the deliberation")),),
            severity="error",
        )
    if len(recorded) < len(deliberations):
        return
    signed = act.signed or act.start
    bodies = {
        heir for deliberation in recorded for heir in parties_on(registry, text(deliberation, "body") or "", signed)
    }
    involved = dict.fromkeys((*text_list(before.get("parties")), *text_list(apply_act(before, act).get("parties"))))
    parties = dict.fromkeys(party for id in involved for party in _signatories(registry, record, id, signed))
    lacking = [
        party
        for party in parties
        if party not in bodies and (is_metropole(registry, party) or deliberates(registry, party))
    ]
    if lacking:
        listed_parties = ", ".join(lacking)
        line = correction_command(record, [f"{path_text(act.path)}.deliberations+=ID"])
        yield Fault(
            at(record, *act.path, "deliberations") if ids else at(record, *act.path),
            Message(
                "amendment {number} names no deliberation of {listed_parties}",
                number=act.number,
                listed_parties=listed_parties,
            ),
            Message(
                "record it (smartreg add-deliberation) and name it: {line}; while the act is not written: "
                "--deliberation ID",
                line=line,
            ),
            severity="error" if any(is_metropole(registry, party) for party in lacking) else None,
        )


def _signatories(registry: Snapshot, record: Record, party: str, signed: date) -> Iterable[str]:
    """Who signed for a party of the convention: itself, or who had its place on that day among those ever named."""
    signatories = successions(registry).signing(party, signed)
    parties = {*ever(record, "parties"), party}
    return [signatory for signatory in signatories if signatory in parties] or signatories

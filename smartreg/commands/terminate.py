"""`terminate`: end a signed convention early, by a decision of its parties or the notice of one of them.

`renew`: extend a signed convention by amendment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from smartreg.commands.amend import (
    Amendment,
    AmendmentPlan,
    DraftAct,
    append_act,
    begin_amendment,
    dates_of,
    signed_convention,
)
from smartreg.core.errors import Refused
from smartreg.core.messages import Message
from smartreg.domain.acts import ACTS
from smartreg.domain.annexes import next_number
from smartreg.domain.renewal import ENDED, UNTIL, term_ended_by
from smartreg.domain.titles import Title, title_on
from smartreg.domain.typed import read_value
from smartreg.edit import Outcome, WriteOptions
from smartreg.workspace.acts import Acts, find_acts
from smartreg.workspace.workspace import Workspace


@dataclass(frozen=True)
class Ending:
    """How a convention ends: the first day on which it no longer is in force (None: when its term ends, renewal is
    refused), the day on which that was signed or notice given, the party that gave it (None: all agreed), the number of
    the act (None: the next one), whether that party alone leaves, while the others stay,
    and whether a public body ends it in the general interest, which it may without any clause."""

    on: date | None
    signed_on: date
    notice_by: str | None = None
    number: str | None = None
    leaves: bool = False
    general_interest: bool = False


def terminate(workspace: Workspace, word: str, ending: Ending, acts: Acts, options: WriteOptions) -> Outcome:
    """Append the act by which the convention ends, and set it to terminated; or the notice against its tacit renewal;
    or the notice by which one party leaves. Refused when it is not signed, has ended, or ends by itself before that
    day."""
    registry = workspace.current
    record, title = signed_convention(registry, word)
    if ending.notice_by:
        kind = registry.schemas.kinds[record.rid.kind]
        by = read_value(kind, (ACTS, 0, "notice", "by"), ending.notice_by, registry)
        ending = replace(ending, notice_by=str(by))
        _refuse_other_party(title, title_on(registry, record, ending.signed_on), str(by))
    start = DraftAct(registry, record, title, find_acts(registry, acts), ending.number or next_number(record))
    if ending.on is None:
        plan = _notice(title, ending)
    else:
        _refuse_day(title, ending.on)
        plan = (_leave if ending.leaves else _end)(title, ending, ending.on)
    return append_act(workspace, start, plan, options)


def _end(title: Title, ending: Ending, on: date) -> AmendmentPlan:
    ground = "general_interest" if ending.general_interest else "termination"
    notice = {"notice": {"by": ending.notice_by, "of": ground}} if ending.notice_by else {}
    act = {
        "signed_on": ending.signed_on.isoformat(),
        "effective_from": on.isoformat(),
        **notice,
        "sets": {ENDED: on.isoformat()},
    }
    return AmendmentPlan("terminate", f"Terminate {title.record.rid} on {on}", act, [(("status",), "terminated")])


def _leave(title: Title, ending: Ending, on: date) -> AmendmentPlan:
    party = ending.notice_by or ""
    if party in title.parties and len(title.parties) < 3:
        raise Refused(
            Message("without {party}, convention {title} would have a single party", party=party, title=title.id),
            Message(
                "end it: smartreg terminate {title} --on {on} --notice-by {party}", title=title.id, on=on, party=party
            ),
        )
    act = {
        "signed_on": ending.signed_on.isoformat(),
        **({"effective_from": on.isoformat()} if on != ending.signed_on else {}),
        "notice": {"by": party, "of": "termination"},
        "removes": {"parties": [party]},
    }
    return AmendmentPlan("amend", f"Amend {title.record.rid}: {party} leaves on {on}", act)


def _notice(title: Title, ending: Ending) -> AmendmentPlan:
    if term_ended_by(title.terms, ending.signed_on) is None:
        raise Refused(
            Message(
                "convention {title} has no renewal left to refuse: it ends by itself on {last}",
                title=title.id,
                last=title.last or "–",
            ),
            Message("to end it earlier, say from when: --on DATE"),
        )
    act = {"signed_on": ending.signed_on.isoformat(), "notice": {"by": ending.notice_by, "of": "non_renewal"}}
    return AmendmentPlan("terminate", f"Give notice of {title.record.rid} on {ending.signed_on}", act)


def _refuse_other_party(title: Title, then: Title, party: str) -> None:
    """`then`: the convention as it read on the day of the notice."""
    if party not in title.parties | then.parties:
        parties = ", ".join(sorted(then.parties))
        raise Refused(
            Message("{party} is not a party to convention {title}", party=party, title=title.id),
            Message("its parties are {parties}", parties=parties),
        )


def _refuse_day(title: Title, on: date) -> None:
    if title.until is not None and on > title.until:
        raise Refused(
            Message(
                "convention {title} ends by itself on {until}; there is nothing to terminate on {on}",
                title=title.id,
                until=title.until,
                on=on,
            ),
            Message("an earlier day would end it before its term"),
        )
    if title.start is not None and on < title.start:
        raise Refused(
            Message("convention {title} takes effect on {start}, after {on}", title=title.id, start=title.start, on=on),
            Message("check the day (--on)"),
        )


def renew(workspace: Workspace, word: str, until: date, amendment: Amendment, options: WriteOptions) -> Outcome:
    """Append the act that sets the last day of effect, in one commit. Refused when the convention lasts as long
    already, or ended before the amendment was signed."""
    start = begin_amendment(workspace, word, amendment)
    title = start.title
    if title.until is not None and until <= title.until:
        raise Refused(
            Message(
                "convention {title} runs until {until} already; {until2} would not prolong it",
                title=title.id,
                until=title.until,
                until2=until,
            ),
            Message(
                "to shorten it: smartreg amend {title} {until}={until2} …", title=title.id, until=UNTIL, until2=until
            ),
        )
    act = {**dates_of(amendment), "sets": {UNTIL: until.isoformat()}}
    return append_act(workspace, start, AmendmentPlan("renew", f"Renew {start.record.rid} until {until}", act), options)

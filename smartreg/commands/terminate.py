"""`terminate`: end a signed convention early, by a decision of its parties or the notice of one of them.

`renew`: extend a signed convention by amendment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from smartreg.commands.acts import Acts, find_acts
from smartreg.commands.amend import (
    Amendment,
    AmendmentPlan,
    DraftAct,
    append_act,
    begin_amendment,
    dates_of,
    refuse_unsigned,
)
from smartreg.commands.conventions import convention_named, refuse_old_schema
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import Refused
from smartreg.core.values import Words
from smartreg.domain.acts import ACTS, ENDED, UNTIL, notice_days
from smartreg.domain.annexes import next_number
from smartreg.domain.coverage import Title, title_of
from smartreg.domain.titles import title_on
from smartreg.domain.typed import read_value
from smartreg.edit import Outcome, WriteOptions


@dataclass(frozen=True)
class Ending:
    """How a convention ends: the first day on which it no longer is in force (None: when its term ends, renewal is
    refused), the day on which that was signed or notice given, the party that gave it (None: all agreed), the number of
    the act (None: the next one), and whether that party alone leaves, while the others stay."""

    on: date | None
    signed_on: date
    notice_by: str | None = None
    number: str | None = None
    leaves: bool = False


def terminate(workspace: Workspace, word: str, ending: Ending, acts: Acts, options: WriteOptions) -> Outcome:
    """Append the act by which the convention ends, and set it to terminated; or the notice against its tacit renewal;
    or the notice by which one party leaves. Refused when it is not signed, has ended, or ends by itself before that
    day."""
    registry = workspace.current
    record = convention_named(registry, word)
    refuse_old_schema(registry.schemas.kinds[record.rid.kind], ACTS)
    title = title_of(registry, record)
    refuse_unsigned(title)
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
    notice = {"notice": {"by": ending.notice_by, "of": "termination"}} if ending.notice_by else {}
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
            Words(
                f"without {party}, convention {title.id} would have a single party",
                f"sans {party}, la convention {title.id} n'aurait plus qu'une partie",
            ),
            Words(
                f"end it: smartreg terminate {title.id} --on {on} --notice-by {party}",
                f"mettez-y fin : smartreg terminate {title.id} --on {on} --notice-by {party}",
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
    if not any(ending.signed_on <= latest for _, latest in notice_days(title.terms)):
        raise Refused(
            Words(
                f"convention {title.id} has no renewal left to refuse: it ends by itself on {title.last or '–'}",
                f"la convention {title.id} n'a plus de reconduction à refuser : elle prend fin d'elle-même le"
                f" {title.last or '–'}",
            ),
            Words("to end it earlier, say from when: --on DATE", "pour y mettre fin avant, dites quand : --on DATE"),
        )
    act = {"signed_on": ending.signed_on.isoformat(), "notice": {"by": ending.notice_by, "of": "non_renewal"}}
    return AmendmentPlan("terminate", f"Give notice of {title.record.rid} on {ending.signed_on}", act)


def _refuse_other_party(title: Title, then: Title, party: str) -> None:
    """`then`: the convention as it read on the day of the notice."""
    if party not in title.parties | then.parties:
        parties = ", ".join(sorted(then.parties))
        raise Refused(
            Words(
                f"{party} is not a party to convention {title.id}",
                f"{party} n'est pas partie à la convention {title.id}",
            ),
            Words(f"its parties are {parties}", f"ses parties : {parties}"),
        )


def _refuse_day(title: Title, on: date) -> None:
    if title.until is not None and on > title.until:
        raise Refused(
            Words(
                f"convention {title.id} ends by itself on {title.until}; there is nothing to terminate on {on}",
                f"la convention {title.id} prend fin d'elle-même le {title.until} ; il n'y a rien à résilier le {on}",
            ),
            Words("an earlier day would end it before its term", "une date antérieure y mettrait fin avant son terme"),
        )
    if title.start is not None and on < title.start:
        raise Refused(
            Words(
                f"convention {title.id} takes effect on {title.start}, after {on}",
                f"la convention {title.id} prend effet le {title.start}, après le {on}",
            ),
            Words("check the day (--on)", "vérifiez la date (--on)"),
        )


def renew(workspace: Workspace, word: str, until: date, amendment: Amendment, options: WriteOptions) -> Outcome:
    """Append the act that sets the last day of effect, in one commit. Refused when the convention lasts as long
    already, or ended before the amendment was signed."""
    start = begin_amendment(workspace, word, amendment)
    title = start.title
    if title.until is not None and until <= title.until:
        raise Refused(
            Words(
                f"convention {title.id} runs until {title.until} already; {until} would not prolong it",
                f"la convention {title.id} court déjà jusqu'au {title.until} ; {until} ne la prolonge pas",
            ),
            Words(
                f"to shorten it: smartreg amend {title.id} {UNTIL}={until} …",
                f"pour la raccourcir : smartreg amend {title.id} {UNTIL}={until} …",
            ),
        )
    act = {**dates_of(amendment), "sets": {UNTIL: until.isoformat()}}
    return append_act(workspace, start, AmendmentPlan("renew", f"Renew {start.record.rid} until {until}", act), options)

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
    next_number,
    refuse_unsigned,
)
from smartreg.commands.conventions import convention_named, refuse_old_schema
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import Refused
from smartreg.core.values import Words
from smartreg.domain.acts import ACTS, ENDED, UNTIL, notice_days
from smartreg.domain.coverage import Title, title_of
from smartreg.edit import Outcome, WriteOptions, read_value


@dataclass(frozen=True)
class Ending:
    """How a convention ends: the first day on which it no longer is in force (None: when its term ends, renewal is
    refused), the day on which that was signed or notice given, and the party that gave it (None: all agreed)."""

    on: date | None
    signed_on: date
    notice_by: str | None = None


def terminate(workspace: Workspace, word: str, ending: Ending, acts: Acts, options: WriteOptions) -> Outcome:
    """Append the act by which the convention ends, and set it to terminated; or the notice against its tacit renewal.
    Refused when it is not signed, has ended, or ends by itself before that day."""
    registry = workspace.current
    record = convention_named(registry, word)
    refuse_old_schema(registry.schemas.kinds[record.rid.kind], ACTS)
    title = title_of(registry, record)
    refuse_unsigned(title)
    if ending.notice_by:
        kind = registry.schemas.kinds[record.rid.kind]
        by = read_value(kind, (ACTS, 0, "notice", "by"), ending.notice_by, registry)
        ending = replace(ending, notice_by=str(by))
    start = DraftAct(registry, record, title, find_acts(registry, acts), next_number(record))
    plan = _notice(title, ending) if ending.on is None else _end(title, ending, ending.on)
    return append_act(workspace, start, plan, options)


def _end(title: Title, ending: Ending, on: date) -> AmendmentPlan:
    _refuse_day(title, on)
    notice = {"notice": {"by": ending.notice_by, "of": "termination"}} if ending.notice_by else {}
    act = {
        "signed_on": ending.signed_on.isoformat(),
        "effective_from": on.isoformat(),
        **notice,
        "sets": {ENDED: on.isoformat()},
    }
    return AmendmentPlan("terminate", f"Terminate {title.record.rid} on {on}", act, [(("status",), "terminated")])


def _notice(title: Title, ending: Ending) -> AmendmentPlan:
    if not any(True for _ in notice_days(title.terms)):
        raise Refused(
            Words(
                f"convention {title.id} is not tacitly renewed: it ends by itself on {title.last or '–'}",
                f"la convention {title.id} n'est pas reconduite tacitement : elle prend fin d'elle-même le"
                f" {title.last or '–'}",
            ),
            Words("to end it earlier, say from when: --on DATE", "pour y mettre fin avant, dites quand : --on DATE"),
        )
    act = {"signed_on": ending.signed_on.isoformat(), "notice": {"by": ending.notice_by, "of": "non_renewal"}}
    return AmendmentPlan("terminate", f"Give notice of {title.record.rid} on {ending.signed_on}", act)


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

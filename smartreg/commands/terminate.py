"""`terminate`: a signed convention ends before its term, by a decision."""

from __future__ import annotations

from datetime import date

from smartreg.commands.acts import Acts, decided
from smartreg.commands.amend import Begun, Plan, carried, refuse_unsigned
from smartreg.commands.conventions import convention_named
from smartreg.coverage import Title, title_of
from smartreg.edit import Outcome, WriteOptions
from smartreg.errors import Refused
from smartreg.values import Words
from smartreg.workspace import Workspace


def terminate(workspace: Workspace, word: str, on: date, acts: Acts, options: WriteOptions) -> Outcome:
    """Set the convention to terminated from `on`, the first day on which it is no longer in force, and name the
    deliberations that decided it. Refused when it is not signed, has ended, or ends by itself before that day."""
    registry = workspace.current
    record = convention_named(registry, word)
    title = title_of(registry, record)
    refuse_unsigned(title)
    _refuse_day(title, on)
    changes = [(("status",), "terminated"), (("terminated_on",), on.isoformat())]
    plan = Plan("terminate", f"Terminate {record.rid} on {on}", changes)
    return carried(workspace, Begun(registry, record, title, decided(registry, acts)), plan, options)


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

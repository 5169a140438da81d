"""`renew`: a signed convention lasts longer, by an amendment."""

from __future__ import annotations

from datetime import date

from smartreg.commands.amend import Amendment, AmendmentPlan, append_act, begun, dates_of
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import Refused
from smartreg.core.values import Words
from smartreg.domain.acts import UNTIL
from smartreg.edit import Outcome, WriteOptions


def renew(workspace: Workspace, word: str, until: date, amendment: Amendment, options: WriteOptions) -> Outcome:
    """Append the act that sets the last day of effect, in one commit. Refused when the convention lasts as long
    already, or ended before the amendment was signed."""
    start = begun(workspace, word, amendment)
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

"""`/`: what is open, what was done last, and what waits to be sent."""

from __future__ import annotations

from smartreg.core.messages import Message
from smartreg.features.setup.send import Unsent, send, unsent
from smartreg.features.setup.status import status
from smartreg.web.pages.record import by_severity, verdict_of
from smartreg.web.visit import Answer, Page, View, Visit
from smartreg.wording.log_report import moment_text
from smartreg.wording.log_subjects import subject_of

SHOWN, MOST = 20, 1000  # findings: at first, and of all of them


def show_work(visit: Visit) -> Answer:
    """What is to be mended, decided and sent, and the last changes."""
    workspace, registry = visit.workspace, visit.registry
    kinds = registry.schemas.kinds
    state = visit.shown.once("status", lambda: status(workspace, on=visit.today))
    verdict = verdict_of(visit.shown)
    findings = by_severity([finding for finding in verdict.findings if finding.severity != "info"])
    recent = [
        (moment_text(each.date, visit.lang, visit.zone), subject_of(each, kinds, visit.lang), each.author_name)
        for each in state.recent
    ]
    return View(
        "home.html",
        {
            "state": state,
            "kinds": kinds,
            "findings": findings[: MOST if visit.query.get("all") else SHOWN],
            "found": len(findings),
            "place": registry.by_file,
            "changes": state.changes[:SHOWN],
            "recent": recent,
            "waiting": _waiting(visit),
        },
    )


def _waiting(visit: Visit) -> Unsent | None:
    """What waits to be sent, which depends on the state that is shown and on what is known of remotes."""
    repo = visit.workspace.repo
    if repo is None:
        return None
    return visit.shown.once(("unsent", repo.known_of_remotes()), lambda: unsent(visit.workspace, visit.today))


def send_changes(visit: Visit) -> Answer:
    """Push what was made here to a branch of its own."""
    if not visit.posted:
        return show_work(visit)
    return View("sent.html", {"sent": send(visit.workspace, visit.today)})


PAGES = (
    Page("/", show_work, menu=Message("Work")),
    Page("/send", send_changes, posts=True),
)

"""`audit`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Option, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session, choice
from smartreg.commands.audit import Asked, audit, incomplete
from smartreg.errors import StateFault
from smartreg.findings import SEVERITIES
from smartreg.reporters import audit_json, audit_markdown, audit_text
from smartreg.values import Words

FAIL_ON = ("error", "warning", "info", "never")

Since: TypeAlias = Annotated[
    str | None,
    Option(
        ("--since",),
        Words("begin after this; the latest seal by default", "commencer après ; par défaut le dernier sceau"),
        "REV|SEAL",
    ),
]
Everything: TypeAlias = Annotated[
    bool, Option(("--all",), Words("begin at the very first commit", "commencer au tout premier commit"))
]
Anchor: TypeAlias = Annotated[
    str | None,
    Option(
        ("--anchor",),
        Words("this commit must be part of the history", "ce commit doit faire partie de l'historique"),
        "COMMIT",
    ),
]
FailOn: TypeAlias = Annotated[
    str | None,
    Option(
        ("--fail-on",),
        Words("exit 1 from this severity on", "sortie 1 à partir de cette gravité"),
        "SEVERITY",
        FAIL_ON,
    ),
]


def run(session: Session, since: Since, everything: Everything, anchor: Anchor, fail_on: FailOn) -> int:
    limit = choice(fail_on or FAIL_ON[0], FAIL_ON, Words("severity", "la gravité"))
    with working(session, Words("reading and judging the history", "lecture et contrôle de l'historique")):
        found = audit(session.workspace, Asked(since, anchor, everything))
    if session.format == "json":
        session.console.write(audit_json.report(found, lang=session.lang))
    elif session.format == "markdown":
        session.console.write(audit_markdown.report(found, lang=session.lang))
    else:
        session.console.show(audit_text.report(found, lang=session.lang, limit=not session.console.quiet))
    if incomplete(found):
        return StateFault.exit_code
    grave = () if limit == "never" else SEVERITIES[: SEVERITIES.index(limit) + 1]
    return int(any(finding.severity in grave for finding in found.findings))


COMMAND = command(run, formats=("text", "json", "markdown"))

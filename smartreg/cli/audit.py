"""`audit`, `audit seal`, `audit verify [SEAL|LINE]`"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from smartreg.cli.audit_seal import look_again, make
from smartreg.cli.fail_on import FailOn, limit_of, reaches
from smartreg.cli.parameters import Argument, Option, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session, choice
from smartreg.cli.writing import refuse_our_trailers
from smartreg.commands.audit import AuditOptions, audit, incomplete
from smartreg.commands.audit_seal import SealOptions
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import Words
from smartreg.reporters import audit_json, audit_markdown, audit_text

SEAL, VERIFY = "seal", "verify"

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


Action: TypeAlias = Annotated[
    list[str],
    Argument(
        "seal | verify [SEAL|LINE]",
        Words(
            "seal: seal the present commit; verify: look at the seals again, or at the line that somebody holds",
            "seal : sceller le commit actuel ; verify : revoir les sceaux, ou la ligne que quelqu'un détient",
        ),
        required=False,
        choices=(SEAL, VERIFY),
    ),
]
Message: TypeAlias = Annotated[
    str | None, Option(("-m", "--message"), Words("seal: a remark of your own", "seal : une remarque de votre part"))
]
Sign: TypeAlias = Annotated[
    bool, Option(("--sign",), Words("seal: sign the tag (git tag --sign)", "seal : signer le tag (git tag --sign)"))
]
DryRun: TypeAlias = Annotated[
    bool, Option(("-n", "--dry-run"), Words("seal: show it, make none", "seal : montrer sans rien faire"))
]


def run(
    session: Session,
    action: Action,
    since: Since,
    everything: Everything,
    anchor: Anchor,
    fail_on: FailOn,
    message: Message,
    sign: Sign,
    dry_run: DryRun,
) -> int:
    of_walk = {"--since": since, "--all": everything, "--anchor": anchor, "--fail-on": fail_on}
    of_seal = {"-m": message, "--sign": sign, "-n": dry_run}
    if not action:
        _refuse(of_seal, Words("goes with audit seal only", "ne va qu'avec audit seal"))
        return _walk(session, AuditOptions(since, anchor, everything), fail_on)
    _refuse(of_walk, Words(f"does not go with audit {action[0]}", f"ne va pas avec audit {action[0]}"))
    name, rest = choice(action[0], (SEAL, VERIFY), Words("action", "l'action")), action[1:]
    if name == VERIFY:
        _refuse(of_seal, Words("goes with audit seal only", "ne va qu'avec audit seal"))
        return look_again(session, rest)
    if rest:
        raise UsageFault(
            Words(f'"{rest[0]}" is one word too many', f"« {rest[0]} » est de trop"),
            Words("a remark goes with -m", "une remarque se donne par -m"),
        )
    refuse_our_trailers("-m", message)
    return make(session, SealOptions(message or "", sign, dry_run))


def _refuse(given: Mapping[str, object], why: Words) -> None:
    for name in (name for name, value in given.items() if value):
        raise UsageFault(Words(f"{name} {why.en}", f"{name} {why.fr}"))


def _walk(session: Session, asked: AuditOptions, fail_on: str | None) -> int:
    limit = limit_of(fail_on)
    with working(session, Words("reading and judging the history", "lecture et contrôle de l'historique")):
        found = audit(session.workspace, asked)
    if session.format == "json":
        session.console.write(audit_json.report(found, lang=session.lang))
    elif session.format == "markdown":
        session.console.write(audit_markdown.report(found, lang=session.lang))
    else:
        session.console.show(audit_text.report(found, lang=session.lang, limit=not session.console.quiet))
    if incomplete(found.general):
        return StateFault.exit_code
    return int(reaches((finding.severity for finding in found.findings), limit))


COMMAND = command(run, formats=("text", "json", "markdown"))

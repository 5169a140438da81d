"""`audit`, `audit seal`, `audit verify`"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.findings import FailOn, reaches
from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import after_write
from smartreg.commands.audit import AuditOptions, CreatedSeal, SealOptions, audit, incomplete, seal, verify
from smartreg.core.errors import StateFault
from smartreg.core.messages import Message, plural
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.gitio import refuse_our_trailers
from smartreg.reporters import audit_report, seals_report
from smartreg.reporters.summing import count

Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV|SEAL",
        help=t("start after this one (default: the latest seal)"),
    ),
]
Everything: TypeAlias = Annotated[bool, typer.Option("--all", help=t("start at the first commit"))]
Anchor: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--anchor",
        metavar="COMMIT",
        help=t("fail unless the history contains this commit"),
    ),
]
Lines: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="SEAL|LINE",
        help=t("a seal, or its line as another party keeps it (default: all seals)"),
    ),
]
CommitMessage: TypeAlias = Annotated[
    str | None, typer.Option("-m", "--message", metavar="TEXT", help=t("add a remark"))
]
Sign: TypeAlias = Annotated[bool, typer.Option("--sign", help=t("sign the tag (git tag --sign)"))]
DryRun: TypeAlias = Annotated[bool, typer.Option("-n", "--dry-run", help=t("show the seal without making it"))]


app = typer.Typer()


@app.callback()
@with_session(formats=("text", "json", "markdown"))
def audit_command(session: Session, since: Since, everything: Everything, anchor: Anchor, fail_on: FailOn) -> int:
    with show_progress(session, Message("reading and checking the history")):
        audited = audit(session.workspace, AuditOptions(since, anchor, everything))
    if session.format == "json":
        session.console.write(audit_report.render_audit_json(audited, lang=session.lang))
    elif session.format == "markdown":
        session.console.write(audit_report.render_audit_markdown(audited, lang=session.lang))
    else:
        session.console.show(audit_report.render_audit(audited, lang=session.lang, limit=not session.console.quiet))
    if incomplete(audited.general):
        return StateFault.exit_code
    return int(reaches((finding.severity for finding in audited.findings), fail_on))


@app.command(
    "seal",
    help=t("seal the current commit, and print the line to send"),
)
@with_session(formats=("text", "json"))
def seal_command(session: Session, message: CommitMessage, sign: Sign, dry_run: DryRun) -> int:
    refuse_our_trailers("-m", message)
    with show_progress(session, Message("reading what is sealed")):
        made = seal(session.workspace, SealOptions(message or "", sign, dry_run))
    with after_write(session, made.new and made.seal is not None):
        if session.format == "json":
            session.console.write(seals_report.seal_object(made.name, made.sealed, made.seal, new=made.new))
            return 0
        session.console.show(_seal_lines(session, made))
    if made.seal is None:
        session.console.note(Message("dry run: no tag was made"))
    elif _has_uncommitted(session):
        session.console.note(Message("uncommitted changes are not sealed"))
    return 0


@app.command("verify", help=t("check the seals again"))
@with_session(formats=("text", "json"))
def verify_command(session: Session, lines: Lines) -> int:
    """1 if something does not hold, 3 if a part, or everything for lack of seals, could not be checked."""
    with show_progress(session, Message("checking the seals")):
        verified = verify(session.workspace, lines)
    if session.format == "json":
        session.console.write(
            seals_report.render_seals_json(verified.seals, verified.seal_line, verified.faults, lang=session.lang)
        )
    else:
        session.console.show(
            seals_report.render_seals(verified.seals, verified.seal_line, verified.faults, lang=session.lang)
        )
    unseen = incomplete(verified.findings) or not (verified.seals or verified.findings)
    return StateFault.exit_code if unseen else int(bool(verified.findings))


def _has_uncommitted(session: Session) -> bool:
    status = session.workspace.git.status()
    return bool(status.dirty() or status.untracked)


def _seal_lines(session: Session, made: CreatedSeal) -> Iterator[Line]:
    if made.seal is None:
        yield line(Span(made.name, "name"))
        yield from (line(text) for text in made.text.splitlines())
        return
    sealed, lang = made.sealed, session.lang
    records = plural("{number} record", "{number} records", n=sealed.records, number=count(sealed.records))
    values = {"commit": short_id(sealed.commit), "records": records}
    done = Message("Sealed {commit}, {records}", **values)
    if not made.new:
        done = Message("Sealed already: {commit}, {records}", **values)
    yield line(Span(done.in_(lang), "bold"), "  ", Span(made.name, "name"))
    yield line(Message("Push the tag, and send this line to the other parties:").in_(lang))
    yield line(f"  git push origin {made.name}")
    yield line("  ", Span(made.seal.line, "code"))

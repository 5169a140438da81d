"""`publish`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ask import confirm
from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.core.clock import now
from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, day, plural
from smartreg.core.progress import end_progress
from smartreg.core.styled import Line, Span, line
from smartreg.core.typed import count
from smartreg.core.values import RecordId, short_id
from smartreg.features.federation.publish import FirstSeen, Publication, Published, publish, renew, withdraw
from smartreg.release.format import moment_text

NAMED = 20  # records of each sort that are named

Renew: TypeAlias = Annotated[bool, typer.Option("--renew", help=t("only extend the validity of the latest release"))]
AcceptNew: TypeAlias = Annotated[
    bool, typer.Option("--accept-new", help=t("publish what the release before did not show without asking"))
]
Withdraw: TypeAlias = Annotated[
    str | None, typer.Option("--withdraw", metavar="NUMBER", help=t("withdraw the data of this release"))
]
Reason: TypeAlias = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help=t("why it is withdrawn; everybody reads it"))
]


app = typer.Typer()


@app.command("publish")
@with_session(formats=("text", "json"), own_output=True, recovers=True)
def publish_command(
    session: Session, renewed: Renew, accept_new: AcceptNew, withdrawn: Withdraw, reason: Reason
) -> int:
    if session.output is None:
        raise UsageFault(Message("a release needs a folder"), Message("add -o public/"))
    if (withdrawn is None) != (reason is None):
        raise UsageFault(Message("--withdraw and --reason go together"), Message('write --withdraw 12 --reason "why"'))
    if withdrawn is not None and renewed:
        raise UsageFault(Message("--withdraw and --renew cannot be used together"))

    def may_show(seen: FirstSeen) -> bool:
        end_progress()
        session.console.ask(_first_seen_lines(session, seen))
        if accept_new:
            return True
        if not session.interactive:
            raise UsageFault(
                Message("cannot ask whether this may become visible"),
                Message("look at it, then add --accept-new; nothing was published"),
            )
        return confirm(session.console, Message("Publish this?"))

    publication = Publication(session.output, now(), may_show)
    with show_progress(session, Message("publishing")):
        if withdrawn is not None:
            done = withdraw(session.workspace, publication, count("--withdraw", withdrawn), reason or "")
        elif renewed:
            done = renew(session.workspace, publication)
        else:
            done = publish(session.workspace, publication)
    if session.format == "json":
        session.console.write(json_text(_document(done)))
    else:
        session.console.show(list(_lines(session, done, withdrawn)))
    if done.gave_id is not None:
        session.console.note(
            Message(
                "commit {commit} gave the registry its id: push it, or have it merged", commit=short_id(done.gave_id)
            )
        )
    if done.remote is None:
        session.console.note(Message("no remote: nothing keeps another clone from using the same number"))
    return 0


def _first_seen_lines(session: Session, seen: FirstSeen) -> Iterator[Line]:
    lang = session.lang
    if seen.is_first:
        yield line(Message("This is the first release. It shows:").in_(lang))
    else:
        yield line(Message("The release before did not show this:").in_(lang))
    for path, names in seen.columns.items():
        table = path.partition("=")[2].partition("/")[0]
        if not table:
            continue
        shown = plural("{table}: {n} column", "{table}: {n} columns", table=table, n=len(names))
        yield line(f"  {shown.in_(lang)}", Span("" if seen.is_first else f"  {', '.join(names)}", "dim"))
    yield from _record_line(session, Message("records that were hidden"), seen.uncovered)
    yield from _record_line(session, Message("new records"), seen.added)


def _record_line(session: Session, what: Message, rids: Sequence[RecordId]) -> Iterator[Line]:
    if not rids:
        return
    listed = ", ".join(map(str, rids[:NAMED])) + (" …" if len(rids) > NAMED else "")
    counted = Message("{what} ({n}): ", what=what, n=len(rids))
    yield line(f"  {counted.in_(session.lang)}", Span(listed, "dim"))


def _lines(session: Session, done: Published, withdrawn: str | None) -> Iterator[Line]:
    lang, serial = session.lang, done.manifest.serial
    if withdrawn is not None:
        yield line(Message("Withdrew release {serial}", serial=withdrawn).in_(lang))
    elif done.new:
        yield line(
            Message("Published release {serial}", serial=serial).in_(lang),
            Span(f"  (commit {short_id(done.manifest.commit)})", "dim"),
        )
    else:
        yield line(Message("Release {serial} is the latest", serial=serial).in_(lang))
    yield line(Span(done.folder.as_posix(), "name"))
    until = day(done.expires.date())
    yield line(Message("valid until {until}, signed by {key}", until=until, key=done.signer).in_(lang))


def _document(done: Published) -> dict[str, object]:
    return {
        "version": 1,
        "registry": done.manifest.registry,
        "serial": done.manifest.serial,
        "manifest": done.manifest.digest,
        "commit": done.manifest.commit,
        "folder": done.folder.as_posix(),
        "key": done.signer,
        "expires": moment_text(done.expires),
        "new": done.new,
    }

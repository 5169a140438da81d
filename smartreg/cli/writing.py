"""The common part of all writing commands: options, the question before, the report after.

What shows changes is loaded when some are shown: `add-sensor -y` shows none.
"""

from __future__ import annotations

import shlex
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import islice
from typing import Annotated, NamedTuple

import typer

from smartreg.cli.ask import confirm
from smartreg.cli.options import WRITING, offer, t
from smartreg.cli.session import Session, choice
from smartreg.cli.streams import discard
from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.messages import SOURCE, Message
from smartreg.core.styled import Block, Line, Span, line
from smartreg.core.values import short_id
from smartreg.edit import ALLOWABLE, Outcome, RefusedWrite, WriteOptions
from smartreg.gitio import is_trailer_key, refuse_our_trailers
from smartreg.wording.full import blocks
from smartreg.wording.secrets import hide_secrets, secrets_of
from smartreg.workspace.locating import locator

FORMATS = ("text", "json")
DONE = {
    "add": Message("Added"),
    "set": Message("Changed"),
    "edit": Message("Edited"),
    "correct": Message("Corrected"),
    "retire": Message("Retired"),
    "move": Message("Moved"),
    "transfer": Message("Transferred"),
    "replace": Message("Replaced"),
    "rename": Message("Renamed"),
    "remove": Message("Removed"),
    "import": Message("Imported"),
    "amend": Message("Amended"),
    "renew": Message("Renewed"),
    "terminate": Message("Terminated"),
    "annex": Message("Annexed to"),
    "boundaries": Message("Outlines stored"),
    "fix": Message("Fixed"),
    "format": Message("Formatted"),
    "resolve": Message("Settled"),
    "schema": Message("Schemas refreshed"),
}
ASKED = 100  # most lines of changes
FEW = 8  # so many records are shown field by field before a question
DONE_TO_MANY: Mapping[str, Callable[[int], Message]] = {
    "import": lambda count: Message("Imported {count} records", count=count),
    "set": lambda count: Message("Changed {count} records", count=count),
    "correct": lambda count: Message("Corrected {count} records", count=count),
}
SHOWN = 20  # so many findings are shown, all of them with -v
ALIKE = 3  # of them so many of one code, where there are more than a few
NAMED = 3  # so many records are named in the line that says what was done
_writing = partial(typer.Option, rich_help_panel=WRITING)


class Writing(NamedTuple):
    """The options of a writer, as typed."""

    dry_run: Annotated[bool, _writing("-n", "--dry-run", help=t("show the change without writing it"))] = False
    yes: Annotated[bool, _writing("-y", "--yes", help=t("write without asking"))] = False
    message: Annotated[str | None, _writing("-m", "--message", metavar="TEXT", help=t("commit subject"))] = None
    no_commit: Annotated[bool, _writing("--no-commit", help=t("write the files without committing"))] = False
    trailers: Annotated[
        list[str],
        _writing("--trailer", metavar="KEY=VALUE", help=t("add a trailer to the commit")),
    ] = []  # noqa: RUF012  # an item of a tuple, never changed
    allowed: Annotated[
        list[str],
        _writing(
            "--allow",
            metavar="CODE",
            help=t(
                "write despite this finding (phone, e-mail, position), with a reason (-m)", choices=tuple(ALLOWABLE)
            ),
            autocompletion=offer("words", *ALLOWABLE),
        ),
    ] = []  # noqa: RUF012

    def options(self, session: Session, on: date, reason: str | None = None, *, back: bool = False) -> WriteOptions:
        """Without a terminal and without -y the change is planned and checked, then refused: nobody would see it.
        `back`: there are questions before the last one, to which `<` goes back (Back)."""
        refuse_our_trailers("-m", self.message)
        refuse_our_trailers("--reason", reason)
        if self.allowed:
            reason = self._reason_to_allow(reason)
        asks = not self.yes and not self.dry_run
        return WriteOptions(
            on=on,
            dry_run=self.dry_run,
            commit=not self.no_commit,
            message=self.message,
            reason=reason,
            trailers=tuple(_trailer(text) for text in self.trailers),
            allowed=tuple(dict.fromkeys(self.allowed)),
            confirm=(partial(ask_to_write, session, back=back) if session.interactive else _nobody) if asks else None,
        )

    def _reason_to_allow(self, reason: str | None) -> str:
        """UsageFault for a code that is never refused, without a reason, and without a commit that keeps it."""
        for code in self.allowed:
            choice(code, tuple(ALLOWABLE), Message("--allow:"))
        given = (reason or self.message or "").strip()
        if not given:
            raise UsageFault(
                Message("--allow needs a reason"),
                Message('add -m "why it is right, and may stay"'),
            )
        if self.no_commit:
            raise UsageFault(Message("--allow and --no-commit cannot be used together: the commit keeps the reason"))
        return given


def _nobody(_outcome: Outcome) -> bool:
    raise nobody_confirms()


def nobody_confirms() -> UsageFault:
    """The failure of a command that must ask and cannot."""
    return UsageFault(
        Message("cannot ask for confirmation"),
        Message("add -y to write without asking, or -n to see the change"),
    )


def _trailer(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    refuse_our_trailers("--trailer", text)
    if not equals or not is_trailer_key(key):
        raise UsageFault(
            Message('--trailer "{text}" is not of the form KEY=VALUE', text=text),
            Message("write it like Reviewed-by=SIG; a key has letters (no accents), digits and hyphens"),
        )
    return key, value


def ask_to_write(session: Session, outcome: Outcome, summary: Iterable[Line] = (), *, back: bool = False) -> bool:
    """Show what is about to be written, with a `summary` of it, and ask; many changes are shown on one screen, and
    listed on demand. `back`: `<` raises `Back`."""
    lay_out(session, outcome)
    session.console.ask(summary)
    many = len(outcome.changes) > FEW
    listing = partial(_first_changes, session, outcome, None) if many else None
    return confirm(session.console, Message("Write this?"), back=back, listing=listing)


def lay_out(session: Session, outcome: Outcome) -> None:
    """Show what is about to be written, before somebody is asked."""
    many = len(outcome.changes) > FEW
    session.console.ask(_overview(session, outcome) if many else _first_changes(session, outcome, ASKED))
    session.console.ask(finding_lines(session, outcome))


def _overview(session: Session, outcome: Outcome) -> Iterator[Block]:
    from smartreg.wording.changes_text import overview

    yield from overview(outcome.changes, lang=session.lang)
    yield line(Span(Message("{count} records", count=len(outcome.changes)).in_(session.lang), "bold"))


def _first_changes(session: Session, outcome: Outcome, most: int | None) -> Iterator[Line]:
    """The first lines of the changes, all of them where `most` is None; then how many records change."""
    lines, count = _changes(session, outcome), len(outcome.changes)
    yield from islice(lines, most)
    if next(lines, None) is not None:
        yield line(Span(Message("… {count} records in all", count=count).in_(session.lang), "dim"))
    elif count > 1:
        yield line(Span(Message("{count} records", count=count).in_(session.lang), "bold"))


def show_refusal(session: Session, outcome: Outcome) -> None:
    """The errors for which a write was refused; in JSON the whole outcome."""
    if session.format == "json":
        session.console.write(json_of(outcome))
    else:
        session.console.show(finding_lines(session, outcome, ("error",)))


@contextmanager
def attempt(session: Session, show: Callable[[Session, Outcome], None] = show_refusal) -> Iterator[None]:
    """Wrap a write: a refusal is shown, and raised again. Once it is done, Ctrl-C is ignored: no message says that
    a change was cancelled which is in the history."""
    try:
        yield
    except RefusedWrite as refusal:
        show(session, refusal.outcome)
        raise
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def accept_interrupts() -> None:
    """Let Ctrl-C cancel again: what was written is reported, and more is to come."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def report_write(session: Session, outcome: Outcome, done: str = "") -> int:
    """Report a write: the change itself on a dry run, else what was `done` and how to undo it."""
    with after_write(session, outcome.written):
        if session.format == "json":
            session.console.write(json_of(outcome))
        else:
            report_outcome(session, outcome, done=done)
    return 0


def hint_staging(session: Session, writes: Mapping[str, bytes | None]) -> None:
    """The steps that are left for files that were written (None: deleted) in the middle of a merge."""
    readable = [path for path, text in writes.items() if text is not None]
    check = f"{shlex.join(['smartreg', 'validate', *readable])} && " if readable else ""
    command = check + shlex.join(["git", "add", *writes])
    session.console.hint(Message("All conflicts here are settled. Then: {command}", command=command))


@contextmanager
def after_write(session: Session, written: bool) -> Iterator[None]:
    """The block says what was done. Once that is `written`, a failing output does not make it a failure."""
    try:
        yield
    except OSError:
        if not written:
            raise
        discard()
        session.console.note(Message("done, but could not write output"))


def report_outcome(session: Session, outcome: Outcome, most: int | None = None, done: str = "") -> None:
    """Print what was written (`done`: in other words than usual), or would be on a dry run (at most `most` lines of
    changes), for people."""
    console = session.console
    if not outcome.edit.writes:
        console.show([line(Message("Nothing to change.").in_(session.lang))])
        return
    if not outcome.written:
        console.show(_first_changes(session, outcome, most))
        console.show(finding_lines(session, outcome))
        console.note(Message("dry run: nothing was written"))
        return
    if not console.quiet and not outcome.confirmed:
        console.ask(finding_lines(session, outcome, ("warning",)))
    mark = Message("(not committed)").in_(session.lang)
    if outcome.commit:
        mark = f"(commit {short_id(outcome.commit)})"
    console.show([line(Span(done or _summary(session, outcome)), Span(f"  {mark}", "dim"))])
    if outcome.commit and outcome.edit.op != "fix":  # undone, the errors would be back: that is refused
        short = short_id(outcome.commit)
        console.hint(Message("Undo: smartreg undo {short}", short=short))


def _summary(session: Session, outcome: Outcome) -> str:
    """The change that was made, and to which records: named if they are few."""
    edit = outcome.edit
    done = DONE.get(edit.op, Message("Written")).in_(session.lang)
    if edit.op == "replace" or (edit.op == "rename" and len(edit.records) == 2):
        what = f"{edit.records[0]} → {edit.records[1].id}"
    elif len(edit.records) <= NAMED:
        what = ", ".join(map(str, edit.records))
    elif edit.op in DONE_TO_MANY:
        return DONE_TO_MANY[edit.op](len(edit.records)).in_(session.lang)
    else:
        what = Message("{count} records", count=len(edit.records)).in_(session.lang)
    return f"{done} {what}".rstrip()


def _changes(session: Session, outcome: Outcome) -> Iterator[Block]:
    """The diff that the commit will hold; of a few new records also their texts, without the secrets in them."""
    from smartreg.wording.changes_text import change_lines

    indexed = session.workspace.current.frame.indexed
    yield from change_lines(outcome.changes, lang=session.lang, indexed=indexed)
    added = [change.after for change in outcome.changes if change.kind == "added" and change.after]
    if not 0 < len(added) <= NAMED:
        return
    secrets = secrets_of(outcome.introduced, locator(session.workspace.current.with_writes(outcome.edit.writes)))
    for record in added:
        rows = (outcome.edit.writes.get(record.file) or b"").decode().splitlines()
        yield line(Span(f"  {record.file}", "dim"))
        for number, row in enumerate(rows, 1):
            yield line("    ", Span(hide_secrets(row, secrets.get((record.file, number), ())), "yaml"))


def finding_lines(session: Session, outcome: Outcome, severities: tuple[str, ...] = SEVERITIES) -> Iterator[Line]:
    """The findings that the edit brings, with lines of the texts as they would be; the first of each code, if they are
    many."""
    findings = [finding for finding in outcome.introduced if finding.severity in severities]
    if not findings:
        return
    shown = findings if session.verbose or len(findings) <= FEW else _first_of_each(findings)
    yield from blocks(shown, locator(session.workspace.current.with_writes(outcome.edit.writes)), session.lang)
    if len(shown) < len(findings):
        count = len(findings)
        more = Message("… {count} findings in all (-v shows them)", count=count)
        yield line(Span(more.in_(session.lang), "dim"))


def _first_of_each(findings: Sequence[Finding]) -> list[Finding]:
    """The first findings of each code."""
    by_code = Counter[str]()
    first = []
    for finding in findings:
        by_code[finding.code] += 1
        first += [finding] if by_code[finding.code] <= ALIKE else []
    return first[:SHOWN]


def json_of(outcome: Outcome, more: Mapping[str, object] | None = None) -> str:
    return json_text(outcome_json(outcome, more))


def outcome_json(outcome: Outcome, more: Mapping[str, object] | None = None) -> dict[str, object]:
    """An outcome as an object of JSON, and what a command says `more`."""
    from smartreg.wording.changes_json import change_json

    return {
        "version": 1,
        "op": outcome.edit.op,
        "written": outcome.written,
        "commit": outcome.commit,
        "records": [str(rid) for rid in outcome.edit.records],
        "changes": [change_json(change) for change in outcome.changes],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "message": finding.message.in_(SOURCE),
                "file": finding.where.file,
                "path": list(finding.where.path),
                "row": finding.where.row,
                "column": finding.where.column,
            }
            for finding in outcome.introduced
        ],
        **(more or {}),
    }

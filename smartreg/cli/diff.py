"""`diff [REV [REV]]`"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Literal, TypeAlias

import typer

from smartreg.cli.options import split_list, t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.commands.diff import HEAD, DiffOptions, diff
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.diff import ChangeKind
from smartreg.diff.impact import GRADES, Comparison
from smartreg.wording import changes_json, changes_markdown, changes_text
from smartreg.workspace.locating import locator
from smartreg.workspace.workspace import record_named

SIDES = 2
NAMING: tuple[ChangeKind, ...] = ("removed", "retired")  # for people: who still names what is gone
LeastGrade: TypeAlias = Literal["breaks", "cover", "personal", "any"]


Revs: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="REV",
        help=t("none: HEAD against the working tree; one: it against the working tree; two: one against the other"),
    ),
]
Only: TypeAlias = Annotated[
    list[str],
    typer.Option("--only", metavar="RECORD", help=t("only this record")),
]
Staged: TypeAlias = Annotated[bool, typer.Option("--staged", help=t("compare with the index"))]
Stat: TypeAlias = Annotated[bool, typer.Option("--stat", help=t("only list the records"))]
ExitCode: TypeAlias = Annotated[
    bool,
    typer.Option("--exit-code", help=t("exit with 1 if there are differences")),
]

FailOn: TypeAlias = Annotated[
    LeastGrade | None,
    typer.Option(
        "--fail-on",
        metavar="GRADE",
        help=t("exit with 1 if a change is of this grade or above"),
    ),
]
Fields: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--fields",
        metavar="FIELDS",
        help=t("only these fields of changed records"),
    ),
]


app = typer.Typer()


@app.command("diff")
@with_session(formats=("text", "markdown", "json", "html"))
def diff_command(
    session: Session,
    revs: Revs,
    only: Only,
    fields: Fields,
    staged: Staged,
    stat: Stat,
    exit_code: ExitCode,
    fail_on: FailOn,
) -> int:
    revs = _sides(session, revs)
    if len(revs) > SIDES:
        raise UsageFault(
            Message('"{rev}" is one revision too many', rev=revs[2]),
            Message("to keep one record: --only RECORD"),
        )
    with show_progress(session, Message("comparing")), _pointing_to_only(session, revs):
        comparison = diff(
            session.workspace,
            rev=revs[0] if revs else None,
            other=revs[1] if len(revs) == SIDES else None,
            staged=staged,
            asked=DiffOptions(
                [session.from_root(word) for word in only],
                [name for listed in fields for name in split_list(listed)],
                None if session.format == "json" else NAMING,
                agreements=session.format == "markdown",
            ),
            on=None if stat and fail_on in (None, "any") else session.today,
        )
    if session.format == "json":
        session.console.write(changes_json.report(comparison, lang=session.lang))
    elif session.format == "html":
        from smartreg.wording import changes_html

        session.console.write(changes_html.report(comparison, lang=session.lang))
    elif session.format == "markdown":
        locate = locator(comparison.registries[1])
        session.console.write(changes_markdown.report(comparison, lang=session.lang, locate=locate))
    else:
        session.console.show(changes_text.report(comparison, lang=session.lang, stat=stat))
    return int((exit_code and bool(comparison.grades)) or (fail_on is not None and fails(comparison, fail_on)))


@contextmanager
def _pointing_to_only(session: Session, revs: list[str]) -> Iterator[None]:
    """A record in the place of a revision, as Git takes a file, is answered with `--only`."""
    try:
        yield
    except UsageFault as fault:
        records = [word for word in revs if _is_record(session, word)]
        if not records:
            raise
        line = shlex.join(["smartreg", "diff", *(word for word in revs if word not in records), "--only", records[0]])
        raise UsageFault(fault.message, Message("to keep one record: {line}", line=line)) from None


def _is_record(session: Session, word: str) -> bool:
    with suppress(UsageFault):
        return bool(record_named(session.workspace.current, session.from_root(word)))
    return False


def fails(comparison: Comparison, limit: LeastGrade) -> bool:
    """Whether there is a change of this grade or above; `any`: any difference at all."""
    grave = GRADES if limit == "any" else GRADES[: GRADES.index(limit) + 1]
    return any(grade in grave for grade in comparison.grades)


def _sides(session: Session, revs: list[str]) -> list[str]:
    """The revisions; those of `A..B`, as Git writes it, where a side that is left out is HEAD. `A...B` begins at their
    merge base."""
    first, dots, last = revs[0].partition("..") if len(revs) == 1 else ("", "", "")
    if not dots:
        return revs
    sides = [first or HEAD, last.removeprefix(".") or HEAD]
    if last.startswith("."):
        git = session.workspace.git
        sides[0] = git.merge_base(*map(git.resolve, sides))
    return sides

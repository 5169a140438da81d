"""`terminate CONVENTION --on DATE`"""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

import typer

from smartreg.asking.question import Answers, Questions
from smartreg.cli.amendments import HINTS, ActOptions, Convention, typed_answers
from smartreg.cli.answers import ask_and_write
from smartreg.cli.covering.losses import report_act, show_losses_first
from smartreg.cli.options import Reason, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt
from smartreg.commands.terminate import Ending, terminate
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, plural
from smartreg.core.typed import day
from smartreg.core.values import Record
from smartreg.domain.kinds import is_convention
from smartreg.domain.renewal import earliest_termination, termination_notice
from smartreg.domain.titles import Title, title
from smartreg.forms.acts import ON, ConventionAct, convention_act, read_acts
from smartreg.forms.whole import ending_questions

On: TypeAlias = Annotated[str | None, typer.Option("--on", metavar="DATE", help=t(ON))]
SignedOn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--signed-on",
        metavar="DATE",
        help=t("day on which that was signed, or notice given (default: today)"),
    ),
]
NoticeBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--notice-by",
        metavar="PARTY",
        help=t("party that ends it alone or, without --on, refuses its renewal"),
    ),
]


Leaving: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--party",
        metavar="PARTY",
        help=t("party that leaves by its own notice, while the others stay"),
    ),
]
Number: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--number",
        metavar="TEXT",
        help=t("number of the act (default: the next one)"),
    ),
]
GeneralInterest: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--general-interest",
        help=t("with --on and --notice-by: a public body ends it in the general interest, which needs no clause"),
    ),
]


app = typer.Typer()


@app.command("terminate")
@with_session(writes=True, formats=FORMATS)
def terminate_command(
    session: Session,
    writing: Writing,
    convention: Convention,
    on: On,
    signed_on: SignedOn,
    notice_by: NoticeBy,
    leaving: Leaving,
    general_interest: GeneralInterest,
    number: Number,
    reason: Reason,
    act: ActOptions,
) -> int:
    if leaving and notice_by:
        raise UsageFault(
            Message("--party and --notice-by cannot be used together"),
            Message("--party PARTY: it leaves; --notice-by PARTY: it ends the convention for all"),
        )
    if general_interest and not (notice_by and on):
        raise UsageFault(
            Message("--general-interest needs --on and --notice-by"),
            Message("name the public body that ends it, and from when"),
        )
    party = (notice_by or leaving or "").removeprefix("party/") or None
    asks = ending_questions(party, act.acts, leaves=bool(leaving), renewal=bool(notice_by))
    given = ConventionAct(convention and session.from_root(convention), act.acts, on, signed_on, reason=reason)

    def form(session: Session, answers: Answers) -> Questions[ConventionAct]:
        return convention_act(session, given, asks, answers)

    def write(session: Session, made: ConventionAct) -> int:
        when = day("--on", made.day) if made.day else None
        signed = day("--signed-on", made.signed_on) if made.signed_on else session.today
        ending = Ending(when, signed, party, number, leaves=leaving is not None, general_interest=general_interest)
        before, options = session.workspace.current, writing.options(session, session.today, made.reason)
        options = show_losses_first(session, options)
        with attempt(session):
            outcome = terminate(session.workspace, made.convention or "", ending, read_acts(made.acts), options)
        was, now = next((change.before, change.after) for change in outcome.changes if is_convention(change.rid))
        report_act(session, before, outcome, _describe_notice(now).in_(session.lang) if now and when is None else "")
        if was is not None and when is not None and notice_by is None and leaving is None:
            _note_notice(session, title(was), signed, when)
        return 0

    return ask_and_write(session, form, write, typed_answers, hints=HINTS)


def _describe_notice(record: Record) -> Text:
    """Until when the convention runs, now that notice against its renewal is on record."""
    last = title(record).last
    return Message("Notice recorded: {record} runs until {last}", record=record.rid, last=last)


def _note_notice(session: Session, ended: Title, given: date, when: date) -> None:
    """Note if the parties agreed to an end before the notice period of their convention, counted from the signature."""
    notice = termination_notice(ended.terms)
    earliest = earliest_termination(given, notice)
    if notice is not None and earliest is not None and earliest > when:
        period = plural("{n} day", "{n} days", n=notice) if isinstance(notice, int) else notice
        session.console.note(
            Message(
                "the convention asks for {period} of notice, which leads to {earliest}",
                period=period,
                earliest=earliest,
            )
        )

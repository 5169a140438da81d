"""`terminate CONVENTION --on DATE`"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.amendments import (
    FLAG,
    HINT,
    SIGNED,
    ActOptions,
    Convention,
    acts,
    as_options,
    convention_needed,
    list_needs,
    list_needs_of_new,
    pick_convention,
    signature_needed,
)
from smartreg.cli.answers import Needed, answers, date_needed, day, keep_answers
from smartreg.cli.covering.losses import report_act, show_losses_first
from smartreg.cli.options import Reason, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt
from smartreg.commands.terminate import Ending, terminate
from smartreg.core.errors import UsageFault
from smartreg.core.values import Record, Words
from smartreg.domain.acts import notice_end, termination_notice
from smartreg.domain.kinds import is_convention
from smartreg.domain.titles import Title, title
from smartreg.edit import RefusedWrite

ON = Words("the first day on which it is no longer in force", "le premier jour où elle n'est plus en vigueur")
LEAVES = Words("the first day on which it is no longer a party", "le premier jour où elle n'est plus partie")
GIVEN_ON = Words("Notice given on", "Préavis donné le")
WHY = Words("Why (for the history)", "Pourquoi (pour l'historique)")
WHY_EXAMPLE = Words(
    "The reason, which stays in the history.\nExample: by common accord",
    "Le motif, qui reste dans l'historique.\nExemple : d'un commun accord",
)
On: TypeAlias = Annotated[str | None, typer.Option("--on", metavar="DATE", help=t(ON.en, ON.fr))]
SignedOn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--signed-on",
        metavar="DATE",
        help=t(
            "day on which that was signed, or notice given (default: today)",
            "jour de la signature, ou du préavis ; aujourd'hui par défaut",
        ),
    ),
]
NoticeBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--notice-by",
        metavar="PARTY",
        help=t(
            "party that ends it alone or, without --on, refuses its renewal",
            "la partie qui y met fin seule ; sans --on, qui refuse sa reconduction",
        ),
    ),
]


Leaving: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--party",
        metavar="PARTY",
        help=t(
            "party that leaves by its own notice, while the others stay",
            "la partie qui s'en retire par son préavis, les autres restant",
        ),
    ),
]
Number: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--number",
        metavar="TEXT",
        help=t("number of the act (default: the next one)", "le numéro de l'acte ; sinon le suivant"),
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
    number: Number,
    reason: Reason,
    act: ActOptions,
) -> int:
    if leaving and notice_by:
        raise UsageFault(
            Words("--party and --notice-by cannot be used together", "--party et --notice-by s'excluent"),
            Words(
                "--party PARTY: it leaves; --notice-by PARTY: it ends the convention for all",
                "--party PARTIE : elle s'en retire ; --notice-by PARTIE : elle y met fin pour toutes",
            ),
        )
    word, picked = pick_convention(session, convention)
    needs = convention_needed(session, convention)
    needs += [] if on or notice_by else [date_needed("--on", LEAVES if leaving else ON)]
    notice_by = notice_by or leaving
    further = [] if reason else [Needed("--reason", "TEXT", WHY, explanation=WHY_EXAMPLE)]
    further += [] if notice_by and not (act.deliberation or act.new) else list_needs(session, act)
    if (needs or further) and session.interactive and signed_on is None:  # without questions, it is today
        needs.append(signature_needed(session, GIVEN_ON if notice_by else SIGNED))
    needs += further
    hint = HINT if any(need.flag == FLAG for need in needs) else None
    answered = answers(session, needs, hint, partial(list_needs_of_new, session))
    options = writing.options(session, session.today, reason or answered["--reason"])
    signed_on = signed_on or answered.get("--signed-on")
    given = day("--signed-on", signed_on) if signed_on else session.today
    party = notice_by.removeprefix("party/") if notice_by else None
    request = acts(act, answered)
    before, options = session.workspace.current, show_losses_first(session, options)
    when = day("--on", on or answered["--on"]) if on or leaving or not notice_by else None
    ending = Ending(when, given, party, number, leaves=leaving is not None)
    try:
        with keep_answers(session, [*picked, *as_options(answered)]), attempt(session):
            outcome = terminate(session.workspace, word, ending, request, options)
    except RefusedWrite as refused:
        if when is not None and _is_about_others(refused):
            _advise(session, when)
        raise
    was, now = next((change.before, change.after) for change in outcome.changes if is_convention(change.rid))
    report_act(session, before, outcome, _describe_notice(now).in_(session.lang) if now and when is None else "")
    if was is not None and when is not None and notice_by is None:
        _note_notice(session, title(was), given, when)
    return 0


def _describe_notice(record: Record) -> Words:
    """Until when the convention runs, now that notice against its renewal is on record."""
    last = title(record).last
    return Words(
        f"Notice recorded: {record.rid} runs until {last}", f"Préavis inscrit : {record.rid} court jusqu'au {last}"
    )


def _is_about_others(refused: RefusedWrite) -> bool:
    """Whether the rules refuse it because of what rests on the convention."""
    files = {change.before.file for change in refused.outcome.changes if change.before and is_convention(change.rid)}
    return any(one.severity == "error" and one.where.file not in files for one in refused.outcome.introduced)


def _advise(session: Session, when: date) -> None:
    session.console.hint(
        Words(
            f"what rests on the convention must stop before {when}: end flows and disconnect equipment first, or"
            " give a later day",
            f"ce qui repose sur la convention doit cesser avant le {when} : mettez d'abord fin aux flux et déconnectez"
            " les équipements, ou donnez une date ultérieure",
        )
    )


def _note_notice(session: Session, ended: Title, given: date, when: date) -> None:
    """Note if the parties agreed to an end before the notice period of their convention, counted from the signature."""
    notice = termination_notice(ended.terms)
    earliest = notice_end(given, notice)
    if notice is not None and earliest is not None and earliest > when:
        days = isinstance(notice, int)
        session.console.note(
            Words(
                f"the convention asks for {f'{notice} days' if days else notice} of notice, which leads to {earliest}",
                f"la convention prévoit {f'{notice} jours' if days else notice} de préavis, ce qui mène au {earliest}",
            )
        )

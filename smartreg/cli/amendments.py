"""Amendments to a signed convention: `amend`, `renew`; and the options for the deliberations behind an act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, NamedTuple, TypeAlias

import typer

from smartreg.asking.choices import NEW
from smartreg.asking.question import Answers, Questions
from smartreg.cli.answers import ask_and_write
from smartreg.cli.covering.losses import report_act, show_losses_first
from smartreg.cli.options import Reason, offer, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.commands.amend import Amendment, amend
from smartreg.commands.terminate import renew
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.typed import day
from smartreg.core.values import Json
from smartreg.forms.acts import DELIBERATION, FIELDS, UNTIL, ActQuestions, ConventionAct, convention_act, read_acts
from smartreg.schema import FieldPath
from smartreg.workspace.acts import KIND, Acts
from smartreg.workspace.documents import WEB

GROUP = Message("Deliberation")
DECISION = t(GROUP)
_decision_option = partial(typer.Option, rich_help_panel=DECISION)
HINTS = {
    DELIBERATION: Message(
        "or record the deliberation with the same commit: --deliberation-number TEXT --date DATE --subject TEXT "
        "--body PARTY-ID"
    )
}


class ActOptions(NamedTuple):
    """The deliberations behind a command: those that are recorded, or a new one."""

    deliberation: Annotated[
        list[str],
        _decision_option(
            DELIBERATION,
            metavar="ID",
            help=t("the deliberation that decided it"),
            autocompletion=offer("records", KIND),
        ),
    ]
    deliberation_number: Annotated[
        str | None,
        _decision_option(
            FIELDS["number"],
            metavar="TEXT",
            help=t("number of a new deliberation"),
        ),
    ]
    date: Annotated[str | None, _decision_option("--date", metavar="DATE", help=t("its date"))]
    subject: Annotated[str | None, _decision_option("--subject", metavar="TEXT", help=t("its subject"))]
    body: Annotated[
        str | None,
        _decision_option(
            "--body",
            metavar="PARTY",
            help=t("party whose assembly adopted it"),
        ),
    ]

    @property
    def acts(self) -> Acts:
        """The deliberations that are given."""
        values = (self.deliberation_number, self.date, self.subject, self.body)
        new = {name: value for name, value in zip(FIELDS, values, strict=True) if value}
        return Acts(tuple(self.deliberation), new)


def typed_answers(_made: object, reached: Mapping[FieldPath, Json]) -> list[tuple[str, str]]:
    """The answers as arguments and options: what was picked, each deliberation by an option of its own, the rest."""
    chosen = [(DELIBERATION, id) for id in reached.get((DELIBERATION,), ()) if id != NEW]
    picked = [("", value) for (name,), value in reached.items() if not name.startswith("--")]
    others = [(name, value) for (name,), value in reached.items() if name.startswith("--") and name != DELIBERATION]
    return [*picked, *chosen, *others]


PANEL = t("Amendment")
_option = partial(typer.Option, rich_help_panel=PANEL)


class AmendmentOptions(NamedTuple):
    """The options of an amendment besides what it changes."""

    number: Annotated[
        str | None,
        _option("--number", metavar="TEXT", help=t("its number (default: the next one)")),
    ]
    signed_on: Annotated[
        str | None,
        _option(
            "--signed-on",
            metavar="DATE",
            help=t("day of its last signature (default: today)"),
        ),
    ]
    effective_from: Annotated[
        str | None,
        _option(
            "--effective-from",
            metavar="DATE",
            help=t("its first day of effect (default: the day of signature)"),
        ),
    ]
    annex: Annotated[
        str | None,
        _option(
            "--annex",
            metavar="FILE|URL",
            help=t("its file or web address"),
        ),
    ]
    title: Annotated[
        str | None,
        _option("--title", metavar="TEXT", help=t("its title (default: generated)")),
    ]
    sha256: Annotated[
        str | None,
        _option("--sha256", metavar="DIGEST", help=t("SHA-256 digest of the file")),
    ]


def amendment_of(session: Session, given: AmendmentOptions, act: ConventionAct) -> Amendment:
    """The amendment, once everything about it is known."""
    return Amendment(
        read_acts(act.acts),
        day("--signed-on", act.signed_on) if act.signed_on else session.today,
        given.title,
        act.source,
        act.sha256,
        day("--effective-from", given.effective_from) if given.effective_from else None,
        number=given.number,
    )


def given_act(
    session: Session, convention: str | None, amended_by: AmendmentOptions, act: ActOptions, on: str | None = None
) -> ConventionAct:
    """The amendment as far as the command line gives it."""
    return ConventionAct(
        convention and session.from_root(convention),
        act.acts,
        on,
        amended_by.signed_on,
        where(session, amended_by.annex) if amended_by.annex else None,
        amended_by.sha256,
    )


def where(session: Session, source: str) -> str:
    """A web address as it is, a file relative to the user's folder."""
    return source if source.startswith(WEB) else str(session.directory / source)


Convention: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="CONVENTION",
        help=t("a signed convention (default: pick from a list)"),
    ),
]
Assignments: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH=VALUE",
        help=t("parties+=a families+=data removal_days=60 scope.supports-=b …"),
    ),
]
Unset: TypeAlias = Annotated[
    list[str],
    typer.Option("--unset", metavar="PATH", help=t("remove this field, such as scope")),
]

Initially: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--initially",
        metavar="PATH=VALUE",
        help=t("the value first signed of a field that already holds the amended one (needs -m REASON)"),
    ),
]


app = typer.Typer()


@app.command("amend")
@with_session(writes=True, formats=FORMATS)
def amend_command(
    session: Session,
    writing: Writing,
    convention: Convention,
    assignments: Assignments,
    unset: Unset,
    initially: Initially,
    reason: Reason,
    amended_by: AmendmentOptions,
    act: ActOptions,
) -> int:
    words = [*([convention] if convention else []), *assignments]
    named = next((word for word in words if "=" not in word), None)  # before or after what it changes
    assignments = [word for word in words if word is not named]
    if not assignments and not unset:
        which = named or "CONVENTION"
        raise UsageFault(
            Message("nothing to amend"),
            Message(
                "smartreg amend {which} families+=data --deliberation DELIBERATION-ID -y; to prolong it: smartreg "
                "renew {which}",
                which=which,
            ),
        )
    given = given_act(session, named, amended_by, act)

    def form(session: Session, answers: Answers) -> Questions[ConventionAct]:
        return convention_act(session, given, ActQuestions(), answers)

    def write(session: Session, made: ConventionAct) -> int:
        request = replace(amendment_of(session, amended_by, made), initially=tuple(initially))
        before, options = session.workspace.current, writing.options(session, session.today, reason)
        options = show_losses_first(session, options)
        with attempt(session):
            outcome = amend(session.workspace, made.convention or "", request, assignments, unset, options)
        return report_act(session, before, outcome)

    return ask_and_write(session, form, write, typed_answers, hints=HINTS)


Until: TypeAlias = Annotated[str | None, typer.Option("--until", metavar="DATE", help=t(UNTIL))]


@app.command("renew")
@with_session(writes=True, formats=FORMATS)
def renew_command(
    session: Session,
    writing: Writing,
    convention: Convention,
    until: Until,
    reason: Reason,
    amended_by: AmendmentOptions,
    act: ActOptions,
) -> int:
    given = given_act(session, convention, amended_by, act, until)

    def form(session: Session, answers: Answers) -> Questions[ConventionAct]:
        return convention_act(session, given, ActQuestions(("--until", UNTIL)), answers)

    def write(session: Session, made: ConventionAct) -> int:
        request, last = amendment_of(session, amended_by, made), day("--until", made.day or "")
        options = writing.options(session, session.today, reason)
        with attempt(session):
            outcome = renew(session.workspace, made.convention or "", last, request, options)
        return report_write(session, outcome)

    return ask_and_write(session, form, write, typed_answers, hints=HINTS)

"""`annex CONVENTION FILE|URL --kind KIND --title TEXT`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from smartreg.asking.question import Answers, Questions
from smartreg.cli.amendments import typed_answers, where
from smartreg.cli.answers import ask_and_write
from smartreg.cli.options import Reason, offer, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.commands.annex import Annex, annex, kinds_of_annex
from smartreg.core.messages import Message
from smartreg.core.typed import day
from smartreg.forms.acts import AnnexDraft, annexation

Convention: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="CONVENTION", help=t("a convention")),
]
Source: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FILE|URL",
        help=t("a file (copied to registry/annexes/ if it is elsewhere) or web address"),
    ),
]
KindOfAnnex: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help=t("kind of annex"),
        autocompletion=offer("values_of", "convention", ("annexes", "[]", "kind")),
    ),
]
Title: TypeAlias = Annotated[str | None, typer.Option("--title", metavar="TEXT", help=t("its title"))]
Digest: TypeAlias = Annotated[str | None, typer.Option("--sha256", metavar="DIGEST", help=t("its SHA-256 digest"))]
Party: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--party",
        metavar="PARTY",
        help=t("the third party that accepted this data charter or interface clause"),
    ),
]
On: TypeAlias = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help=t("the day on which the party accepted it")),
]


app = typer.Typer()


@app.command("annex")
@with_session(writes=True, formats=FORMATS)
def annex_command(
    session: Session,
    writing: Writing,
    convention: Convention,
    source: Source,
    kind: KindOfAnnex,
    title: Title,
    sha256: Digest,
    party: Party,
    on: On,
    reason: Reason,
) -> int:
    given = AnnexDraft(where(session, source), kind, title, sha256, party, on)

    def form(session: Session, answers: Answers) -> Questions[AnnexDraft]:
        return annexation(session, given, answers)

    def write(session: Session, made: AnnexDraft) -> int:
        accepted = day("--on", made.on) if made.on else None
        attachment = Annex(made.kind or "", made.source, made.title, made.sha256, party, accepted)
        options = writing.options(session, session.today, reason)
        with attempt(session):
            outcome = annex(session.workspace, session.from_root(convention), attachment, options)
        return report_write(session, outcome)

    names = ", ".join(kinds_of_annex(session.workspace.current.schemas.kind("convention")))
    hints = {"--kind": Message("--kind: {names}", names=names)}
    return ask_and_write(session, form, write, typed_answers, hints=hints)

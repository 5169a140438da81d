"""`annex CONVENTION FILE|URL --kind KIND --title TEXT`"""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.amendments import digest_needed, where
from smartreg.cli.answers import Needed, answers, date_needed, day, keep_answers
from smartreg.cli.options import Reason, offer, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.commands.annex import Annex, annex, kinds_of_annex
from smartreg.core.values import Words
from smartreg.forms.choices import Choice
from smartreg.forms.explanations import explain
from smartreg.schema import ITEM

Convention: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="CONVENTION", help=t("a convention", "une convention")),
]
Source: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FILE|URL",
        help=t(
            "a file (copied to registry/annexes/ if it is elsewhere) or web address",
            "le fichier (copié dans registry/annexes/ s'il n'y est pas), ou son adresse",
        ),
    ),
]
TITLE, KIND = Words("Title", "Intitulé"), Words("Kind of annex", "Nature de l'annexe")
ACCEPTED = Words("the day on which the party accepted it", "le jour où la partie l'a acceptée")
KindOfAnnex: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help=t("kind of annex", "sa nature"),
        autocompletion=offer("values_of", "convention", ("annexes", "[]", "kind")),
    ),
]
Title: TypeAlias = Annotated[str | None, typer.Option("--title", metavar="TEXT", help=t("its title", "son intitulé"))]
Digest: TypeAlias = Annotated[
    str | None, typer.Option("--sha256", metavar="DIGEST", help=t("its SHA-256 digest", "son empreinte"))
]
Party: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--party",
        metavar="PARTY",
        help=t(
            "the third party that accepted this data charter or interface clause",
            "le tiers qui a accepté cette charte de la donnée ou clause d'interface",
        ),
    ),
]
On: TypeAlias = Annotated[str | None, typer.Option("--on", metavar="DATE", help=t(ACCEPTED.en, ACCEPTED.fr))]


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
    needs = []
    if not kind:
        needs.append(Needed("--kind", "KIND", KIND, partial(_kinds, session), explanation=_about(session, "kind")))
    if not title:
        needs.append(Needed("--title", "TEXT", TITLE, explanation=_about(session, "title")))
    needs += digest_needed(source, sha256)
    needs += [date_needed("--on", ACCEPTED)] if party and not on else []
    answered = answers(session, needs, None if kind else _kinds_hint(session))
    on = on or answered.get("--on")
    attachment = Annex(
        kind or answered["--kind"],
        where(session, source),
        title or answered["--title"],
        sha256 or answered.get("--sha256"),
        party,
        day("--on", on) if on else None,
    )
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    with keep_answers(session, list(answered.items())), attempt(session):
        outcome = annex(session.workspace, word, attachment, options)
    return report_write(session, outcome)


def _about(session: Session, name: str) -> Words:
    """What the schema says of a field of an annex."""
    kind = session.workspace.current.schemas.kind("convention")
    field = kind.by_path[("annexes", ITEM, name)]
    return Words(explain(kind, field, "en"), explain(kind, field, "fr"))


def _kinds_hint(session: Session) -> Words:
    names = ", ".join(kinds_of_annex(session.workspace.current.schemas.kind("convention")))
    return Words(f"--kind: {names}", f"--kind : {names}")


def _kinds(session: Session) -> list[Choice]:
    kind = session.workspace.current.schemas.kind("convention")
    field = kind.by_path[("annexes", ITEM, "kind")]
    return [
        Choice(name, field.labels[name].in_(session.lang) if name in field.labels else "")
        for name in kinds_of_annex(kind)
    ]

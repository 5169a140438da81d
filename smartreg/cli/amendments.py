"""Amendments to a signed convention: `amend`, `renew`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, NamedTuple, TypeAlias

import typer

from smartreg.cli import acts
from smartreg.cli.acts import ActOptions
from smartreg.cli.answers import Needed, answers, date_needed, day, keep_answers
from smartreg.cli.options import Reason, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.commands.amend import Amendment, amend
from smartreg.commands.documents import WEB
from smartreg.commands.terminate import renew
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words

PANEL = t("Amendment", "Avenant")
_option = partial(typer.Option, rich_help_panel=PANEL)


class AmendmentOptions(NamedTuple):
    """What an amendment is besides what it changes."""

    signed_on: Annotated[
        str | None,
        _option(
            "--signed-on",
            metavar="DATE",
            help=t(
                "day of its last signature (default: today)", "jour de sa dernière signature ; aujourd'hui par défaut"
            ),
        ),
    ]
    effective_from: Annotated[
        str | None,
        _option(
            "--effective-from",
            metavar="DATE",
            help=t(
                "its first day of effect (default: the day of signature)",
                "son premier jour d'effet ; sinon celui de sa signature",
            ),
        ),
    ]
    annex: Annotated[
        str | None,
        _option(
            "--annex",
            metavar="FILE|URL",
            help=t("its file or web address", "son fichier ou son adresse"),
        ),
    ]
    title: Annotated[
        str | None,
        _option(
            "--title", metavar="TEXT", help=t("its title (default: generated)", "son intitulé ; sinon il est composé")
        ),
    ]
    sha256: Annotated[
        str | None,
        _option("--sha256", metavar="DIGEST", help=t("SHA-256 digest of the file", "l'empreinte du fichier")),
    ]


def amendment(
    session: Session, given: AmendmentOptions, act: acts.ActOptions, further: Sequence[Needed] = ()
) -> tuple[Amendment, dict[str, str]]:
    """The amendment, and the answers to `further` questions that came with it."""
    needs = [*further, *digest_needed(given.annex, given.sha256), *acts.list_needs(session, act)]
    hint = acts.HINT if any(need.flag == acts.FLAG for need in needs) else None
    answered = answers(session, needs, hint, partial(acts.list_needs_of_new, session))
    signed_on = day("--signed-on", given.signed_on) if given.signed_on else session.today
    digest = given.sha256 or answered.get("--sha256")
    source = where(session, given.annex) if given.annex else None
    effect = day("--effective-from", given.effective_from) if given.effective_from else None
    return Amendment(acts.acts(act, answered), signed_on, given.title, source, digest, effect), answered


def digest_needed(source: str | None, sha256: str | None) -> list[Needed]:
    """The digest of an annex on the web, whose text may change after the signature."""
    if source is None or sha256 or not source.startswith(WEB):
        return []
    asked = Words("SHA-256 of the file", "SHA-256 du fichier")
    explanation = Words(
        "64 hexadecimal digits by which a change to the file is noticed.\nExample: what sha256sum prints for the file",
        "64 chiffres hexadécimaux, par lesquels se remarque une modification du fichier.\n"
        "Exemple : ce que sha256sum affiche pour le fichier",
    )
    return [Needed("--sha256", "DIGEST", asked, explanation=explanation)]


def where(session: Session, source: str) -> str:
    """A web address as it is, a file relative to the user's folder."""
    return source if source.startswith(WEB) else str(session.directory / source)


Convention: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="CONVENTION",
        help=t("a signed convention", "une convention signée"),
    ),
]
Assignments: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH=VALUE",
        help=t("parties+=a families+=data removal_days=60 scope.supports-=b …", "parties+=a families+=data …"),
    ),
]
Unset: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--unset", metavar="PATH", help=t("remove this field, such as scope", "supprimer ce champ, tel scope")
    ),
]

Initially: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--initially",
        metavar="PATH=VALUE",
        help=t(
            "the value first signed of a field that already holds the amended one (needs -m REASON)",
            "ce que disait un champ à l'origine, s'il contient déjà l'avenant (avec -m MOTIF)",
        ),
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
    if not assignments and not unset:
        raise UsageFault(
            Words("nothing to amend", "rien à modifier"),
            Words(
                f"smartreg amend {convention} families+=data --deliberation DELIBERATION-ID -y;"
                f" to prolong it: smartreg renew {convention}",
                f"smartreg amend {convention} families+=data --deliberation DELIBERATION-ID -y ;"
                f" pour la prolonger : smartreg renew {convention}",
            ),
        )
    request, answered = amendment(session, amended_by, act)
    request = replace(request, initially=tuple(initially))
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    with keep_answers(session, acts.as_options(answered)), attempt(session):
        outcome = amend(session.workspace, word, request, assignments, unset, options)
    return report_write(session, outcome)


UNTIL = Words("the new last day of effect", "le nouveau dernier jour d'effet")
Until: TypeAlias = Annotated[str | None, typer.Option("--until", metavar="DATE", help=t(UNTIL.en, UNTIL.fr))]


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
    request, answered = amendment(session, amended_by, act, [] if until else [date_needed("--until", UNTIL)])
    when = day("--until", until or answered["--until"])
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    with keep_answers(session, acts.as_options(answered)), attempt(session):
        outcome = renew(session.workspace, word, when, request, options)
    return report_write(session, outcome)

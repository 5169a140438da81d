"""Amendments to a signed convention: `amend`, `renew`; and the deliberations behind every command on a convention:
options, questions, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, NamedTuple, TypeAlias

import typer

from smartreg.cli.answers import Needed, answers, date_needed, day, keep_answers
from smartreg.cli.ask import fill
from smartreg.cli.covering.losses import report_act, show_losses_first
from smartreg.cli.options import Reason, offer, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.commands.acts import KIND, Acts
from smartreg.commands.amend import Amendment, amend
from smartreg.commands.conventions import KIND as CONVENTION
from smartreg.commands.documents import WEB
from smartreg.commands.terminate import renew
from smartreg.core.errors import UsageFault
from smartreg.core.values import RecordId, Words
from smartreg.domain.fields import in_service
from smartreg.forms.choices import Choice
from smartreg.forms.explanations import explain
from smartreg.forms.records import one_record

NEW = "+"
FIELDS = {"number": "--deliberation-number", "date": "--date", "subject": "--subject", "body": "--body"}
"""The fields of a new deliberation, with their options."""
GROUP = Words("Deliberation", "Délibération")
DECISION = t(GROUP.en, GROUP.fr)
_decision_option = partial(typer.Option, rich_help_panel=DECISION)
FLAG = "--deliberation"
HINT = Words(
    "or record the deliberation with the same commit: --deliberation-number TEXT --date DATE --subject TEXT --body"
    " PARTY-ID",
    "ou saisissez la délibération dans le même commit : --deliberation-number TEXTE --date DATE --subject TEXTE --body"
    " PARTIE",
)
DECIDED = Words(
    "The deliberations that decided it, of one party or several; + records a new one.\nExample: ",
    "Les délibérations qui en ont décidé, d'une ou plusieurs parties ; + en saisit une nouvelle.\nExemple : ",
)
SOME_DELIBERATION = "ivis-009-13539-23-bm"  # where the registry has none


class ActOptions(NamedTuple):
    """The deliberations behind a command: those that are recorded, or a new one."""

    deliberation: Annotated[
        list[str],
        _decision_option(
            FLAG,
            metavar="ID",
            help=t("the deliberation that decided it", "la délibération qui en a décidé"),
            autocompletion=offer("records", KIND),
        ),
    ]
    deliberation_number: Annotated[
        str | None,
        _decision_option(
            FIELDS["number"],
            metavar="TEXT",
            help=t("number of a new deliberation", "délibération nouvelle : son numéro"),
        ),
    ]
    date: Annotated[str | None, _decision_option("--date", metavar="DATE", help=t("its date", "sa date"))]
    subject: Annotated[str | None, _decision_option("--subject", metavar="TEXT", help=t("its subject", "son objet"))]
    body: Annotated[
        str | None,
        _decision_option(
            "--body",
            metavar="PARTY",
            help=t("party whose assembly adopted it", "la collectivité qui l'a prise"),
        ),
    ]

    @property
    def new(self) -> dict[str, str]:
        """The fields of a new deliberation that are given."""
        values = (self.deliberation_number, self.date, self.subject, self.body)
        return {name: value for name, value in zip(FIELDS, values, strict=True) if value}


def list_needs(session: Session, given: ActOptions) -> list[Needed]:
    """What the command line lacks: a deliberation, or the rest of a new one. Asks which, where it can."""
    if given.deliberation and not given.new:
        return []
    if not given.new:
        known = next(iter(session.workspace.current.ids(KIND)), SOME_DELIBERATION)
        about = Words(DECIDED.en + known, DECIDED.fr + known)
        return [Needed(FLAG, "DELIBERATION-ID", GROUP, partial(_choices, session), several=True, explanation=about)]
    return [_field(session, name) for name in FIELDS if name not in given.new]


def list_needs_of_new(session: Session, answered: Mapping[str, str]) -> list[Needed]:
    """The questions that follow if a new deliberation was chosen."""
    return [_field(session, name) for name in FIELDS] if NEW in _split_choice(answered) else []


def as_options(answered: Mapping[str, str]) -> list[tuple[str, str]]:
    """The answers as options: each deliberation by one of its own."""
    named = [(FLAG, id) for id in _split_choice(answered) if id not in ("", NEW)]
    return [*named, *((flag, value) for flag, value in answered.items() if flag != FLAG and value)]


def _split_choice(answered: Mapping[str, str]) -> list[str]:
    return answered.get(FLAG, "").split(",")


def acts(options: ActOptions, answered: Mapping[str, str]) -> Acts:
    """The deliberations, from the options and the answers. UsageFault when the date is not a date."""
    new = {name: options.new.get(name) or answered.get(flag) for name, flag in FIELDS.items()}
    given = {name: value for name, value in new.items() if value}
    if "date" in given:
        given["date"] = day("--date", given["date"]).isoformat()
    if "body" in given:
        given["body"] = given["body"].removeprefix("party/")
    named = [*options.deliberation, *(id for id in _split_choice(answered) if id not in ("", NEW))]
    return Acts(tuple(named), given)


def _choices(session: Session) -> list[Choice]:
    registry = session.workspace.current
    kind = registry.schemas.kind(KIND)
    found = [Choice(record.rid.id, kind.label_of(record.data, session.lang)) for record in registry.of_kind(KIND)]
    return [Choice(NEW, Words("a new deliberation", "une délibération nouvelle").in_(session.lang)), *found]


def _field(session: Session, name: str) -> Needed:
    kind = session.workspace.current.schemas.kind(KIND)
    field = kind.by_path[(name,)]
    need = Needed(FIELDS[name], "TEXT", field.title)
    if name == "body":
        need = Needed("--body", "PARTY-ID", field.title, partial(_parties, session))
    if name == "date":
        need = date_needed("--date", field.title)
    return need._replace(explanation=Words(explain(kind, field, "en"), explain(kind, field, "fr")))


def _parties(session: Session) -> list[Choice]:
    registry = session.workspace.current
    kind = registry.schemas.kind("party")
    return [Choice(record.rid.id, kind.label_of(record.data, session.lang)) for record in registry.of_kind("party")]


PANEL = t("Amendment", "Avenant")
SIGNED, TITLE = Words("Signed on", "Signé le"), Words("Convention", "Convention")
_option = partial(typer.Option, rich_help_panel=PANEL)


class AmendmentOptions(NamedTuple):
    """What an amendment is besides what it changes."""

    number: Annotated[
        str | None,
        _option(
            "--number", metavar="TEXT", help=t("its number (default: the next one)", "son numéro ; sinon le suivant")
        ),
    ]
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
    session: Session, given: AmendmentOptions, act: ActOptions, further: Sequence[Needed] = ()
) -> tuple[Amendment, dict[str, str]]:
    """The amendment, and the answers to `further` questions that came with it."""
    needs = [*further, *digest_needed(given.annex, given.sha256), *list_needs(session, act)]
    if needs and session.interactive and given.signed_on is None:  # a command line without questions means today
        needs.insert(len(further), signature_needed(session))
    hint = HINT if any(need.flag == FLAG for need in needs) else None
    answered = answers(session, needs, hint, partial(list_needs_of_new, session))
    signed = given.signed_on or answered.get("--signed-on")
    signed_on = day("--signed-on", signed) if signed else session.today
    digest = given.sha256 or answered.get("--sha256")
    source = where(session, given.annex) if given.annex else None
    effect = day("--effective-from", given.effective_from) if given.effective_from else None
    request = Amendment(acts(act, answered), signed_on, given.title, source, digest, effect, number=given.number)
    return request, answered


def signature_needed(session: Session, title: Words = SIGNED) -> Needed:
    """The day of a signature, today unless another one is answered."""
    return date_needed("--signed-on", title)._replace(default=session.today.isoformat())


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
    str | None,
    typer.Argument(
        metavar="CONVENTION",
        help=t("a signed convention (default: pick from a list)", "une convention signée ; sinon à choisir"),
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


def convention_needed(session: Session, given: str | None) -> list[Needed]:
    """The convention as a missing argument, where it was not given and nobody can pick it."""
    return [] if given or session.interactive else [Needed("", "CONVENTION", TITLE)]


def pick_convention(session: Session, given: str | None) -> tuple[str, list[tuple[str, str]]]:
    """The convention that was given, else the picked one; and what was picked, as `keep_answers` takes it."""
    if given or not session.interactive:
        return session.from_root(given or ""), []
    found = fill(session.console, partial(one_record, session, _signed_conventions(session), TITLE))
    return found, [("", found)]


def _signed_conventions(session: Session) -> list[RecordId]:
    """The conventions in service, which acts may change."""
    registry = session.workspace.current
    return [record.rid for record in registry.of_kind(CONVENTION) if in_service(registry, record)]


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
            Words("nothing to amend", "rien à modifier"),
            Words(
                f"smartreg amend {which} families+=data --deliberation DELIBERATION-ID -y;"
                f" to prolong it: smartreg renew {which}",
                f"smartreg amend {which} families+=data --deliberation DELIBERATION-ID -y ;"
                f" pour la prolonger : smartreg renew {which}",
            ),
        )
    word, picked = pick_convention(session, named)
    request, answered = amendment(session, amended_by, act, convention_needed(session, named))
    request = replace(request, initially=tuple(initially))
    before, options = session.workspace.current, writing.options(session, session.today, reason)
    options = show_losses_first(session, options)
    with keep_answers(session, [*picked, *as_options(answered)]), attempt(session):
        outcome = amend(session.workspace, word, request, assignments, unset, options)
    return report_act(session, before, outcome)


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
    word, picked = pick_convention(session, convention)
    needs = convention_needed(session, convention)
    needs += [] if until else [date_needed("--until", UNTIL)]
    request, answered = amendment(session, amended_by, act, needs)
    when = day("--until", until or answered["--until"])
    options = writing.options(session, session.today, reason)
    with keep_answers(session, [*picked, *as_options(answered)]), attempt(session):
        outcome = renew(session.workspace, word, when, request, options)
    return report_write(session, outcome)

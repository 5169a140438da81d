"""The deliberations behind a command on a convention: options, questions, values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, NamedTuple

import typer

from smartreg.cli.adding.options import explain
from smartreg.cli.answers import Needed, date_needed, day
from smartreg.cli.ask import Choice
from smartreg.cli.candidates import ids_of
from smartreg.cli.options import t
from smartreg.cli.session import Session
from smartreg.commands.acts import KIND, Acts
from smartreg.core.values import Words

NEW = "+"
FIELDS = ("number", "date", "subject", "body")
GROUP = Words("Deliberation", "Délibération")
PANEL = t(GROUP.en, GROUP.fr)
_option = partial(typer.Option, rich_help_panel=PANEL)
FLAG = "--deliberation"
HINT = Words(
    "or record the deliberation with the same commit: --number NUMBER --date DATE --subject TEXT --body PARTY-ID",
    "ou saisissez la délibération dans le même commit : --number NUMÉRO --date DATE --subject TEXTE --body PARTIE",
)
DECIDED = Words(
    "The deliberations that decided it, of one party or several; + records a new one.\nExample: ivis-009-13539-23-bm",
    "Les délibérations qui en ont décidé, d'une ou plusieurs parties ; + en saisit une nouvelle.\n"
    "Exemple : ivis-009-13539-23-bm",
)


class ActOptions(NamedTuple):
    """The deliberations behind a command: those that are recorded, or a new one."""

    deliberation: Annotated[
        list[str],
        _option(
            FLAG,
            metavar="ID",
            help=t("the deliberation that decided it", "la délibération qui en a décidé"),
            autocompletion=ids_of(KIND),
        ),
    ]
    number: Annotated[
        str | None,
        _option(
            "--number",
            metavar="NUMBER",
            help=t("number of a new deliberation", "délibération nouvelle : son numéro"),
        ),
    ]
    date: Annotated[str | None, _option("--date", metavar="DATE", help=t("its date", "sa date"))]
    subject: Annotated[str | None, _option("--subject", metavar="TEXT", help=t("its subject", "son objet"))]
    body: Annotated[
        str | None,
        _option(
            "--body",
            metavar="PARTY",
            help=t("party whose assembly adopted it", "la collectivité qui l'a prise"),
        ),
    ]

    @property
    def is_new(self) -> bool:
        """Whether a field of a new deliberation is given."""
        return any(getattr(self, name) for name in FIELDS)


def list_needs(session: Session, given: ActOptions) -> list[Needed]:
    """What the command line lacks: a deliberation, or the rest of a new one. Asks which, where it can."""
    if given.deliberation and not given.is_new:
        return []
    if not given.is_new:
        return [Needed(FLAG, "DELIBERATION-ID", GROUP, partial(_choices, session), several=True, explanation=DECIDED)]
    return [_field(session, name) for name in FIELDS if not getattr(given, name)]


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
    new = {name: getattr(options, name) or answered.get(f"--{name}") for name in FIELDS}
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
    need = Needed(f"--{name}", {"number": "NUMBER"}.get(name, "TEXT"), field.title)
    if name == "body":
        need = Needed("--body", "PARTY-ID", field.title, partial(_parties, session))
    if name == "date":
        need = date_needed("--date", field.title)
    return need._replace(explanation=Words(explain(kind, field, "en"), explain(kind, field, "fr")))


def _parties(session: Session) -> list[Choice]:
    registry = session.workspace.current
    kind = registry.schemas.kind("party")
    return [Choice(record.rid.id, kind.label_of(record.data, session.lang)) for record in registry.of_kind("party")]

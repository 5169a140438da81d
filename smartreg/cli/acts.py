"""The deliberations behind a command on a convention: options, questions, values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from smartreg.cli.ask import Choice
from smartreg.cli.dates import day
from smartreg.cli.needed import Needed, date_needed
from smartreg.cli.parameters import Option, Parameter
from smartreg.cli.session import Session
from smartreg.commands.acts import KIND, Acts
from smartreg.core.values import Words

NEW = "+"
FIELDS = ("number", "date", "subject", "body")
GIVEN = ("deliberation", *FIELDS)
GROUP = Words("Deliberation", "Délibération")
FLAG = "--deliberation"
HINT = Words(
    "or record the deliberation with the same commit: --number NUMBER --date DATE --subject TEXT --body PARTY-ID",
    "ou saisissez la délibération dans le même commit : --number NUMÉRO --date DATE --subject TEXTE --body PARTIE",
)


def _parameter(name: str, text: Words, metavar: str, completes: str = "") -> Parameter:
    return Parameter(name, "one", Option((f"--{name}",), text, metavar, completes=completes), GROUP)


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "deliberation",
        "many",
        Option(
            (FLAG,),
            Words(
                "the deliberation that decided it; several may be given", "la délibération qui en a décidé ; répétable"
            ),
            "DELIBERATION",
            completes=f"ref:{KIND}",
        ),
        GROUP,
    ),
    _parameter("number", Words("of a new deliberation: its number", "délibération nouvelle : son numéro"), "NUMBER"),
    _parameter("date", Words("its date", "sa date"), "DATE"),
    _parameter("subject", Words("its subject", "son objet"), "TEXT"),
    _parameter("body", Words("whose assembly took it", "la collectivité qui l'a prise"), "PARTY", "ref:party"),
)


def needed(session: Session, words: Mapping[str, Any]) -> list[Needed]:
    """What the command line lacks: a deliberation, or the rest of a new one. Asks which, where it can."""
    new = [name for name in FIELDS if words[name]]
    if words["deliberation"] and not new:
        return []
    if not new:
        return [Needed(FLAG, "DELIBERATION-ID", GROUP, partial(_choices, session), several=True)]
    return [_field(session, name) for name in FIELDS if not words[name]]


def needed_of_new(session: Session, answered: Mapping[str, str]) -> list[Needed]:
    """The questions that follow when a new deliberation was chosen."""
    return [_field(session, name) for name in FIELDS] if NEW in _chosen(answered) else []


def _chosen(answered: Mapping[str, str]) -> list[str]:
    return answered.get(FLAG, "").split(",")


def acts(words: Mapping[str, Any], answered: Mapping[str, str]) -> Acts:
    """The deliberations, from the options and the answers. UsageFault when the date is none."""
    new = {name: words[name] or answered.get(f"--{name}") for name in FIELDS}
    given = {name: value for name, value in new.items() if value}
    if "date" in given:
        given["date"] = day("--date", given["date"]).isoformat()
    if "body" in given:
        given["body"] = given["body"].removeprefix("party/")
    named = [*words["deliberation"], *(id for id in _chosen(answered) if id not in ("", NEW))]
    return Acts(tuple(named), given)


def _choices(session: Session) -> list[Choice]:
    registry = session.workspace.current
    kind = registry.schemas.kind(KIND)
    found = [Choice(record.rid.id, kind.label_of(record.data, session.lang)) for record in registry.of_kind(KIND)]
    return [Choice(NEW, Words("a new deliberation", "une délibération nouvelle").in_(session.lang)), *found]


def _field(session: Session, name: str) -> Needed:
    kind = session.workspace.current.schemas.kind(KIND)
    field = kind.by_path[(name,)]
    if name == "body":
        return Needed("--body", "PARTY-ID", field.title, partial(_parties, session))
    if name == "date":
        return date_needed("--date", field.title)
    return Needed(f"--{name}", {"number": "NUMBER"}.get(name, "TEXT"), field.title)


def _parties(session: Session) -> list[Choice]:
    registry = session.workspace.current
    kind = registry.schemas.kind("party")
    return [Choice(record.rid.id, kind.label_of(record.data, session.lang)) for record in registry.of_kind("party")]

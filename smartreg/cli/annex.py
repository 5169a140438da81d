"""`annex CONVENTION FILE|URL --kind KIND --title TEXT`"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, TypeAlias

from smartreg.cli.amendment import digest_needed, where
from smartreg.cli.ask import Choice
from smartreg.cli.dates import day
from smartreg.cli.needed import Needed, answers, date_needed
from smartreg.cli.parameters import Argument, Command, Option, Parameter, Reason, declared
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.annex import Annex, annex, kinds_of_annex
from smartreg.core.values import Words
from smartreg.schema import ITEM

Convention: TypeAlias = Annotated[
    str, Argument("CONVENTION", Words("a convention", "une convention"), completes="ref:convention")
]
Source: TypeAlias = Annotated[
    str,
    Argument(
        "FILE|URL",
        Words(
            "the file (copied to registry/annexes/ unless it is there), or its web address",
            "le fichier (copié dans registry/annexes/ s'il n'y est pas), ou son adresse",
        ),
        completes="file",
    ),
]
TITLE, KIND = Words("Title", "Intitulé"), Words("Kind of annex", "Nature de l'annexe")
ACCEPTED = Words("the day on which the party accepted it", "le jour où la partie l'a acceptée")
PARAMETERS = (
    Parameter("kind", "one", Option(("--kind",), Words("what it is about", "sa nature"), "KIND")),
    Parameter("title", "one", Option(("--title",), Words("its title", "son intitulé"))),
    Parameter("sha256", "one", Option(("--sha256",), Words("its digest", "son empreinte"), "DIGEST")),
    Parameter(
        "party",
        "one",
        Option(
            ("--party",),
            Words(
                "the third party that accepted this data charter or interface clause",
                "le tiers qui a accepté cette charte de la donnée ou clause d'interface",
            ),
            "PARTY",
            completes="ref:party",
        ),
    ),
    Parameter("on", "one", Option(("--on",), ACCEPTED, "DATE")),
)


def run(
    session: Session, writing: Writing, convention: Convention, source: Source, reason: Reason, **words: Any
) -> int:
    needs = [] if words["kind"] else [Needed("--kind", "KIND", KIND, partial(_kinds, session))]
    needs += [] if words["title"] else [Needed("--title", "TEXT", TITLE)]
    needs += digest_needed(source, words["sha256"])
    needs += [date_needed("--on", ACCEPTED)] if words["party"] and not words["on"] else []
    answered = answers(session, needs, None if words["kind"] else _listed(session))
    on = words["on"] or answered.get("--on")
    asked = Annex(
        words["kind"] or answered["--kind"],
        where(session, source),
        words["title"] or answered["--title"],
        words["sha256"] or answered.get("--sha256"),
        words["party"],
        day("--on", on) if on else None,
    )
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    return written(session, lambda: annex(session.workspace, word, asked, options))


def _listed(session: Session) -> Words:
    names = ", ".join(kinds_of_annex(session.workspace.current.schemas.kind("convention")))
    return Words(f"--kind: {names}", f"--kind : {names}")


def _kinds(session: Session) -> list[Choice]:
    kind = session.workspace.current.schemas.kind("convention")
    field = kind.by_path[("annexes", ITEM, "kind")]
    return [
        Choice(name, field.labels[name].in_(session.lang) if name in field.labels else "")
        for name in kinds_of_annex(kind)
    ]


COMMAND = Command(run, (*declared(run), *PARAMETERS), writes=True, formats=FORMATS)

"""The amendment behind `amend` and `renew`: options and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smartreg.cli import acts
from smartreg.cli.dates import day
from smartreg.cli.needed import Needed, answers
from smartreg.cli.parameters import Option, Parameter
from smartreg.cli.session import Session
from smartreg.commands.amend import Amendment
from smartreg.commands.documents import WEB
from smartreg.core.values import Words

GROUP = Words("Amendment", "Avenant")


def _parameter(name: str, text: Words, metavar: str, completes: str = "") -> Parameter:
    option = Option((f"--{name.replace('_', '-')}",), text, metavar, completes=completes)
    return Parameter(name, "one", option, GROUP)


PARAMETERS: tuple[Parameter, ...] = (
    _parameter(
        "signed_on",
        Words("day of its last signature; today by default", "jour de sa dernière signature ; aujourd'hui par défaut"),
        "DATE",
    ),
    _parameter(
        "effective_from",
        Words(
            "its first day of effect; the day of signature by default",
            "son premier jour d'effet ; sinon celui de sa signature",
        ),
        "DATE",
    ),
    _parameter("annex", Words("its file or web address", "son fichier ou son adresse"), "FILE|URL", "file"),
    _parameter("title", Words("its title; one is made otherwise", "son intitulé ; sinon il est composé"), "TEXT"),
    _parameter("sha256", Words("the digest of the file", "l'empreinte du fichier"), "DIGEST"),
)


def amendment(
    session: Session, words: Mapping[str, Any], further: Sequence[Needed] = ()
) -> tuple[Amendment, dict[str, str]]:
    """The amendment, and the answers to `further` questions that came with it."""
    needs = [*further, *digest_needed(words["annex"], words["sha256"]), *acts.needed(session, words)]
    answered = answers(session, needs, acts.HINT if any(need.flag == acts.FLAG for need in needs) else None)
    answered |= answers(session, acts.needed_of_new(session, answered))
    signed_on = day("--signed-on", words["signed_on"]) if words["signed_on"] else session.today
    digest = words["sha256"] or answered.get("--sha256")
    source = where(session, words["annex"]) if words["annex"] else None
    effect = day("--effective-from", words["effective_from"]) if words["effective_from"] else None
    return Amendment(acts.acts(words, answered), signed_on, words["title"], source, digest, effect), answered


def digest_needed(source: str | None, sha256: str | None) -> list[Needed]:
    """What stands on the web may change: its digest says which text was signed."""
    if source is None or sha256 or not source.startswith(WEB):
        return []
    return [Needed("--sha256", "DIGEST", Words("SHA-256 of the file", "SHA-256 du fichier"))]


def where(session: Session, source: str) -> str:
    """A web address as it is, a file from where the user stands."""
    return source if source.startswith(WEB) else str(session.directory / source)

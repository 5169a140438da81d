"""Seals for people: each with what it seals and whether it holds, then what that proves and what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Language, Words, short_id
from smartreg.history.audit import Sent
from smartreg.history.audit.seals import CheckedSeal
from smartreg.reporters.audit_text import block
from smartreg.reporters.summing import count

NONE = Words(
    "There is no seal here: nothing was checked. git fetch --tags brings those of the remote; smartreg audit seal makes"
    " the first.",
    "Il n'y a pas de sceau ici : rien n'a été contrôlé. git fetch --tags ramène ceux du dépôt distant ; smartreg audit"
    " seal fait le premier.",
)
HELD = Words(
    "Each sealed commit is part of the present history, each holds what its seal says, and the chain is whole.",
    "Chaque commit scellé fait partie de l'historique actuel, chacun contient ce que dit son sceau, et la chaîne est"
    " entière.",
)
UNHELD = Words("The present history is not the one that was sealed.", "L'historique actuel n'est pas celui scellé.")
ALONE = Words(
    "What Git alone cannot prove: that history and seals were not made anew together. A line that another party holds"
    " shows it: smartreg audit verify 'seal/… commit:… sha256:…'. Signatures are not verified here: git verify-tag.",
    "Ce que Git seul ne prouve pas : qu'historique et sceaux n'ont pas été refaits ensemble. La ligne détenue par une"
    " autre partie le montre : smartreg audit verify 'seal/… commit:… sha256:…'. Les signatures ne sont pas vérifiées"
    " ici : git verify-tag.",
)
PROVED = Words(
    "The line that you hold fits: up to {0}, this is the history of which it speaks.",
    "La ligne que vous détenez concorde : jusqu'à {0}, c'est bien l'historique dont elle parle.",
)


def report(
    seals: Sequence[CheckedSeal], sent: Sent | None, faults: Sequence[Finding], *, lang: Language
) -> Iterator[Line]:
    """One line per seal, its findings below; at the end what all of it proves."""
    for finding in faults:
        yield from block(finding, "", lang)
    for examined in seals:
        yield _row(examined, lang)
        for finding in examined.findings:
            yield from block(finding, "  ", lang)
    if not seals and sent is None:
        yield line(NONE.in_(lang))
        return
    yield ()
    if faults or any(examined.findings for examined in seals):
        yield line(Span(UNHELD.in_(lang), "error"))
    else:
        yield line(Span(HELD.in_(lang), "added"))
        if sent is not None:
            yield line(Span(PROVED.in_(lang).format(short_id(sent.commit)), "added"))
            return
    yield line(Span(ALONE.in_(lang), "dim"))


def _row(examined: CheckedSeal, lang: Language) -> Line:
    seal = examined.seal
    if seal is None:
        return line(Span(examined.name, "name"))
    number = seal.sealed.records
    records = Words(
        f"{count(number)} record{'' if number == 1 else 's'}",
        f"{count(number)} fiche{'s' if number > 1 else ''}",
    )
    return line(
        Span(seal.name, "name"),
        Span(f"  {seal.day}", "dim"),
        Span(f"  {short_id(seal.sealed.commit)}", "code"),
        f"  {records.in_(lang)}",
        Span({"en": "  signed", "fr": "  signé"}[lang] if seal.signed else "", "added"),
        Span("" if examined.findings else {"en": "  holds", "fr": "  tient"}[lang], "added"),
    )

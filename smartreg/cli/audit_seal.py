"""`audit seal` and `audit verify` on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.cli.writing import after_write
from smartreg.commands.audit import incomplete
from smartreg.commands.audit_seal import CreatedSeal, SealOptions, seal, verify
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Words, short_id
from smartreg.reporters import seals_json, seals_text
from smartreg.reporters.summing import count

FORMATS = ("text", "json")


def make(session: Session, options: SealOptions) -> int:
    """Seal, and print the line to send."""
    _refuse_format(session)
    with working(session, Words("reading what is sealed", "lecture de ce qui est scellé")):
        made = seal(session.workspace, options)
    with after_write(session, made.new and made.seal is not None):
        if session.format == "json":
            session.console.write(seals_json.made(made.name, made.sealed, made.seal, new=made.new))
            return 0
        session.console.show(_told(session, made))
    if made.seal is None:
        session.console.note(Words("dry run: no tag was made", "essai à blanc : aucun tag n'a été fait"))
    elif _uncommitted(session):
        session.console.note(Words("what is not committed is not sealed", "ce qui n'est pas commité n'est pas scellé"))
    return 0


def look_again(session: Session, words: Sequence[str]) -> int:
    """Verify, and tell what that proves; 1 when something does not hold, 3 when a part, or for want of seals all,
    could not be looked at."""
    _refuse_format(session)
    with working(session, Words("looking at the seals", "examen des sceaux")):
        found = verify(session.workspace, words)
    if session.format == "json":
        session.console.write(seals_json.report(found.seals, found.sent, found.faults, lang=session.lang))
    else:
        session.console.show(seals_text.report(found.seals, found.sent, found.faults, lang=session.lang))
    unseen = incomplete(found.findings) or not (found.seals or found.findings)
    return StateFault.exit_code if unseen else int(bool(found.findings))


def _uncommitted(session: Session) -> bool:
    status = session.workspace.git.changed()
    return bool(status.dirty() or status.untracked)


def _refuse_format(session: Session) -> None:
    if session.format not in FORMATS:
        raise UsageFault(
            Words("seals are told as text or json", "les sceaux se disent en text ou en json"),
            Words("audit alone has markdown", "audit seul a markdown"),
        )


def _told(session: Session, made: CreatedSeal) -> Iterator[Line]:
    if made.seal is None:
        yield line(Span(made.name, "name"))
        yield from (line(text) for text in made.text.splitlines())
        return
    sealed, lang = made.sealed, session.lang
    number, short = sealed.records, short_id(sealed.commit)
    done = Words("Sealed", "Scellé") if made.new else Words("Sealed already:", "Déjà scellé :")
    en = f"{done.en} {short}, {count(number)} record{'' if number == 1 else 's'}"
    fr = f"{done.fr} {short}, {count(number)} enregistrement{'s' if number > 1 else ''}"
    yield line(Span(Words(en, fr).in_(lang), "bold"), "  ", Span(made.name, "name"))
    yield line(
        Words(
            "Push the tag, and send this line to the other parties:",
            "Poussez le tag, et envoyez cette ligne aux autres parties :",
        ).in_(lang)
    )
    yield line(f"  git push origin {made.name}")
    yield line("  ", Span(made.seal.line, "code"))

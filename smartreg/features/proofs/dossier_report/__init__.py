"""The texts of a dossier, in each language: the page that says claim by claim what proves it, the commands with what
they answer, and the script that runs them, which is constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from smartreg import __version__
from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import short_id
from smartreg.core.webpage import element, escape_html, frame, resource

PACKAGE = "smartreg.features.proofs.dossier_report"
SCRIPT = "check.sh"


@dataclass(frozen=True, slots=True)
class DossierStep:
    """A commit that changed what the dossier is about, or agrees to that: its day, who made it, what it says."""

    commit: str
    day: date | None
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class DossierSeal:
    """A seal: its line, the moments of its timestamps as these say, and the parties that countersigned it."""

    line: str
    moments: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """What the page of a dossier tells. `recipient` is None for a public one, which has no steps and no files. `chain`:
    the chain of title of a single record on `on`, `note` what it owes to other days, `missing` what the registry lacks
    of it."""

    registry: str
    subject: str
    recipient: str | None
    seals: tuple[DossierSeal, ...]
    files: tuple[str, ...] = ()
    steps: tuple[DossierStep, ...] = ()
    period: str = ""
    on: date | None = None
    chain: tuple[Text, ...] = ()
    note: Text | None = None
    missing: tuple[Text, ...] = ()


def script() -> str:
    return resource(PACKAGE, SCRIPT)


def page(facts: DossierFacts, *, lang: Language) -> str:
    """The page as HTML, to print, too."""
    title = _title(facts).in_(lang)
    body = "\n".join(("<main>", element("h1", title), *_body(facts, lang), "</main>"))
    return frame(title, lang, body, styles=(resource("smartreg.core", "style.css"),))


def _title(facts: DossierFacts) -> Text:
    if facts.recipient is None:
        return Message("Public dossier of {registry}", registry=facts.registry or "smartreg")
    return Message("Evidence dossier: {subject}", subject=facts.subject)


def _body(facts: DossierFacts, lang: Language) -> Iterator[str]:
    def text_of(message: Text) -> str:
        return message.in_(lang)

    if facts.recipient is None:
        yield element("p", text_of(_PUBLIC))
    else:
        yield element(
            "p",
            text_of(
                Message(
                    "For {recipient}, from {registry}.",
                    recipient=facts.recipient,
                    registry=facts.registry or "smartreg",
                )
            ),
        )
        yield element("p", text_of(_PERSONAL), class_="why")
    yield element("p", text_of(_NOT_COVERED), class_="why")
    if facts.period:
        yield element("p", facts.period)
    if facts.on is not None:
        yield element("h2", text_of(Message("The chain of title on {day}", day=facts.on)))
        yield _list([text_of(sentence) for sentence in facts.chain])
        if facts.note is not None:
            yield element("p", text_of(facts.note), class_="quiet")
        yield element("h2", text_of(Message("What is missing")))
        if facts.missing:
            yield _list([text_of(sentence) for sentence in facts.missing])
        yield element("p", text_of(_NOT_KNOWN), class_="quiet")
    yield element("h2", text_of(Message("What is proved, and by what")))
    rows = list(_claims(facts))
    heads = (Message("Claim"), Message("What proves it"), Message("What does not"))
    yield _table([text_of(head) for head in heads], [[text_of(cell) for cell in row] for row in rows])
    yield element("h2", text_of(Message("Seals")))
    for seal in facts.seals:
        yield f"<p><code>{escape_html(seal.line)}</code></p>"
        for moment in seal.moments:
            yield element("p", text_of(Message("A timestamp in the dossier says: {moment}.", moment=moment)))
        if seal.parties:
            yield element(
                "p", text_of(Message("Countersigned, says the dossier, by {parties}.", parties=", ".join(seal.parties)))
            )
    if facts.steps:
        yield element("h2", text_of(Message("What happened")))
        columns = (Message("Day"), Message("Commit"), Message("Author"), Message("What the commit says"))
        cells = [
            [step.day.isoformat() if step.day else "?", short_id(step.commit), step.author, step.subject]
            for step in facts.steps
        ]
        yield _table([text_of(column) for column in columns], cells)
        yield element("p", text_of(_DATES), class_="quiet")
    if facts.files:
        yield element("h2", text_of(Message("Files")))
        yield "<ul>" + "".join(f"<li><code>{escape_html(file)}</code></li>" for file in facts.files) + "</ul>"
    yield element("h2", text_of(Message("How to check it")))
    yield element("p", text_of(_CHECK))
    yield f"<pre>{escape_html(COMMAND)}</pre>"
    yield element("p", text_of(_LEGAL))
    yield element("p", text_of(Message("Made by smartreg {version}.", version=__version__)), class_="quiet")


def _claims(facts: DossierFacts) -> Iterator[tuple[Text, Text, Text]]:
    if facts.recipient is not None:
        yield (
            Message("The files were as they are here, at each commit that is listed."),
            Message("The identifiers of commits, trees and files, which Git computes from their content."),
            Message(
                "Not that they were true. Not what they were at commits that are not listed. Not that no change "
                "was left out."
            ),
        )
        yield (
            Message("This is the history that the parties know, up to the seal."),
            Message("The line of the seal, as somebody else keeps it: a letter, minutes, a countersignature."),
            Message("Nothing in this dossier: who remakes the history can remake the seals with it."),
        )
    yield (
        Message("The seal existed on a day."),
        Message("A timestamp (RFC 3161) of an authority whose certificate you have from elsewhere."),
        Message("Not the dates of commits and seals: they are whatever a clock said."),
    )
    if facts.recipient is not None:
        yield (
            Message("A party held this seal, or agreed to a change."),
            Message("Its signature, by a key that you have from the party."),
            Message("Not the names in the commits, nor keys that only the registry lists."),
        )


def _list(sentences: Sequence[str]) -> str:
    return "<ul>" + "".join(element("li", sentence) for sentence in sentences) + "</ul>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(element("th", head, scope="col") for head in heads)
    body = "".join("<tr>" + "".join(element("td", cell) for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


COMMAND = "sh data/check.sh --line 'seal/… commit:… sha256:…' --digest … --ca root.pem --keys keys.txt"
_NOT_COVERED = Message(
    "Neither Git nor the seals cover this page, the name of the recipient, and whether a timestamp or a "
    "countersignature was taken out. Only the digest of the dossier does: ask whoever made it for it by another way, "
    "and give it to the script (--digest)."
)
_NOT_KNOWN = Message(
    "This is what the registry knows to be missing. What nobody recorded, it cannot know: the chain is what the "
    "records say, and the files below are what proves that they say it."
)
_PUBLIC = Message(
    "This dossier has the lines of the seals and their timestamps, and nothing of the records or the history. "
    "It cannot be checked alone: the evidence is with whoever keeps the registry, and goes to named recipients."
)
_PERSONAL = Message(
    "It has personal data: the names and addresses of those who made commits, and the reasons that they gave. "
    "The folders in it name neighbouring records, too. It is for its recipient; what is published is the public "
    "dossier."
)
_DATES = Message(
    "Days and authors are those that the commits state. What bounds them is the timestamp of the next seal: "
    "what a seal covers is not later than that."
)
_CHECK = Message(
    "The script needs git, ssh-keygen, openssl and sha256sum, and takes what must come from elsewhere. First compare "
    "its SHA-256 (sha256sum data/check.sh) with the one in the release notes of the version of smartreg that made "
    "this. It answers claim by claim; CHECK.md has every command, to type by hand. A party that keeps a clone of the "
    "registry can also type: smartreg audit verify --dossier FOLDER."
)
_LEGAL = Message(
    "In the European Union, a qualified electronic time stamp enjoys the presumption of the accuracy of its date "
    "and time and of the integrity of what it is bound to (Regulation (EU) 910/2014, art. 41(2)). Any other is not "
    "refused as evidence for that reason alone (art. 41(1)), and a court weighs it. Whether one is qualified is read "
    "in the trusted list of that day: this dossier does not say so."
)


def checking(lang: Language) -> str:
    """CHECK.md: each command to type by hand, and what it answers."""
    return resource(PACKAGE, "CHECK.fr.md" if lang == "fr" else "CHECK.md")

"""`agree RECORD…`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ask import confirm
from smartreg.cli.options import offer, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import after_write, nobody_confirms
from smartreg.commands.agree import Agreed, AgreeOptions, agree
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Message, Text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.domain.binding import Bond
from smartreg.gitio import refuse_our_trailers
from smartreg.review.authors import decision
from smartreg.review.binding import steps_text

FORMATS = ("text", "json")

Records: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="RECORD",
        help=t("conventions, supports, equipment, parties"),
    ),
]
Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV",
        help=t("where the change goes (default: the main branch)"),
    ),
]
Deliberation: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--deliberation",
        metavar="ID",
        help=t("the deliberation by which a party without a key agrees"),
        autocompletion=offer("records", "deliberation"),
    ),
]
Withdraw: TypeAlias = Annotated[
    bool,
    typer.Option("--withdraw", help=t("withdraw your agreement, before the merge")),
]
CommitMessage: TypeAlias = Annotated[
    str | None, typer.Option("-m", "--message", metavar="TEXT", help=t("commit subject"))
]
DryRun: TypeAlias = Annotated[
    bool,
    typer.Option("-n", "--dry-run", help=t("show what you would agree to, without signing")),
]
Yes: TypeAlias = Annotated[bool, typer.Option("-y", "--yes", help=t("sign without asking"))]


app = typer.Typer()


@app.command("agree")
@with_session(formats=FORMATS)
def agree_command(
    session: Session,
    records: Records,
    since: Since,
    deliberation: Deliberation,
    withdraw: Withdraw,
    message: CommitMessage,
    dry_run: DryRun,
    yes: Yes,
) -> int:
    refuse_our_trailers("-m", message)

    def ask(bonds: Sequence[Bond]) -> bool:
        if not session.interactive:
            raise nobody_confirms()
        session.console.ask(_bond_lines(session, bonds))
        return confirm(session.console, Message("Sign this?"))

    asks = not yes and not dry_run
    options = AgreeOptions(session.today, since, deliberation, withdraw, message, dry_run, ask if asks else None)
    agreed = agree(session.workspace, [session.from_root(word) for word in records], options)
    with after_write(session, agreed.commit is not None):
        if session.format == "json":
            session.console.write(_json(agreed))
        else:
            session.console.show(_agreement_lines(session, agreed, withdraw))
    if agreed.commit is None:
        session.console.note(Message("dry run: nothing was signed"))
    elif not agreed.parties and not any(agreement.decided for agreement in agreed.agreements):
        session.console.note(_shared_key(agreed) or _UNLISTED)
    return 0


def _shared_key(agreed: Agreed) -> Text | None:
    """A note if several of the parties list the key of this signature."""
    parties = {party for agreement in agreed.agreements for party in agreement.shared.get(agreed.commit or "", ())}
    who = ", ".join(sorted(party.id for party in parties))
    if not who:
        return None
    return Message(
        "{who} share the key of this signature: it is not an agreement of any of them; give each party its own key",
        who=who,
    )


_UNLISTED = Message(
    "the key of this signature belongs to no party concerned on the target branch: it is not an agreement"
)


def _bond_lines(session: Session, bonds: Sequence[Bond]) -> Iterator[Line]:
    for bond in bonds:
        who = ", ".join(party.id for party in sorted(bond.parties))
        text = steps_text(bond).in_(session.lang)
        yield line(Span(str(bond.rid), "name"), f"  {text}", Span(f"  ({who})", "dim"))


def _agreement_lines(session: Session, agreed: Agreed, withdraw: bool) -> Iterator[Line]:
    yield from _bond_lines(session, agreed.bonds)
    if agreed.commit is not None:
        short, who = short_id(agreed.commit), ", ".join(sorted(party.id for party in agreed.parties))
        did = Message("Withdrawn") if withdraw else Message("Agreed")
        outcome = Message("{did}, for {who}", did=did, who=who) if who else Message("Signed")
        yield line(outcome.in_(session.lang), Span(f"  (commit {short})", "dim"))
        yield from (line(sentence.in_(session.lang)) for sentence in _describe_agreements(agreed))


def _describe_agreements(agreed: Agreed) -> Iterator[Text]:
    """Whose agreement rests on a deliberation, and who has yet to agree."""
    for agreement in agreed.agreements:
        bond = agreement.bond.rid
        for party in agreement.decided:
            yield Message("{bond}: {said}", bond=bond, said=decision(agreement, party))
        if agreement.missing:
            who = ", ".join(party.id for party in sorted(agreement.missing))
            have = "has" if len(agreement.missing) == 1 else "have"
            yield Message("{bond}: {who} {have} yet to agree", bond=bond, who=who, have=have)


def _json(agreed: Agreed) -> str:
    content = {
        "version": 1,
        "base": agreed.base,
        "commit": agreed.commit,
        "parties": sorted(str(party) for party in agreed.parties),
        "records": [
            {"record": str(bond.rid), "binds": sorted(map(str, bond.parties)), "change": steps_text(bond).in_(SOURCE)}
            for bond in agreed.bonds
        ],
        "decided": {
            str(agreement.bond.rid): {str(party): by.rid.id for party, by in agreement.decided.items()}
            for agreement in agreed.agreements
            if agreement.decided
        },
        "missing": {
            str(agreement.bond.rid): sorted(map(str, agreement.missing))
            for agreement in agreed.agreements
            if agreement.missing
        },
    }
    return json_text(content)

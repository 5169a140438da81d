"""The records that a command needs and was not given: picked on a terminal, else named as missing."""

from __future__ import annotations

from functools import partial

from smartreg.asking.records import RECORD, all_records, one_record
from smartreg.cli.answers import name_missing_options
from smartreg.cli.ask import fill
from smartreg.cli.session import Session


def choose_record(session: Session, given: str | None) -> str:
    """The record that was given, else one that is picked."""
    if given is None:
        refuse_missing(session, "RECORD")
    return session.from_root(given) if given is not None else pick_record(session)


def pick_record(session: Session) -> str:
    """One of all records."""
    return fill(session.console, partial(one_record, session, all_records(session), RECORD))


def refuse_missing(session: Session, *placeholders: str) -> None:
    """UsageFault that names the arguments that were not given, with a command line to fill in, where nobody is there to
    pick them."""
    if not session.interactive:
        typed = ["smartreg", *session.command.split(" "), *session.words]
        missing = [("", word) for word in placeholders]
        raise name_missing_options(missing, typed, session.why_not, writes=session.writes)

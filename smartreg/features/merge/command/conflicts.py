"""Settling conflicts by questions on a terminal; nothing is written before the last one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from smartreg.asking.question import Answers, Back
from smartreg.cli.ask import confirm, fill
from smartreg.cli.keyboard import CANCELLED
from smartreg.cli.session import Session
from smartreg.core.errors import Cancelled
from smartreg.core.messages import Message
from smartreg.features.merge.conflicts import Settled, commands_so_far, settlement
from smartreg.features.merge.resolve import conflict_of, find_delete_modify


def settle_by_questions(session: Session, words: Sequence[str], name: str | None, *, asks: bool) -> Settled:
    """Ask for each conflict of these records, or of their field of that name, and, where somebody `asks` before it
    writes, whether that is right. Where somebody cancels, the answers are shown as commands."""
    conflicts = [find_delete_modify(session.workspace, word) or conflict_of(session.workspace, word) for word in words]
    answers = Answers()
    try:
        while True:
            settled = fill(session.console, partial(settlement, session, conflicts, name), answers)
            try:
                if not (asks and answers.asked) or confirm(session.console, Message("Write this?"), back=True):
                    return settled
            except Back:
                answers.take_back()
            else:
                raise Cancelled(CANCELLED)
    except Cancelled:
        again = " && ".join(commands_so_far(answers.reached))
        if again:
            session.console.hint(Message("with your answers: {again}", again=again))
        raise

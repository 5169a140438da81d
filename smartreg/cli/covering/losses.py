"""The losses of cover by an act: shown before the act is confirmed, else once it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from smartreg.cli.covering.command import count_losses, loss_lines
from smartreg.cli.covering.report import losses_json
from smartreg.cli.session import Session
from smartreg.cli.writing import after_write, json_of, report_outcome
from smartreg.commands.coverage import Coverage, losses_by_edit
from smartreg.core.messages import Message, verbatim
from smartreg.core.styled import Line, line
from smartreg.edit import Outcome, WriteOptions
from smartreg.registry import Registry


def show_losses_first(session: Session, options: WriteOptions) -> WriteOptions:
    """The options of a write that shows what loses its cover before it asks."""
    ask, before = options.confirm, session.workspace.current
    if ask is None:
        return options

    def confirm(outcome: Outcome) -> bool:
        session.console.ask(_lines(session, outcome, losses_by_edit(before, outcome.edit, session.today)))
        return ask(outcome)

    return replace(options, confirm=confirm)


def report_act(session: Session, before: Registry, outcome: Outcome, done: str = "") -> int:
    """Report the write of an act, and what loses its cover unless that was shown. `before`: the registry without the
    act; `done`: what was done, in other words than usual."""
    with after_write(session, outcome.written):
        coverages = losses_by_edit(before, outcome.edit, session.today)
        if session.format == "json":
            lost = [loss for coverage in coverages for loss in losses_json(coverage)]
            session.console.write(json_of(outcome, {"loses_cover": lost}))
            return 0
        report_outcome(session, outcome, done=done)
        if not outcome.confirmed:
            session.console.show(_lines(session, outcome, coverages))
    return 0


def _lines(session: Session, outcome: Outcome, coverages: Sequence[Coverage]) -> Iterator[Line]:
    if not coverages and outcome.edit.op == "terminate":
        yield line(Message("Nothing loses cover.").in_(session.lang))
    for coverage in coverages:
        yield from loss_lines(session, coverage)
        count = count_losses(coverage) or verbatim("")
        summary = Message("No longer covered from {on}: {count}.", on=coverage.on, count=count)
        yield line(summary.in_(session.lang))

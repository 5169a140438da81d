"""`import KIND FILE`, `import FILE`"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import typer

from smartreg.cli.answers import command_line
from smartreg.cli.importing.options import File, KindOf, option_annotations, read_request
from smartreg.cli.importing.questions import ImportDialogue, ask_kind
from smartreg.cli.options import Reason
from smartreg.cli.progress import show_progress
from smartreg.cli.session import RunOptions, Session, session_command
from smartreg.cli.writing import (
    ASKED,
    FORMATS,
    Writing,
    after_write,
    ask_to_write,
    attempt,
    json_of,
    nobody_confirms,
    report_outcome,
)
from smartreg.commands.import_ import (
    FileRead,
    LikelyKinds,
    RefusedImport,
    import_records,
    likely_kinds,
    proposal,
    read_file,
)
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.styled import line
from smartreg.edit import Outcome, WriteOptions
from smartreg.forms.import_summary import describe_gone, figures, findings_csv, result_lines, rows_csv
from smartreg.forms.importing import MANY
from smartreg.forms.sheet_profile import show_columns, show_profile
from smartreg.importing.constant_guesses import placeholder
from smartreg.importing.effects import Imported
from smartreg.importing.findings import by_cause
from smartreg.importing.kind_evidence import KindGuess
from smartreg.importing.matching import Ambiguous
from smartreg.importing.options import ImportRequest
from smartreg.importing.profile import Proposal, empty_kinds
from smartreg.importing.renaming import MissingColumns
from smartreg.readers.formats import workbooks_in
from smartreg.schema import Kind, key_path
from smartreg.wording.full import blocks
from smartreg.workspace.locating import locator

app = typer.Typer()


def import_command(
    session: Session, writing: Writing, kind: str, file: str | None, reason: str | None, **typed: Any
) -> int:
    """The command; `typed`: the options that `ImportRequest` declares. One word alone is the file, or a folder of
    workbooks."""
    request = read_request(typed)
    options = writing.options(session, session.today, reason)
    path = Path(file or kind)
    returned = workbooks_in(path) if file is None and path.is_dir() else []
    likely = LikelyKinds([], {}) if file or returned else likely_kinds(session.workspace, path, request)
    if returned or likely.comes_back:
        from smartreg.cli.importing.folder import import_returns

        return import_returns(session, writing, returned or [path], request, options)
    if file:
        of_rows, preset = session.workspace.current.schemas.kind_or_preset(kind)
        request = replace(request, word=kind, preset=preset)
    elif session.interactive:
        of_rows = ask_kind(session, likely)
    else:
        of_rows = _decided(session, path, likely)
    file_read = likely.files_read.get(of_rows.name) or read_file(session.workspace, of_rows, path, request)
    run = _Run(
        session, of_rows, path, request, options, file_read, None if file else _guess_of(of_rows, likely.guesses)
    )
    if session.interactive:
        return _report(session, writing, *_import_asking(run))
    return _report(session, writing, *_import_silently(run))


class _Run(NamedTuple):
    """One run of the command. `guess`: the kind that was guessed, None where somebody named it."""

    session: Session
    kind: Kind
    file: Path
    request: ImportRequest
    options: WriteOptions
    file_read: FileRead
    guess: KindGuess | None

    def carry_out(self, request: ImportRequest, options: WriteOptions) -> Imported:
        return import_records(
            *(self.session.workspace, self.kind, self.file, request, options),
            *(lambda plan: _ask(self.session, plan), self.file_read),
        )

    def propose(self) -> Proposal | None:
        made = proposal(self.session.workspace, self.kind, self.file, self.request, self.session.today, self.file_read)
        why = self.guess.why if self.guess is not None else None
        return replace(made, why_kind=why) if made is not None else None

    @property
    def dialogue(self) -> ImportDialogue:
        kind_word = (self.kind.name,) if self.guess is not None else ()
        return ImportDialogue(self.session, self.kind, self.file, self.request, self.file_read, kind_word)

    def command_with(self, request: ImportRequest, *, in_earnest: bool = False) -> str:
        """The command line as typed, with the options of a request that were not; without -n where it is meant `in
        earnest`."""
        dialogue = self.dialogue
        options = dialogue.options_added(request)
        return command_line(self.session, options, dialogue.kind_word, in_earnest=in_earnest)


def _decided(session: Session, file: Path, likely: LikelyKinds) -> Kind:
    """The kind that the file clearly says. UsageFault, below what lies in its columns, where it says none."""
    if likely.decided is not None:
        return likely.decided.kind
    sheet = next(iter(likely.files_read.values())).sheet
    if session.format == "text" and not sheet.faults:
        session.console.show(show_columns(sheet, likely.guesses, session.lang))
    command = verbatim(f"smartreg import KIND {shlex.quote(str(file))}")
    if likely.is_inventory:
        raise UsageFault(
            Message("what a row is, nothing in {file} says clearly", file=file.name),
            Message("name the kind: {command}", command=command),
        )
    raise UsageFault(
        Message("{file} has neither places nor numbers of things nor words of an inventory", file=file.name),
        Message("it is probably none; if it is one, name the kind: {command}", command=command),
    )


def _guess_of(kind: Kind, guesses: Sequence[KindGuess]) -> KindGuess | None:
    return next((guess for guess in guesses if guess.kind is kind), None)


class _NewKeys(Exception):
    """Before it is written: rows of a plan have new keys, and stand where records do."""

    def __init__(self, plan: Imported) -> None:
        self.plan = plan


def _import_asking(run: _Run) -> tuple[Imported, ImportRequest]:
    """Ask for what the sheet does not say, and import it; then also for what the records do not say."""
    session, dialogue = run.session, run.dialogue
    request = dialogue.ask_all()
    while True:
        try:
            with show_progress(session, Message("importing")), attempt(session, _show_nothing):
                return run.carry_out(request, run.options), request
        except _NewKeys as new:
            request = dialogue.ask_match(request, new.plan)
        except RefusedImport as refusal:
            if not 0 < len(refusal.doubts) <= MANY:
                _show_refusal(session, refusal.outcome)
                dialogue.show_answers(request)
                raise
            request = dialogue.ask_doubts(request, refusal.doubts)
        except SmartregError:
            dialogue.show_answers(request)
            raise


def _import_silently(run: _Run) -> tuple[Imported, ImportRequest]:
    """Import the sheet as typed. Where that lacks something: its profile, all that is wrong with its rows, and the
    command that brings them in. A kind that was only guessed is never written unseen."""
    session = run.session
    made = run.propose() if run.guess is not None and run.guess.why is not None else None
    if made is not None:
        raise _show_what_it_takes(run, made, UsageFault(_why_not(run)))
    try:
        with attempt(session, _show_nothing):
            return run.carry_out(run.request, run.options), run.request
    except (RefusedImport, UsageFault) as fault:
        made = run.propose()
        if made is not None and made.has_questions:
            raise _show_what_it_takes(run, made, fault) from None
        if isinstance(fault, RefusedImport):
            _show_refusal(session, fault.outcome)
            if 0 < len(fault.doubts) <= MANY:
                fault.hint = _command_with_pairs(run, fault.doubts)
        elif isinstance(fault, MissingColumns) and fault.hint is not None:
            command = run.command_with(fault.mend(run.request, fault.likely))
            fault.hint = joined([fault.hint, _whole_command(command)], "\n")
        raise


def _why_not(run: _Run) -> Text:
    """Why a file whose kind was guessed is not imported now."""
    if run.options.dry_run:
        return Message("{file} was not imported: -n writes nothing", file=run.file.name)
    return Message("{file} was not imported: what it holds was only guessed, and nobody was asked", file=run.file.name)


def _show_nothing(_session: Session, _outcome: Outcome) -> None:
    """A refusal is shown once it is known that nothing can be asked about it."""


def _command_with_pairs(run: _Run, doubts: Sequence[Ambiguous]) -> Text:
    """The command that takes the nearest record for each doubtful row; where two are nearly as near, or it is that of
    another row, a word stands for it."""
    records = {doubt.draft.row.number: doubt.likely.rid.id for doubt in doubts if doubt.likely is not None}
    taken = Counter(records.values())
    words = {
        number: f"RECORD_{number}"
        for number in (doubt.draft.row.number for doubt in doubts)
        if number not in records or taken[records[number]] > 1
    }
    pairs = (f"{number}={id}" for number, id in sorted({**records, **words}.items()))
    command = run.command_with(replace(run.request, pairs=(*run.request.pairs, *pairs)))
    return _whole_command(command, [words[number] for number in sorted(words)])


def _show_what_it_takes(run: _Run, made: Proposal, fault: RefusedImport | UsageFault) -> SmartregError:
    """Show the profile, and what would still be wrong with all that it proposes; the fault with the whole command."""
    session, request = run.session, made.complete()
    outcome = fault.outcome if isinstance(fault, RefusedImport) else None
    if session.format == "text":
        session.console.show(show_profile(made, session.lang))
        try:
            run.carry_out(request, replace(run.options, dry_run=True, confirm=None))
            outcome = None
        except RefusedImport as refusal:
            outcome = refusal.outcome
        except UsageFault as still:
            session.console.fault(still)
    if outcome is not None:
        missing = [key_path(each.name) for each in made.missing]
        faults = [each for each in outcome.introduced if each.where.row is not None or each.where.path not in missing]
        _show_refusal(session, replace(outcome, introduced=tuple(faults)))
    command = run.command_with(_with_placeholders(made, request), in_earnest=True)
    steps = [f"smartreg add-{kind.noun}" for kind in empty_kinds(session.workspace.current, made)]
    fault.hint = _whole_command(command, [placeholder(each.name) for each in made.missing], steps)
    return fault


def _with_placeholders(made: Proposal, request: ImportRequest) -> ImportRequest:
    blanks = (f"{each.name}={placeholder(each.name)}" for each in made.missing)
    return replace(request, constants=(*request.constants, *blanks))


def _whole_command(command: str, blanks: Sequence[str] = (), steps: Sequence[str] = ()) -> Text:
    """The command that imports the sheet. `blanks`: words in it that stand for values which only people know; `steps`:
    what makes the records that these have to name."""
    words = ", ".join(blanks)
    if not words:
        return Message("all of it as one command:\n{command}", command=command)
    if not steps:
        return Message(
            "all of it as one command; put your values in the place of {words}:\n{command}",
            words=words,
            command=command,
        )
    in_order = joined(steps, Message(", then "))
    return Message(
        "{steps}, then all of it as one command; put your values in the place of {words}:\n{command}",
        steps=in_order,
        words=words,
        command=command,
    )


def _report(session: Session, writing: Writing, done: Imported, request: ImportRequest) -> int:
    with after_write(session, done.outcome.written):
        if session.format == "json":
            session.console.write(json_of(done.outcome, figures(done, rows=writing.dry_run)))
            return 0
        if session.format == "csv":
            session.console.write(rows_csv(done))
            return 0
        report_outcome(session, _by_cause(session, done), None if session.verbose else ASKED)
        session.console.show(result_lines(done, session.lang))
    if request.missing_rows == "list":
        session.console.show([line(id) for id in done.missing])
    if not done.outcome.confirmed:  # else they were shown before the question
        _show_notes(session, done)
    return 0


def _show_notes(session: Session, done: Imported) -> None:
    for note in (*done.notes, *describe_gone(done)):
        session.console.note(note)


app.command("import")(
    session_command(
        import_command,
        {"writing": Writing, "kind": KindOf, "file": File, **option_annotations(), "reason": Reason},
        RunOptions((*FORMATS, "csv"), writes=True, prefetch=True),
    )
)


def _show_refusal(session: Session, outcome: Outcome) -> None:
    """Why rows were refused, by cause (all of it with -v), or row by row in CSV and JSON."""
    if session.format == "json":
        session.console.write(json_of(outcome))
    elif session.format == "csv":
        session.console.write(findings_csv(outcome.introduced, session.lang))
    else:
        grave = [finding for finding in outcome.introduced if finding.severity == "error"]
        shown = by_cause(grave, session.verbose)
        session.console.show(blocks(shown, locator(session.workspace.current), session.lang))


def _ask(session: Session, plan: Imported) -> bool:
    if not session.interactive:
        raise nobody_confirms()
    if plan.at_records:
        raise _NewKeys(plan)
    _show_notes(session, plan)
    return ask_to_write(session, _by_cause(session, plan), result_lines(plan, session.lang))


def _by_cause(session: Session, done: Imported) -> Outcome:
    """The outcome with one finding for each cause; all of them with -v."""
    return replace(done.outcome, introduced=by_cause(done.outcome.introduced, session.verbose))

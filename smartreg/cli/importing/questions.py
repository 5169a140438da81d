"""The questions about a sheet, put on a terminal: what its columns and values mean when it comes in for the first time;
what became of columns, and which records doubtful rows are, when it comes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from smartreg.asking.question import Answers, Made, Questions
from smartreg.cli.answers import show_command_line
from smartreg.cli.ask import fill
from smartreg.cli.session import Session
from smartreg.commands.import_ import FileRead, LikelyKinds, missing_columns, proposal, unknown_values
from smartreg.core.errors import Cancelled
from smartreg.core.values import Json
from smartreg.forms.importing import (
    MANY,
    doubt_answers,
    kind_answer,
    match_answer,
    meanings_answered,
    missing_answered,
    missing_column_answers,
    pairs_answered,
    proposal_answered,
    proposal_answers,
    value_answers,
)
from smartreg.forms.sheet_profile import show_columns, show_profile
from smartreg.importing.effects import Imported
from smartreg.importing.matching import Ambiguous
from smartreg.importing.options import ImportRequest, typed_options
from smartreg.schema import FieldPath, Kind


def ask_kind(session: Session, likely: LikelyKinds) -> Kind:
    """The kind of the rows, asked unless it is known; below what lies in the columns where the file does not say it."""
    guesses = likely.guesses
    if len(guesses) == 1 and guesses[0].why is None:
        return guesses[0].kind
    if likely.decided is None:
        sheet = next(iter(likely.files_read.values())).sheet
        session.console.ask(show_columns(sheet, guesses, session.lang))
    name = fill(session.console, partial(kind_answer, session, guesses))
    return session.workspace.current.schemas.kind(name)


class ImportDialogue(NamedTuple):
    """The questions about one sheet. `typed`: the options of the command line; `kind_word`: the kind as a word of it,
    where nobody typed that."""

    session: Session
    kind: Kind
    file: Path
    typed: ImportRequest
    file_read: FileRead
    kind_word: tuple[str, ...] = ()

    def options_added(self, request: ImportRequest) -> list[tuple[str, str]]:
        """The options of a request that were not typed."""
        typed = list(typed_options(self.typed))
        return [option for option in typed_options(request) if option not in typed]

    def show_answers(self, request: ImportRequest) -> None:
        """Show the answers as a command line, so that nobody has to type them twice."""
        options = self.options_added(request)
        if options:
            show_command_line(self.session, options, self.kind_word)

    def ask_all(self) -> ImportRequest:
        """The request with what somebody says of the sheet; unchanged if nothing is open."""
        return self._ask_meanings(self._ask_proposal(self._ask_columns(self.typed)))

    def _ask_columns(self, request: ImportRequest) -> ImportRequest:
        missing = missing_columns(self.session.workspace, self.kind, self.file, request, self.file_read)
        if missing is None:
            return request
        form = partial(missing_column_answers, self.session, missing, self.file_read.sheet, request)
        return self._fill(form, lambda given: missing_answered(missing, request, given))

    def _ask_proposal(self, request: ImportRequest) -> ImportRequest:
        """Once the profile of the sheet was shown."""
        session = self.session
        workspace, today = session.workspace, session.today
        again = partial(proposal, workspace, self.kind, self.file, on=today, file_read=self.file_read)
        proposed = again(request=request)
        if proposed is None or not proposed.has_questions:
            return request
        session.console.ask(show_profile(proposed, session.lang))
        form = partial(proposal_answers, session, proposed, again)
        return self._fill(form, lambda given: proposal_answered(proposed, again, given))

    def _ask_meanings(self, request: ImportRequest) -> ImportRequest:
        unknown = unknown_values(self.session.workspace, self.kind, self.file, request, self.file_read)[:MANY]

        def with_meanings(meanings: tuple[str, ...]) -> ImportRequest:
            return replace(request, values=(*request.values, *meanings))

        form = partial(value_answers, self.session, self.kind, unknown)
        return with_meanings(self._fill(form, lambda given: with_meanings(meanings_answered(unknown, given))))

    def ask_doubts(self, request: ImportRequest, doubts: Sequence[Ambiguous]) -> ImportRequest:
        """The request with the records of rows that may be one of several."""

        def with_pairs(pairs: tuple[str, ...]) -> ImportRequest:
            return replace(request, pairs=(*request.pairs, *pairs))

        form = partial(doubt_answers, self.session, self.kind, doubts)
        return with_pairs(self._fill(form, lambda given: with_pairs(pairs_answered(given))))

    def ask_match(self, request: ImportRequest, plan: Imported) -> ImportRequest:
        """The request with the way in which rows with new keys find their records."""
        return replace(request, match=self._fill(partial(match_answer, self.session, plan), lambda _given: request))

    def _fill(
        self, form: Callable[[Answers], Questions[Made]], answered: Callable[[Mapping[FieldPath, Json]], ImportRequest]
    ) -> Made:
        """Ask the questions of a form. `answered`: the request with the answers given so far, which are shown as a
        command line if somebody cancels."""
        answers = Answers()
        try:
            return fill(self.session.console, form, answers)
        except Cancelled:
            self.show_answers(answered(answers.reached))
            raise

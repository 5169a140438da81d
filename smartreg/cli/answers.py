"""Ask for what a command lacks on a terminal; else name it all at once, with a command line to fill in."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from smartreg.asking.choices import NEW
from smartreg.asking.question import Answers, Back, Made, Questions
from smartreg.cli.ask import FIRST, fill
from smartreg.cli.options import placeholder_in
from smartreg.cli.session import Session
from smartreg.core.errors import Cancelled, SmartregError, UsageFault
from smartreg.core.messages import Language, Message, Text, computed
from smartreg.core.values import Json
from smartreg.edit import RefusedWrite
from smartreg.schema import FieldPath

NO_HINTS: Mapping[str, Text] = MappingProxyType({})
PICKED = {"RECORD", "SUPPORT", "CONVENTION"}  # answers that are arguments
TRIAL = {"-n", "--dry-run"}
WRITES = {"-y", "--yes", *TRIAL}


def ask_and_write(
    session: Session,
    form: Callable[[Session, Answers], Questions[Made]],
    write: Callable[[Session, Made], int],
    typed: Callable[[Made, Mapping[FieldPath, Json]], Sequence[tuple[str, str]]],
    *,
    first: Callable[[Made], Sequence[str]] = lambda _made: (),
    again: Callable[[Sequence[FieldPath]], Sequence[FieldPath]] = lambda _asked: (),
    hints: Mapping[str, Text] = NO_HINTS,
) -> int:
    """Ask the questions of a form, and write what they amount to. Where nobody can be asked, UsageFault names all that
    is missing, with `hints` on some of it.

    `again`: which of the questions that were asked come again, with what was typed, if that is refused, or if somebody
    goes back from the last question (without it, only the one before). Where nothing comes again, and where somebody
    cancels, the answers are shown as a command line, so that nobody has to type them twice: `typed` (flag and value; no
    flag for an argument), those of `first` before all others.
    """
    if not session.interactive:
        _refuse_open(session, form(session, Answers()), hints)
    answers = Answers()
    while True:
        try:
            made = fill(session.console, partial(form, session), answers)
        except Cancelled:
            _keep_reached(session, answers.reached)
            raise
        try:
            return write(session, made)
        except Back:
            reopened = again(answers.asked) or answers.asked[-1:]
            if not reopened:
                session.console.note(FIRST)
        except SmartregError as fault:
            reopened = again(answers.asked) if isinstance(fault, RefusedWrite) else ()
            if not reopened:
                if answers.asked:
                    show_command_line(session, typed(made, answers.reached), first(made))
                raise
            session.console.fault(fault)
            session = replace(session, asked=None)  # others may have written meanwhile
        for path in reopened:
            answers.take_back(path)


def _keep_reached(session: Session, reached: Mapping[FieldPath, Json]) -> None:
    """Show the answers that were given before the user gave up as a command line that goes on from there."""
    words = {path: value if isinstance(value, list) else [value] for path, value in reached.items()}
    texts = {path: [text for text in words[path] if isinstance(text, str) and text != NEW] for path in words}
    picked = [text for path in texts if path[0] in PICKED for text in texts[path]]
    options = [(path[0], text) for path in texts if path[0].startswith("--") for text in texts[path]]
    fields = [
        ("", f"{'.'.join(path)}={text}")
        for path in texts
        if path[0][:1].isalpha() and path[0].islower()
        for text in texts[path]
    ]
    if picked or options or fields:
        show_command_line(session, [*fields, *options], picked)


def _refuse_open(session: Session, questions: Questions[object], hints: Mapping[str, Text]) -> None:
    """UsageFault that names the questions of a form which need an answer, if there are any."""
    missing = []
    try:
        question = next(questions)
        while True:
            missing += [question] if question.required else []
            question = questions.send(None)
    except StopIteration:
        pass
    if missing:
        options = [
            ("" if question.path[0] == question.placeholder else question.path[0], question.placeholder)
            for question in missing
        ]
        typed = ["smartreg", *session.command.split(" "), *session.words]
        hint = next((hints[flag] for flag, _ in options if flag in hints), None)
        raise name_missing_options(options, typed, session.why_not, hint)


def show_command_line(session: Session, answered: Sequence[tuple[str, str]], first: Sequence[str] = ()) -> None:
    """Show the command line that gives these answers, those of `first` before what was typed."""
    typed = ["smartreg", *session.command.split(" "), *first, *session.words]
    again = shlex.join([*typed, *(word for option in answered for word in option if word)])
    session.console.hint(Message("with your answers: {again}", again=again))


def command_line(
    session: Session, options: Sequence[tuple[str, str]], first: Sequence[str] = (), *, in_earnest: bool = False
) -> str:
    """The command line as typed, with more options, and with words before all others; it writes without asking unless
    it was typed as a trial, or although it was (`in_earnest`)."""
    typed = [word for word in session.words if not in_earnest or word not in TRIAL]
    words = [*first, *typed, *(word for option in options for word in option if word)]
    write = [] if WRITES.intersection(words) else ["-y"]
    return shlex.join(["smartreg", *session.command.split(" "), *words, *write])


def name_missing_options(
    options: Sequence[tuple[str, str]],
    typed_line: Sequence[str],
    why: Text,
    hint: Text | None = None,
    *,
    writes: bool = True,
) -> UsageFault:
    """All that is missing at once (flag, none for an argument, and its placeholder), with a command line to
    be filled in; of a command that writes, with -y."""
    typed = shlex.join(typed_line)
    end = " -y" if writes and not WRITES.intersection(typed_line) else ""

    def names(lang: Language) -> str:
        return ", ".join(flag.rstrip("=") or placeholder_in(value, lang) for flag, value in options)

    def command(lang: Language) -> str:
        to_fill_in = (
            f"{flag}{'' if flag.endswith('=') or not flag else ' '}{placeholder_in(value, lang)}"
            for flag, value in options
        )
        return f"{typed} {' '.join(to_fill_in)}{end}"

    message = Message(
        "{why}, and these are missing: {options}\n  {command}",
        why=why,
        options=computed(names),
        command=computed(command),
    )
    return UsageFault(message, hint)

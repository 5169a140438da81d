"""Values of options: dates and numbers; missing ones are asked for on a terminal, else named all at once with
a ready command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple

from smartreg.cli.ask import KEYS, Prompt, choose, choose_several, fill, text
from smartreg.cli.options import french_placeholder
from smartreg.cli.session import Session
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.spelling import day_in
from smartreg.core.styled import Span, line
from smartreg.core.values import Words
from smartreg.edit import RefusedWrite
from smartreg.forms.choices import Choice, Choices
from smartreg.forms.question import Answers, Back, Made, Path, Questions


def day(option: str | Words, text: str) -> date:
    """An ISO date; UsageFault names the option, or what was asked for, otherwise."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    name, meant = option if isinstance(option, Words) else Words(option, option), day_in(text)
    raise UsageFault(
        Words(f'{name.en} "{text}" is not a date', f"{name.fr} « {text} » n'est pas une date"),
        Words(f"is it {meant}?", f"est-ce {meant} ?")
        if meant
        else Words("write it like 2024-03-11", "écrivez-la comme 2024-03-11"),
    )


def metres(option: str, text: str, most: float) -> float:
    """Metres from 0 to `most`, with a decimal point or comma; UsageFault names the option otherwise."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = -1.0
    if 0 <= found <= most:
        return found
    raise UsageFault(
        Words(
            f'{option} "{text}" is not a distance in metres from 0 to {most}',
            f"{option} « {text} » n'est pas une distance de 0 à {most} mètres",
        )
    )


HIGHEST = 999_999_999


def count(option: str, text: str) -> int:
    """A whole number from 0 to `HIGHEST`; UsageFault names the option otherwise."""
    if text.isascii() and text.isdigit():
        if len(text.lstrip("0")) <= len(str(HIGHEST)):
            return int(text)
        raise UsageFault(Words(f"{option} takes at most {HIGHEST}", f"{option} : {HIGHEST} au plus"))
    raise UsageFault(
        Words(f'{option} "{text}" is not a whole number', f"{option} « {text} » n'est pas un nombre entier")
    )


WRITES = {"-y", "--yes", "-n", "--dry-run"}


class Needed(NamedTuple):
    """An option that must be given, unless it is `optional`: its flag, the placeholder of its value, the question
    for people, the choices (none: any text that `judge` takes), what Enter takes, whether several may be chosen (given
    with commas), and what `?` answers."""

    flag: str
    placeholder: str
    question: Words
    choices: Callable[[], Sequence[Choice]] | None = None
    judge: Callable[[str], object] = str
    default: str | None = None
    several: bool = False
    optional: bool = False
    explanation: Words | None = None


def date_needed(flag: str, question: Words) -> Needed:
    """A day that must be given."""
    prompt = Words(f"{question.en} (YYYY-MM-DD)", f"{question.fr} (AAAA-MM-JJ)")
    explanation = Words(f"{question.en}: a day, such as 2024-03-11", f"{question.fr} : un jour, comme 2024-03-11")
    judge = partial(day, Words(f"{question.en}:", f"{question.fr} :"))
    return Needed(flag, "DATE", prompt, judge=judge, explanation=explanation)


def _nothing(_found: Mapping[str, str]) -> Sequence[Needed]:
    return ()


def answers(
    session: Session,
    needs: Sequence[Needed],
    hint: Words | None = None,
    follow: Callable[[Mapping[str, str]], Sequence[Needed]] = _nothing,
) -> dict[str, str]:
    """The values of these options, by flag, and of those that `follow` from the answers; an optional one may be empty.
    UsageFault that names them all if nobody can be asked."""
    if needs and not session.interactive:
        typed = ["smartreg", *session.command.split(" "), *session.words]
        raise name_missing_options([(need.flag, need.placeholder) for need in needs], typed, session.why_not, hint)
    if needs:
        session.console.ask([line(Span(KEYS.in_(session.lang), "dim"))])
    found: dict[str, str] = {}
    former: dict[str, str] = {}
    while pending := [need for need in (*needs, *follow(found)) if need.flag not in found]:
        need = pending[0]._replace(default=former.get(pending[0].flag) or pending[0].default)
        try:
            found[need.flag] = _ask(session, need, back=bool(found))
        except Back:
            last = list(found)[-1]
            former[last] = found.pop(last)
    return found


def ask_and_write(
    session: Session,
    form: Callable[[Session, Answers], Questions[Made]],
    write: Callable[[Session, Made], int],
    typed: Callable[[Made], Sequence[tuple[str, str]]],
    *,
    first: Callable[[Made], Sequence[str]] = lambda _made: (),
    again: Callable[[Sequence[Path]], Sequence[Path]] = lambda _asked: (),
) -> int:
    """Ask the questions of a form, and write what they amount to.

    `again`: which of the questions that were asked come again, with what was typed, if that is refused, or if somebody
    goes back from the last question (without it, only the one before). Where nothing comes again, and where somebody
    cancels, the answers are shown as a command line, so that nobody has to type them twice: `typed` (flag and value; no
    flag for an argument), those of `first` before all others.
    """
    answers = Answers()
    while True:
        made = fill(session.console, partial(form, session), answers)
        try:
            return write(session, made)
        except Back:
            reopened = again(answers.asked) or answers.asked[-1:]
        except SmartregError as fault:
            reopened = again(answers.asked) if isinstance(fault, RefusedWrite) else ()
            if not reopened:
                if answers.asked:
                    show_command_line(session, typed(made), first(made))
                raise
            session.console.fault(fault)
            session = replace(session, asked=None)  # others may have written meanwhile
        for path in reopened:
            answers.take_back(path)


@contextmanager
def keep_answers(session: Session, answered: Sequence[tuple[str, str]]) -> Iterator[None]:
    """If what follows is refused or cancelled, the answers (flag and value; no flag for an argument) are shown as a
    command line, so that nobody has to type them twice."""
    try:
        yield
    except SmartregError:
        if answered:
            show_command_line(session, answered)
        raise


def show_command_line(session: Session, answered: Sequence[tuple[str, str]], first: Sequence[str] = ()) -> None:
    """Show the command line that gives these answers, those of `first` before what was typed."""
    typed = ["smartreg", *session.command.split(" "), *first, *session.words]
    again = shlex.join([*typed, *(word for option in answered for word in option if word)])
    session.console.hint(Words(f"the same again: {again}", f"la même chose : {again}"))


def name_missing_options(
    options: Sequence[tuple[str, str]],
    typed_line: Sequence[str],
    why: Words,
    hint: Words | None = None,
    *,
    writes: bool = True,
) -> UsageFault:
    """All that is missing at once (flag, none for an argument, and its placeholder), with a command line to
    be filled in; of a command that writes, with -y."""
    french = [(flag, french_placeholder(value)) for flag, value in options]
    typed = shlex.join(typed_line)
    end = " -y" if writes and not WRITES.intersection(typed_line) else ""
    en, fr = (
        f"{', '.join(flag.rstrip('=') or value for flag, value in each)}\n  {typed} {_join_placeholders(each)}{end}"
        for each in (options, french)
    )
    return UsageFault(Words(f"{why.en}, and these are missing: {en}", f"{why.fr}, et il manque : {fr}"), hint)


def _join_placeholders(options: Sequence[tuple[str, str]]) -> str:
    """The options with their placeholders, as on a command line."""
    return " ".join(f"{flag}{'' if flag.endswith('=') or not flag else ' '}{value}" for flag, value in options)


def _ask(session: Session, need: Needed, *, back: bool) -> str:
    prompt = Prompt(need.question.in_(session.lang), (need.explanation or need.question).in_(session.lang), back)
    choices = need.choices() if need.choices is not None else ()
    while True:
        answer: str | None
        if choices and need.several:
            usual = need.default.split(",") if need.default else ()
            answer = ",".join(choose_several(session.console, prompt, Choices(choices), usual))
        elif choices:
            answer = choose(session.console, prompt, Choices(choices), need.default)
        else:
            answer = text(session.console, prompt, need.default, need.judge)
        if answer or need.optional:
            return answer or ""
        title = need.question
        session.console.fault(UsageFault(Words(f"{title.en}: required", f"{title.fr} : obligatoire")))

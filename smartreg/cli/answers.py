"""Values of options: dates and numbers; those that are missing are asked for on a terminal, else named all at once with
a ready command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from smartreg.cli.ask import Choice, choose, choose_several, text
from smartreg.cli.session import Session
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words


def day(option: str, text: str) -> date:
    """An ISO date; UsageFault names the option otherwise."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageFault(
        Words(f'{option} "{text}" is not a date', f"{option} « {text} » n'est pas une date"),
        Words("write it like 2024-03-11", "écrivez-la comme 2024-03-11"),
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
            f'{option} "{text}" is no distance in metres from 0 to {most}',
            f"{option} « {text} » n'est pas une distance de 0 à {most} mètres",
        )
    )


def count(option: str, text: str) -> int:
    """A whole number from 0; UsageFault names the option otherwise."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageFault(
        Words(f'{option} "{text}" is not a whole number', f"{option} « {text} » n'est pas un nombre entier")
    )


WRITES = {"-y", "--yes", "-n", "--dry-run"}


class Needed(NamedTuple):
    """An option that must be given: its flag, the word that stands for its value, the question for people, the choices
    (none: any text that `judge` takes), what Enter takes, and whether several may be chosen (given with commas)."""

    flag: str
    placeholder: str
    question: Words
    choices: Callable[[], Sequence[Choice]] | None = None
    judge: Callable[[str], object] = str
    default: str | None = None
    several: bool = False


def date_needed(flag: str, question: Words) -> Needed:
    """A day that must be given."""
    asked = Words(f"{question.en} (YYYY-MM-DD)", f"{question.fr} (AAAA-MM-JJ)")
    return Needed(flag, "DATE", asked, judge=partial(day, flag))


def answers(session: Session, needs: Sequence[Needed], hint: Words | None = None) -> dict[str, str]:
    """The values of these options, by flag. UsageFault that names them all when nobody is there to answer."""
    if not needs:
        return {}
    if not session.interactive:
        typed = ["smartreg", *session.command.split(" "), *session.words]
        raise lacking([(need.flag, need.placeholder) for need in needs], typed, session.why_not, hint)
    return {need.flag: _asked(session, need) for need in needs}


def lacking(
    options: Sequence[tuple[str, str]], typed_line: Sequence[str], why: Words, hint: Words | None
) -> UsageFault:
    """All that is missing at once (flag and what stands for its value), with a command line to be filled in."""
    parts = [shlex.join(typed_line)]
    parts += [f"{flag}{'' if flag.endswith('=') else ' '}{value}" for flag, value in options]
    if not WRITES.intersection(typed_line):
        parts.append("-y")
    listed = ", ".join(flag.rstrip("=") for flag, _ in options)
    ready = f"\n  {' '.join(parts)}"
    return UsageFault(
        Words(f"{why.en}, and these are missing: {listed}{ready}", f"{why.fr}, et il manque : {listed}{ready}"), hint
    )


def _asked(session: Session, need: Needed) -> str:
    question = need.question.in_(session.lang)
    choices = need.choices() if need.choices is not None else ()
    while True:
        answer: str | None
        if choices and need.several:
            answer = ",".join(choose_several(session.console, question, choices))
        elif choices:
            answer = choose(session.console, question, choices, need.default)
        else:
            answer = text(session.console, question, need.default, need.judge)
        if answer:
            return answer
        title = need.question
        session.console.fault(UsageFault(Words(f"{title.en}: required", f"{title.fr} : obligatoire")))

"""Questions on the terminal: yes or no, a line of text, one or some of several by number or by typing. End of input
cancels."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from smartreg.cli.console import Console
from smartreg.core.errors import Cancelled, UsageFault
from smartreg.core.progress import end_progress
from smartreg.core.slug import fold
from smartreg.core.styled import Span, line, visible
from smartreg.core.values import Language, Words

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.validation import Validator


NUMBERED = 9  # up to so many choices are a numbered list, more are searched
GLANCE_S = 0.2
SEVERAL = Words(" (several: with commas between)", " (plusieurs possibles, avec des virgules)")
YES, NO = ("y", "yes", "o", "oui"), ("n", "no", "non")


class Choice(NamedTuple):
    """What is chosen, and what people know it by."""

    value: str
    label: str = ""


def confirm(console: Console, question: Words) -> bool:
    """Yes or no; Enter is yes."""
    while True:
        answer = _line(console, f"{question.in_(console.lang)} [{'O/n' if console.lang == 'fr' else 'Y/n'}] ").lower()
        if answer in ("", *YES):
            return True
        if answer in NO:
            return False


def letter(console: Console, question: Words, letters: str) -> str:
    """One of these letters; Enter is the first."""
    while True:
        answer = _line(console, f"{question.in_(console.lang)} [{letters[0]}] ").lower()[:1] or letters[0]
        if answer in letters:
            return answer


def text(console: Console, question: str, default: str | None, judge: Callable[[str], object]) -> str | None:
    """A line of text that `judge` takes (it raises UsageFault otherwise); Enter takes the default, or None."""
    while True:
        answer = _line(console, f"{question}{f' [{default}]' if default else ''}: ")
        if not answer:
            return default
        try:
            judge(answer)
        except UsageFault as fault:
            console.fault(fault)
            continue
        return answer


def choose(
    console: Console,
    question: str,
    choices: Sequence[Choice],
    default: str | None = None,
    judge: Callable[[str], object] = str,
) -> str | None:
    """One of the choices that `judge` takes: by number or name when there are few, by search as you type when there
    are many. Enter takes the default, or None."""
    usual = [default] if default else []
    return next(iter(_settled(console, question, choices, usual, lambda found: judge(found[0]))), None)


def choose_several(
    console: Console,
    question: str,
    choices: Sequence[Choice],
    default: Sequence[str] = (),
    judge: Callable[[list[str]], object] = list,
) -> list[str]:
    """Any number of the choices, each as `choose` takes one, with commas between; Enter takes the default."""
    asked = f"{question}{SEVERAL.in_(console.lang)}"
    return _settled(console, asked, choices, default, judge, ",")


def _settled(
    console: Console,
    question: str,
    choices: Sequence[Choice],
    default: Sequence[str],
    judge: Callable[[list[str]], object],
    separator: str = "",
) -> list[str]:
    usual = f" [{', '.join(default)}]" if default else ""
    if len(choices) <= NUMBERED:
        console.ask([line(Span(question, "bold"))])
        console.ask(
            line(Span(f"  {number} ", "code"), item.value, Span(f"  {item.label}" if item.label else "", "dim"))
            for number, item in enumerate(choices, 1)
        )
    names = [item.value for item in choices]
    while True:
        try:
            if len(choices) > NUMBERED:
                from smartreg.cli.ask import pick

                found = pick(f"{question}{usual}: ", choices, console.lang, separator)
            else:
                answer = _line(console, f"1–{len(choices)}{usual}: ")
                found = [_one(part, choices, names) for part in parts(answer, separator)]
            if not found:
                return list(default)
            judge(found := list(dict.fromkeys(found)))
        except UsageFault as fault:
            console.fault(fault)
            continue
        return found


def parts(answer: str, separator: str) -> list[str]:
    """What was typed between the separators; the whole where there is none. Nothing for nothing."""
    words = answer.split(separator) if separator else [answer]
    return [word.strip() for word in words if word.strip()]


def _one(answer: str, choices: Sequence[Choice], names: Sequence[str]) -> str:
    found = chosen(answer, choices, names)
    if found is None:
        raise unsettled(answer, len(matching(answer, choices)))
    return found


def chosen(answer: str, choices: Sequence[Choice], names: Sequence[str]) -> str | None:
    """The choice that a number, a name or a few of its words mean; None when there is none or several."""
    if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(choices):
        return names[int(answer) - 1]
    if answer in names:
        return answer
    found = matching(answer, choices)
    return found[0].value if len(found) == 1 else None


def unsettled(answer: str, count: int) -> UsageFault:
    """Why an answer means none of the choices: nothing matches it, or several do."""
    if count:
        return UsageFault(
            Words(f'{count} match "{answer}"', f"{count} correspondent à « {answer} »"),
            Words("type a number, an id or more words", "tapez un numéro, un identifiant ou plus de mots"),
        )
    return UsageFault(
        Words(f'nothing here matches "{answer}"', f"rien ici ne correspond à « {answer} »"),
        Words("type a number, an id or a part of the label", "tapez un numéro, un identifiant ou une partie du nom"),
    )


def matching(answer: str, choices: Sequence[Choice]) -> list[Choice]:
    """The choices that have every word of `answer`, accents and case aside."""
    words = fold(answer).split("-")
    return [item for item in choices if all(word in fold(f"{item.value} {item.label}") for word in words)]


def _line(console: Console, prompt: str) -> str:
    """A line from the terminal, the prompt on stderr. Cancelled at the end of input and at Ctrl-C."""
    end_progress()
    try:
        console.err.write(visible(prompt))
        console.err.flush()
        _await_key()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        answer = ""
    if not answer:
        console.err.write("\n")
        raise Cancelled(Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié"))
    return answer.strip()


def _await_key() -> None:
    """Wait for a line. A Ctrl-C that comes just before a read begins would be heard only after the next key: a wait
    that ends now and then hears it."""
    if sys.stdin.isatty() and sys.platform != "win32":  # there, select knows no terminal
        while not select.select([sys.stdin], [], [], GLANCE_S)[0]:
            pass


SHOWN = 50

Search = Callable[[str], Iterator[Choice]]


def pick(prompt: str, choices: Sequence[Choice], lang: Language, separator: str = "") -> list[str]:
    """The value picked, or with a separator those between which it stands; none for Enter alone. Cancelled at Ctrl-C
    and Ctrl-D."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    end_progress()
    search = searcher(choices)
    values = {item.value for item in choices}

    session: PromptSession[str] = PromptSession(
        completer=_completer(search, separator),
        complete_while_typing=True,
        validator=_validator(values, search, lang, separator),
        validate_while_typing=False,
        output=create_output(stdout=sys.stderr),
    )
    try:
        answer = session.prompt(visible(prompt))
    except (EOFError, KeyboardInterrupt):
        raise Cancelled(Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié")) from None
    found = (_settle(part, values, search) for part in parts(answer, separator))
    return [value for value in found if value is not None]


def searcher(choices: Sequence[Choice]) -> Search:
    """A function that finds the choices with every word of a text, in their order, at most 50."""
    folded = [(f"{item.value} {fold(item.label)}", item) for item in choices]

    def search(text: str) -> Iterator[Choice]:
        words = [word for word in fold(text).split("-") if word]
        found = 0
        for known, item in folded:
            if all(word in known for word in words):
                yield item
                found += 1
                if found == SHOWN:
                    return

    return search


def _settle(text: str, values: set[str], search: Search) -> str | None:
    """The value that a text means: itself, or the only one that matches."""
    if text.strip() in values:
        return text.strip()
    found = list(search(text))
    return found[0].value if len(found) == 1 else None


def _validator(values: set[str], search: Search, lang: Language, separator: str) -> Validator:
    """Says why a text means none of the choices."""
    from prompt_toolkit.validation import ValidationError, Validator

    several = Words("type more words, or pick one with the arrows", "précisez, ou choisissez avec les flèches")

    class Settled(Validator):
        def validate(self, document: Any) -> None:
            for text in parts(document.text, separator):
                if _settle(text, values, search) is None:
                    nothing = Words(f'nothing here matches "{text}"', f"rien ici ne correspond à « {text} »")
                    words = nothing if next(search(text), None) is None else several
                    raise ValidationError(len(document.text), visible(words.in_(lang)))

    return Settled()


def _completer(search: Search, separator: str) -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class Matching(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            text = (document.text.rpartition(separator)[2] if separator else document.text).lstrip()
            for item in search(text):
                shown = f"{item.value}  {item.label}" if item.label else item.value
                yield Completion(item.value, start_position=-len(text), display=visible(shown))

    return Matching()

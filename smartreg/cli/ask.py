"""Questions on the terminal: yes or no, a line of text, one or some of several by number or by typing. At each, `?`
explains and `<` goes back to the question before. End of input cancels."""

from __future__ import annotations

import re
import select
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from smartreg.cli.console import Console
from smartreg.core.errors import Cancelled, Interrupted, UsageFault
from smartreg.core.progress import end_progress
from smartreg.core.slug import fold
from smartreg.core.styled import Span, line, visible
from smartreg.core.values import Language, Words

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.validation import Validator

NUMBERED = 9  # up to this many choices are a numbered list, more are searched
SHOWN = 50  # most choices offered while somebody types
GLANCE_S = 0.2
EXPLAIN, BACK = "?", "<"
KEYS = Words("? explains, < goes back, Ctrl-C cancels", "? explique, < revient en arrière, Ctrl-C annule")
SEVERAL = Words("  several: commas, or one per line", "  plusieurs : des virgules, ou un par ligne")
DONE = Words("Enter ends", "Entrée pour finir")
CANCELLED = Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié")
FIRST = Words("there is nothing to go back to here", "il n'y a pas de question où revenir ici")
COLON = Words(": ", " : ")
YES, NO = ("y", "yes", "o", "oui"), ("n", "no", "non")
YES_OR_NO = Words(
    "y or Enter goes on; n cancels, and nothing is changed",
    "o ou Entrée continue ; n annule, et rien n'est modifié",
)
_SEPARATORS = re.compile(r"[,\n]")


class Back(Exception):
    """The user goes back to the question before."""


class Choice(NamedTuple):
    """A value to choose, and its label."""

    value: str
    label: str = ""


class Prompt(NamedTuple):
    """A question, what `?` answers to it, and whether there is a question before it to go back to."""

    text: str
    explanation: str = ""
    back: bool = False


def confirm(console: Console, question: Words, *, back: bool = False) -> bool:
    """Yes or no; Enter is yes."""
    prompt = Prompt(question.in_(console.lang), YES_OR_NO.in_(console.lang), back)
    return confirm_or_number(console, prompt, 0) == YES[0]


def confirm_or_number(console: Console, prompt: Prompt, last: int) -> str:
    """`y` (Enter too), `n`, or a number from 1 to `last`."""
    shown = f"{prompt.text} [{'O/n' if console.lang == 'fr' else 'Y/n'}] "
    while True:
        answer = _answer(console, prompt, lambda: _line(console, shown)).lower()
        if answer in ("", *YES):
            return YES[0]
        if answer in NO:
            return NO[0]
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= last:
            return answer


def letter(console: Console, question: Words, letters: str) -> str:
    """One of these letters; Enter is the first."""
    prompt = Prompt(question.in_(console.lang), question.in_(console.lang))
    while True:
        answer = _answer(console, prompt, lambda: _line(console, f"{prompt.text} [{letters[0]}] "))
        if (answer.lower()[:1] or letters[0]) in letters:
            return answer.lower()[:1] or letters[0]


def text(console: Console, prompt: Prompt, default: str | None, judge: Callable[[str], object]) -> str | None:
    """A line of text that `judge` takes (it raises UsageFault otherwise); Enter takes the default, or None."""
    shown = f"{prompt.text}{f' [{default}]' if default else ''}{COLON.in_(console.lang)}"
    while True:
        answer = _answer(console, prompt, lambda: _line(console, shown))
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
    prompt: Prompt,
    choices: Choices,
    default: str | None = None,
    judge: Callable[[str], object] = str,
) -> str | None:
    """One of the choices that `judge` takes. Enter takes the default, or None."""
    choices.show(console, prompt)
    while True:
        try:
            answer = choices.ask(console, prompt, f" [{default}]" if default else "")
            if not answer:
                return default
            found = choices.find(answer)
            judge(found)
            return found
        except UsageFault as fault:
            console.fault(fault)


def choose_several(
    console: Console,
    prompt: Prompt,
    choices: Choices,
    default: Sequence[str] = (),
    judge: Callable[[list[str]], object] = list,
) -> list[str]:
    """Any of the choices, with commas between or one per line, up to an empty line. Enter alone takes the default."""
    console.ask([line(Span(SEVERAL.in_(console.lang), "dim"))] if len(choices.items) > 1 else [])
    choices.show(console, prompt)
    found: list[str] = []
    while True:
        usual = ", ".join(default if not found else (*found, DONE.in_(console.lang)))
        try:
            shown = prompt._replace(text="…") if found else prompt
            answer = choices.ask(console, shown, f" [{usual}]" if usual else "", several=True)
            if answer and not parts(answer):
                raise _no_single_match(answer, 0)
            found = list(dict.fromkeys([*found, *map(choices.find, parts(answer))]))
            if len(parts(answer)) == 1 and len(found) < len(choices.items):
                continue
            judge(found or list(default))
        except UsageFault as fault:
            console.fault(fault)
            found = []
        else:
            return found or list(default)


def parts(answer: str) -> list[str]:
    """The parts between commas or on lines of their own; an empty text has none."""
    return [word.strip() for word in _SEPARATORS.split(answer) if word.strip()]


class Choices:
    """What a question offers: the first ones by number where there are few or they are `likely`, each by its value or
    by words of value and label, in any order, accents and case aside."""

    def __init__(self, items: Sequence[Choice], likely: int = 0) -> None:
        self.items = items
        self.searched = len(items) > NUMBERED
        self.numbered = items[: likely if self.searched else NUMBERED]
        self._values = {item.value for item in items}
        self._folded = [(fold(f"{item.value} {item.label}"), item) for item in items]

    def search(self, text: str) -> Iterator[Choice]:
        """The choices with every word of a text, in their order, at most 50. None for punctuation alone."""
        words = [word for word in fold(text).split("-") if word]
        if not words and text.strip():
            return
        found = 0
        for known, item in self._folded:
            if all(word in known for word in words):
                yield item
                found += 1
                if found == SHOWN:
                    return

    def find(self, text: str) -> str:
        """The value that a text means; UsageFault when it means none, or could mean several."""
        text = text.strip()
        if text.isascii() and text.isdigit() and 1 <= int(text) <= len(self.numbered):
            return self.numbered[int(text) - 1].value
        if text in self._values:
            return text
        found = [item for item in self.items if item.value.rpartition("/")[2] == text] or list(self.search(text))
        if len(found) == 1:
            return found[0].value
        raise _no_single_match(text, len(found))

    def show(self, console: Console, prompt: Prompt) -> None:
        """List what a number chooses, under the question."""
        if self.numbered:
            console.ask([line(Span(prompt.text, "bold"))])
        console.ask(
            line(Span(f"  {number} ", "code"), item.value, Span(f"  {item.label}" if item.label else "", "dim"))
            for number, item in enumerate(self.numbered, 1)
        )

    def ask(self, console: Console, prompt: Prompt, usual: str, *, several: bool = False) -> str:
        """What somebody types; where there are many choices, they are searched meanwhile."""
        numbers, colon = f"1–{len(self.numbered)}", COLON.in_(console.lang)
        if not self.searched:
            return _answer(console, prompt, lambda: _line(console, f"{numbers}{usual}{colon}"))
        more = Words(f"{numbers}, or words to search", f"{numbers}, ou des mots à chercher").in_(console.lang)
        shown = f"{more if self.numbered else prompt.text}{usual}{colon}"
        return _answer(console, prompt, lambda: pick(shown, self, console.lang, several))


def _no_single_match(answer: str, count: int) -> UsageFault:
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


def _answer(console: Console, prompt: Prompt, read: Callable[[], str]) -> str:
    """What `read` gets; `?` explains and reads again. Back for `<` where there is a question before this one."""
    while True:
        answer = read().strip()
        if answer == BACK and prompt.back:
            raise Back
        if answer == BACK:
            console.note(FIRST)
        elif answer == EXPLAIN:
            console.ask([line(Span(f"  {row}", "info")) for row in (prompt.explanation or prompt.text).split("\n")])
            console.ask([line(Span(f"  {KEYS.in_(console.lang)}", "dim"))])
        else:
            return answer


def _line(console: Console, prompt: str) -> str:
    """A line from the terminal, the prompt on stderr. Cancelled at the end of input, Interrupted at Ctrl-C."""
    end_progress()
    cancelled: type[Cancelled] = Cancelled
    try:
        console.err.write(visible(prompt))
        console.err.flush()
        _await_key()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        answer, cancelled = "", Interrupted
    if not answer:
        console.err.write("\n")
        raise cancelled(CANCELLED)
    return answer


def _await_key() -> None:
    """Wait for a line, in short steps: a Ctrl-C just before a read begins would be noticed only after the next key."""
    if sys.stdin.isatty() and sys.platform != "win32":  # there, select knows no terminal
        while not select.select([sys.stdin], [], [], GLANCE_S)[0]:
            pass


def key(console: Console, prompt: Prompt, keys: str) -> str:
    """One of these keys, pressed without Enter."""
    while True:
        answer = _answer(console, prompt, lambda: _key(prompt.text, f"{keys}{EXPLAIN}{BACK}"))
        if answer in keys:
            return answer


def _key(prompt: str, keys: str) -> str:
    """The first of the keys that is pressed; others do nothing. Cancelled as `_read`."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys
    from prompt_toolkit.output import create_output

    bindings = KeyBindings()

    @bindings.add(Keys.Any)
    @bindings.add(Keys.ControlM)
    def _press(event: Any) -> None:
        pressed = event.data.lower()
        if pressed and pressed in keys:
            event.current_buffer.insert_text(pressed)
            event.app.exit(result=pressed)

    session: PromptSession[str] = PromptSession(key_bindings=bindings, output=create_output(stdout=sys.stderr))
    return _read(session, prompt)


def _read(session: PromptSession[str], prompt: str) -> str:
    """What is typed. Interrupted at Ctrl-C, Cancelled at Ctrl-D."""
    end_progress()
    try:
        return session.prompt(visible(prompt))
    except KeyboardInterrupt:
        raise Interrupted(CANCELLED) from None
    except EOFError:
        raise Cancelled(CANCELLED) from None


def pick(prompt: str, choices: Choices, lang: Language, several: bool) -> str:
    """A text that means one of the choices (or `several`), searched as one types; `?` and `<` too. Cancelled as
    `_read`."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    session: PromptSession[str] = PromptSession(
        completer=_completer(choices, several),
        complete_while_typing=True,
        validator=_validator(choices, lang, several),
        validate_while_typing=False,
        output=create_output(stdout=sys.stderr),
    )
    return _read(session, prompt)


def _validator(choices: Choices, lang: Language, several: bool) -> Validator:
    """Says why a text means none of the choices."""
    from prompt_toolkit.validation import ValidationError, Validator

    class Settled(Validator):
        def validate(self, document: Any) -> None:
            typed = document.text.strip()
            for text in parts(typed) if several else [typed]:
                try:
                    if typed not in ("", EXPLAIN, BACK):
                        choices.find(text)
                except UsageFault as fault:
                    hint = f" ({fault.hint.in_(lang)})" if fault.hint else ""
                    raise ValidationError(len(document.text), visible(f"{fault.message.in_(lang)}{hint}")) from None

    return Settled()


def _completer(choices: Choices, several: bool) -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class Matching(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            text = (_SEPARATORS.split(document.text)[-1] if several else document.text).lstrip()
            for item in choices.search(text):
                shown = f"{item.value}  {item.label}" if item.label else item.value
                yield Completion(item.value, start_position=-len(text), display=visible(shown))

    return Matching()

"""Questions on the terminal: yes or no, a line of text, one or some of several by number or by typing. At each, `?`
explains and `<` goes back to the question before. End of input cancels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from shutil import get_terminal_size
from typing import NamedTuple

from smartreg.asking.choices import LEAVE_OUT, Choices, NoSingleMatch, parts
from smartreg.asking.question import Answers, Back, Made, Question, Questions, fill_in, no_answer
from smartreg.cli.console import Console
from smartreg.cli.keyboard import read_key, read_line, read_searched
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.spelling import day_in
from smartreg.core.styled import Block, Grid, Span, cells, line
from smartreg.core.values import Json

EXPLAIN, BACK = "?", "<"
KEYS = Message("? explains, < goes back, Ctrl-C cancels")
SEVERAL = Message("  several: commas, or one per line")
FROM_HERE = Message("  words of an id or a label, or a position such as 43.51345, 4.98747")
DONE = Message("Enter ends")
FIRST = Message("this is the first question")
COLON = Message(": ")
ROOM = 17  # characters of an answer: an EUI
YES, NO = ("y", "yes", "o", "oui"), ("n", "no", "non")
LIST = "l"  # list, liste
LISTS = Message("l lists every record, field by field")
YES_NO_OR_LIST = Message("y or Enter goes on; n cancels, and nothing is changed; l lists every record, field by field")
Y_OR_N, Y_N_OR_L = Message("[Y/n]"), Message("[Y/n/l]")
YES_OR_NO = Message("y or Enter goes on; n cancels, and nothing is changed")


class Prompt(NamedTuple):
    """A question, what `?` answers to it, and whether there is a question before it to go back to."""

    text: str
    explanation: str = ""
    back: bool = False


def confirm(
    console: Console,
    question: Text,
    *,
    back: bool = False,
    listing: Callable[[], Iterable[Block]] | None = None,
) -> bool:
    """Yes or no; Enter is yes; `l` shows the `listing` where there is one."""
    explanation = YES_OR_NO if listing is None else YES_NO_OR_LIST
    prompt = Prompt(question.in_(console.lang), explanation.in_(console.lang), back)
    return confirm_or_number(console, prompt, 0, listing) == YES[0]


def confirm_or_number(
    console: Console, prompt: Prompt, last: int, listing: Callable[[], Iterable[Block]] | None = None
) -> str:
    """`y` (Enter too), `n`, or a number from 1 to `last`. What was typed before the question appeared is no answer."""
    shown = f"{prompt.text} {(Y_OR_N if listing is None else Y_N_OR_L).in_(console.lang)} "
    if listing is not None:
        console.ask([line(Span(LISTS.in_(console.lang), "dim"))])
    while True:
        answer = _answer(console, prompt, lambda: read_line(shown, fresh=True)).lower()
        if answer in ("", *YES):
            return YES[0]
        if answer in NO:
            return NO[0]
        if answer.isascii() and answer.isdigit() and len(answer) < 10 and 1 <= int(answer) <= last:
            return answer
        if answer == LIST and listing is not None:
            console.ask(listing())
            continue
        console.ask([line(Span(f"  {prompt.explanation}", "dim"))])


def letter(console: Console, question: Text, letters: str) -> str:
    """One of these letters; Enter is the first."""
    prompt = Prompt(question.in_(console.lang), question.in_(console.lang))
    while True:
        answer = _answer(console, prompt, lambda: read_line(f"{prompt.text} [{letters[0]}] ", fresh=True))
        if (answer.lower()[:1] or letters[0]) in letters:
            return answer.lower()[:1] or letters[0]


def text(
    console: Console,
    prompt: Prompt,
    default: str | None,
    judge: Callable[[str], object],
    with_day: Prompt | None = None,
) -> str | None:
    """A line of text that `judge` takes (it raises UsageFault otherwise); Enter takes the default, or None. The day
    that a refused answer may mean becomes the default; where Enter meant no answer, the prompt is then `with_day`,
    and `-` means none."""
    may_leave_out = False
    while True:
        usual, colon = f" [{default}]" if default else "", COLON.in_(console.lang)
        shown = f"{prompt.text}{usual}{colon}"
        if len(shown) + ROOM > get_terminal_size().columns:  # an id is not broken between two lines
            console.ask([line(prompt.text if default else f"{prompt.text}{colon}")])
            shown = f" {usual}{colon}" if default else "  "
        answer = _answer(console, prompt, partial(read_line, shown))
        if not answer:
            return default
        if may_leave_out and answer == LEAVE_OUT:
            return None
        try:
            judge(answer)
        except UsageFault as fault:
            console.fault(fault)
            day = day_in(answer)
            if day is not None and default is None and with_day is not None:
                prompt, may_leave_out = with_day, True
            default = day or default
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
    _show(console, choices, prompt)
    while True:
        try:
            answer = _ask(console, choices, prompt, f" [{default}]" if default else "")
            if not answer:
                return default
            nearby = choices.around(answer)
            if nearby is not None:
                choices = nearby
                _show(console, choices, prompt)
                continue
            value = choices.find(answer)
            judge(value)
            _show_understood(console, choices, answer, value)
            return value
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
    _show(console, choices, prompt)
    chosen: list[str] = []
    while True:
        usual = ", ".join(default if not chosen else (*chosen, DONE.in_(console.lang)))
        try:
            shown = prompt._replace(text="…") if chosen else prompt
            answer = _ask(console, choices, shown, f" [{usual}]" if usual else "", several=True)
            nearby = choices.around(answer)
            if nearby is not None:
                choices = nearby
                _show(console, choices, prompt)
                continue
            if answer and not parts(answer):
                raise NoSingleMatch(answer)
            meant = [value for part in parts(answer) for value in choices.find_all(part)]
            chosen = list(dict.fromkeys([*chosen, *meant]))
            if len(meant) == 1 and len(chosen) < len(choices.items):
                continue
            judge(chosen or list(default))
        except UsageFault as fault:
            console.fault(fault)
            chosen = []
        else:
            return chosen or list(default)


def _show_understood(console: Console, choices: Choices, answer: str, value: str) -> None:
    """What words were taken for: whoever meant something else goes back."""
    if answer != value and not answer.isdigit():
        console.note(verbatim(" · ".join(filter(None, choices.named(value)))))


def _show(console: Console, choices: Choices, prompt: Prompt) -> None:
    """List what a number chooses, under the question."""
    if choices.places is not None and choices.searched and not choices.numbered:
        console.ask([line(Span(FROM_HERE.in_(console.lang), "dim"))])
    if choices.numbered:
        console.ask([line(Span(prompt.text, "bold"))])
    for number, item in enumerate(choices.numbered, 1):  # each a grid, in which a long label is folded between words
        choice = line(Span(f"  {number} ", "code"), item.value)
        console.ask([Grid([cells(choice, Span(item.label, "dim"))]) if item.label else choice])


def _ask(console: Console, choices: Choices, prompt: Prompt, usual: str, *, several: bool = False) -> str:
    """The text that somebody types; many choices are searched meanwhile."""
    count, colon = len(choices.numbered), COLON.in_(console.lang)
    numbers = f"1–{count}" if count > 1 else "1"
    if not choices.searched:
        return _answer(console, prompt, lambda: read_line(f"{numbers}{usual}{colon}", several=several))
    more = Message("{numbers}, or words to search", numbers=numbers)
    if choices.places is not None:
        more = Message("{numbers}, words or a position", numbers=numbers)
    shown = f"{more.in_(console.lang) if choices.numbered else prompt.text}{usual}{colon}"

    def offer(text: str) -> Iterator[tuple[str, str]]:
        return ((item.value, item.label) for item in choices.search(text))

    def check(text: str) -> None:
        if text not in ("", EXPLAIN, BACK):
            choices.check(text, several=several)

    return _answer(console, prompt, lambda: read_searched(shown, offer, check, console.lang, several=several))


def _answer(console: Console, prompt: Prompt, read: Callable[[], str]) -> str:
    """The text that `read` gets; `?` explains and reads again. Back for `<` where a question comes before this one."""
    while True:
        answer = read().strip()
        if answer == BACK and prompt.back:
            raise Back
        if answer == BACK:
            console.note(FIRST)
        elif answer == EXPLAIN:
            rows = (prompt.explanation or prompt.text).split("\n")
            console.ask([Grid([cells(" ", Span(row, "info")) for row in rows], gap=1)])
            console.ask([line(Span(f"  {KEYS.in_(console.lang)}", "dim"))])
        else:
            return answer


def key(console: Console, prompt: Prompt, keys: str) -> str:
    """One of these keys, pressed without Enter."""
    while True:
        answer = _answer(console, prompt, lambda: read_key(prompt.text, f"{keys}{EXPLAIN}{BACK}"))
        if answer in keys:
            return answer


def fill(console: Console, form: Callable[[Answers], Questions[Made]], answers: Answers | None = None) -> Made:
    """Ask the questions of a form that have no answer yet; what they amount to. `<` takes the last answer back."""

    def ask(question: Question, answers: Answers) -> Json:
        if not answers.asked and not answers.former:
            console.ask([line(Span(KEYS.in_(console.lang), "dim"))])
        return ask_question(console, question, back=bool(answers.asked))

    return fill_in(form, answers or Answers(), ask)


def ask_question(console: Console, question: Question, *, back: bool) -> Json:
    """The answer to one question; Back for `<` where there is a question before it."""
    prompt = _prompt(console, question, back, has_default=question.default not in (None, []))
    console.ask(question.above)
    choices = question.choices() if question.choices is not None else None
    while True:
        value = _read(console, question, prompt, choices)
        if value not in (None, "", []) or not question.required:
            return value
        console.fault(UsageFault(no_answer(question)))


def _prompt(console: Console, question: Question, back: bool, *, has_default: bool) -> Prompt:
    skip = f" ({_how_to_skip(question, has_default).in_(console.lang)})" if question.obligation != "none" else ""
    text = f"{question.title}{question.unit}{question.help}{skip}"
    return Prompt(text, question.typing or question.explanation, back)


def _how_to_skip(question: Question, has_default: bool) -> Text:
    """How an optional field is left out."""
    until_installed = question.obligation == "once installed"
    if until_installed and not has_default:
        return Message("required once installed; Enter only if it is planned")
    if until_installed:
        return Message("required once installed, - leaves it out")
    return Message("optional, - leaves it out") if has_default else Message("optional, Enter to skip")


def _read(console: Console, question: Question, prompt: Prompt, choices: Choices | None) -> Json:
    """The value that is typed, None for Enter alone where nothing stands for it."""

    def judge(answer: str | list[str]) -> None:
        question.check(question.read(answer))

    answer: str | None
    if choices is not None and question.keys is not None:
        return _read_key(console, question, prompt, "".join(item.value for item in choices.items))
    if choices is not None and question.several:
        return question.read(choose_several(console, prompt, choices, question.default or (), judge))
    if choices is not None:
        answer = choose(console, prompt, choices, question.default, judge)
    else:
        with_day = _prompt(console, question, prompt.back, has_default=True) if not question.required else None
        answer = text(console, prompt, question.default, judge, with_day)
    value = None if answer is None else question.read(answer)
    if question.shows_value and value != answer:
        console.note(Message("{answer}: {value}", answer=answer, value=value))
    return value


def _read_key(console: Console, question: Question, prompt: Prompt, keys: str) -> Json:
    """The value of the key that is pressed, or of the answer to the question that it leads to."""
    further = question.keys or {}
    while True:
        pressed = key(console, prompt._replace(text=question.help), keys)
        if pressed not in further:
            return question.read(pressed)
        try:
            under = further[pressed]
            return ask_question(console, replace(under, title=f"  {under.title}"), back=True)
        except Back:
            continue

"""A form run on answers that came all at once, as a page posts them: every question that is reached, with its answer or
why it is refused. A question without an answer is passed over with its default, so that what follows can be asked on
the same page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, NamedTuple

from smartreg.asking.choices import Choice, Choices, NoSingleMatch, parts
from smartreg.asking.question import Answers, Made, Question, Questions, fill_in, no_answer
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Json

MATCHES = 20  # most choices offered for a text that means several


class Entry(NamedTuple):
    """The texts posted for a question, and those that its page offered: where they are the same, the default of now
    counts, which may be another. `offered` is None where the texts are meant as they stand."""

    texts: tuple[str, ...]
    offered: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Reached:
    """A question that a form came to: what is offered, the texts that stand for its answer, the texts that do where
    nothing is posted (`offered`), why the answer is refused, and the choices that a refused text may mean.
    `is_answered`: it was posted, and is not refused."""

    question: Question
    choices: Choices | None
    texts: tuple[str, ...]
    offered: tuple[str, ...]
    is_answered: bool
    fault: UsageFault | None = None
    matches: Sequence[Choice] = ()


@dataclass(frozen=True)
class Replay(Generic[Made]):
    """A form as far as its answers bring it. `made`: what they amount to, None while one is open or refused; `fault`:
    why the form cannot go on, whatever is answered."""

    reached: Sequence[Reached] = field(default_factory=list)
    made: Made | None = None
    fault: UsageFault | None = None


class _Undecided(Exception):
    """Nothing more can be asked before this question is answered."""


def replay(form: Callable[[Answers], Questions[Made]], entries: Mapping[str, Entry]) -> Replay[Made]:
    """Run a form on posted answers, by the name of their question."""
    reached: list[Reached] = []

    def answer(question: Question, answers: Answers) -> Json:
        step, value = _answer(question, entries.get(question.name))
        reached.append(step)
        if question.keys and step.is_answered and step.texts[-1] in question.keys:
            return answer(question.keys[step.texts[-1]], answers)
        if question.decides and not step.is_answered:
            raise _Undecided
        return value

    try:
        made = fill_in(form, Answers(), answer)
    except _Undecided:
        return Replay(reached)
    except UsageFault as fault:
        return Replay(reached, fault=fault)
    return Replay(reached, made if all(step.is_answered for step in reached) else None)


def _answer(question: Question, entry: Entry | None) -> tuple[Reached, Json]:
    """A question with what was posted for it, and the value with which the form goes on."""
    choices = question.choices() if question.choices is not None else None
    offered = _offered(question)
    is_default = entry is None or entry.texts in (entry.offered, offered)
    texts = offered if entry is None or is_default else tuple(filter(None, map(str.strip, entry.texts)))
    fault: UsageFault | None = None
    matches: Sequence[Choice] = ()
    try:
        if choices is not None and texts != offered:
            texts = _choose_all(choices, texts, several=question.several)
        return Reached(question, choices, texts, offered, entry is not None), _read(question, texts)
    except _Unclear as unclear:
        fault, matches = unclear.fault, unclear.matches
    except UsageFault as refusal:
        fault = refusal if entry is not None else None
    step = Reached(question, choices, texts, offered, False, fault, matches)
    try:
        return step, _read(question, offered)
    except UsageFault:
        return step, None


def _offered(question: Question) -> tuple[str, ...]:
    """The texts of the default."""
    default = question.default
    if isinstance(default, (list, tuple)):
        return tuple(map(str, default))
    return () if default is None else (str(default),)


class _Unclear(Exception):
    """A text that means none of the choices, or several."""

    def __init__(self, fault: UsageFault, matches: Sequence[Choice]) -> None:
        super().__init__(fault)
        self.fault = fault
        self.matches = matches


def _read(question: Question, texts: tuple[str, ...]) -> Json:
    """The value of an answer; None for none. UsageFault if the question refuses it, or needs one."""
    if not texts and question.required:
        raise UsageFault(no_answer(question))
    if not texts:
        return None
    value = question.read(list(texts) if question.several else texts[-1])
    question.check(value)
    return value


def _choose_all(choices: Choices, texts: Sequence[str], *, several: bool) -> tuple[str, ...]:
    """The values of the choices that these texts mean. Of a question with several answers: values as they are, what was
    typed at its commas and lines; of one with one answer, the last counts."""
    split = [[text] if choices.has(text) else parts(text) or [text] for text in texts] if several else [texts[-1:]]
    return tuple(dict.fromkeys(_choose(choices, part) for part in chain.from_iterable(split)))


def _choose(choices: Choices, text: str) -> str:
    around = None if choices.has(text) else choices.around(text)
    if around is not None:
        fault = UsageFault(Message("choose one of those near {place}", place=text))
        raise _Unclear(fault, choices.labelled(around.items[:MATCHES]))
    try:
        return choices.named(text).value
    except NoSingleMatch as unclear:
        matches = unclear.matches
    fault = UsageFault(Message('nothing here matches "{answer}"', answer=text), Message("type a part of the label"))
    if len(matches) == 1:
        fault = UsageFault(Message('nothing is called "{answer}"; choose the nearest, or type more', answer=text))
    elif matches:
        fault = UsageFault(
            Message('{count} match "{answer}": choose one, or add words', count=len(matches), answer=text)
        )
    raise _Unclear(fault, choices.labelled(matches[:MATCHES]))

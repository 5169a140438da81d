"""A question, the answers so far, and the loop that asks what is open.

A form is a function of the answers that yields its questions one after another and gets each answer from its `yield`;
it returns what they amount to. Whatever is asked next may depend on them. To take an answer back, the form is run
again: questions that have an answer are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from smartreg.asking.choices import Choices
from smartreg.core.messages import Language, Message, Text
from smartreg.core.styled import Line
from smartreg.core.values import Json
from smartreg.schema import FieldPath
from smartreg.workspace.workspace import Workspace

Made = TypeVar("Made")
AnswerForm: TypeAlias = Literal["text", "day", "truth"]
Obligation: TypeAlias = Literal["none", "optional", "once installed"]


class Back(Exception):
    """The person goes back to the question before."""


class FormContext(Protocol):
    """Where a form is filled in: for which registry, in which language, on which day."""

    @property
    def workspace(self) -> Workspace: ...

    @property
    def lang(self) -> Language: ...

    @property
    def today(self) -> date: ...


def as_it_is(answer: Any) -> Json:
    """The reader of a question whose answer is the text, or the list of texts, itself."""
    return answer


def accept(_value: Json) -> None:
    """The check of a question to which any answer is right."""


@dataclass(frozen=True)
class Question:
    """One question, in the language of whoever is asked.

    `path`: the field or option that the answer fills. `unit`: that of the answer, after the title; `help`: how an
    answer is typed; `form`: what it is, which a page has a control for; `obligation`: whether a field may be left out
    for good, or until the device is installed; `explanation`: what the field means, with an example, `typing`: the same
    for those who type (empty: no different). `read`: the value that a text means (a list of texts if `several`),
    UsageFault if none; `check` refuses a value by UsageFault. `decides`: nothing after it can be asked without an
    answer. `choices`: what is offered, made when the question is put; with `keys` each choice is one key, of which
    `help` lists all, and these keys lead to a further question, whose answer counts. `default`: the text that stands
    for no answer (a list of texts if `several`). `missing`: what is said to no answer where one is required, unless
    that is `TITLE: required`. `shows_value`: the value is worth showing where it is not what was typed. `placeholder`:
    what stands for an answer in a command line to fill in. `above`: lines shown before the question. `option`: the
    option of a command that the answer stands for, where the path does not say it.
    """

    path: FieldPath
    title: str
    unit: str = ""
    help: str = ""
    form: AnswerForm = "text"
    obligation: Obligation = "none"
    explanation: str = ""
    typing: str = ""
    read: Callable[[Any], Json] = as_it_is
    check: Callable[[Json], object] = accept
    choices: Callable[[], Choices] | None = None
    keys: Mapping[str, Question] | None = None
    default: Any = None
    several: bool = False
    required: bool = True
    decides: bool = False
    missing: Text | None = None
    shows_value: bool = False
    placeholder: str = ""
    above: tuple[Line, ...] = ()
    option: str = ""

    @property
    def name(self) -> str:
        """The path as one word, as a page calls the question."""
        return ".".join(self.path)


def no_answer(question: Question) -> Text:
    """The refusal of no answer where one is required."""
    return question.missing or Message("{title}: required", title=question.title)


Questions: TypeAlias = Generator[Question, Json, Made]


@dataclass
class Answers:
    """The answers to the questions of a form, by path (None: left out). `former`: those that were taken back; `asked`:
    the questions that were reached last time, in their order."""

    given: dict[FieldPath, Json] = field(default_factory=dict)
    former: dict[FieldPath, Json] = field(default_factory=dict)
    asked: list[FieldPath] = field(default_factory=list)

    @property
    def reached(self) -> dict[FieldPath, Json]:
        """The answers to the questions that were reached, in their order."""
        return {path: self.given[path] for path in self.asked}

    def take_back(self, path: FieldPath | None = None) -> None:
        """Have a question asked again, the last one unless it is named."""
        path = self.asked.pop() if path is None else path
        self.former[path] = self.given.pop(path)


def fill_in(
    form: Callable[[Answers], Questions[Made]], answers: Answers, ask: Callable[[Question, Answers], Json]
) -> Made:
    """Ask what has no answer yet, by `ask`, which raises Back to have the question before asked again."""
    while True:
        answers.asked = []
        questions = form(answers)
        try:
            question = next(questions)
            while True:
                if question.path not in answers.given:
                    answers.given[question.path] = ask(question, answers)
                answers.asked.append(question.path)
                question = questions.send(answers.given[question.path])
        except StopIteration as end:
            made: Made = end.value
            return made
        except Back:
            answers.take_back()

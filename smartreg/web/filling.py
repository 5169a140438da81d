"""A change by a page: its questions, the review of what will be written, the commit.

Nothing is kept between two requests: a page sends back what was answered and what it offered, and the form runs again.
Where the registry has changed since, an answer that was only offered becomes the default of now, and what is shown is
reviewed anew: nothing is written that was not shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, NamedTuple

from smartreg.asking.adding import NothingToName
from smartreg.asking.choices import LEAVE_OUT, NUMBERED, SHOWN, Choice, Choices
from smartreg.asking.fields import LEFT_OUT
from smartreg.asking.question import Answers, Made, Questions
from smartreg.asking.replay import Entry, Reached, Replay, replay
from smartreg.asking.review import findings_by_question, review_rows
from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import SmartregError, StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.diff import Change, rows
from smartreg.domain.days import SHAPE
from smartreg.edit import ALLOWABLE, Outcome, RefusedWrite, WriteOptions
from smartreg.gitio import refuse_our_trailers
from smartreg.registry import label_with_identifier
from smartreg.schema import TRUTH, Field, FieldPath, Kind
from smartreg.web.hints import CORRECT
from smartreg.web.visit import Answer, Redirect, View, Visit

WHY = Message("Why (for the history)")
ALLOWING: dict[str, tuple[str, Text | str]] = {
    "-m": ("reason", WHY),
    "--reason": ("reason", WHY),
    "--allow": ("allow", Message("Write it all the same")),
    "--correct": ("allow", Message("correct it")),
}
ABOUT_CHANGES = "CHG"  # rules that a correction may pass
CONTINUE, WRITE, CHANGE = "continue", "write", "change"
OTHERWISE = Message("The registry was changed meanwhile, and this would now be written. Nothing is written yet.")
NO_CHANGE = Message("Nothing to change.")
MOST_ROWS = 2000  # records and fields on one page, as they are before and after
COLON = Message(": ")
LONG = 60  # characters from which a text gets several lines
TRUTHS = (("true", Message("yes")), ("false", Message("no")))
MANY = 12  # questions from which those that may stay empty are folded
NOTES = {"optional": Message("optional"), "once installed": Message("required once installed")}
SIGNS = {
    "added": Message("added"),
    "removed": Message("deleted"),
    "changed": Message("changed"),
    "retired": Message("retired"),
    "unreadable": Message("unreadable"),
}


@dataclass(frozen=True)
class Filling(Generic[Made]):
    """A change by a page. `write` writes what the answers amount to; `kind`: to whose fields findings belong;
    `subject`: the record that is changed; `back`: where to go without a change; `takes_file`: a file may be given
    instead of an address, of which the page keeps what is `kept`; `asks_reason`: whether the review asks why;
    `corrects`: whether it may be the correction of a wrong entry; `lines`: what else it says, which is known once
    `write` has planned the change; `lists`: those of the record whose rows have a page of their own."""

    heading: Text
    form: Callable[[Answers], Questions[Made]]
    write: Callable[[Made, WriteOptions], Outcome]
    back: str
    kind: Kind | None = None
    subject: Record | None = None
    takes_file: bool = False
    asks_reason: bool = True
    corrects: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[Text] = ()
    lists: Sequence[Field] = ()

    @property
    def file(self) -> str:
        """The file of the record that is changed; empty without one."""
        return self.subject.file if self.subject is not None else ""


class Option(NamedTuple):
    """A choice as it is drawn."""

    value: str
    label: str
    code: str
    chosen: bool


class Problem(NamedTuple):
    """What is wrong, what to do, and the code of the rule that says so."""

    message: Text
    hint: Text | None = None
    code: str = ""


class Control(NamedTuple):
    """A question as it is drawn."""

    name: str
    title: str
    note: Text | None
    hints: Sequence[str]
    look: str
    value: str
    options: Sequence[Option]
    offered: Sequence[str]
    picks: Sequence[Option]
    several: bool
    errors: Sequence[Problem]
    folded: bool


class Written(NamedTuple):
    """A record as it will be: its id, what happens to it, its label, and its fields with their values before and
    after."""

    name: str
    sign: str
    label: str
    fields: Sequence[tuple[str, Sequence[str], Sequence[str]]]


class _ToReview(Exception):
    """The change is planned and would be written."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def fill(visit: Visit, filling: Filling[Made], refused: SmartregError | None = None) -> Answer:
    """The page of a change as far as it has come: its questions, its review, or, once it is written, the way to what
    was written. `refused`: what else stands against going on."""
    entries = _entries(visit)
    step = visit.form.get("step")
    if refused is not None:
        return _questions(visit, filling, replay(filling.form, entries), refused)
    notice = _note_change(visit, filling) if visit.posted else None
    if step == WRITE and notice is None:
        as_shown = {name: entry._replace(offered=None) for name, entry in entries.items()}
        result = replay(filling.form, as_shown)
        notice = OTHERWISE if result.made is None else None
        if result.made is not None:
            try:
                outcome = filling.write(result.made, _options(visit, partial(_is_as_shown, visit)))
                if outcome.written:
                    return Redirect(visit.url(f"/written/{outcome.commit}") if outcome.commit else filling.back)
            except _ToReview:
                notice = OTHERWISE
            except SmartregError as fault:
                return _questions(visit, filling, result, fault)
    result = replay(filling.form, entries)
    if result.made is None or step == CHANGE or (result.reached and not visit.posted):
        return _questions(visit, filling, result, result.fault, notice)
    try:
        filling.write(result.made, _options(visit, _stop))
    except _ToReview as planned:
        return _review(visit, filling, result, planned.outcome, notice)
    except SmartregError as fault:
        return _questions(visit, filling, result, fault, notice)
    return _questions(visit, filling, result, None, NO_CHANGE)


def _entries(visit: Visit) -> dict[str, Entry]:
    """What a page posts, by question: `a.NAME` answers, `more.NAME` what is typed to be searched, `pick.NAME` what was
    chosen of what was found for `searched.NAME`, `offered.NAME` the default that was shown; `asked` names them all.
    What the address gives is a form that was not sent back yet."""
    given = visit.form if visit.posted else visit.query

    def texts(name: str) -> tuple[str, ...]:
        values = (value for value in given.getlist(name) if isinstance(value, str))
        return tuple(value.replace("\r\n", "\n").replace("\r", "\n") for value in values)

    if not visit.posted:
        names = [name for name in visit.query if name.startswith("a.")]
        return {name.removeprefix("a."): Entry(tuple(filter(None, texts(name)))) for name in names}
    entries = {}
    for name in texts("asked"):
        typed, picked = texts(f"more.{name}"), texts(f"pick.{name}")
        more = picked if picked and typed == texts(f"searched.{name}") else typed
        entries[name] = Entry(tuple(filter(None, (*texts(f"a.{name}"), *more))), texts(f"offered.{name}"))
    return entries


def _note_change(visit: Visit, filling: Filling[Any]) -> Text | None:
    subject = filling.subject
    if subject is None or visit.form.get("seen") in (None, subject.blob):
        return None
    return Message("{subject} was changed meanwhile. What you see is based on its state of now.", subject=subject.rid)


def _options(visit: Visit, confirm: Callable[[Outcome], bool]) -> WriteOptions:
    """UsageFault for a reason that looks like what smartreg itself notes, and for findings allowed without one."""
    reason = _reason(visit).strip() or None
    refuse_our_trailers(WHY, reason)
    allowed = _allowed(visit)
    if allowed and reason is None:
        raise UsageFault(Message("what stays although it was found needs a reason"))
    codes = tuple(code for code in allowed if code != CORRECT)
    return WriteOptions(visit.today, reason=reason, allowed=codes, confirm=confirm)


def _reason(visit: Visit) -> str:
    return str((visit.form if visit.posted else visit.query).get("reason") or "")


def _allowed(visit: Visit) -> tuple[str, ...]:
    """The findings that may stay, and whether the change corrects what was entered wrongly."""
    given = (visit.form if visit.posted else visit.query).getlist("allow")
    return tuple(code for code in given if isinstance(code, str) and code in {*ALLOWABLE, CORRECT})


def is_correction(visit: Visit) -> bool:
    """Whether the change corrects what was entered wrongly."""
    return CORRECT in _allowed(visit)


def _stop(outcome: Outcome) -> bool:
    raise _ToReview(outcome)


def _is_as_shown(visit: Visit, outcome: Outcome) -> bool:
    """True if this is what the review showed."""
    if visit.form.get("shown") != _digest(outcome):
        raise _ToReview(outcome)
    return True


def _digest(outcome: Outcome) -> str:
    """Of all texts that will be written, and of what is found about them."""
    digest = hashlib.sha256()
    for path, text in sorted(outcome.edit.writes.items()):
        digest.update(f"{path}\0{'-' if text is None else len(text)}\0".encode() + (text or b""))
    digest.update(outcome.edit.body.encode())
    for finding in outcome.introduced:
        digest.update(repr(finding.key).encode())
    return digest.hexdigest()


def _questions(
    visit: Visit,
    filling: Filling[Any],
    result: Replay[Any],
    fault: SmartregError | None = None,
    notice: Text | None = None,
) -> View:
    """The questions that were reached, each with what is wrong about its answer, which stands at the top as well."""
    errors: dict[FieldPath, list[Problem]] = {
        step.question.path: [Problem(step.fault.message, step.fault.hint)]
        for step in result.reached
        if step.fault is not None
    }
    others: list[Problem] = []
    allowable = dict.fromkeys(_allowed(visit))
    if isinstance(fault, RefusedWrite):
        listed = not isinstance(fault, RefusedImport)  # whose rows its page lists itself
        asked = {step.question.path for step in result.reached}
        introduced = [finding for finding in fault.outcome.introduced if finding.severity == "error"]
        for path, problem in _place_findings(filling, fault.outcome, introduced if listed else (), asked):
            (errors.setdefault(path, []) if path in asked else others).append(problem)
        codes = dict.fromkeys(finding.code for finding in introduced)
        if codes.keys() <= ALLOWABLE.keys():
            allowable |= codes
        if filling.corrects and any(code.startswith(ABOUT_CHANGES) for code in codes):
            allowable[CORRECT] = None
    if fault is not None and not (isinstance(fault, RefusedWrite) and listed):
        others.append(Problem(fault.message, fault.hint))
    folds = filling.subject is not None and len(result.reached) > MANY
    opened = visit.query.getlist("open")
    controls = [
        _control(visit, step, errors.get(step.question.path, []), folds=folds and step.question.name not in opened)
        for step in result.reached
    ]
    values = {
        "controls": controls,
        "summary": [
            (control.name, _with_title(visit, control, each)) for control in controls for each in control.errors
        ],
        "others": others,
        "missing": fault.kind if isinstance(fault, NothingToName) else None,
        "allowable": [*allowable],
        "asked_for": (ALLOWING if allowable else {})
        | {
            step.question.option or control.name: (f"q-{control.name}", control.title)
            for step, control in zip(result.reached, controls, strict=True)
        },
    }
    status = 200 if not (errors or others) or not visit.posted else 409 if isinstance(fault, StateFault) else 422
    return View("form.html", {**_frame(visit, filling, result, notice), **values}, status)


def _with_title(visit: Visit, control: Control, problem: Problem) -> Text:
    """What is wrong about an answer, where its question does not stand above it."""
    title = control.title.partition(" (")[0].casefold()
    if problem.message.in_(visit.lang).casefold().startswith(title):
        return problem.message
    return Message("{title}: {problem}", title=control.title, problem=problem.message)


def _frame(visit: Visit, filling: Filling[Any], result: Replay[Any], notice: Text | None) -> dict[str, Any]:
    """What questions and review have in common. `carried`: the answers to questions that are not reached this time,
    which count again once they are."""
    reached = {step.question.name for step in result.reached}
    carried = [(name, *entry) for name, entry in _entries(visit).items() if name not in reached]
    return {
        "carried": [(name, texts, offered or ()) for name, texts, offered in carried],
        "filling": filling,
        "notice": notice,
        "seen": filling.subject.blob if filling.subject is not None else "",
        "reason": _reason(visit),
        "allowed": _allowed(visit),
    }


def _place_findings(
    filling: Filling[Any], outcome: Outcome, findings: Sequence[Finding], asked: Collection[FieldPath] = ()
) -> Iterator[tuple[FieldPath, Problem]]:
    """The findings by the question that they are about; () for none, with the file of another record before it."""
    file = filling.file or next(iter(outcome.edit.writes), "")
    placed = findings_by_question(filling.kind, file, findings) if filling.kind is not None else {}
    own = {id(finding): path for path, about in placed.items() for finding in about}
    for finding in findings:
        where = Message("{file}: {message}", file=finding.where.file, message=finding.message)
        row = tuple(map(str, finding.where.path[:3]))
        path = row if finding.where.file == file and row in asked else own.get(id(finding), ())
        yield path, Problem(finding.message if path else where, finding.hint, finding.code)


def _control(visit: Visit, step: Reached, errors: Sequence[Problem], *, folds: bool) -> Control:
    question, choices, lang = step.question, step.choices, visit.lang
    texts = list(step.texts)
    title = f"{question.title}{question.unit}"
    lines = question.explanation.removeprefix(question.title).removeprefix(COLON.in_(lang)).split("\n")
    value = texts[-1] if texts else ""
    options: list[Option] = []
    look = "text"
    if choices is None and question.form == "truth":
        look, shown = "radio", "true" if TRUTH.get(value.lower()) else "false" if value else ""
        options = [Option(name, text.in_(lang), "", name == shown) for name, text in TRUTHS]
    elif choices is None:
        title += "" if question.form == "day" else question.help
        is_day = question.form == "day" and (not value or SHAPE.fullmatch(value))
        look = "date" if is_day else "lines" if len(value) > LONG or "\n" in value else "text"
    elif len(choices.items) <= SHOWN:
        few = len(choices.items) <= NUMBERED
        look = "checkbox" if question.several else "radio" if few else "select"
        options = [_option(choices, choice, texts) for choice in choices.labelled(choices.items)]
    else:
        look = "search"
        answers = set(texts)
        chosen = choices.labelled([choice for choice in choices.items if choice.value in answers])
        options = [_option(choices, choice, answers) for choice in chosen]
        value = ", ".join(text for text in texts if not (question.several and choices.has(text)))
    if look in ("radio", "checkbox", "select", "date"):  # nothing to type after an example
        lines = lines[:1]
    if choices is not None and not question.required:  # no answer leaves it out, too
        options = [option for option in options if (option.value, option.label) != (LEAVE_OUT, LEFT_OUT.in_(lang))]
    if look in ("radio", "select") and not question.required and question.keys is None:
        options.append(Option("", Message("not recorded").in_(lang), "", not texts))
    picks = []
    if choices is not None and look == "search":
        signs = [choice for choice in choices.items if not choice.value[:1].isalnum()]
        picks = [_option(choices, choice, texts) for choice in (*step.matches, *signs)]
    return Control(
        question.name,
        title[:1].upper() + title[1:],
        NOTES.get(question.obligation),
        lines,
        look,
        value,
        options,
        step.offered,
        picks,
        question.several,
        errors,
        folds and question.obligation != "none" and not texts and not errors,
    )


def _option(choices: Choices, choice: Choice, texts: Collection[str]) -> Option:
    code = choice.value if choices.are_records and choice.label and choice.value[:1].isalnum() else ""
    return Option(choice.value, choice.label or choice.value, code, choice.value in texts)


def _review(visit: Visit, filling: Filling[Any], result: Replay[Any], outcome: Outcome, notice: Text | None) -> View:
    """What would be written, with what is to be known about it."""
    records = {change.record.file for change in outcome.changes if change.record is not None}
    values = {
        **describe_all(visit, outcome.changes),
        "files": sorted(outcome.edit.writes.keys() - records),
        "findings": [problem for _, problem in _place_findings(filling, outcome, outcome.introduced)],
        "answers": [(step.question.name, step.texts, step.offered) for step in result.reached],
        "shown_as": _digest(outcome),
    }
    return View("review.html", {**_frame(visit, filling, result, notice), **values})


def describe_all(visit: Visit, changes: Sequence[Change]) -> dict[str, object]:
    """The records as they will be or were made, as far as a page goes, and how many there are besides."""
    shown, rows = list[Written](), 0
    for change in changes:
        if rows >= MOST_ROWS:
            break
        shown.append(describe(visit, change))
        rows += 1 + len(shown[-1].fields)
    return {"changes": shown, "more_changes": len(changes) - len(shown)}


def describe(visit: Visit, change: Change) -> Written:
    """A record as it will be, or as it was made: a new one with all its values, without secrets."""
    fields: list[tuple[str, Sequence[str], Sequence[str]]] = []
    if change.kind == "added" and change.after is not None and change.schema is not None:
        for row in review_rows(visit, change.schema, change.after.data, ()):
            fields.append((row.title, (), (" ".join(filter(None, (row.text, row.label))),)))
    elif change.kind in ("changed", "retired"):
        for item in rows(change, visit.lang, titles=True):
            before = item.minus if item.before is None else (item.before,)
            fields.append((item.name, before, item.plus if item.after is None else (item.after,)))
    label = ""
    if change.kind != "added" and change.schema is not None and change.record is not None:
        indexed = visit.workspace.current.frame.indexed
        label = label_with_identifier(change.schema, indexed, change.record.data, visit.lang)
    return Written(str(change.rid), SIGNS[change.kind].in_(visit.lang), label, fields)

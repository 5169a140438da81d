"""The forms for acts on a convention, `amend`, `renew`, `terminate`, `annex`, and for the deliberations behind them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from smartreg.asking.choices import NEW, Choice, Choices
from smartreg.asking.explanations import explain
from smartreg.asking.fields import DAY
from smartreg.asking.question import Answers, FormContext, Question, Questions
from smartreg.asking.records import placed_choices, record_choices, record_question
from smartreg.commands.annex import kinds_of_annex
from smartreg.core.messages import Message, Text
from smartreg.core.typed import day
from smartreg.core.values import RecordId
from smartreg.domain.fields import in_service
from smartreg.schema import ITEM
from smartreg.workspace.acts import KIND, Acts
from smartreg.workspace.conventions import KIND as CONVENTION
from smartreg.workspace.documents import WEB

DELIBERATION = "--deliberation"
FIELDS = {"number": "--deliberation-number", "date": "--date", "subject": "--subject", "body": "--body"}
"""The fields of a new deliberation, with their options."""
SIGNED = Message("Signed on")
UNTIL = Message("the new last day of effect")
ON = Message("the first day on which it is no longer in force")
LEAVES = Message("the first day on which it is no longer a party")
GIVEN_ON = Message("Notice given on")
DECIDED = Message("The deliberations that decided it, of one party or several.\nExample: ")
DECIDED_OR_NEW = Message("The deliberations that decided it, of one party or several; + records a new one.\nExample: ")
SOME_DELIBERATION = "ivis-009-13539-23-bm"  # where the registry has none


class ConventionAct(NamedTuple):
    """An act on a convention as far as it is given: which convention, its day (the end of a renewal, of a convention),
    the day of its signature, the file or web address of its annex and its digest, its reason, what decided it."""

    convention: str | None
    acts: Acts
    day: str | None = None
    signed_on: str | None = None
    source: str | None = None
    sha256: str | None = None
    reason: str | None = None


class ActQuestions(NamedTuple):
    """The questions about an act, where that is not given: its day (option and title; None: it has none), the title of
    the day of its signature, a reason, a deliberation."""

    day: tuple[str, Text] | None = None
    signature: Text = SIGNED
    reason: bool = False
    deliberation: bool = True


def convention_act(
    context: FormContext, given: ConventionAct, asks: ActQuestions, answers: Answers
) -> Questions[ConventionAct]:
    """Asks for what an act lacks: the convention, its day, the digest of an annex on the web, a reason, the
    deliberations. Where any of these but the convention is open, it asks for the day of the signature, too, which else
    is today."""
    if given.convention is None:
        title = Message("Convention")
        signed = [
            record.rid
            for record in context.workspace.current.of_kind(CONVENTION)
            if in_service(context.workspace.current, record)
        ]
        given = given._replace(convention=(yield record_question(context, ("CONVENTION",), signed, title)))
    asks_day = asks.day if given.day is None else None
    asks_digest = _lacks_digest(given.source, given.sha256)
    asks_reason = asks.reason and not given.reason
    asks_deliberation = asks.deliberation and _lacks_deliberation(given.acts)
    if asks_day:
        given = given._replace(day=(yield day_question(context, *asks_day, answers)))
    if given.signed_on is None and (asks_day or asks_digest or asks_reason or asks_deliberation):
        question = day_question(context, "--signed-on", asks.signature, answers)
        usual = question.default or context.today.isoformat()
        given = given._replace(signed_on=(yield replace(question, default=usual, required=False)))
    if asks_digest:
        given = given._replace(sha256=(yield _about_digest(context, answers)))
    if asks_reason:
        given = given._replace(reason=(yield _about_reason(context, answers)))
    if asks_deliberation:
        given = given._replace(acts=(yield from deliberations(context, given.acts, answers)))
    return given


def _lacks_digest(source: str | None, sha256: str | None) -> bool:
    """True of an annex on the web, whose text may change after the signature, without its digest."""
    return source is not None and not sha256 and source.startswith(WEB)


def _lacks_deliberation(acts: Acts) -> bool:
    """True without a deliberation, and where a new one is not complete."""
    return any(name not in acts.new for name in FIELDS) if acts.new else not acts.named


def deliberations(context: FormContext, given: Acts, answers: Answers) -> Questions[Acts]:
    """The deliberations: those that are recorded, or a new one, of which what is not given is asked for."""
    named, new = given.named, dict(given.new)
    if not new:
        chosen = (yield _about_deliberations(context, answers)) or ()
        named = tuple(id for id in chosen if id != NEW)
        if NEW not in chosen:
            return Acts(named)
    for name in FIELDS:
        if name not in new:
            new[name] = yield _about_new_deliberation(context, name, answers)
    return Acts(named, new)


def _about_deliberations(context: FormContext, answers: Answers) -> Question:
    registry, lang = context.workspace.current, context.lang

    example = next(iter(registry.ids(KIND)), SOME_DELIBERATION)

    def choices() -> Choices:
        new = Choice(NEW, Message("a new deliberation").in_(lang))
        rids = [RecordId(KIND, id) for id in registry.ids(KIND)]
        return record_choices(context, rids, first=[new], by_kind=False)

    return Question(
        (DELIBERATION,),
        Message("Deliberation").in_(lang),
        explanation=f"{DECIDED.in_(lang)}{example}",
        typing=f"{DECIDED_OR_NEW.in_(lang)}{example}",
        choices=choices,
        default=answers.former.get((DELIBERATION,)),
        several=True,
        placeholder="DELIBERATION-ID",
    )


def _about_new_deliberation(context: FormContext, name: str, answers: Answers) -> Question:
    kind = context.workspace.current.schemas.kind(KIND)
    field, flag = kind.by_path[(name,)], FIELDS[name]
    if name == "date":
        question = day_question(context, flag, field.title, answers)
    else:
        question = _text_question(flag, field.title.in_(context.lang), answers)
    if name == "body":
        question = replace(question, choices=partial(_parties, context), placeholder="PARTY-ID")
    return replace(question, explanation=explain(kind, field, context.lang), typing="")


def _parties(context: FormContext) -> Choices:
    parties = [RecordId("party", id) for id in context.workspace.current.ids("party")]
    return placed_choices(context, parties, (), by_kind=False)


def day_question(context: FormContext, flag: str, title: Text, answers: Answers) -> Question:
    """A day that must be given."""
    named = Message("{title}:", title=title)
    explanation = Message("{title}: a day, such as 2024-03-11", title=title)
    return replace(
        _text_question(flag, title.in_(context.lang), answers),
        help=DAY.in_(context.lang),
        form="day",
        missing=Message("{title}{form}: required", title=title, form=DAY),
        check=lambda text: day(named, text),
        typing=explanation.in_(context.lang),
        placeholder="DATE",
    )


def _text_question(flag: str, title: str, answers: Answers) -> Question:
    return Question((flag,), title, default=answers.former.get((flag,)), placeholder="TEXT")


def _about_digest(context: FormContext, answers: Answers) -> Question:
    explanation = Message(
        "64 hexadecimal digits by which a change to the file is noticed.\nExample: what sha256sum prints for the file"
    )
    question = _text_question("--sha256", Message("SHA-256 of the file").in_(context.lang), answers)
    return replace(question, explanation=explanation.in_(context.lang), placeholder="DIGEST")


def _about_reason(context: FormContext, answers: Answers) -> Question:
    title = Message("Why (for the history)")
    explanation = Message("The reason, which stays in the history.\nExample: by common accord")
    return replace(
        _text_question("--reason", title.in_(context.lang), answers), explanation=explanation.in_(context.lang)
    )


def read_acts(acts: Acts) -> Acts:
    """The deliberations with the values of a new one read. UsageFault when the date is not a date."""
    new = dict(acts.new)
    if "date" in new:
        new["date"] = day("--date", new["date"]).isoformat()
    if "body" in new:
        new["body"] = new["body"].removeprefix("party/")
    return Acts(acts.named, new)


class AnnexDraft(NamedTuple):
    """An annex as far as it is given: its file or web address, its kind, title and digest; the third party that
    accepted it, and on which day."""

    source: str
    kind: str | None
    title: str | None
    sha256: str | None
    party: str | None
    on: str | None


def annexation(context: FormContext, given: AnnexDraft, answers: Answers) -> Questions[AnnexDraft]:
    """Asks for what an annex lacks."""
    schema = context.workspace.current.schemas.kind(CONVENTION)
    kind, title = (schema.by_path[("annexes", ITEM, name)] for name in ("kind", "title"))
    if not given.kind:
        question = replace(
            _text_question("--kind", Message("Kind of annex").in_(context.lang), answers),
            explanation=explain(schema, kind, context.lang),
            choices=lambda: Choices(
                [
                    Choice(name, kind.labels[name].in_(context.lang) if name in kind.labels else "")
                    for name in kinds_of_annex(schema)
                ]
            ),
            placeholder="KIND",
        )
        given = given._replace(kind=(yield question))
    if not given.title:
        question = _text_question("--title", Message("Title").in_(context.lang), answers)
        given = given._replace(title=(yield replace(question, explanation=explain(schema, title, context.lang))))
    if _lacks_digest(given.source, given.sha256):
        given = given._replace(sha256=(yield _about_digest(context, answers)))
    if given.party and not given.on:
        accepted = Message("the day on which the party accepted it")
        given = given._replace(on=(yield day_question(context, "--on", accepted, answers)))
    return given

"""Settling conflicts by questions: one key a field, record after record; nothing is written before the last one. Two
records under one id are first asked whether both are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.cli.adding.options import explain
from smartreg.cli.ask import KEYS, Back, Prompt, confirm, key, text
from smartreg.cli.keyboard import CANCELLED
from smartreg.cli.session import Session
from smartreg.commands.add import new_id
from smartreg.commands.rename_in_merge import side_to_rename
from smartreg.commands.resolve import (
    Conflict,
    DeleteModifyConflict,
    Resolution,
    SideChoice,
    conflict_of,
    decide,
    fields_named,
    find_delete_modify,
    merger_for,
    read_field_value,
    schema_field,
    settle,
    settle_whole,
)
from smartreg.core.errors import Cancelled, UsageFault
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json, RecordId, Words
from smartreg.diff import ABSENT, FieldChange, place_text
from smartreg.edit import file_of
from smartreg.edit.merge import Choice, can_be_valued
from smartreg.registry import SIDES, named_values

OURS, THEIRS, VALUE, LEAVE = "o", "t", "v", "s"
RENAME, FIELDS = "r", "f"
SIDE: dict[str, Choice] = {OURS: "ours", THEIRS: "theirs"}
ABOUT = {
    OURS: Words("o  ours: as on the current branch", "o  comme sur la branche courante"),
    THEIRS: Words("t  theirs: as on the branch being merged", "t  comme sur la branche fusionnée"),
    VALUE: Words("v  another value", "v  une autre valeur"),
    LEAVE: Words("s  skip: leave it in conflict", "s  passer : le conflit reste"),
    RENAME: Words("r  rename: keep both, one under a new id", "r  renommer : garder les deux, l'une sous un autre id"),
    FIELDS: Words("f  one and the same: settle it field by field", "f  un seul et même objet : régler champ par champ"),
}
SHOWN = 60  # characters of a value


@dataclass(frozen=True)
class _Query:
    """What is asked: whose side a field of a record takes, or the record as a whole (`field` None); of two records
    under one id (`shared`), whether both are kept."""

    conflict: Conflict | DeleteModifyConflict
    field: FieldChange | None
    shared: bool = False


@dataclass(frozen=True)
class _Decision:
    """The side that was taken, or the value that was given; or the new id of one of two records. None of them: it stays
    in conflict, or the record's fields are asked (`fields`)."""

    choice: Choice | None = None
    answer: SideChoice | None = None
    new_id: str = ""
    fields: bool = False


class Settled(NamedTuple):
    """What is to be written: records of which conflicts were settled, and two records under one id with the new id."""

    records: list[Resolution]
    renamed: list[tuple[Conflict, str]]


def settle_by_questions(session: Session, words: Sequence[str], name: str | None, *, asks: bool) -> Settled:
    """Ask for each conflict of these records, or of their field of that name, and, where somebody `asks` before it
    writes, whether that is right."""
    workspace = session.workspace
    conflicts = [find_delete_modify(workspace, word) or conflict_of(workspace, word) for word in words]
    queries = [query for conflict in conflicts for query in _queries(conflict, name)]
    if queries:
        session.console.ask([line(Span(KEYS.in_(session.lang), "dim"))])
    decisions: list[_Decision] = []
    while True:
        try:
            while len(decisions) < len(queries):
                needless = _is_settled(queries, decisions)
                decisions.append(_Decision() if needless else _ask(session, queries, len(decisions)))
            if not (asks and queries) or confirm(session.console, Words("Write this?", "Écrire ?"), back=True):
                break
            raise Cancelled(CANCELLED)
        except Back:
            decisions.pop()
            while _is_settled(queries, decisions):
                decisions.pop()
    made = list(zip(queries, decisions, strict=True))
    renamed = [(query.conflict, decision.new_id) for query, decision in made if decision.new_id]
    answered = [(query, decision) for query, decision in made if not query.shared]
    undecided = [query.conflict for query, decision in made if query.shared and not decision.fields]
    others = [one for one in conflicts if not any(one is other for other in undecided)]
    found = [_settle_one(session, one, [pair for pair in answered if pair[0].conflict is one]) for one in others]
    return Settled(
        [one for one in found if one is not None],
        [(conflict, id) for conflict, id in renamed if isinstance(conflict, Conflict)],
    )


def _is_settled(queries: Sequence[_Query], decisions: Sequence[_Decision]) -> bool:
    """Whether the next query needs no answer: it is about a field of two records that are kept, or skipped."""
    at = len(decisions)
    if at == len(queries) or queries[at].shared:
        return False
    pairs = zip(queries, decisions, strict=False)
    return any(
        query.shared and query.conflict is queries[at].conflict and not decision.fields for query, decision in pairs
    )


def _queries(conflict: Conflict | DeleteModifyConflict, name: str | None) -> list[_Query]:
    if isinstance(conflict, DeleteModifyConflict):
        return [_Query(conflict, None)]
    if conflict.settling.agrees:
        return []
    fields = fields_named(conflict, name) if name is not None else conflict.settling.fields
    queries = [_Query(conflict, field) for field in fields] or [_Query(conflict, None)]
    return [_Query(conflict, None, shared=True), *queries] if conflict.apart and name is None else queries


def _ask(session: Session, queries: Sequence[_Query], at: int) -> _Decision:
    """Whose side one query takes; Back for `<` where another comes before it."""
    conflict, field = queries[at].conflict, queries[at].field
    if at == 0 or queries[at - 1].conflict is not conflict:
        session.console.ask(_heading(session, queries, conflict))
    if queries[at].shared and isinstance(conflict, Conflict):
        return _ask_shared(session, conflict, back=at > 0)
    session.console.ask(_sides(session, conflict, field))
    valued = field is not None and can_be_valued(field)
    keys = "".join((OURS, THEIRS, *(VALUE if valued else ""), LEAVE))
    explanation = "\n".join(ABOUT[one].in_(session.lang) for one in keys)
    more = (
        Words("v another value, s skip: ", "v autre valeur, s passer : ")
        if valued
        else Words("s skip: ", "s passer : ")
    )
    prompt = Prompt(f"  o, t, {more.in_(session.lang)}", explanation, back=at > 0)
    while True:
        pressed = key(session.console, prompt, keys)
        if pressed != VALUE or field is None or isinstance(conflict, DeleteModifyConflict):
            return _Decision(SIDE.get(pressed))
        try:
            return _Decision(answer=_ask_value(session, conflict, field))
        except Back:
            continue


def _ask_shared(session: Session, conflict: Conflict, *, back: bool) -> _Decision:
    """Whether both of two records under one id are kept, and under which new id the one of them."""
    about = Words("two records under one id", "deux fiches sous un même identifiant").in_(session.lang)
    sides = [named_values(conflict.apart, data or {}) for data in conflict.settling.data]
    session.console.ask([line("  ", Span(about, "info")), *(map(_side, _branches(session, conflict), sides))])
    keys = f"{RENAME}{FIELDS}{LEAVE}" if conflict.in_merge else f"{FIELDS}{LEAVE}"
    explanation = "\n".join(ABOUT[one].in_(session.lang) for one in keys)
    more = Words("f field by field, s skip: ", "f champ par champ, s passer : ").in_(session.lang)
    rename = Words("r keep both, ", "r garder les deux, ").in_(session.lang)
    prompt = Prompt(f"  {rename if conflict.in_merge else ''}{more}", explanation, back=back)
    while True:
        pressed = key(session.console, prompt, keys)
        if pressed != RENAME:
            return _Decision(fields=pressed == FIELDS)
        try:
            return _Decision(new_id=_ask_new_id(session, conflict))
        except Back:
            continue


def _ask_new_id(session: Session, conflict: Conflict) -> str:
    """The new id of the record that is renamed; Enter takes the one that is proposed."""
    registry, rid = session.workspace.current, conflict.rid
    kind = registry.schemas.kinds[rid.kind]
    side = side_to_rename(session.workspace, conflict)
    label = _branches(session, conflict)[side == "theirs"]
    question = Words(f"  new id for the record of {label}", f"  nouvel identifiant de la fiche de {label}")
    proposed = new_id(registry, kind, conflict.settling.data[side == "theirs"] or {}, rid.id)

    def judge(word: str) -> None:
        file_of(kind, {**(conflict.settling.data[0] or {}), "id": word})
        if RecordId(rid.kind, word) in registry:
            raise UsageFault(Words(f"{rid.kind}/{word} exists already", f"{rid.kind}/{word} existe déjà"))

    prompt = Prompt(question.in_(session.lang), question.in_(session.lang), back=True)
    return text(session.console, prompt, proposed, judge) or proposed


def _ask_value(session: Session, conflict: Conflict, field: FieldChange) -> SideChoice:
    registry = session.workspace.current
    declared = schema_field(registry.schemas.kinds[conflict.rid.kind], field)
    about = explain(registry.schemas.kinds[conflict.rid.kind], declared, session.lang)
    prompt = Prompt(f"  {declared.title.in_(session.lang)}", about, back=True)
    while not (typed := text(session.console, prompt, None, lambda word: _read(session, conflict, field, word))):
        continue
    return SideChoice(field, None, _read(session, conflict, field, typed))


def _read(session: Session, conflict: Conflict, field: FieldChange, word: str) -> Json:
    return read_field_value(session.workspace.current, conflict, field, word)


def _heading(session: Session, queries: Sequence[_Query], conflict: Conflict | DeleteModifyConflict) -> list[Line]:
    """Which record it is, of how many, and what people call it."""
    records = list(dict.fromkeys(query.conflict.rid for query in queries))
    number = f"{records.index(conflict.rid) + 1}/{len(records)} " if len(records) > 1 else ""
    return [line(Span(f"{number}{conflict.rid}", "bold"), Span(f"  {_label(session, conflict)}", "dim"))]


def _label(session: Session, conflict: Conflict | DeleteModifyConflict) -> str:
    data = None if isinstance(conflict, DeleteModifyConflict) else next(filter(None, conflict.settling.data), None)
    kind = session.workspace.current.schemas.kinds[conflict.rid.kind]
    return kind.label_of(data, session.lang) if data else ""


def _sides(session: Session, conflict: Conflict | DeleteModifyConflict, field: FieldChange | None) -> list[Line]:
    """The two sides of a field, or of a record as a whole."""
    if isinstance(conflict, DeleteModifyConflict):
        kept, gone = (Words(*pair) for pair in (("keep it", "la garder"), ("delete it", "la supprimer")))
        sides = (kept, gone) if conflict.changed_by == "ours" else (gone, kept)
        return [
            line(f"  {describe_delete_modify(conflict).in_(session.lang)}"),
            *(_side(letter, side.in_(session.lang)) for letter, side in zip((OURS, THEIRS), sides, strict=True)),
        ]
    labels = _branches(session, conflict)
    width = max(map(len, labels))
    if field is None:
        whole = Words("as a whole: its fields cannot be told apart", "en entier : ses champs ne se distinguent pas")
        return [line(f"  {whole.in_(session.lang)}"), *map(_side, (OURS, THEIRS), labels)]
    values = (
        _format_value(session, conflict, field, field.before),
        _format_value(session, conflict, field, field.after),
    )
    named = [f"{label:<{width}}  {value}" for label, value in zip(labels, values, strict=True)]
    return [line("  ", Span(_name_field(session, conflict, field), "info")), *map(_side, (OURS, THEIRS), named)]


def _branches(session: Session, conflict: Conflict) -> tuple[str, str]:
    """What the two sides are called: as Git labels them in the file, unless that is `HEAD` or the id of a commit."""
    ours, theirs = conflict.settling.labels
    if re.fullmatch("[0-9a-f]{40,64}", theirs):
        theirs = f"{SIDES['theirs'].in_(session.lang)} {theirs[:7]}"
    ours = SIDES["ours"].in_(session.lang) if ours in ("", "HEAD") else ours
    return ours, theirs or SIDES["theirs"].in_(session.lang)


def _side(letter: str, what: str) -> Line:
    return line("    ", Span(letter, "code"), f"  {what}")


def _name_field(session: Session, conflict: Conflict, field: FieldChange) -> str:
    """How a field is written, and its title."""
    name = place_text(field.path)
    try:
        title = schema_field(session.workspace.current.schemas.kinds[conflict.rid.kind], field).title
    except UsageFault:
        return name
    return f"{name} · {title.in_(session.lang)}"


def _format_value(session: Session, conflict: Conflict, field: FieldChange, value: Json) -> str:
    """A value, with its label where the schema has one."""
    kind = session.workspace.current.schemas.kinds[conflict.rid.kind]
    try:
        declared = schema_field(kind, field)
    except UsageFault:
        return brief_value(value)
    return declared.choice(value).in_(session.lang) if value in declared.enum else brief_value(value)


def brief_value(value: Json) -> str:
    """A value as a table shows it, of long ones the beginning; a dash for none."""
    if value is ABSENT:
        return "—"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def describe_delete_modify(conflict: DeleteModifyConflict) -> Words:
    """Which branch changed the record, and which deleted it."""
    changed = SIDES[conflict.changed_by]
    deleted = SIDES["theirs" if conflict.changed_by == "ours" else "ours"]
    return Words(
        f"{conflict.rid}: {changed.en} changed it, {deleted.en} deleted it",
        f"{conflict.rid} : {changed.fr} l'a modifié, {deleted.fr} l'a supprimé",
    )


def _settle_one(
    session: Session, conflict: Conflict | DeleteModifyConflict, made: Sequence[tuple[_Query, _Decision]]
) -> Resolution | None:
    """What is written of one record; None where all of it stays as it is."""
    if isinstance(conflict, DeleteModifyConflict):
        choice = made[0][1].choice
        return decide(session.workspace, conflict, choice) if choice else None
    if not made:
        return settle_whole(conflict, "ours")
    if made[0][0].field is None:
        choice = made[0][1].choice
        return settle_whole(conflict, choice) if choice else None
    answers = [
        decision.answer or SideChoice(query.field, decision.choice)
        for query, decision in made
        if query.field and (decision.answer or decision.choice)
    ]
    return settle(conflict, answers, merger_for(session.workspace, conflict.settling))

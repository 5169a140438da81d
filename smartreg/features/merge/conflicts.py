"""The form for what a merge left in conflict: one key a field, record after record. Of two records under one id it is
first asked whether both are kept."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from smartreg.asking.choices import Choice, Choices
from smartreg.asking.explanations import explain
from smartreg.asking.question import Answers, FormContext, Question, Questions
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json, RecordId
from smartreg.diff import ABSENT, FieldChange, place_text
from smartreg.edit import file_of
from smartreg.edit.merge import Choice as Side
from smartreg.edit.merge import can_be_valued
from smartreg.features.merge.rename_in_merge import side_to_rename
from smartreg.features.merge.resolve import (
    Conflict,
    DeleteModifyConflict,
    Resolution,
    SideChoice,
    decide,
    fields_named,
    merger_for,
    read_field_value,
    schema_field,
    settle,
    settle_whole,
    side_names,
)
from smartreg.registry import named_values
from smartreg.schema import FieldPath
from smartreg.workspace.add import new_id
from smartreg.workspace.workspace import Workspace

AnyConflict: TypeAlias = Conflict | DeleteModifyConflict
OURS, THEIRS, VALUE, LEAVE = "o", "t", "v", "s"
RENAME, FIELDS = "r", "f"
SIDE: dict[str, Side] = {OURS: "ours", THEIRS: "theirs"}
ABOUT = {
    VALUE: Message("another value"),
    LEAVE: Message("skip: leave it in conflict"),
    RENAME: Message("rename: keep both, one under a new id"),
    FIELDS: Message("one and the same: settle it field by field"),
}
AS_A_WHOLE = Message("as a whole: its fields cannot be told apart")
LEAVE_PROMPT = Message("s skip: ")
SHOWN = 60  # characters of a value


class Settled(NamedTuple):
    """The result: records of which conflicts were settled, and two records under one id with the new id."""

    records: list[Resolution]
    renamed: list[tuple[Conflict, str]]


class NewId(NamedTuple):
    """The id under which one of two records is kept."""

    id: str


def settlement(
    context: FormContext, conflicts: Sequence[AnyConflict], name: str | None, _answers: Answers
) -> Questions[Settled]:
    """How each of these conflicts is settled, or that of their field of this name."""
    with_questions = [each for each in conflicts if isinstance(each, DeleteModifyConflict) or not each.settling.agrees]
    rids = list(dict.fromkeys(each.rid for each in with_questions))
    settle_later: list[Callable[[], Resolution]] = []  # once all is answered
    renamed = []
    for conflict in conflicts:
        above = _heading(context, rids, conflict)
        if isinstance(conflict, DeleteModifyConflict):
            side = yield _about_whole(context, conflict, above)
            settle_later += [partial(decide, context.workspace, conflict, side)] if side else []
            continue
        if conflict.settling.agrees:
            settle_later.append(partial(settle_whole, conflict, "ours"))
            continue
        if conflict.apart and name is None:
            kept = yield _about_shared_id(context, conflict, above)
            if kept != FIELDS:
                renamed += [(conflict, kept.id)] if isinstance(kept, NewId) else []
                continue
            above = []
        fields = fields_named(conflict, name) if name is not None else conflict.settling.fields
        if not fields:
            side = yield _about_whole(context, conflict, above)
            settle_later += [partial(settle_whole, conflict, side)] if side else []
            continue
        choices = []
        for field in fields:
            choice = yield _about_field(context, conflict, field, above)
            choices += [choice] if choice else []
            above = []
        merger = merger_for(context.workspace, conflict.settling)
        settle_later.append(partial(settle, conflict, choices, merger))
    return Settled([settle() for settle in settle_later], renamed)


def _about_field(context: FormContext, conflict: Conflict, field: FieldChange, above: Sequence[Line]) -> Question:
    """Whose side a field takes, or which other value: a SideChoice, None where it stays in conflict."""
    valued = can_be_valued(field)
    keys = (VALUE, LEAVE) if valued else (LEAVE,)
    prompt = Message("v another value, s skip: ") if valued else LEAVE_PROMPT
    sides = _branches(context, conflict)
    values = [_format_value(context, conflict, field, value) for value in (field.before, field.after)]
    return Question(
        (str(conflict.rid), place_text(field.path)),
        f"{conflict.rid}: {_name_field(context, conflict, field)}",
        help=f"  o, t, {prompt.in_(context.lang)}",
        typing=_explain_keys(context, sides, keys),
        read=lambda key: SideChoice(field, SIDE[key]) if key in SIDE else None,
        choices=lambda: _keys(context, [*map(" · ".join, zip(values, sides, strict=True))], keys),
        keys={VALUE: _about_value(context, conflict, field)} if valued else {},
        default=LEAVE,
        required=False,
        above=(*above, *_sides(context, conflict, field)),
    )


def _about_value(context: FormContext, conflict: Conflict, field: FieldChange) -> Question:
    registry = context.workspace.current
    kind = registry.schemas.kinds[conflict.rid.kind]
    declared = schema_field(kind, field)
    title = declared.title.in_(context.lang)

    def read(text: str) -> SideChoice:
        return SideChoice(field, None, read_field_value(registry, conflict, field, text))

    return Question(
        (str(conflict.rid), place_text(field.path), VALUE),
        title,
        explanation=explain(kind, declared, context.lang),
        read=read,
        missing=Message("{title}: required", title=title),
    )


def _about_whole(context: FormContext, conflict: AnyConflict, above: Sequence[Line]) -> Question:
    """Whose side a record takes as a whole; None where it stays in conflict."""
    sides = _branches(context, conflict)
    if isinstance(conflict, DeleteModifyConflict):
        about = [*map(" · ".join, zip(_keep_or_delete(context, conflict), sides, strict=True))]
        title = describe_delete_modify(context.workspace, conflict).in_(context.lang)
    else:
        about, title = [*sides], f"{conflict.rid}: {AS_A_WHOLE.in_(context.lang)}"
    return Question(
        (str(conflict.rid),),
        title,
        help=f"  o, t, {LEAVE_PROMPT.in_(context.lang)}",
        typing=_explain_keys(context, sides, (LEAVE,)),
        read=SIDE.get,
        choices=lambda: _keys(context, about, (LEAVE,)),
        keys={},
        default=LEAVE,
        required=False,
        above=(*above, *_sides(context, conflict, None)),
    )


def _about_shared_id(context: FormContext, conflict: Conflict, above: Sequence[Line]) -> Question:
    """Asks if both of two records under one id are kept: a NewId for one of them; FIELDS where they are one and the
    same, None where that stays open."""
    lang = context.lang
    about = Message("two records under one id").in_(lang)
    sides = [named_values(conflict.apart, data or {}) for data in conflict.settling.data]
    rename = Message("r keep both, ").in_(lang) if conflict.in_merge else ""
    more = Message("f field by field, s skip: ").in_(lang)
    keys = (*((RENAME,) if conflict.in_merge else ()), FIELDS, LEAVE)
    branches = _branches(context, conflict)
    return Question(
        (str(conflict.rid), "id"),
        f"{conflict.rid}: {about}",
        help=f"  {rename}{more}",
        explanation="\n".join(map(" · ".join, zip(sides, branches, strict=True))),
        typing=_explain_keys(context, (), keys),
        read=lambda key: FIELDS if key == FIELDS else None,
        choices=lambda: _keys(context, (), keys),
        keys={RENAME: _about_new_id(context, conflict)} if conflict.in_merge else {},
        default=LEAVE,
        required=False,
        above=(*above, line("  ", Span(about, "info")), *map(_side, branches, sides)),
    )


def _about_new_id(context: FormContext, conflict: Conflict) -> Question:
    """The new id of the record that is renamed; one is proposed."""
    registry, rid = context.workspace.current, conflict.rid
    kind = registry.schemas.kinds[rid.kind]
    is_theirs = side_to_rename(context.workspace, conflict) == "theirs"
    label = _branches(context, conflict)[is_theirs]
    title = Message("new id for the record of {label}", label=label)

    def check(new: NewId) -> None:
        file_of(kind, {**(conflict.settling.data[0] or {}), "id": new.id})
        if RecordId(rid.kind, new.id) in registry:
            raise UsageFault(Message("{kind}/{new} exists already", kind=rid.kind, new=new.id))

    return Question(
        (str(rid), "id", RENAME),
        title.in_(context.lang),
        read=NewId,
        check=check,
        default=new_id(registry, kind, conflict.settling.data[is_theirs] or {}, rid.id),
    )


def _explain_keys(context: FormContext, sides: Sequence[str], more: Sequence[str]) -> str:
    """What each key does: those of the two sides, if it is about them, and more."""
    about = [Message("as on {side}", side=side) for side in sides] + [ABOUT[key] for key in more]
    keys = (*SIDE, *more) if sides else more
    return "\n".join(f"{key}  {words.in_(context.lang)}" for key, words in zip(keys, about, strict=True))


def _keys(context: FormContext, sides: Sequence[str], more: Sequence[str]) -> Choices:
    """The keys with their labels, those of the two sides first, if it is about them."""
    labels = [*sides, *(ABOUT[key].in_(context.lang) for key in more)]
    return Choices([*map(Choice, (*SIDE, *more) if sides else more, labels)])


def _heading(context: FormContext, rids: Sequence[RecordId], conflict: AnyConflict) -> list[Line]:
    """The number of the record, its id and its label."""
    number = f"{rids.index(conflict.rid) + 1}/{len(rids)} " if len(rids) > 1 and conflict.rid in rids else ""
    return [line(Span(f"{number}{conflict.rid}", "bold"), Span(f"  {_label(context, conflict)}", "dim"))]


def _label(context: FormContext, conflict: AnyConflict) -> str:
    data = None if isinstance(conflict, DeleteModifyConflict) else next(filter(None, conflict.settling.data), None)
    kind = context.workspace.current.schemas.kinds[conflict.rid.kind]
    return kind.label_of(data, context.lang) if data else ""


def _sides(context: FormContext, conflict: AnyConflict, field: FieldChange | None) -> list[Line]:
    """The two sides of a field, or of a record as a whole."""
    if isinstance(conflict, DeleteModifyConflict):
        return [
            line(f"  {describe_delete_modify(context.workspace, conflict).in_(context.lang)}"),
            *map(_side, SIDE, _keep_or_delete(context, conflict)),
        ]
    labels = _branches(context, conflict)
    width = max(map(len, labels))
    if field is None:
        return [line(f"  {AS_A_WHOLE.in_(context.lang)}"), *map(_side, SIDE, labels)]
    values = (
        _format_value(context, conflict, field, field.before),
        _format_value(context, conflict, field, field.after),
    )
    sides = [f"{label:<{width}}  {value}" for label, value in zip(labels, values, strict=True)]
    return [line("  ", Span(_name_field(context, conflict, field), "info")), *map(_side, SIDE, sides)]


def _keep_or_delete(context: FormContext, conflict: DeleteModifyConflict) -> tuple[str, str]:
    """What ours and theirs mean for a record that one of them deleted."""
    kept, gone = Message("keep it").in_(context.lang), Message("delete it").in_(context.lang)
    return (kept, gone) if conflict.changed_by == "ours" else (gone, kept)


def _branches(context: FormContext, conflict: AnyConflict) -> tuple[str, str]:
    """The names of the two sides, ours and theirs."""
    labels = conflict.settling.labels if isinstance(conflict, Conflict) else ("", "")
    ours, theirs = side_names(context.workspace, conflict.file, labels)
    return ours.in_(context.lang), theirs.in_(context.lang)


def _side(letter: str, what: str) -> Line:
    return line("    ", Span(letter, "code"), f"  {what}")


def _name_field(context: FormContext, conflict: Conflict, field: FieldChange) -> str:
    """How a field is written, and its title."""
    name = place_text(field.path)
    try:
        title = schema_field(context.workspace.current.schemas.kinds[conflict.rid.kind], field).title
    except UsageFault:
        return name
    return f"{name} · {title.in_(context.lang)}"


def _format_value(context: FormContext, conflict: Conflict, field: FieldChange, value: Json) -> str:
    """A value, with its label where the schema has one."""
    kind = context.workspace.current.schemas.kinds[conflict.rid.kind]
    try:
        declared = schema_field(kind, field)
    except UsageFault:
        return brief_value(value)
    return declared.choice(value).in_(context.lang) if value in declared.enum else brief_value(value)


def brief_value(value: Json) -> str:
    """A value as a table shows it, of long ones the beginning; a dash for none."""
    if value is ABSENT:
        return "—"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def describe_delete_modify(workspace: Workspace, conflict: DeleteModifyConflict) -> Text:
    """Names the branch that changed the record, and the one that deleted it."""
    ours, theirs = side_names(workspace, conflict.file)
    changed, deleted = (ours, theirs) if conflict.changed_by == "ours" else (theirs, ours)
    return Message(
        "{conflict}: changed on {changed}; deleted on {deleted}",
        conflict=conflict.rid,
        changed=changed,
        deleted=deleted,
    )


def commands_so_far(reached: Mapping[FieldPath, Json]) -> list[str]:
    """The commands that settle what was answered before somebody gave up."""
    commands = []
    for (record, *place), answer in reached.items():
        if isinstance(answer, str) and not place:
            commands.append(["resolve", record, f"--{answer}"])
        elif isinstance(answer, SideChoice) and answer.choice is not None:
            commands.append(["resolve", record, *place, f"--{answer.choice}"])
        elif isinstance(answer, SideChoice):
            value = answer.value if isinstance(answer.value, str) else json.dumps(answer.value, ensure_ascii=False)
            commands.append(["resolve", record, *place, "--value", value])
    return [shlex.join(["smartreg", *words]) for words in commands]

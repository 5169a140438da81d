"""`amend`: what the parties changed in a signed convention, as an act with its day and its deliberations, and the
terms before and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, count
from typing import NamedTuple

from smartreg.core.errors import Refused, UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Json, KeyPath, Record, path_text, value_at
from smartreg.domain.acts import ACTS, OBJECTS, TERMS, Act, current, key_of, list_at
from smartreg.domain.annexes import AMENDMENT, next_number
from smartreg.domain.coverage import title_of
from smartreg.domain.renewal import Terms
from smartreg.domain.successions import successions
from smartreg.domain.titles import Title
from smartreg.edit import Edit, Outcome, WriteOptions, change_text
from smartreg.history import CORRECT
from smartreg.registry import Registry
from smartreg.schema import Kind, field_path
from smartreg.workspace.acts import Acts, Decided, find_acts
from smartreg.workspace.conventions import convention_named, refuse_old_schema
from smartreg.workspace.documents import document
from smartreg.workspace.set_ import is_about_items, parse_assignments, with_reason
from smartreg.workspace.workspace import Workspace, write
from smartreg.yamlio import SetValue, Unset, apply_change


def terms_after(terms: Terms, changes: Sequence[tuple[KeyPath, Json]], unset: Sequence[KeyPath]) -> dict[str, Json]:
    """The terms once these values are set, and these paths removed."""
    done = dict(terms)
    for path, value in changes:
        done = apply_change(done, SetValue(path, value))
    for path in unset:
        done = apply_change(done, Unset(path))
    return done


def refuse_unclear(kind: Kind, terms: tuple[Terms, Terms], assignments: Sequence[str]) -> None:
    """UsageFault for an item added to an unlimited scope, and for the last item removed from a list: did the
    parties mean this one alone, nothing, or everything?"""
    before, after = terms
    for typed in (text.partition("=")[0] for text in assignments if is_about_items(text)):
        name, comes = path_text(field_path(kind, typed[:-1])), typed.endswith("+")
        if comes and name not in OBJECTS and list_at(before, name) is None:
            raise UsageFault(
                Message("{name} has no limit yet: adding to it would narrow the convention", name=name),
                Message("to limit it from now on: {name}=VALUE", name=name),
            )
        if not comes and not list_at(after, name):
            lift = Message("to lift the limit: --unset {name}", name=name)
            end = Message("to end the convention: smartreg terminate")
            raise UsageFault(
                Message("nothing would be left in {name}", name=name),
                lift if name.startswith("scope.") else end,
            )


def act_between(before: Terms, after: Terms) -> dict[str, Json]:
    """The parts of an act that lead from one version of the terms to another: `adds`, `removes`, `sets`, `unsets`."""
    adds: dict[str, Json] = {}
    removes: dict[str, Json] = {}
    sets: dict[str, Json] = {}
    unsets: list[str] = []
    for path in _paths(before, after):
        was, now = (value_at(side, tuple(path.split("."))) for side in (before, after))
        old_items, new_items = list_at(before, path), list_at(after, path)
        if new_items is not None and (old_items is not None or path in OBJECTS):
            old_items = old_items or []
            gone = [key_of(path, item) for item in old_items if item not in new_items]
            come = [item for item in new_items if item not in old_items]
            removes |= {path: gone} if gone else {}
            adds |= {path: come} if come else {}
        elif now is None and was is not None:
            unsets.append(path)
        elif now != was:
            sets[path] = now
    parts: dict[str, Json] = {"adds": adds, "removes": removes, "sets": sets, "unsets": unsets}
    return {name: value for name, value in parts.items() if value}


def _paths(before: Terms, after: Terms) -> list[str]:
    """The paths by which an act names its terms: a scope by its parts, unless it goes as a whole."""
    paths = []
    for name in TERMS:
        parts = (before.get(name), after.get(name))
        if name == "scope" and parts[1] is not None:
            keys = {key: None for part in parts if isinstance(part, Mapping) for key in part}
            paths += [f"{name}.{key}" for key in keys]
        else:
            paths.append(name)
    return paths


ELSEWHERE = {
    "id": "smartreg rename",
    "status": "smartreg terminate",
    "terminated_on": "smartreg terminate",
    "annexes": "smartreg annex",
    "deliberations": "--deliberation",
    ACTS: "PATH=VALUE",
    "signed_on": "smartreg set --correct",
    "effective_from": "smartreg set --correct",
}
"""Fields that no amendment changes → what does; all others that bind nobody: `set`."""


@dataclass(frozen=True)
class Amendment:
    """An amendment as asked for: the deliberations, the day of its last signature, its first day of effect (None: the
    same), its title, its file or web address, its number (None: the next one). `initially`: what the initial act said
    of fields that the record already holds as amended."""

    acts: Acts
    signed_on: date
    title: str | None = None
    source: str | None = None
    sha256: str | None = None
    effective_from: date | None = None
    initially: tuple[str, ...] = ()
    number: str | None = None


@dataclass(frozen=True)
class DraftAct:
    """A signed convention about to change, the deliberations behind it, the number of the act, its annex, and the file
    of that annex."""

    registry: Registry
    record: Record
    title: Title
    decided: Decided
    number: str
    annex: Mapping[str, Json] | None = None
    files: Mapping[str, bytes | None] = field(default_factory=dict)


class AmendmentPlan(NamedTuple):
    """The change of the convention: the operation and its subject for the history, what the act says, and further
    values to set or remove in the record."""

    op: str
    subject: str
    act: Mapping[str, Json]
    changes: Sequence[tuple[KeyPath, Json]] = ()
    unset: Sequence[KeyPath] = ()


def amend(
    workspace: Workspace,
    word: str,
    amendment: Amendment,
    assignments: Sequence[str],
    unset: Sequence[str],
    options: WriteOptions,
) -> Outcome:
    """Append the act that changes these terms of a signed convention, in one commit. Refused when it is not in force to
    be amended; UsageFault for fields that an amendment does not change."""
    start = begin_amendment(workspace, word, amendment)
    record = start.record
    if amendment.initially:
        options = with_reason(options)
    initial, gone = parse_assignments(start.registry, record, amendment.initially, ())
    begun = successions(start.registry).begun(amendment.effective_from or amendment.signed_on)
    before = current(record._replace(data=terms_after(record.data, initial, gone)), begun)
    changes, paths = _parse_changes(start, before, assignments, unset)
    after = terms_after(before, changes, paths)
    refuse_unclear(start.registry.schemas.kinds[record.rid.kind], (before, after), assignments)
    act = act_between(before, after)
    if not act:
        raise Refused(
            Message("{record} already says all this", record=record.rid),
            Message(
                "to add only the paper: smartreg annex {record} FILE --kind {amendment}; if an older amendment "
                "stands in its fields, say what they were before: --initially PATH=VALUE",
                record=record.rid.id,
                amendment=AMENDMENT,
            ),
        )
    description = ", ".join(Act(0, start.number, None, amendment.signed_on, act).describe())
    plan = AmendmentPlan(
        CORRECT if amendment.initially else "amend",
        f"Amend {record.rid}: {description}",
        dates_of(amendment) | act,
        initial,
        gone,
    )
    return append_act(workspace, start, plan, options)


def _parse_changes(
    start: DraftAct, terms: Terms, assignments: Sequence[str], unset: Sequence[str]
) -> tuple[list[tuple[KeyPath, Json]], list[KeyPath]]:
    """The changes to the terms. UsageFault for what no amendment changes."""
    imagined = start.record._replace(data={**start.record.data, **terms})
    changes, paths = parse_assignments(start.registry, imagined, assignments, unset)
    for path in (*(path for path, _ in changes), *paths):
        name = str(path[0])
        if name in ELSEWHERE or name not in TERMS:
            way = ELSEWHERE.get(name, "smartreg set")
            raise UsageFault(
                Message("an amendment does not change {path}", path=path_text(path)),
                Message("use {way}", way=way),
            )
    return changes, paths


def signed_convention(registry: Registry, word: str) -> tuple[Record, Title]:
    """The convention to which an act is to be appended. Refused when it is not signed."""
    record = convention_named(registry, word)
    refuse_old_schema(registry.schemas.kinds[record.rid.kind])
    title = title_of(registry, record)
    refuse_unsigned(title)
    return record, title


def begin_amendment(workspace: Workspace, word: str, amendment: Amendment) -> DraftAct:
    """The convention and what the amendment rests on. Refused when it cannot be amended on that day."""
    registry = workspace.current
    record, title = signed_convention(registry, word)
    if title.has_ended(max(amendment.signed_on, amendment.effective_from or amendment.signed_on)):
        raise Refused(
            Message(
                "convention {title} ended on {end}; an amendment signed on {signed_on} cannot revive it",
                title=title.id,
                end=title.last,
                signed_on=amendment.signed_on,
            ),
            Message("record a new convention (smartreg add-convention), or give the day of signature (--signed-on)"),
        )
    decided = find_acts(registry, amendment.acts)
    refuse_early(decided, amendment.signed_on)
    file = document(workspace, registry, amendment.source, amendment.sha256) if amendment.source else None
    number = amendment.number or next_number(record)
    annex = None
    if file is not None or amendment.title:
        annex = {
            "id": _annex_id(record, amendment.signed_on),
            "kind": AMENDMENT,
            "title": amendment.title or f"Avenant n° {number} du {amendment.signed_on}",
            **(file.fields(registry, record) if file else {}),
        }
    return DraftAct(registry, record, title, decided, number, annex, file.writes if file else {})


def refuse_early(decided: Decided, signed_on: date) -> None:
    """Refused for an act that is signed before it was approved."""
    if decided.latest is not None and signed_on < decided.latest:
        raise Refused(
            Message(
                "the amendment is signed on {signed_on}, before the deliberation of {latest}",
                signed_on=signed_on,
                latest=decided.latest,
            ),
            Message("correct one of the two dates (--signed-on)"),
        )


def _annex_id(record: Record, signed_on: date) -> str:
    """An id for the annex of an amendment that no other annex has. It does not contain the number of the act, which
    changes if two branches gave the same one."""
    listed = record.data.get("annexes")
    taken = {item.get("id") for item in (listed if isinstance(listed, list) else ()) if isinstance(item, Mapping)}
    id = f"avenant-{signed_on}"
    return next(name for name in chain([id], (f"{id}-{n}" for n in count(2))) if name not in taken)


def dates_of(amendment: Amendment) -> dict[str, Json]:
    """The days of an act as the record has them."""
    first = amendment.effective_from
    effect = {"effective_from": first.isoformat()} if first is not None and first != amendment.signed_on else {}
    return {"signed_on": amendment.signed_on.isoformat(), **effect}


def append_act(workspace: Workspace, start: DraftAct, plan: AmendmentPlan, options: WriteOptions) -> Outcome:
    """Append the act with its annex, its file and its deliberations, in one commit. Refused when the deliberations that
    are named are those of the signature."""
    registry, record = start.registry, start.record
    _refuse_founding_acts(record, start.decided)
    deliberations = {"deliberations": list(start.decided.ids)} if start.decided.ids else {}
    annex = {"annex": start.annex["id"]} if start.annex is not None else {}
    days = {name: plan.act[name] for name in ("signed_on", "effective_from") if name in plan.act}
    act = {"number": start.number, **days, **deliberations, **annex, **plan.act}
    changes = [*plan.changes, (_end_of(record, ACTS), act)]
    if start.annex is not None:
        changes.append((_end_of(record, "annexes"), start.annex))
    kind = registry.schemas.kinds[record.rid.kind]
    text = change_text(kind, registry.tree.read(record.file), changes, plan.unset)
    writes = {record.file: text, **start.decided.writes, **start.files}
    edit = Edit(plan.op, (record.rid,), writes, plan.subject[:120])
    if plan.op == CORRECT:
        edit = replace(edit, past="corrected")
    return write(workspace, registry, replace(edit, records=(record.rid, *start.decided.added)), options)


def _end_of(record: Record, name: str) -> KeyPath:
    """The place after the last item of a list."""
    present = record.data.get(name)
    return (name, len(present) if isinstance(present, list) else 0)


def _refuse_founding_acts(record: Record, decided: Decided) -> None:
    signed, founding = str(record.data.get("signed_on")), record.data.get("deliberations")
    new = set(decided.ids) - set(founding if isinstance(founding, list) else ())
    if new or decided.latest is None or decided.latest.isoformat() > signed:
        return
    listed = ", ".join(decided.ids)
    raise Refused(
        Message(
            "{listed} approved the convention {record} itself, signed on {signed}",
            listed=listed,
            record=record.rid.id,
            signed=signed,
        ),
        Message(
            "name the act that changes it: --deliberation ID; a new one: --deliberation-number --date --subject --body"
        ),
    )


def refuse_unsigned(title: Title) -> None:
    """Refused for a convention that nobody has signed yet, or that is terminated."""
    if title.terminated is not None or title.record.data.get("status") == "terminated":
        raise Refused(
            Message(
                "convention {title} is terminated, as of {end}", title=title.id, end=title.terminated or title.last
            ),
            Message("record a new one: smartreg add-convention"),
        )
    if not title.signed:
        raise Refused(
            Message("convention {title} is not signed", title=title.id),
            Message(
                "change an unsigned convention with: smartreg set {title} …; remove one that will not be signed "
                "with: smartreg remove {title}",
                title=title.id,
            ),
        )

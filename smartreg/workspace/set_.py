"""`set`: change or remove fields of one record or several; every other line of their files stays as it is.

A record whose folder depends on a field (a support by its commune) moves when that field changes.

`FIELD+=ITEM` and `FIELD-=ITEM`: add items to a list, or remove them, whatever else it holds.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Json, KeyPath, Record, RecordId, path_text, value_at
from smartreg.diff import same
from smartreg.domain.titles import read_on
from smartreg.domain.typed import assignment, read_value
from smartreg.edit import Edit, FieldValues, Outcome, WriteOptions, change_text, file_of, move_text
from smartreg.registry import Registry
from smartreg.schema import Judge, Kind, Schemas, decimals_typed, field_path, find_field, key_path, literal
from smartreg.workspace.workspace import Workspace, record_of, write
from smartreg.yamlio import SetValue, apply_change

ParsedAssignments: TypeAlias = tuple[list[tuple[KeyPath, Json]], list[KeyPath]]
"""Values by path, and paths to remove."""


def is_about_items(text: str) -> bool:
    """Whether an assignment adds to a list or removes from it."""
    name, equals, _ = text.partition("=")
    return bool(equals) and name.endswith(("+", "-"))


def items_of(registry: Registry, record: Record, texts: Sequence[str]) -> ParsedAssignments:
    """The values that these assignments set and remove. An item that a list already has is not added. UsageFault for a
    field that is not a list, and for an item that the list lacks."""
    kind = registry.schemas.kinds[record.rid.kind]
    added: dict[KeyPath, list[Json]] = {}
    gone: list[KeyPath] = []
    for text in texts:
        name, _, value = text.partition("=")
        path = field_path(kind, name[:-1])
        held = _list_at(record, path)
        for item in _items(registry, kind, path, value):
            places = [index for index, other in enumerate(held) if same(item, other)]
            if name.endswith("+"):
                new = added.setdefault(path, [])
                new += [] if places or any(same(item, other) for other in new) else [item]
            elif places:
                gone += [(*path, index) for index in places]
            else:
                raise _not_there(registry, record, path, item)
    emptied = _emptied(kind, record, gone, added)
    return [
        *((path, []) for path in emptied),
        *(
            ((*path, at), item)
            for path, new in added.items()
            for at, item in enumerate(new, len(_list_at(record, path)))
        ),
    ], [path for path in gone if path[:-1] not in emptied]


def _emptied(kind: Kind, record: Record, gone: Sequence[KeyPath], added: Mapping[KeyPath, list[Json]]) -> list[KeyPath]:
    """The required lists of which every item goes: they stay, empty. Any other list goes with its last item."""
    lists = dict.fromkeys(path[:-1] for path in gone)
    return [
        path
        for path in lists
        if path not in added
        and find_field(kind, path).required
        and {place[-1] for place in gone if place[:-1] == path} == set(range(len(_list_at(record, path))))
    ]


def _list_at(record: Record, path: KeyPath) -> list[Json]:
    """The items of the list; none where none is there."""
    there = value_at(record.data, path)
    return there if isinstance(there, list) else []


def _items(registry: Registry, kind: Kind, path: KeyPath, value: str) -> list[Json]:
    field, name = find_field(kind, path), path_text(path)
    if field.kind != "array":
        raise UsageFault(
            Message("{name} is not a list", name=name),
            Message("{name}=VALUE sets it", name=name),
        )
    if not value:
        raise UsageFault(Message("no item is given for {name}", name=name))
    item = kind.field_at((*path, 0))
    if item is not None and item.kind != "string" and not value.startswith("["):
        return [read_value(kind, (*path, 0), value, registry)]
    items = read_value(kind, path, value, registry)
    return items if isinstance(items, list) else [items]


def _not_there(registry: Registry, record: Record, path: KeyPath, item: Json) -> UsageFault:
    name = path_text(path)
    if item in _list_at(read_on(registry, record, date.max), path):
        line = shlex.join(
            ("smartreg", "amend", record.rid.id, f"{name}-={item if isinstance(item, str) else literal(item)}")
        )
        return UsageFault(
            Message(
                "{name} of {record} has {item} by an amendment, which set does not change",
                name=name,
                record=record.rid,
                item=literal(item),
            ),
            Message("record another act: {line} --deliberation ID", line=line),
        )
    return UsageFault(
        Message("{name} of {record} has no {item}", name=name, record=record.rid, item=literal(item)),
        Message(
            "smartreg show {record} shows what it has; --unset {name}[0] takes away the first",
            record=record.rid,
            name=name,
        ),
    )


POINT = (".lon", ".lat")
SUBJECT = 120  # characters of a subject


def set_fields(
    workspace: Workspace,
    record: str,
    assignments: Sequence[str],
    unset: Sequence[str],
    options: WriteOptions,
    *,
    further: Sequence[str] = (),
    correct: bool = False,
) -> Outcome:
    """Apply `PATH=VALUE` assignments and remove the `unset` paths, in one record and in `further` ones by one commit;
    `correct`: the old value was an entry error. UsageFault for an unknown field or a value of the wrong type, and for
    a correction without its reason (`message`) or without a commit that keeps it; RefusedWrite when the change would
    bring errors."""
    if correct:
        options = with_reason(options)
    registry = workspace.current
    records = list({each.rid: each for each in (record_of(registry, word) for word in (record, *further))}.values())
    there = {each.rid: [text for text in unset if _has(registry, each, text)] for each in records}
    nowhere = [text for text in unset if not any(text in texts for texts in there.values())]  # is refused
    parts = [_set_one(registry, each, assignments, [*there[each.rid], *nowhere]) for each in records]
    parts = [part for part in parts if part.writes] or parts[:1]  # some may be as wanted already
    edit = parts[0]
    if len(parts) > 1:
        rids = [rid for part in parts for rid in part.records]
        summary = edit.subject.partition(f"{rids[0]} ")[2]
        edit = replace(
            edit,
            records=tuple(rids),
            writes={path: text for part in parts for path, text in part.writes.items()},
            subject=f"Set {_count(registry.schemas, rids)} {summary}"[:SUBJECT],
            moved={old: new for part in parts for old, new in part.moved.items()},
            decimals={rid: number for part in parts for rid, number in part.decimals.items()},
        )
    if correct:
        edit = replace(edit, op="correct", past="corrected")
    return write(workspace, registry, edit, options)


def _set_one(registry: Registry, record: Record, assignments: Sequence[str], unset: Sequence[str]) -> Edit:
    kind = registry.schemas.kinds[record.rid.kind]
    changes, paths = parse_assignments(registry, record, assignments, unset)
    if any(path == ("id",) for path in [*(path for path, _ in changes), *paths]):
        raise UsageFault(
            Message("the id cannot be set"),
            Message("smartreg rename {rid} NEW-ID", rid=record.rid),
        )
    new = [(path, value) for path, value in changes if not same(value_at(record.data, path), value)]
    text = change_text(kind, registry.tree.read(record.file), new, paths)
    summary = ", ".join(
        [f"{path_text(path)}={_brief(value)}" for path, value in changes] + [f"no {path_text(path)}" for path in paths]
    )
    file = place_of(registry, record, new)
    writes = {record.file: None, file: move_text(kind, text, record.file, file)} if file else {record.file: text}
    writes = writes if new or paths else {}
    edit = Edit("set", (record.rid,), writes, f"Set {record.rid} {summary}"[:SUBJECT])
    decimals = decimals_typed(
        value for path, value in split_assignments(kind, assignments) if path_text(path).endswith(POINT)
    )
    return replace(edit, moved={record.file: file} if file else {}, decimals={record.rid: decimals})


def _count(schemas: Schemas, rids: Sequence[RecordId]) -> str:
    """`50 supports`; `50 records` where they are of several kinds."""
    kinds = {rid.kind for rid in rids}
    return f"{len(rids)} {schemas.kinds[kinds.pop()].plural.in_('en').lower() if len(kinds) == 1 else 'records'}"


def with_reason(options: WriteOptions) -> WriteOptions:
    """The options of a correction: its reason (else its message is one) goes into the commit. UsageFault where there is
    neither, or no commit."""
    reason = options.reason or options.message
    if not reason or not reason.strip():
        raise UsageFault(
            Message("a correction needs a reason"),
            Message('add -m "why the old value was wrong"'),
        )
    if not options.commit:
        raise UsageFault(Message("--correct and --no-commit cannot be used together: the commit keeps the reason"))
    return replace(options, reason=reason)


def _place(path: KeyPath) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in path)


def _brief(value: Json) -> str:
    text = literal(value)
    return text[1:-1] if isinstance(value, str) else text


def split_assignments(kind: Kind, assignments: Sequence[str]) -> list[tuple[KeyPath, str]]:
    """The fields and values of `PATH=VALUE` texts, as typed."""
    parts = (text.partition("=") for text in assignments if not is_about_items(text))
    return [(field_path(kind, name), value) for name, _, value in parts]


def parse_assignments(
    registry: Registry, record: Record, assignments: Sequence[str], unset: Sequence[str]
) -> tuple[list[tuple[KeyPath, Json]], list[KeyPath]]:
    """The values that `PATH=VALUE` texts set, `PATH+=ITEM` and `PATH-=ITEM` add and take away, and the paths that are
    to go, last items first, so that indexes mean the items as they are. UsageFault for a field that is not there, a
    value of the wrong type or none, a field changed twice."""
    kind = registry.schemas.kinds[record.rid.kind]
    added, gone = items_of(registry, record, [text for text in assignments if is_about_items(text)])
    assignments = [text for text in assignments if not is_about_items(text)]
    for path, value in split_assignments(kind, [text for text in assignments if "=" in text]):
        if not value:
            _refuse_nothing(registry.schemas.judges[kind.name], record, path)
    changes = [*(assignment(kind, text, registry) for text in assignments), *added]
    paths = [*gone, *(_present(kind, record, text) for text in unset)]
    _refuse_twice([*(path for path, _ in changes), *paths])
    return changes, sorted(paths, key=_place, reverse=True)


def _refuse_nothing(judge: Judge, record: Record, path: KeyPath) -> None:
    """Refuse to set to nothing a field that cannot be empty, and say how it is removed."""
    field = find_field(judge.kind, path)
    empty: Json = [] if field.kind == "array" else ""
    if field.kind in ("array", "string") and not field.refs:
        faults = judge.faults(apply_change(record.data, SetValue(path, empty)))
        if all(fault.path != path for fault in faults):
            return
    name = path_text(path)
    hint = Message("to remove it: --unset {name}", name=name)
    if field.required:
        hint = Message("give a value; the field is required")
    raise UsageFault(Message("{name}= gives no value", name=name), hint)


def _present(kind: Kind, record: Record, text: str) -> KeyPath:
    """The path of something that the record has, whether or not the schema knows it."""
    if _is_there(record, path := key_path(text)) or _is_there(record, path := field_path(kind, text)):
        return path
    raise UsageFault(
        Message("{record} has no {path}", record=record.rid, path=path_text(path)),
        Message("smartreg show {record} shows what it has", record=record.rid),
    )


def _has(registry: Registry, record: Record, text: str) -> bool:
    try:
        _present(registry.schemas.kinds[record.rid.kind], record, text)
    except UsageFault:
        return False
    return True


def _is_there(record: Record, path: KeyPath) -> bool:
    parent, last = value_at(record.data, path[:-1]), path[-1]
    if isinstance(last, int):
        return isinstance(parent, list) and last < len(parent)
    return isinstance(parent, dict) and last in parent


def _refuse_twice(paths: Sequence[KeyPath]) -> None:
    for index, path in enumerate(paths):
        for other in paths[:index]:
            shorter, longer = sorted((path, other), key=len)
            if longer[: len(shorter)] == shorter:
                raise UsageFault(
                    Message("{longer} is changed twice", longer=path_text(longer)),
                    Message("give each field once"),
                )


def place_of(registry: Registry, record: Record, changes: FieldValues) -> str | None:
    """Where the new values put the record, when a field that tells its folder changes; None where it stays."""
    kind = registry.schemas.kinds[record.rid.kind]
    values = {path[0]: value for path, value in changes if len(path) == 1 and path[0] in kind.folder_fields}
    if not values:
        return None
    file = file_of(kind, {**record.data, **values, "id": record.rid.id})
    return None if file in registry.by_file else file

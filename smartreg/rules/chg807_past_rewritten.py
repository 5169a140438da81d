"""Past fact rewritten: a day, a place, an owner, an event, an assessment, a deliberation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, KeyPath, Record, RecordId, path_text, value_at
from smartreg.domain.changes import Changes, new_ids, pairs_of, under_new_ids, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import as_text, correction_hint, is_given, slip_in_item, unless_corrected, value_word
from smartreg.domain.fields import text
from smartreg.domain.placements import PLACE, Placement, present_placement, same_place
from smartreg.registry import point
from smartreg.rules.rule import rule


class _List(NamedTuple):
    """An append-only list: its field, what is wrong when an `{item}` is gone, or was altered (`{fields}`), the fields
    that identify an item, and whether a correction may change it. For events and assessments, a further item says what
    was wrong."""

    name: str
    gone: Message
    altered: Message
    key: tuple[str, ...]
    correctable: bool = True


_OWNERS = _List(
    "previous_owners",
    Message("the owner {item} is gone"),
    Message("the owner {item} was altered{fields}"),
    ("owner",),
)
_LISTS: Mapping[str, tuple[_List, ...]] = {
    "equipment": (
        _List(
            "events",
            Message("the event {item} is gone"),
            Message("the event {item} was altered{fields}"),
            ("date", "kind"),
            correctable=False,
        ),
        _List(
            "placements",
            Message("the placement {item} is gone"),
            Message("the placement {item} was altered{fields}"),
            ("from",),
        ),
        _OWNERS,
    ),
    "support": (_OWNERS,),
    "use_case": (
        _List(
            "assessments",
            Message("the assessment {item} is gone"),
            Message("the assessment {item} was altered{fields}"),
            ("date",),
            correctable=False,
        ),
    ),
    "party": (
        _List(
            "successors",
            Message("the successor {item} is gone"),
            Message("the successor {item} was altered{fields}"),
            ("party",),
        ),
    ),
    "convention": (
        _List(
            "deliberations",
            Message("the deliberation {item} is gone"),
            Message("the deliberation {item} was altered{fields}"),
            (),
        ),
    ),
}
_DAYS: tuple[KeyPath, ...] = (
    ("installed_on",),
    ("decommissioned_on",),
    ("removed_on",),
    ("started_on",),
    ("ended_on",),
)
_CHARTER: KeyPath = ("data_charter", "signed_on")


@rule("CHG807", "error", "change", Message("past rewritten"))
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    ids = new_ids(before, after, changes)
    for was_there, new in pairs_of(changes):
        old = under_new_ids(context, was_there, ids)
        if old.rid.kind != "convention" or text(old, "status") in ("adopted", "signed", "terminated"):
            for append_only in _LISTS.get(old.rid.kind, ()):
                for fault in _lost_items(old, new, append_only):
                    yield unless_corrected(fault, context, new, append_only.name) if append_only.correctable else fault
        served = was_in_service(context, old)
        for path in (*(_DAYS if served else ()), _CHARTER):
            if is_given(value_at(old.data, path)) and value_at(new.data, path) != value_at(old.data, path):
                yield unless_corrected(_other_day(old, new, path), context, new, str(path[0]))
        if served and old.rid.kind == "equipment":
            yield from _check_move((before, after), old, new, context)


def _other_day(old: Record, new: Record, path: KeyPath) -> Fault:
    name, was, now = path_text(path), as_text(value_at(old.data, path)), value_at(new.data, path)
    if not is_given(now):
        message = Message("{name} was {was} and is gone: a day that has passed", name=name, was=was)
        return Fault(at(new, "id"), message, correction_hint(new, name, None))
    after = as_text(now)
    message = Message("{name} was {was} and is now {after}: a day that has passed", name=name, was=was, after=after)
    return Fault(at(new, *path), message, correction_hint(new, name, after))


def _check_move(sides: tuple[Snapshot, Snapshot], old: Record, new: Record, context: Context) -> Iterator[Fault]:
    """A fault if the present place, or its first day, changed, and no new item of `placements` says where the device
    was before."""
    was, now = present_placement(old), present_placement(new)
    if was is None:
        return
    if was.support is not None and not any(side.files_of(RecordId("support", was.support)) for side in sides):
        return  # a support that never existed is not a fact
    if now is not None and same_place(was, now) and _since(old) == _since(new):
        return
    recorded = {_same(item) for item in _items(old, "placements")}
    if any(_records_place(item, was) for item in _items(new, "placements") if _same(item) not in recorded):
        return
    altered_fields = [name for name in PLACE if old.data.get(name) != new.data.get(name)]
    name = altered_fields[0]
    fault = _move_fault(old, new, name)
    if all((new.rid, other) in context.corrected for other in altered_fields):
        fault = unless_corrected(fault, context, new, name)
    yield fault


def _since(record: Record) -> str | None:
    """The day of the present place, unless it is that of the installation, which is checked separately."""
    placed = text(record, "placed_on")
    return None if placed == text(record, "installed_on") else placed


def _records_place(item: Json, was: Placement) -> bool:
    """Whether an item says that the device was at that place, from its first day there."""
    if not isinstance(item, Mapping) or item.get("from") != (str(was.start) if was.start else None):
        return False
    support = item.get("support")
    return support == was.support if was.support is not None else support is None and "location" in item


def _move_fault(old: Record, new: Record, name: str) -> Fault:
    was, now = old.data.get(name), new.data.get(name)
    before, after = (as_text(value) if is_given(value) else "–" for value in (was, now))
    place = text(new, "support") or _options(new.data.get("location"))
    correct = correction_hint(new, name, value_word(now) if is_given(now) else None)
    return Fault(
        at(new, name) if is_given(now) else at(new, "id"),
        Message(
            "{name} was {before} and is now {after}, but placements does not say where it was before",
            name=name,
            before=before,
            after=after,
        ),
        correct
        if name == "placed_on"
        else Message(
            "smartreg move {new} {place} --on YYYY-MM-DD records a move; {correct}",
            new=new.rid.id,
            place=place,
            correct=correct,
        ),
    )


def _options(location: Json) -> str:
    """The options of `move` for a position of its own."""
    lon, lat = point(location) or ("LON", "LAT")
    return f"--location-lon {lon} --location-lat {lat}"


def _lost_items(old: Record, new: Record, append_only: _List) -> Iterator[Fault]:
    """A fault for each item of the list that was removed or altered."""
    was, now = _items(old, append_only.name), _items(new, append_only.name)
    counts = Counter(map(_same, was)), Counter(map(_same, now))
    missing, added = counts[0] - counts[1], counts[1] - counts[0]
    for item in {same: item for item in was if missing[same := _same(item)]}.values():
        twin = next(
            (index for index, other in enumerate(now) if added[_same(other)] and _alike(item, other, append_only.key)),
            None,
        )
        what = _item_key(item, append_only.key)
        if twin is None:
            place = at(new, append_only.name) if append_only.name in new.data else at(new, "id")
            message = append_only.gone.fill(item=what)
        else:
            place = at(new, append_only.name, twin)
            message = append_only.altered.fill(item=what, fields=_name_altered(item, now[twin]))
        yield Fault(
            place, message, _hint(new, append_only, was.index(item), now[twin] if twin is not None else None, item)
        )


def _name_altered(was: Json, now: Json) -> str:
    """The fields of an item that differ, in brackets."""
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        return ""
    names = [name for name in dict.fromkeys((*was, *now)) if was.get(name) != now.get(name)]
    return f" ({', '.join(names)})"


def _hint(record: Record, append_only: _List, index: int, twin: Json, item: Json) -> Text:
    hint = Message("put it back, and add another item that corrects it")
    if not append_only.correctable:
        return hint
    if append_only.name == "deliberations":
        correct = correction_hint(record, append_only.name)
        return Message("{hint}; {correct}", hint=hint, correct=correct)
    correct = slip_in_item(record, f"{append_only.name}[{index}]", item, twin)
    return Message("put it back; {correct}", correct=correct)


def _items(record: Record, name: str) -> Sequence[Json]:
    value = record.data.get(name)
    return value if isinstance(value, list) else ()


def _same(item: Json) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False, default=str)


def _alike(old: Json, new: Json, key: Sequence[str]) -> bool:
    """Whether two items describe the same thing: an event of that day and kind, a place since that day."""
    return bool(key) and _key(old, key) is not None and _key(old, key) == _key(new, key)


def _key(item: Json, key: Sequence[str]) -> tuple[str, ...] | None:
    values = [item.get(name) for name in key] if isinstance(item, Mapping) else [None]
    return tuple(map(str, values)) if all(isinstance(value, str) for value in values) else None


def _item_key(item: Json, key: Sequence[str]) -> str:
    values = _key(item, key) if key else None
    return ", ".join(values) if values else as_text(item)

"""A record as it was on a past day: by its own days, as far as they are known today; in everything else, as the
registry recorded it then.

Dates of facts, events, places, owners and acts are days of their own: what was recorded late counts from its own day. A
status, a network, recipients or an access have none: only the history of the registry knows them. The present record
decides about what was corrected since, about what describes the device itself (its model, its price), and about who may
see it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from smartreg.core.values import Json, Record
from smartreg.domain.acts import ACTS, TERMS
from smartreg.domain.days import BEFORE, INSTALLED, day, day_of, is_date, is_fact
from smartreg.domain.fields import object_list
from smartreg.domain.kinds import CONVENTION, EQUIPMENT
from smartreg.domain.placements import OWNERS, PLACE, PLACEMENTS, placement_on, recorded_owners
from smartreg.domain.renewal import ENDED
from smartreg.domain.successions import ENDED as ENDED_ON
from smartreg.domain.successions import PARTY, SUCCESSORS
from smartreg.schema import ITEM, FieldPath, Kind, Lifecycle

VISIBILITY = "visibility"
OF_THE_DEVICE = frozenset({"type", "manufacturer", "model", "replaces", "cost_eur", "procurement_ref"})
"""Fields that are true of a device for its whole life: one record is one device."""
SUCCESSION = (ENDED_ON, SUCCESSORS)
"""When a party ends and who follows it, in the past as in the future: each succession has its own first day."""
MEASURED = "measured_on"
"""The day of an indicator, whose value is overwritten by the next one; other dated items stay in their list."""
BEGINNINGS = (INSTALLED, BEFORE, "started_on", "signed_on", "date")
"""The fields that say since when something is there."""


class Recorded(NamedTuple):
    """Two states of the record of one thing: `then`, on the day, or the first text that it ever had (`known` is false:
    nothing was recorded by the day); `now`, in the present state (None: deleted since). `corrected`: the top-level
    fields that were corrected in between."""

    then: Record
    now: Record | None
    known: bool
    corrected: Collection[str]


def record_on(kind: Kind, recorded: Recorded, on: date, *, later_acts: bool) -> Record | None:
    """The record of the day, in the file and under the id of `then`; None if it was not there yet. `later_acts`: with
    the conventions and acts signed after the day, for answers that name them."""
    then, now = recorded.then, recorded.now
    if now is None:
        return then
    if kind.name == CONVENTION:
        return _convention(then, now, on, known=recorded.known, later_acts=later_acts)
    merged = _merge(kind, recorded, then.data, now.data, (), on)
    merged |= {**_owner(recorded, now, on), **_place(recorded, now, on)}
    data = {name: value for name, value in merged.items() if value is not None}
    if not recorded.known and not _may_have_been_there(kind, recorded, data):
        return None
    life = kind.lifecycle
    if life is not None and life.field in data:
        data[life.field] = _status(kind, life, recorded, data, on)
    return then if data == then.data else then._replace(data=data)


def is_dated(kind: Kind, record: Record) -> bool:
    """Whether the record's own days say that it was there (see `record_on`, which leaves only days of the past)."""
    dates = kind.lifecycle.dates.values() if kind.lifecycle else ()
    return any(day(record, name) for name in (*BEGINNINGS, *dates))


def _merge(
    kind: Kind, recorded: Recorded, then: Mapping[str, Json], now: Mapping[str, Json], path: FieldPath, on: date
) -> dict[str, Json]:
    """The fields of a group: facts by their days, everything else as recorded then."""
    data: dict[str, Json] = {}
    for name in dict.fromkeys((*then, *now)):
        field, old, new = (*path, name), then.get(name), now.get(name)
        corrected = field[0] in recorded.corrected
        if (
            field[0] == VISIBILITY
            or (kind.name == PARTY and field[0] in SUCCESSION)
            or (kind.name == EQUIPMENT and field[0] in OF_THE_DEVICE)
        ):
            data[name] = new
        elif field[0] in (*PLACE, PLACEMENTS, OWNERS):
            data[name] = old
        elif _is_fact(kind, field):
            data[name] = _fact(old, new, on, corrected=corrected, known=recorded.known)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            data[name] = _merge(kind, recorded, old, new, field, on) or None
        elif days := _days_of_items(kind, field):
            items = _items(old, new, days, on)
            data[name] = items if items or isinstance(old, list) else None
        else:
            data[name] = new if corrected else old
    return data


def _is_fact(kind: Kind, path: FieldPath) -> bool:
    field = kind.by_path.get(path)
    dates = kind.lifecycle.dates.values() if kind.lifecycle else ()
    return field is not None and (is_fact(field) or (is_date(field) and path[-1] in (*dates, *BEGINNINGS)))


def _fact(old: Json, new: Json, on: date, *, corrected: bool, known: bool) -> Json:
    """The day of a fact: as it is known today, unless it is a later one; then, as it was recorded."""
    today, before = day_of(new), day_of(old)
    if today is not None and today <= on:
        return new
    to_come = before is not None and before > on
    return None if corrected or (to_come and not known) else old


def _days_of_items(kind: Kind, path: FieldPath) -> Sequence[str]:
    """The fields that give the items of a list a day."""
    return [field.path[-1] for field in kind.fields if field.path[:-1] == (*path, ITEM) and is_date(field)]


def _items(old: Json, new: Json, days: Sequence[str], on: date) -> list[Json]:
    """The items of a list whose day had come, as known today; of what is overwritten, else what was recorded then."""
    before, today = (value if isinstance(value, list) else [] for value in (old, new))
    if MEASURED not in days:
        return [item for item in today if _has_come(item, days, on)]
    measured = {_name(item): item for item in today if _has_come(item, days, on)}
    names = [_name(item) for item in before]
    return [measured.get(_name(item), item) for item in before] + [
        item for name, item in measured.items() if name not in names
    ]


def _has_come(item: Json, days: Sequence[str], on: date) -> bool:
    days_given = (day_of(item.get(name)) for name in days) if isinstance(item, Mapping) else iter(())
    first = next((day_given for day_given in days_given if day_given is not None), None)
    return first is not None and first <= on


def _name(item: Json) -> Json:
    return item.get("name") if isinstance(item, Mapping) else None


def _owner(recorded: Recorded, now: Record, on: date) -> Mapping[str, Json]:
    """Its owner of the day and the earlier ones, if it changed hands since, or its owner was corrected."""
    if OWNERS not in now.data and "owner" not in recorded.corrected:
        return {}
    ended = [item for item in object_list(now.data.get(OWNERS)) if _has_ended(item, on)]
    return {
        "owner": next((ownership.owner for ownership in recorded_owners(now) if ownership.holds(on)), None),
        OWNERS: ended or None,
    }


def _place(recorded: Recorded, now: Record, on: date) -> Mapping[str, Json]:
    """Its place of the day and the earlier ones, if it was moved since, or its place was corrected."""
    if (
        PLACEMENTS not in now.data
        and "placed_on" not in now.data
        and not any(name in recorded.corrected for name in PLACE)
    ):
        return {}
    place = placement_on(now, on)
    if place is None:
        return {}
    items = now.data.get(PLACEMENTS)
    items = items if isinstance(items, list) else []
    if place.path[0] != PLACEMENTS:
        return {PLACEMENTS: items or None, **{name: now.data.get(name) for name in PLACE}}
    item, ended = items[int(place.path[1])], [earlier for earlier in items if _has_ended(earlier, on)]
    since = item.get("from") if ended else None
    return {
        **{name: item.get(name) for name in PLACE},
        "placed_on": since,
        PLACEMENTS: ended or None,
    }


def _has_ended(item: Json, on: date) -> bool:
    until = day_of(item.get("until")) if isinstance(item, Mapping) else None
    return until is not None and until < on


def _may_have_been_there(kind: Kind, recorded: Recorded, data: Mapping[str, Json]) -> bool:
    """Whether a thing that was recorded later may have been there: not if its days say that it came later, nor if it
    was only planned when it was recorded."""
    given = [name for name in BEGINNINGS if any(side and name in side.data for side in (recorded.then, recorded.now))]
    if given:
        return any(name in data for name in given)
    life = kind.lifecycle
    return life is None or data.get(life.field) in life.served


def _status(kind: Kind, life: Lifecycle, recorded: Recorded, data: Mapping[str, Json], on: date) -> Json:
    """The status of the day: as recorded then, unless days that were recorded or corrected later say otherwise."""
    status, then, now = data[life.field], recorded.then.data, recorded.now.data if recorded.now else {}
    days = {name: day_of(data.get(name)) for name in life.dates.values()}
    if recorded.known and all(data.get(name) == then.get(name) for name in days) and status == then.get(life.field):
        return status
    field = kind.by_path.get((life.field,))
    order = [*field.enum] if field else []
    reached = [(found_day, at, name) for at, name in enumerate(days) if (found_day := days[name]) and found_day <= on]
    last = next((state for state, name in life.dates.items() if name == max(reached)[2]), None) if reached else None
    own = life.dates.get(str(status), "")
    if own not in data and (own in then or own in now):
        before = [state for state in order if (state in life.in_service) == (status in life.ends)]
        return last or next(iter(before), status)
    return last if last in order and status in order and order.index(last) > order.index(status) else status


def _convention(then: Record, now: Record, on: date, *, known: bool, later_acts: bool) -> Record | None:
    """A convention, with the acts signed by the day. Before its signature, as recorded then."""
    if later_acts:
        return then._replace(data=now.data)
    signed = day(now, "signed_on")
    if signed is None or signed > on:
        return then if known else None
    acts = [item for item in object_list(now.data.get(ACTS)) if _has_come(item, ("signed_on",), on)]
    as_then = known and "signed_on" in then.data and acts == then.data.get(ACTS, [])
    terms = {name: now.data.get(name) for name in TERMS}
    end = day_of(terms[ENDED])
    if end is not None and end > on:
        terms[ENDED] = then.data.get(ENDED) if known else None
    data = {**(then.data if as_then else now.data), **terms, ACTS: acts or None}
    data = {name: value for name, value in data.items() if value is not None}
    ended = ENDED in data or any(ENDED in sets for item in acts if isinstance(sets := item.get("sets"), Mapping))
    if data.get("status") == "terminated" and not ended:
        data["status"] = "signed"
    return then if data == then.data else then._replace(data=data)

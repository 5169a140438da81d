"""What `add-…` asks on a terminal: where, what, identity, then the rest with defaults to accept with Enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smartreg.cli.add_missing import missing
from smartreg.cli.add_options import item_of
from smartreg.cli.add_values import put, unique_fields
from smartreg.cli.ask import Choice, choose, text
from smartreg.cli.nearest import Near
from smartreg.cli.session import Session
from smartreg.commands.add import new_id, with_status
from smartreg.edit import typed
from smartreg.registry import Registry
from smartreg.schema import Field, Kind
from smartreg.values import Json, RecordId, Words

ID = Words("Identifier", "Identifiant")


class Question(NamedTuple):
    """A field to ask for; the records near by that it may name; what Enter takes."""

    field: Field
    near: Sequence[Near] = ()
    default: str | None = None


def completed(session: Session, kind: Kind, values: Mapping[str, Json], near: Sequence[Near]) -> dict[str, Json]:
    """The values with the answers. `near` are the carriers to choose from, nearest first; empty: all of them."""
    registry = session.workspace.current
    data = dict(values)
    asked: set[tuple[str, ...]] = set()
    while wanted := [field for field in missing(kind, registry.schemas, data) if field.path not in asked]:
        field = wanted[0]
        asked.add(field.path)
        _ask(session, kind, data, Question(field, near))
    for field in _identity(registry, kind, data):
        _ask(session, kind, data, Question(field))
    started = _start(kind, data)
    if started is not None:
        _ask(session, kind, data, Question(started, default=session.today.isoformat()))
    return data


def ask_id(session: Session, kind: Kind, values: Mapping[str, Json]) -> str:
    """The id; Enter takes the one that is proposed."""
    proposed = new_id(session.workspace.current, kind, values)
    return text(session.console, ID.in_(session.lang), proposed, lambda _answer: None) or proposed


def again(registry: Registry, kind: Kind, values: Mapping[str, Json]) -> dict[str, Json]:
    """What the next of a series keeps: all but where it is and what is its own."""
    own = {"id", *unique_fields(registry, kind), *(name for name in kind.position if name in values)}
    return {name: value for name, value in values.items() if name not in own}


def _identity(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The fields by which records are told apart, when none of them is known yet."""
    names = unique_fields(registry, kind)
    if any(name in data for name in names):
        return []
    return [kind.by_path[(name,)] for name in names]


def _start(kind: Kind, data: Mapping[str, Json]) -> Field | None:
    """The date that begins the life of a record, when neither it nor the status was given."""
    life = kind.lifecycle
    if life is None or life.field in data or not life.dates:
        return None
    name = next(iter(life.dates.values()))
    begins = name not in data and name not in {life.dates.get(state) for state in life.ends}
    return kind.by_path.get((name,)) if begins and life.field in with_status(kind, data) else None


def _ask(session: Session, kind: Kind, data: dict[str, Json], asked: Question) -> None:
    """Ask for one field and keep the answer; no answer leaves it out."""
    field, near, default = asked
    item = item_of(kind, field)
    question = f"{field.title.in_(session.lang)}{f' ({field.unit})' if field.unit else ''}"
    if item.refs:
        hung = near if field.path[0] in kind.position else ()
        answer = choose(session.console, question, _references(session, item, hung), _usual(session, item, hung))
    elif item.enum:
        choices = [Choice(str(value), _label(item, value, session)) for value in item.enum]
        answer = choose(session.console, question, choices, default)
    else:
        answer = text(session.console, question, default, lambda said: typed(field, said))
    if answer:
        put(
            data,
            field.path,
            [typed(item, answer)] if field.kind == "array" and item.kind != "array" else typed(field, answer),
        )


def _label(item: Field, value: Json, session: Session) -> str:
    label = item.labels[value].in_(session.lang) if value in item.labels else ""
    return "" if label == value else label


def _references(session: Session, item: Field, near: Sequence[Near]) -> list[Choice]:
    """The records that may be named here, with what people call them; by distance when that is known."""
    registry = session.workspace.current
    if near:
        return [
            Choice(found.record.rid.id, f"{found.metres:.0f} m · {_name(registry, found.record.rid, session)}")
            for found in near
        ]
    rids = [RecordId(kind, id) for kind in item.refs if kind in registry.schemas.kinds for id in registry.ids(kind)]
    for kind in item.refs:
        registry.load(place.file for id in registry.ids(kind) for place in registry.places[RecordId(kind, id)])
    return [Choice(rid.id, _name(registry, rid, session)) for rid in rids]


def _name(registry: Registry, rid: RecordId, session: Session) -> str:
    record = registry.get(rid)
    return "" if record is None else registry.schemas.kinds[rid.kind].label_of(record.data, session.lang)


def _usual(session: Session, item: Field, near: Sequence[Near]) -> str | None:
    """The default of a reference: the nearest, the only one, or the metropolis of the settings."""
    registry = session.workspace.current
    if near:
        return near[0].record.rid.id
    known = [id for kind in item.refs for id in registry.ids(kind)]
    if len(known) == 1:
        return known[0]
    metropole = registry.config.metropole
    return metropole if metropole in known else None

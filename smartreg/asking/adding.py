"""The form for a new record: where, what, identity, then the rest with defaults to accept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import islice

from smartreg.asking.choices import Choice
from smartreg.asking.fields import field_question, filled_fields
from smartreg.asking.question import Answers, FormContext, Question, Questions, accept
from smartreg.asking.records import read_fields, record_choices
from smartreg.core.coordinates import read_coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Json, Record, RecordId, value_at
from smartreg.domain.devices import (
    CAPTURES,
    MANUFACTURER,
    MEASURES,
    lacks_captures,
    lacks_measures,
    missing_identifiers,
    missing_manufacturer,
    missing_network,
)
from smartreg.registry import Near, Registry, carriers, nearest, position, typed_point
from smartreg.schema import Field, FieldPath, Kind, decimals_typed
from smartreg.workspace.add import find_missing_fields, like, new_id, put, unique_fields
from smartreg.workspace.workspace import record_of

LIKE: FieldPath = ("--like",)  # an answer that fills no field
ID: FieldPath = ("id",)
PARTY = "party"
NONE = "-"
LOOKED_AT = 200  # commits in which the last record is looked for
# How a schema maps the days from and until which a record holds.
START, END = ("dcat", "dcat:startDate"), ("dcat", "dcat:endDate")
NO_MORE = verbatim("")


@dataclass
class NewRecord:
    """The form for one record.

    `given`: what needs no question, `given_decimals`: with how many decimals a position in it was typed; `near`: what
    may carry it, nearest first, of which the first is the default; `nearby`: what is near the previous record.
    `offers_like`: whether to begin with what another record shares, `asks_id`: whether to end with the id. `changed`:
    fields to ask for although they are given; `usual`: what the record that it is like has in fields that are asked for
    all the same; `data`: the values, as far as the last run of the form came.
    """

    context: FormContext
    kind: Kind
    given: Mapping[str, Json]
    near: Sequence[Near] = ()
    nearby: Sequence[Near] = ()
    offers_like: bool = False
    asks_id: bool = True
    given_decimals: int = 0
    answers: Answers = field(default_factory=Answers)
    changed: list[FieldPath] = field(default_factory=list)
    usual: Mapping[str, Json] = field(default_factory=dict)
    data: dict[str, Json] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        return self.context.workspace.current

    def questions(self, answers: Answers) -> Questions[dict[str, Json]]:
        """The questions in their order; everything that was given and answered."""
        self.answers = answers
        kind, registry = self.kind, self.registry
        data, near = yield from self._begin()
        self.data = data
        refuse_nothing_to_name(registry, kind, find_missing_fields(kind, registry.schemas, data))
        yield from self._ask_required(data, near)
        for item in missing_network(registry, kind, data):
            yield from self._ask(data, item, optional=True)
        for item in missing_identifiers(registry, kind, data):
            if item.path[0] not in data:  # a label gives several
                yield from self._ask(data, item, optional=True)
        for item in missing_manufacturer(kind, data):
            yield from self._ask(data, item, optional=True)
        if lacks_measures(kind, data):
            yield from self._ask(data, kind.by_path[(MEASURES,)], optional=True)
        if lacks_captures(kind, data):
            yield from self._ask(data, kind.by_path[(CAPTURES,)], optional=True)
        yield from self._ask_state(data)
        for item in term_days(kind, data):
            yield from self._ask(data, item, optional=True)
        for path in self.changed:
            yield from self._ask_again(data, path, near)
        yield from self._ask_required(data, near)
        for item in missing_identifiers(registry, kind, data):  # that another network needs
            if item.path not in self.answers.asked:
                yield from self._ask(data, item, optional=True)
        if self.asks_id and "id" not in data:
            yield from self._ask(data, kind.by_path[ID], new_id(registry, kind, data))
        return data

    def name(self, path: FieldPath, id: str) -> None:
        """Answer a question by a record that was made for it."""
        self.answers.given[path] = [id] if self.kind.by_path[path].kind == "array" else id

    def change(self, path: FieldPath) -> None:
        """Ask for a field again with the next run, its value offered."""
        if path in self.answers.given:
            self.answers.take_back(path)
        else:
            self.changed.append(path)

    def for_next(self, context: FormContext) -> NewRecord:
        """The form for the next of a series: where it is, and what distinguishes it; the rest is copied."""
        registry, kind = context.workspace.current, self.kind
        own = {"id", *unique_fields(registry, kind), *(name for name in kind.position if name in self.data)}
        kept = {name: value for name, value in self.data.items() if name not in own}
        left_out = [path for path, answer in self.answers.reached.items() if answer is None and path[0] not in own]
        nearby = carriers_near(registry, kind, Record(RecordId(kind.name, ""), "", self.data))
        answers = Answers(dict.fromkeys(left_out))
        return NewRecord(context, kind, kept, nearby=nearby, asks_id=self.asks_id, answers=answers)

    @property
    def decimals(self) -> int:
        """The number of decimals of a position as typed."""
        answers = (answer for path, answer in self.answers.reached.items() if self._is_place(path))
        places = (read_coordinates(answer) for answer in answers if isinstance(answer, str))
        return max(self.given_decimals, *(decimals_typed((place.lon, place.lat)) for place in places if place), 0)

    def _is_place(self, path: FieldPath) -> bool:
        return path in self.kind.by_path and self.kind.is_place(self.kind.by_path[path])

    def _begin(self) -> Questions[tuple[dict[str, Json], Sequence[Near]]]:
        """The values that need no question, and what may carry the record: those of a record that it is like, too."""
        self.usual = {}
        given = deepcopy(dict(self.given))
        answer: Json = NONE
        if self.offers_like and find_missing_fields(self.kind, self.registry.schemas, given):
            similar = [] if LIKE in self.answers.given else self._similar_records()
            if similar or LIKE in self.answers.given:
                answer = yield self._about_like(similar)
        if answer == NONE:
            return given, self.near or self.nearby
        model = record_of(self.registry, str(RecordId(self.kind.name, str(answer))))
        shared = like(self.kind, self.registry, model)
        self.usual = {name: shared.pop(name) for name in [*shared] if self._is_asked_for_each(name)}
        return {**shared, **given}, self.near or carriers_near(self.registry, self.kind, model)

    def _is_asked_for_each(self, name: str) -> bool:
        """True of what decides whose a record is and who made it: the one it is like gives the default only."""
        item = self.kind.by_path[(name,)]
        return name == MANUFACTURER or (item.required and item.refs == (PARTY,))

    def _similar_records(self) -> list[RecordId]:
        """The records of the kind with the values of the new one that a preset gives (sensors, not cameras)."""
        preset = {name for values in self.kind.presets.values() for name in values if name in self.given}
        rows = read_fields(self.registry, self.kind, sorted(preset))
        return [rid for rid, data in rows.items() if all(data.get(name) == self.given[name] for name in preset)]

    def _about_like(self, similar: Sequence[RecordId]) -> Question:
        """Whose values the new record shares: nobody's unless one is named, the last of its sort first."""
        lang = self.context.lang
        explanation = Message(
            "The new record takes from this one what both share (use cases, network, measures); its owner, its place, "
            "its identifiers and its dates are asked for."
        )
        typing = Message("{explanation} - takes nothing.", explanation=explanation)
        none = Choice(NONE, Message("none").in_(lang))
        last = [self._last(similar)] if similar else []
        records = [*last, *(rid for rid in similar if rid not in last)]
        return Question(
            LIKE,
            Message("Like which record").in_(lang),
            help=Message(" (- for none)").in_(lang),
            explanation=explanation.in_(lang),
            typing=typing.in_(lang),
            choices=lambda: record_choices(self.context, records, last=[none], by_kind=False),
            default=self.answers.former.get(LIKE) or NONE,
        )

    def _last(self, rids: Sequence[RecordId]) -> RecordId:
        """The one of these records that was added last, as far as the last commits say."""
        names = {str(rid): rid for rid in rids}
        commits = islice(self.context.workspace.git.history([self.kind.place]), LOOKED_AT)
        added = (name for commit in commits for step in commit.operations if step.op == "add" for name in step.records)
        return next((names[name] for name in added if name in names), rids[-1])

    def _ask_required(self, data: dict[str, Json], near: Sequence[Near]) -> Questions[None]:
        """Ask for all that the schema requires, also because of an answer; a date of the life cycle is today's."""
        dates = set(self.kind.lifecycle.dates.values()) if self.kind.lifecycle else set()
        done: set[FieldPath] = set()
        while missing := [item for item in self._find_missing(data) if item.path not in done]:
            item = missing[0]
            done.add(item.path)
            refuse_nothing_to_name(self.registry, self.kind, missing)
            usual: Json = self.context.today.isoformat() if item.path[0] in dates else None
            if self.near and item.path[0] in self.kind.position and item.refs:
                usual = near[0].record.rid.id
            yield from self._ask(data, item, usual, near=near)

    def _find_missing(self, data: Mapping[str, Json]) -> Iterator[Field]:
        """The fields that the schema requires; for a longitude and a latitude, the position."""
        missing = find_missing_fields(self.kind, self.registry.schemas, data)
        paths = {item.path for item in missing}
        for item in missing:
            group = self.kind.by_path.get(item.path[:-1])
            whole = group and self.kind.is_place(group) and {(*group.path, "lon"), (*group.path, "lat")} <= paths
            if not (whole and item.path[-1] == "lat"):
                yield group if whole and group else item

    def _ask_state(self, data: dict[str, Json]) -> Questions[None]:
        """Ask where in its life the record is, when neither that nor a date of its life was given, and since when."""
        kind, life = self.kind, self.kind.lifecycle
        if life is None or life.field in data or set(life.dates.values()) & set(data):
            return
        item = kind.by_path[(life.field,)]
        states = tuple(state for state in item.enum if state not in life.ends)
        usual = next((state for state in life.dates if state in states), next(iter(life.transitions)))

        def check(state: Json) -> None:
            missing = find_missing_fields(kind, self.registry.schemas, {**data, life.field: state})
            other = Message(", or choose another here")
            refuse_nothing_to_name(self.registry, kind, missing, other)

        yield from self._ask(data, replace(item, enum=states), usual, check=check)
        date = kind.by_path.get((life.dates.get(data.get(life.field, ""), ""),))
        if date is not None and date.path[0] not in data:
            yield from self._ask(data, date, self.context.today.isoformat())

    def _ask_again(self, data: dict[str, Json], path: FieldPath, near: Sequence[Near]) -> Questions[None]:
        """Ask for a field that was given, or taken from another record."""
        item = self.kind.by_path[path]
        yield from self._ask(data, item, value_at(data, path), near=near, optional=not item.required)

    def _ask(
        self,
        data: dict[str, Json],
        item: Field,
        default: Json = None,
        *,
        near: Sequence[Near] = (),
        optional: bool = False,
        check: Callable[[Json], object] = accept,
    ) -> Questions[None]:
        """Ask for a field and put the answer into the values."""
        path = item.path
        former = self.answers.former.get(path)
        default = self.usual.get(path[0]) if default is None and len(path) == 1 else default
        default = default if former is None else former
        answer = yield field_question(
            self.context, self.kind, data, item, default, near=near, optional=optional, check=check
        )
        if answer is None:
            above = value_at(data, path[:-1])
            if isinstance(above, dict):
                above.pop(path[-1], None)
        elif self._is_place(path):
            for name, number in zip(("lon", "lat"), typed_point(str(answer)), strict=True):
                put(data, (*path, name), number)
        else:
            for filled, value in filled_fields(item, answer).items():
                if filled == path or filled[0] not in data:
                    put(data, filled, value)


def term_days(kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The days from and until which a record holds, as far as they are not known: the first one only of what is in
    service by a state that has no day of its own; not days on which a state of its life begins."""
    life = kind.lifecycle
    state = data.get(life.field) if life else None
    terms = set() if life and state in life.ends else {END}
    if life is None or (state in life.in_service and state not in life.dates):
        terms.add(START)
    begun = set(life.dates.values()) if life else set()
    mapped = [field for field in kind.fields if len(field.path) == 1 and terms & set(field.maps.items())]
    return [field for field in mapped if field.path[0] not in {*begun, *data}]


def carriers_near(registry: Registry, kind: Kind, record: Record) -> Sequence[Near]:
    """The records that may carry one of this kind, nearest to another first; none where that has no position."""
    refs = tuple(ref for each in carriers(kind) for ref in each.refs)
    place = position(registry, record) if refs else None
    return nearest(registry, refs, place) if place else ()


class NothingToName(UsageFault):
    """A record must name another, in the field at `path`, of a `kind` that has no record yet."""

    def __init__(self, path: FieldPath, kind: Kind, other: Text = NO_MORE) -> None:
        super().__init__(
            Message("there is no {kind} yet", kind=kind.title_in_a_sentence),
            Message("create one first: smartreg add-{kind}{other}", kind=kind.noun, other=other),
        )
        self.path = path
        self.kind = kind


def refuse_nothing_to_name(registry: Registry, kind: Kind, fields: Sequence[Field], other: Text = NO_MORE) -> None:
    """NothingToName for the first field that must name a record of a kind without any."""
    for field_ in fields:
        refs = kind.item_of(field_).refs
        kinds = [registry.schemas.kinds[name] for name in refs if name in registry.schemas.kinds]
        if kinds and not any(registry.ids(item.name) for item in kinds):
            raise NothingToName(field_.path, kinds[0], other)

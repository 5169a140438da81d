"""What `add-…` asks on a terminal, in which order: where, what, identity, then the rest with defaults to accept with
Enter. `<` and the review take one answer back: the questions are gone through again, and those with an answer skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import islice

from smartreg.cli.adding.choices import (
    CAPTURES,
    MEASURES,
    Near,
    captures,
    carriers,
    identifiers,
    measures,
    nearest,
    networks,
    numbers_typed,
    point,
    term_days,
)
from smartreg.cli.adding.options import item_of
from smartreg.cli.adding.questions import Question, ask_field, is_place
from smartreg.cli.adding.values import find_missing_fields
from smartreg.cli.ask import KEYS, Back, Choice, Choices, Prompt, choose
from smartreg.cli.picker import read_fields, record_choices
from smartreg.cli.session import Session
from smartreg.commands.add import like, new_id, put, unique_fields
from smartreg.commands.workspace import record_of
from smartreg.core.errors import UsageFault
from smartreg.core.styled import Span, line
from smartreg.core.values import Json, Record, RecordId, Words, value_at
from smartreg.edit import decimals_typed
from smartreg.registry import Registry, position
from smartreg.schema import Field, Kind

FieldPath = tuple[str, ...]
LIKE: FieldPath = ("--like",)  # an answer that fills no field
ID: FieldPath = ("id",)
NONE = "-"
NO_MORE = Words("", "")
LOOKED_AT = 200  # commits in which the last record is looked for


@dataclass
class Interview:
    """The questions for one record and their answers by field (None: left out).

    `given`: what needs no question, `given_decimals`: with how many decimals a position in it was typed; `near`: what
    may carry it, nearest first, of which Enter takes the first; `nearby`: what is near the previous record.
    `offers_like`: whether to begin with what another record shares, `asks_id`: whether to end with the id. `offered`:
    what Enter takes where a question comes again; `changed`: fields to ask for although they are given; `asked`: the
    questions of the last pass, in their order; `so_far`: its values.
    """

    session: Session
    kind: Kind
    given: Mapping[str, Json]
    near: Sequence[Near] = ()
    nearby: Sequence[Near] = ()
    offers_like: bool = False
    asks_id: bool = True
    given_decimals: int = 0
    answers: dict[FieldPath, Json] = field(default_factory=dict)
    offered: dict[FieldPath, Json] = field(default_factory=dict)
    changed: list[FieldPath] = field(default_factory=list)
    asked: list[FieldPath] = field(default_factory=list)
    so_far: dict[str, Json] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        return self.session.workspace.current

    def values(self) -> dict[str, Json]:
        """Everything that was given and answered; asks what is open."""
        while True:
            self.asked = []
            try:
                return self._go_through()
            except Back:
                self._reopen(self.asked.pop())

    def change(self, path: FieldPath) -> None:
        """Ask for a field again with the next `values`, its value offered."""
        if path in self.answers:
            self._reopen(path)
        else:
            self.changed.append(path)

    def for_next(self, session: Session) -> Interview:
        """The questions for the next of a series: where it is, and what distinguishes it; the rest is copied."""
        registry, kind = session.workspace.current, self.kind
        own = {"id", *unique_fields(registry, kind), *(name for name in kind.position if name in self.so_far)}
        kept = {name: value for name, value in self.so_far.items() if name not in own}
        left_out = [path for path, answer in self.answered.items() if answer is None and path[0] not in own]
        record = Record(RecordId(kind.name, ""), "", self.so_far)
        nearby = carriers_near(registry, kind, record)
        return Interview(session, kind, kept, nearby=nearby, asks_id=self.asks_id, answers=dict.fromkeys(left_out))

    @property
    def answered(self) -> dict[FieldPath, Json]:
        """The questions of the last pass in their order, with their answers."""
        return {path: self.answers[path] for path in self.asked}

    @property
    def decimals(self) -> int:
        """The number of decimals of a position as typed."""
        typed = [self.answers[path] for path in self.asked if self._is_place(path)]
        numbers = (number for text in typed if isinstance(text, str) for number in numbers_typed(text))
        return max(self.given_decimals, decimals_typed(numbers))

    def _is_place(self, path: FieldPath) -> bool:
        return path in self.kind.by_path and is_place(self.kind, self.kind.by_path[path])

    def _reopen(self, path: FieldPath) -> None:
        self.offered[path] = self.answers.pop(path)

    def _go_through(self) -> dict[str, Json]:
        kind, registry = self.kind, self.registry
        data, near = self._begin()
        self.so_far = data
        refuse_nothing_to_name(registry, kind, find_missing_fields(kind, registry.schemas, data))
        self._ask_required(data, near)
        for item in networks(registry, kind, data):
            self._ask(data, Question(item, optional=True))
        for item in identifiers(registry, kind, data):
            self._ask(data, Question(item, optional=True))
        for name, wanted in ((MEASURES, measures(kind, data)), (CAPTURES, captures(kind, data))):
            if wanted:
                self._ask(data, Question(kind.by_path[(name,)], optional=True))
        self._ask_state(data)
        for item in term_days(kind, data):
            self._ask(data, Question(item, optional=True))
        for path in self.changed:
            self._ask_again(data, path, near)
        self._ask_required(data, near)
        for item in identifiers(registry, kind, data):  # that another network needs
            if item.path not in self.asked:
                self._ask(data, Question(item, optional=True))
        self._ask_id(data)
        return data

    def _begin(self) -> tuple[dict[str, Json], Sequence[Near]]:
        """The values that need no question, and what may carry the record: those of a record that it is like, too."""
        given = deepcopy(dict(self.given))
        model = (
            self._ask_like()
            if self.offers_like and find_missing_fields(self.kind, self.registry.schemas, given)
            else None
        )
        if model is None:
            return given, self.near or self.nearby
        record = record_of(self.registry, str(model))
        shared = like(self.kind, self.registry, record)
        return {**shared, **given}, self.near or carriers_near(self.registry, self.kind, record)

    def _ask_like(self) -> RecordId | None:
        """The record whose values the new one shares: the last one of its sort unless another is named."""
        if LIKE not in self.answers:
            sort = self._of_sort()
            if not sort:
                return None
            last = self.offered.get(LIKE) or self._last(sort).id
            self._introduce()
            items = record_choices(self.session, sort, by_kind=False)
            none = Choice(NONE, Words("none", "aucune").in_(self.session.lang))
            found = choose(self.session.console, self._like_prompt(), Choices([*items, none]), str(last))
            self.answers[LIKE] = found
        self.asked.append(LIKE)
        answer = self.answers[LIKE]
        return None if answer == NONE else self._rid(str(answer))

    def _like_prompt(self) -> Prompt:
        explanation = Words(
            "The new record takes from this one what both share (owner, use cases, network, measures); its place, its "
            "identifiers and its dates are asked for. - takes nothing.",
            "La nouvelle fiche reprend de celle-ci ce qui leur est commun (propriétaire, cas d'usage, réseau, "
            "mesures) ; son emplacement, ses identifiants et ses dates sont demandés. - ne reprend rien.",
        )
        title = Words("Like which record (- for none)", "Comme quelle fiche (- pour aucune)")
        return Prompt(title.in_(self.session.lang), explanation.in_(self.session.lang))

    def _rid(self, id: str) -> RecordId:
        return RecordId(self.kind.name, id)

    def _of_sort(self) -> list[RecordId]:
        """The records of the kind with the values of the new one that a preset gives (sensors, not cameras)."""
        preset = {name for values in self.kind.presets.values() for name in values if name in self.given}
        rows = read_fields(self.registry, self.kind, sorted(preset))
        return [rid for rid, data in rows.items() if all(data.get(name) == self.given[name] for name in preset)]

    def _last(self, sort: Sequence[RecordId]) -> RecordId:
        """The record of this sort that was added last, as far as the last commits say."""
        names = {str(rid): rid for rid in sort}
        commits = islice(self.session.workspace.git.history([self.kind.place]), LOOKED_AT)
        added = (name for commit in commits for one in commit.operations if one.op == "add" for name in one.records)
        return next((names[name] for name in added if name in names), sort[-1])

    def _ask_required(self, data: dict[str, Json], near: Sequence[Near]) -> None:
        """Ask for all that the schema requires, also because of an answer; a date of the life cycle is today's."""
        dates = set(self.kind.lifecycle.dates.values()) if self.kind.lifecycle else set()
        done: set[FieldPath] = set()
        while wanted := [item for item in self._find_missing(data) if item.path not in done]:
            item = wanted[0]
            done.add(item.path)
            refuse_nothing_to_name(self.registry, self.kind, wanted)
            usual: Json = self.session.today.isoformat() if item.path[0] in dates else None
            if self.near and item.path[0] in self.kind.position and item.refs:
                usual = near[0].record.rid.id
            self._ask(data, Question(item, near, usual))

    def _find_missing(self, data: Mapping[str, Json]) -> Iterator[Field]:
        """What the schema requires; for a longitude and a latitude, the position."""
        wanted = find_missing_fields(self.kind, self.registry.schemas, data)
        paths = {item.path for item in wanted}
        for item in wanted:
            group = self.kind.by_path.get(item.path[:-1])
            whole = group and is_place(self.kind, group) and {(*group.path, "lon"), (*group.path, "lat")} <= paths
            if not (whole and item.path[-1] == "lat"):
                yield group if whole and group else item

    def _ask_state(self, data: dict[str, Json]) -> None:
        """Ask where in its life the record is, when neither that nor a date of its life was given, and since when."""
        kind, life = self.kind, self.kind.lifecycle
        if life is None or life.field in data or set(life.dates.values()) & set(data):
            return
        item = kind.by_path[(life.field,)]
        states = tuple(state for state in item.enum if state not in life.ends)
        usual = next((state for state in life.dates if state in states), next(iter(life.transitions)))

        def judge(state: str) -> None:
            wanted = find_missing_fields(kind, self.registry.schemas, {**data, life.field: state})
            other = Words(", or choose another here", ", ou choisissez autre chose ici")
            refuse_nothing_to_name(self.registry, kind, wanted, other)

        self._ask(data, Question(replace(item, enum=states), default=usual, judge=judge))
        date = kind.by_path.get((life.dates.get(data[life.field], ""),))
        if date is not None and date.path[0] not in data:
            self._ask(data, Question(date, default=self.session.today.isoformat()))

    def _ask_again(self, data: dict[str, Json], path: FieldPath, near: Sequence[Near]) -> None:
        """Ask for a field that was given, or taken from another record."""
        item = self.kind.by_path[path]
        default = value_at(data, path)
        if is_place(self.kind, item) and isinstance(default, dict):
            default = f"{default.get('lat')}, {default.get('lon')}"
        self._ask(data, Question(item, near, default, optional=not item.required))

    def _ask_id(self, data: dict[str, Json]) -> None:
        """Ask for the id; Enter takes the one that is proposed."""
        if self.asks_id and "id" not in data:
            self._ask(data, Question(self.kind.by_path[ID], default=new_id(self.registry, self.kind, data)))

    def _ask(self, data: dict[str, Json], question: Question) -> None:
        """Put the answer for a field into the values: the one given before, else the one given now."""
        path = question.field.path
        if path not in self.answers:
            self._introduce()
            former = self.offered.get(path)
            question = question._replace(back=bool(self.asked), default=question.default if former is None else former)
            self.answers[path] = ask_field(self.session, self.kind, data, question)
        self.asked.append(path)
        answer = self.answers[path]
        if answer is None:
            _take_out(data, path)
        elif self._is_place(path):
            for name, number in zip(("lon", "lat"), point(str(answer)), strict=True):
                put(data, (*path, name), number)
        else:
            put(data, path, answer)

    def _introduce(self) -> None:
        """Say before the first question which keys work at every question."""
        if not self.asked and not self.offered:
            self.session.console.ask([line(Span(KEYS.in_(self.session.lang), "dim"))])


def carriers_near(registry: Registry, kind: Kind, record: Record) -> Sequence[Near]:
    """What may carry a record of this kind, nearest to another first; nothing where that has no position."""
    refs = tuple(ref for each in carriers(kind) for ref in each.refs)
    place = position(registry, record) if refs else None
    return nearest(registry, refs, place) if place else ()


def _take_out(data: dict[str, Json], path: FieldPath) -> None:
    above = value_at(data, path[:-1])
    if isinstance(above, dict):
        above.pop(path[-1], None)


def refuse_nothing_to_name(registry: Registry, kind: Kind, fields: Sequence[Field], other: Words = NO_MORE) -> None:
    """Refuse a record that must name another of a kind that has no record yet."""
    for refs in (item_of(kind, each).refs for each in fields):
        kinds = [registry.schemas.kinds[name] for name in refs if name in registry.schemas.kinds]
        if kinds and not any(registry.ids(item.name) for item in kinds):
            command = f"smartreg add-{kinds[0].noun}"
            title = kinds[0].title
            raise UsageFault(
                Words(f"there is no {title.en.lower()} yet", f"aucune fiche « {title.fr} » n'existe encore"),
                Words(f"create one first: {command}{other.en}", f"créez-en d'abord une : {command}{other.fr}"),
            )

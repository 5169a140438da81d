"""A convention as its initial act and its amending acts; its versions, each in force for a range of days. Source: the
initial act, amending acts and consolidated versions of ELI and Akoma Ntoso, as Légifrance publishes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.annulments import annulment
from smartreg.domain.corrections import as_text
from smartreg.domain.days import day, day_of, days_later
from smartreg.domain.fields import numbered_objects, text_list
from smartreg.domain.renewal import ENDED, UNTIL, Terms, term_end, until_after_notice

ACTS = "amendments"
TERMS = (
    *("parties", "families", "signed_on", "effective_from", "effective_until", "terminated_on", "reciprocal"),
    *("consideration", "removal_days", "notice_days", "scope", "third_parties", "renewal", "termination"),
)
"""The fields of a convention that say what its parties agreed."""
OBJECTS = {"third_parties": "party"}
"""Lists of objects, and the reference by which an item is found again."""
APPENDED = (ACTS, "annexes")
"""The lists of a convention that only grow: two branches that each append an item have two papers, whatever the items
have in common."""


class Act(NamedTuple):
    """An amending act: its place in `amendments`, its number (the day of its last signature where it has none), that
    day, its first day of effect, and what it says. `heirs`: of the successions of a day, which no convention records
    (`domain/successions.py`), who takes the place of whom; their number is `fos, istres → istres-fos`."""

    place: int
    number: str
    signed: date | None
    start: date
    data: Mapping[str, Json]
    heirs: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    @property
    def title(self) -> Text:
        """Its name for people: `amendment 2`."""
        if self.heirs:
            return Message("succession {number}", number=self.number)
        return Message("amendment {number}", number=self.number)

    @property
    def path(self) -> KeyPath:
        """Its key path in the convention; of a succession, that of the parties."""
        return ("parties",) if self.heirs else (ACTS, self.place)

    def part(self, name: str) -> Mapping[str, Json]:
        """The values that it adds, removes or sets, by path."""
        part = self.data.get(name)
        return part if isinstance(part, Mapping) else {}

    @property
    def unset(self) -> tuple[str, ...]:
        """The fields that it removes."""
        return text_list(self.data.get("unsets"))

    @property
    def changed(self) -> frozenset[str]:
        """The paths that it changes."""
        return frozenset((*self.part("adds"), *self.part("removes"), *self.part("sets"), *self.unset))

    @property
    def deliberations(self) -> tuple[str, ...]:
        """The ids of the deliberations that decide it."""
        return text_list(self.data.get("deliberations"))

    def describe(self) -> Iterator[str]:
        """Describe what it changes, one path each: `parties += martigues`, `removal_days = 60`, `- scope`,
        `non_renewal`."""
        for sign, name in (("-=", "removes"), ("+=", "adds")):
            for path, items in self.part(name).items():
                keys = [key_of(path, item) for item in items] if isinstance(items, list) else ()
                yield f"{path} {sign} {', '.join(map(str, keys))}"
        for path, value in self.part("sets").items():
            yield f"{path} = {', '.join(text_list(value)) or as_text(value)}"
        yield from (f"- {path}" for path in self.unset)
        notice = self.part("notice")
        if "of" in notice:
            yield f"{notice['of']} ({notice.get('by')})"

    @property
    def ends_renewal(self) -> bool:
        """Whether it is a notice against tacit renewal."""
        return self.part("notice").get("of") == "non_renewal"


def succession(start: date, heirs: Mapping[str, tuple[str, ...]]) -> Act:
    """The successions of a day, as an act that applies before those of that day."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for party, names in sorted(heirs.items()):
        groups.setdefault(names, []).append(party)
    number = "; ".join(f"{', '.join(parties)} → {', '.join(names)}" for names, parties in groups.items())
    return Act(-1, number, None, start, {}, heirs)


class Version(NamedTuple):
    """The terms that the parties had agreed from a first day to the day before the next act (None: open), and the acts
    that take effect on its first day (none: the initial act) and on the day after its last. `former`: the parties whose
    place others have taken."""

    start: date | None
    cut: date | None
    acts: tuple[Act, ...]
    next: tuple[Act, ...]
    terms: Terms
    former: frozenset[str] = frozenset()


def acts(convention: Record) -> list[Act]:
    """The amending acts that no court annulled, in the order in which they apply: by first day of effect, then by day
    of signature, then by place."""
    read = (_act(place, item) for place, item in numbered_objects(convention.data.get(ACTS)))
    return sorted((act for act in read if act is not None), key=_in_turn)


def _in_turn(act: Act) -> tuple[date, date, int]:
    """The turn of an act; on the same day, the successions of parties come first."""
    return act.start, date.min if act.heirs else act.signed or act.start, act.place


def _act(place: int, item: Mapping[str, Json]) -> Act | None:
    """None for an act without a day, which SCH101 or SCH105 reports, and for one that a court annulled."""
    signed = day_of(item.get("signed_on"))
    start = day_of(item.get("effective_from")) or signed
    number = item.get("number")
    if start is None or annulment(item) is not None:
        return None
    return Act(place, str(number or signed or start), signed, start, item)


def initial(convention: Record) -> dict[str, Json]:
    """The terms that the parties agreed when they signed."""
    return {name: convention.data[name] for name in TERMS if name in convention.data}


def first_day(convention: Record) -> date | None:
    """The first day of effect of the initial act."""
    return day(convention, "effective_from") or day(convention, "signed_on")


def versions(convention: Record, successions: Sequence[Act] = ()) -> tuple[Version, ...]:
    """The versions of a convention, at least one, in chronological order. Acts with the same first day of effect make
    one version together, in the order of their signatures, then of the list. An act after the end has no effect
    (CON324), nor have the invalid parts of an act (CON321, CON322)."""
    result = [Version(first_day(convention), None, (), (), initial(convention))]
    for act in _with_successions(convention, successions):
        last = result[-1]
        if too_late(act, last.terms):
            continue
        terms = apply_act(last.terms, act)
        if act.heirs and terms == last.terms:
            continue
        replaced = [party for party in text_list(last.terms.get("parties")) if party in act.heirs]
        former = last.former.union(replaced)
        if replaced:
            act = succession(act.start, {party: act.heirs[party] for party in replaced})
        if ENDED in act.part("sets"):
            if len(result) > 1 and act.start == last.start:  # it ends on the day on which that version would begin
                result.pop()
                last, terms = result[-1]._replace(cut=None, next=()), apply_act(result[-1].terms, act)
            result[-1] = last._replace(terms=terms)
        elif last.start is not None and act.start <= last.start:
            result[-1] = last._replace(acts=(*last.acts, act), terms=terms, former=former)
            if len(result) > 1:
                result[-2] = result[-2]._replace(next=result[-1].acts)
        else:
            result[-1] = last._replace(cut=days_later(act.start, -1), next=(act,))
            result.append(Version(act.start, None, (act,), (), terms, former))
    return tuple(result)


def steps(convention: Record, successions: Sequence[Act] = ()) -> Iterator[tuple[Act, Terms]]:
    """Each act of the convention with the terms that it changes, that is, after all earlier effective acts."""
    terms: Terms = initial(convention)
    for act in _with_successions(convention, successions):
        if not act.heirs:
            yield act, terms
        terms = terms if too_late(act, terms) else apply_act(terms, act)


def _with_successions(convention: Record, successions: Sequence[Act]) -> Sequence[Act]:
    """The acts of the convention and the successions of parties, in the order in which they apply: on the same day, the
    successions first."""
    own_acts = acts(convention)
    return sorted((*own_acts, *successions), key=_in_turn) if successions else own_acts


def too_late(act: Act, terms: Terms) -> bool:
    """Whether an act is signed, or takes effect, after the end of what it changes."""
    until, ended = term_end(terms), day_of(terms.get(ENDED))
    latest = act.start if ENDED in act.part("sets") else max(act.start, act.signed or act.start)
    return (until is not None and latest > until) or (ended is not None and latest >= ended)


def apply_act(terms: Terms, act: Act) -> dict[str, Json]:
    """The terms after an act: what it removes, then what it adds, sets and unsets. Nothing is added to an absent list;
    an emptied list stays empty, so it includes nothing."""
    done = _succeed(terms, act.heirs) if act.heirs else dict(terms)
    for path, items in act.part("removes").items():
        held = list_at(done, path)
        if held is not None:
            gone = [key_of(path, item) for item in items] if isinstance(items, list) else []
            _put(done, path, [item for item in held if key_of(path, item) not in gone])
    for path, items in act.part("adds").items():
        held = list_at(done, path)
        if held is None and path in OBJECTS:
            held = []
        if held is not None and isinstance(items, list):
            held_keys = [key_of(path, item) for item in held]
            _put(done, path, [*held, *(item for item in items if key_of(path, item) not in held_keys)])
    for path, value in act.part("sets").items():
        _put(done, path, value)
    for path in act.unset:
        _put(done, path, None)
    if done.get("scope") == {}:
        del done["scope"]
    if act.ends_renewal and act.signed is not None:
        done[UNTIL] = until_after_notice(terms, act.signed)
        done.pop("renewal", None)
    return {name: value for name, value in done.items() if value is not None}


def _succeed(terms: Terms, heirs: Mapping[str, tuple[str, ...]]) -> dict[str, Json]:
    """The terms once others have taken the place of parties; a third party stays in the list, because what it had
    accepted binds those who take its place."""
    done = dict(terms)
    parties = list_at(terms, "parties")
    if parties is not None:
        after: list[Json] = []
        for item in parties:
            new = heirs.get(item, (item,)) if isinstance(item, str) else (item,)
            after += [party for party in new if party not in after]
        done["parties"] = after
    for path, name in OBJECTS.items():
        items = list_at(terms, path) or []
        held = [key_of(path, item) for item in items]
        joining = [
            {**item, name: heir}
            for item, key in zip(items, held, strict=True)
            if isinstance(item, Mapping) and isinstance(key, str)
            for heir in heirs.get(key, ())
            if heir not in held
        ]
        if joining:
            done[path] = [*items, *joining]
    return done


def key_of(path: str, item: Json) -> Json:
    """The key that identifies an item of a list: its reference, or the item itself."""
    return item.get(OBJECTS[path]) if path in OBJECTS and isinstance(item, Mapping) else item


def at_path(terms: Terms, path: str) -> Json:
    """The value at a path such as `scope.supports`; None where there is none."""
    value: Json = terms
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def list_at(terms: Terms, path: str) -> list[Json] | None:
    """The list at a path; None where there is none."""
    value = at_path(terms, path)
    return value if isinstance(value, list) else None


def _put(terms: dict[str, Json], path: str, value: Json) -> None:
    """Set the value at a path of one or two names, or remove it (None); the enclosing group is copied."""
    name, _, rest = path.partition(".")
    if not rest:
        terms[name] = value
        return
    group = terms.get(name)
    inner = {key: item for key, item in (group if isinstance(group, Mapping) else {}).items() if key != rest}
    terms[name] = inner if value is None else {**inner, rest: value}


def termination(convention: Record) -> Act | None:
    """The act that terminates the convention."""
    ending = (act for act, terms in steps(convention) if ENDED in act.part("sets") and not too_late(act, terms))
    return next(ending, None)


def ever(convention: Record, name: str) -> tuple[str, ...]:
    """The texts in a list of the convention in any of its versions, each once; for objects, their reference."""
    items: Sequence[Json] = [item for version in versions(convention) for item in list_at(version.terms, name) or ()]
    return text_list(list(dict.fromkeys(key for item in items if isinstance(key := key_of(name, item), str))))


def current(convention: Record, successions: Sequence[Act] = ()) -> Terms:
    """The terms that the parties agreed, after all acts and these successions of parties."""
    return versions(convention, successions)[-1].terms


def path_of_term(convention: Record, field: str) -> KeyPath:
    """The path where a convention gives the current value of a field: in the last act that sets it, else in its initial
    act."""
    setting = (act for act in reversed(acts(convention)) if field in act.part("sets"))
    act = next(setting, None)
    return (*act.path, "sets", field) if act else (field,)

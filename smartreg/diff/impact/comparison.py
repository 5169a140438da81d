"""A comparison of two states with the impact of its changes: who names the changed records, the grade of each
change, which changed files are no records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Text
from smartreg.core.values import Record, RecordId
from smartreg.diff import Change, ChangeKind
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.trees import File, Tree, find_differing

Grade: TypeAlias = Literal["breaks", "cover", "personal", "routine"]
GRADES: tuple[Grade, ...] = ("breaks", "cover", "personal", "routine")
"""From the gravest: breaks a rule (an error or a warning that was not there), loses cover (a convention no longer
covers what it did), personal data (what a flow says of people, or who receives it), routine."""
BREAKING = ("error", "warning")
PLACE = "{}"


class Side(NamedTuple):
    """One side of a comparison: its name as given, and its commit (None: working tree, index, nothing yet)."""

    name: Text
    commit: str | None = None
    short: str | None = None


class Effect(NamedTuple):
    """One consequence of a change, and the records (or its own fields or values) concerned. `said` has `{}` in their
    place; without it they are appended."""

    grade: Grade
    said: Text
    records: tuple[RecordId, ...] = ()
    words: tuple[str, ...] = ()

    def text(self, lang: Language, name: Callable[[str], str], most: int) -> str:
        """As a sentence; `name` makes text from records inert, `most` is the number listed before `…`."""
        sentence = self.said.in_(lang)
        names = [*(rid.id for rid in self.records), *self.words]
        listed = ", ".join([name(word) for word in names[:most]] + ["…"] * (len(names) > most))
        if PLACE in sentence:
            return sentence.replace(PLACE, listed)
        return f"{sentence} ({listed})" if listed else sentence


@dataclass(frozen=True, slots=True)
class Impact:
    """The records that name a changed record on the later side, those of them that replace it, and its consequences;
    `broken`: the codes of the rules that it newly breaks, once per finding."""

    named_by: tuple[RecordId, ...] = ()
    replaced_by: tuple[RecordId, ...] = ()
    effects: tuple[Effect, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def grades(self) -> tuple[Grade, ...]:
        """All that apply, the most serious first; `routine` if no other does."""
        applying = {effect.grade for effect in self.effects} | ({"breaks"} if self.broken else set())
        return tuple(grade for grade in GRADES[:-1] if grade in applying) or ("routine",)


class OtherFile(NamedTuple):
    """A changed file that is not a record: a schema, the settings, an annex. `kind`: added, removed or changed."""

    path: str
    kind: ChangeKind


class Hosting(NamedTuple):
    """How many devices in service a party hosts under a convention, before and after."""

    convention: str
    host: str
    before: int
    after: int


@dataclass(frozen=True)
class Comparison:
    """The differences of two states. `introduced`: the findings of the later side only; `fixed`: those of the earlier
    side only; None if not computed. `comments`: added, removed or changed ignore comments; `binding`: changes to what
    binds parties; `checks`: what is checked less than before, and what may run somewhere; `disagreed`: which parties
    have not agreed to it. `registries`: both states, of which records get their names."""

    before: Side
    after: Side
    changes: tuple[Change, ...]
    impacts: Mapping[RecordId, Impact]
    others: tuple[OtherFile, ...] = ()
    introduced: tuple[Finding, ...] | None = None
    fixed: tuple[Finding, ...] | None = None
    hostings: tuple[Hosting, ...] = ()
    comments: tuple[Finding, ...] = ()
    binding: tuple[Finding, ...] = ()
    checks: tuple[Finding, ...] = ()
    disagreed: tuple[Finding, ...] = ()
    registries: tuple[Registry, ...] = ()

    def kind_of(self, record: Record) -> Kind | None:
        """The kind of a record, from the later side that knows it."""
        kinds = (registry.schemas.kinds.get(record.rid.kind) for registry in self.registries[::-1])
        return next((kind for kind in kinds if kind is not None), None)

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        """The number of changes of each kind; kinds without any are left out."""
        numbers = Counter(change.kind for change in self.changes)
        order: tuple[ChangeKind, ...] = ("added", "changed", "retired", "removed", "unreadable")
        return {kind: numbers[kind] for kind in order if numbers[kind]}

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The introduced findings by which a rule breaks."""
        return tuple(finding for finding in self.introduced or () if finding.severity in BREAKING)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """The introduced findings by which no rule breaks."""
        return tuple(finding for finding in self.introduced or () if finding.severity not in BREAKING)

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The grades of all changes, the most serious first; none if nothing differs."""
        applying = {grade for impact in self.impacts.values() for grade in impact.grades}
        if self.broken:
            applying.add("breaks")
        if self.changes or self.others or self.comments:
            applying.add("routine")
        return tuple(grade for grade in GRADES if grade in applying)


def other_files(before: Registry, after: Registry) -> tuple[OtherFile, ...]:
    """The changed files that are not records, by path, including the former path of a record where records are no
    longer allowed."""
    return tuple(_other_files(before, after))


def _other_files(before: Registry, after: Registry) -> Iterator[OtherFile]:
    olds, news = before.tree.files(), after.tree.files()
    for path in sorted(find_differing(olds, news)):
        old, new = olds.get(path), news.get(path)
        if (old is None or path in before.by_file) and (new is None or path in after.by_file):
            continue
        if old is None:
            yield OtherFile(path, "added")
        elif new is None:
            yield OtherFile(path, "removed")
        elif _differ((before.tree, old), (after.tree, new)):
            yield OtherFile(path, "changed")


def _differ(before: tuple[Tree, File], after: tuple[Tree, File]) -> bool:
    old, new = before[1], after[1]
    if old.special or new.special:
        return old.special != new.special
    if old.blob is not None and new.blob is not None:
        return old.blob != new.blob
    return _bytes(*before) != _bytes(*after)


def _bytes(tree: Tree, file: File) -> bytes | None:
    try:
        return tree.read(file.path)
    except FileNotFoundError:
        return None

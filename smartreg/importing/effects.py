"""The effects of an import, row by row, and in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.core.messages import Message, Text, joined
from smartreg.core.values import Record, path_text, value_at
from smartreg.edit import Outcome
from smartreg.importing.changes import Changes
from smartreg.importing.identity import RowIdentity, twins_in
from smartreg.importing.mapping import Source
from smartreg.importing.planning import ImportPlan, ImportRun
from smartreg.importing.rows import Draft
from smartreg.registry import distance_m, point

NAMED = 6  # most that are named


class RowEffect(NamedTuple):
    """The effect on one row, or on a record whose row is gone (`row` None): `action` is added, changed, unchanged, left
    out, twin, gone or retired; `fields` that change; `metres` that the record moves; `because`: the condition that
    leaves the row out, or the row that said the same."""

    row: int | None
    id: str
    action: str
    fields: tuple[str, ...] = ()
    metres: float | None = None
    because: str = ""


@dataclass(frozen=True)
class Imported:
    """The result of an import, done or planned. `mapping` is the file of the mapping, `mapped_by` who last changed the
    recorded one that it followed (None: there was none); `source` the sheet as it was read; `effects` what becomes of
    each row, and of the records in `missing`, whose rows are gone from the sheet; `ignored` the headings that fill no
    field; `base` the commit that an export which came back was compared with; `longer` new ids that got a tail, since
    others have the same name; `notes` further messages; `at_records`: where no row has the key of a record, and most
    stand where records of the source do, how many."""

    outcome: Outcome
    mapping: str
    source: Source
    effects: tuple[RowEffect, ...]
    ignored: tuple[str, ...]
    base: str | None = None
    missing: tuple[str, ...] = ()
    longer: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    mapped_by: Text | None = None
    at_records: int = 0

    def count(self, action: str) -> int:
        """The number of rows or records with this effect."""
        return sum(effect.action == action for effect in self.effects)

    @property
    def added(self) -> int:
        return self.count("added")

    @property
    def changed(self) -> int:
        return self.count("changed")

    @property
    def unchanged(self) -> int:
        return self.count("unchanged")

    @property
    def skipped(self) -> tuple[int, ...]:
        """The rows that conditions leave out."""
        return tuple(effect.row for effect in self.effects if effect.action == "left out" and effect.row is not None)

    @property
    def fields(self) -> Mapping[str, int]:
        """The fields that change, with the number of records in which they do, the most frequent first."""
        return dict(
            Counter(
                name for effect in self.effects if effect.action == "changed" for name in effect.fields
            ).most_common()
        )

    @property
    def filters(self) -> Mapping[str, int]:
        """The conditions that leave rows out, with the number of these rows."""
        return dict(Counter(effect.because for effect in self.effects if effect.action == "left out").most_common())

    @property
    def farthest(self) -> RowEffect | None:
        """The record that moves farthest; None if none moves."""
        moved = [effect for effect in self.effects if effect.metres is not None]
        return max(moved, key=lambda effect: effect.metres or 0.0, default=None)


def effects(
    run: ImportRun, plan: ImportPlan, rows: Sequence[RowIdentity], skipped: Mapping[int, str], twins: Mapping[int, int]
) -> tuple[RowEffect, ...]:
    """The effects on the rows, in their order, then on the records whose rows are gone."""
    changed = {row.id: changes for row, changes in plan.changed.values()}
    row_effects = [RowEffect(number, "", "left out", because=text) for number, text in skipped.items()]
    if run.mapping.options.duplicates == "first":
        row_effects += [RowEffect(number, "", "twin", because=str(first)) for number, first in twins.items()]
    added = {record.rid.id for record in plan.records} - changed.keys()
    for row in rows:
        number = row.number
        if row.id in added:
            row_effects.append(RowEffect(number, row.id, "added"))
        elif row.record is not None and row.id in changed:
            row_effects.append(_effect_on(run, row, row.record, changed[row.id]))
        else:
            row_effects.append(RowEffect(number, row.id, "unchanged"))
    gone = (RowEffect(None, id, "retired" if id in plan.retired else "gone") for id in plan.gone)
    return (*sorted(row_effects, key=lambda effect: effect.row or 0), *gone)


def effects_of_nothing(run: ImportRun, drafts: Sequence[Draft], skipped: Mapping[int, str]) -> tuple[RowEffect, ...]:
    """The outcome of a sheet that was imported before unchanged: nothing, and twins are reported again."""
    twins = twins_in(drafts) if run.mapping.options.duplicates == "first" else {}
    row_effects = [RowEffect(row, "", "left out", because=text) for row, text in skipped.items()]
    for row in (draft.row.number for draft in drafts):
        first = twins.get(row)
        row_effects.append(
            RowEffect(row, "", "unchanged") if first is None else RowEffect(row, "", "twin", because=str(first))
        )
    return tuple(sorted(row_effects, key=lambda effect: effect.row or 0))


def _effect_on(run: ImportRun, row: RowIdentity, record: Record, changes: Changes) -> RowEffect:
    paths = dict.fromkeys((*(path for path, _ in changes.changed), *changes.unset))
    place = run.kind.position[:1]
    before = point(value_at(record.data, place)) if place else None
    axes = [row.draft.values.get((*place, axis)) for axis in ("lon", "lat")]
    after = point(dict(zip(("lon", "lat"), axes, strict=True)))
    moves = before is not None and after is not None and any(path[:1] == place for path in paths)
    metres = round(distance_m(before, after), 1) if moves and before is not None and after is not None else None
    return RowEffect(row.number, row.id, "changed", tuple(map(path_text, paths)), metres)


def longer(rows: Sequence[RowIdentity]) -> list[RowIdentity]:
    """The new records whose ids got a tail, since others have the same name."""
    return [row for row in rows if row.record is None and row.draft.stem and row.id != row.draft.stem]


def notes(resolved: Mapping[str, str], rows: Sequence[RowIdentity]) -> Iterator[Text]:
    """Names that were taken for records and communes, and ids that were made longer."""
    if resolved:
        pairs = [f"{name} → {id}" for name, id in resolved.items()]
        yield Message("names understood: {pairs}", pairs=join_first(pairs))
    tailed = longer(rows)
    if tailed:
        ids = join_first([Message("{id} (row {number})", id=row.id, number=row.number) for row in tailed])
        yield Message(
            "ids made longer, for another row or record has the same name: {ids}; an id stays once its record is "
            "in service: a column of ids, or --id-from, makes others",
            ids=ids,
        )


def join_first(words: Sequence[str | Text]) -> Text:
    """The first few of them, and how many more there are."""
    first, more = joined(words[:NAMED]), len(words) - NAMED
    return Message("{first} (+ {more})", first=first, more=more) if more > 0 else first

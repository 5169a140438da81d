"""Three ways: what a sheet said when it was exported, what it says now, and what the registry says now.

An unchanged cell changes nothing. An edited one gives its value, unless the registry has changed the
same field in the meantime, to something else or there and back (IMP005). Looked-up values cannot be edited (IMP006).

Rows of a sheet that rewrite the past: a device that hangs elsewhere is a move; anything else is a correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from smartreg.commands.import_base import Baseline
from smartreg.commands.move import earlier_item
from smartreg.commands.verify_compare import says
from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath, Location, Record, Words, path_text, short_id, value_at
from smartreg.domain.days import day_of
from smartreg.domain.placements import PLACE, PLACEMENTS, present_placement, same_place
from smartreg.importing.changes import Changes, canonical, place_value
from smartreg.importing.columns import SheetColumn
from smartreg.importing.identity import RowIdentity
from smartreg.importing.naming import ID
from smartreg.importing.readers.sheet import Sheet
from smartreg.importing.values import DECIMALS
from smartreg.registry import Registry, position
from smartreg.schema import Kind
from smartreg.tables import Table, tables
from smartreg.tables.table import label_table
from smartreg.tables.view import view

BOTH_SIDES, LOOKED_UP = "IMP005", "IMP006"
_CHOOSE = Words(
    "put the value of the registry into the cell to keep it; --update takes what the sheet says",
    "remettez la valeur du registre dans la cellule pour la garder ; --update prend celle de la feuille",
)


@dataclass(frozen=True)
class SheetMerge:
    """One merge: the base, the sheet, the columns that fill fields, the registry as it is now; `ours` where the sheet
    counts even against what the registry has changed meanwhile."""

    base: Baseline
    sheet: Sheet
    columns: tuple[SheetColumn, ...]
    registry: Registry
    ours: bool

    def of(self, meant: Sequence[RowIdentity]) -> tuple[list[RowIdentity], list[Finding]]:
        """The rows with their edits alone, and the conflicts. Rows that the sheet got since stay; where their records
        are there already, empty cells say nothing: these had no cell when the sheet was exported."""
        kept: list[RowIdentity] = []
        faults: list[Finding] = []
        for one in meant:
            then = self.base.records.get(one.id)
            if then is None:
                said = {path: value for path, value in one.draft.values.items() if value is not None}
                kept.append(one if one.record is None else replace_values(one, said))
                continue
            edits = self._edits(one, then)
            if one.record is None:
                faults.extend(self._check_gone(one, edits))
                continue
            values, found = self._merge(one, then, one.record, edits)
            faults.extend(found)
            kept.append(replace_values(one, values))
        return kept, faults

    def back(self, meant: Sequence[RowIdentity]) -> dict[str, list[KeyPath]]:
        """The fields, by id, that would be written because the registry says of them what it said at the base."""
        found: dict[str, list[KeyPath]] = {}
        for one in meant if not self.ours else ():
            then, record = self.base.records.get(one.id), one.record
            if then is None or record is None:
                continue
            for path, new in one.draft.values.items():
                now = canonical(self._now(record, path))
                if now != canonical(new) and now == canonical(self._then(then, path)):
                    found.setdefault(one.id, []).append(path)
        return found

    def find_missing(self, meant: Sequence[RowIdentity]) -> tuple[str, ...]:
        """The records of the export that the sheet has no more, and the registry still has."""
        ids = {one.id for one in meant}
        there = set(self.registry.ids(self.base.kind.name))
        return tuple(id for id in self.base.records if id not in ids and id in there)

    # -- one row ---------------------------------------------------------------------------------------------------

    def _edits(self, one: RowIdentity, then: Record) -> dict[KeyPath, Json]:
        """The fields whose cells say another thing than they said; longitude and latitude together."""
        found = {}
        for column in self.columns:
            if column.path == ID or column.path not in one.draft.values:
                continue
            new, old = one.draft.values[column.path], self._then(then, column.path)
            if canonical(new) != canonical(old) and not says(str(one.draft.row.cells[column.place]), old):
                found[column.path] = new
        point = self.base.point
        if point is not None and not found.keys().isdisjoint(point):
            found |= {path: one.draft.values[path] for path in point if path in one.draft.values}
        return found

    def _then(self, then: Record, path: KeyPath) -> Json:
        if self.base.point is not None and path in self.base.point:
            return self.base.point_shown(then.rid.id, path)
        return value_at(then.data, path)

    def _now(self, record: Record, path: KeyPath) -> Json:
        if self.base.point is not None and path in self.base.point:
            place = position(self.registry, record)
            return None if place is None else round(place[self.base.point.index(path)], DECIMALS)
        return value_at(record.data, path)

    def _is_borrowed(self, record: Record, path: KeyPath) -> bool:
        """Whether it is half of a point that the record has from its support."""
        return self.base.point is not None and path in self.base.point and value_at(record.data, path) is None

    def _merge(
        self, one: RowIdentity, then: Record, record: Record, edits: Mapping[KeyPath, Json]
    ) -> tuple[dict[KeyPath, Json], list[Finding]]:
        values, faults = {}, []
        for path, new in edits.items():
            now, old = self._now(record, path), self._then(then, path)
            if self._is_borrowed(record, path) and new is None and now is not None:
                where = self.where(one, path)
                faults.append(only_shown(where, where.column or path_text(path), old))
            elif canonical(now) == canonical(new):
                if self.base.point is None or path not in self.base.point:
                    continue
                values[path] = new  # the other half of the point may differ
            elif canonical(now) == canonical(old) or self.ours:
                values[path] = new
            else:
                faults.append(self._conflict(one, path, (old, new, now)))
        point = self.base.point or ()
        if all(canonical(self._now(record, path)) == canonical(values.get(path)) for path in point):
            values = {path: value for path, value in values.items() if path not in point}
        return values, faults

    # -- findings --------------------------------------------------------------------------------------------------

    def where(self, one: RowIdentity, path: KeyPath) -> Location:
        heading = next((column.heading for column in self.columns if column.path == path), None)
        return Location(self.sheet.file, path, row=one.draft.row.number, column=heading)

    def _conflict(self, one: RowIdentity, path: KeyPath, sides: tuple[Json, Json, Json]) -> Finding:
        return conflict(f"{one.id}, {path_text(path)}", self.where(one, path), self.base, sides)

    def _check_gone(self, one: RowIdentity, edits: Mapping[KeyPath, Json]) -> Iterator[Finding]:
        for path in list(edits)[:1]:
            message = Words(
                f"{one.id} was edited in the sheet, and is no longer in the registry",
                f"{one.id} a été modifié dans la feuille, et n'est plus dans le registre",
            )
            hint = Words(
                "delete the row, or give it another id", "supprimez la ligne, ou donnez-lui un autre identifiant"
            )
            yield Finding(BOTH_SIDES, "error", message, self.where(one, path), hint)

    def check_lookups(self, meant: Sequence[RowIdentity], after: Registry) -> Iterator[Finding]:
        """IMP006 for edited cells of what is looked up, unless they say what is looked up `after` the edits."""
        derived = {
            place: index for place, index in self.base.places(self.sheet).items() if self.base.path_of(index) is None
        }
        edited = []
        for one in meant:
            row = self.base.rows.get(one.id)
            edited += [
                (one, place, index)
                for place, index in derived.items()
                if row is not None and not says(str(one.draft.row.cells[place]), row[index])
            ]
        if not edited:
            return
        now = {str(row[0]): row for row in _table(after, self.base).rows()}
        for one, place, index in edited:
            cell = str(one.draft.row.cells[place])
            if one.id not in now or not says(cell, now[one.id][index]):
                yield self._only_shown(one, place, index)

    def _only_shown(self, one: RowIdentity, place: int, index: int) -> Finding:
        heading = self.sheet.headings[place]
        said = self.base.rows[one.id][index]
        return only_shown(Location(self.sheet.file, row=one.draft.row.number, column=heading), heading, said)


def replace_values(one: RowIdentity, values: Mapping[KeyPath, Json]) -> RowIdentity:
    """The row with these values alone."""
    return one._replace(draft=replace(one.draft, values=dict(values)))


def conflict(what: str, where: Location, base: Baseline, sides: tuple[Json, Json, Json]) -> Finding:
    """IMP005: a field that the sheet and the registry changed, each to something else."""
    old, new, now = (_format(value) for value in sides)
    commit = short_id(base.commit)
    return Finding(
        BOTH_SIDES,
        "error",
        Words(
            f"{what}: the sheet says {new.en}, the registry says {now.en} by now; "
            f"when it was exported (commit {commit}) it was {old.en}",
            f"{what} : la feuille dit {new.fr}, le registre dit maintenant {now.fr} ; "
            f"à l'export (commit {commit}) c'était {old.fr}",
        ),
        where,
        _CHOOSE,
    )


def fault_of_revert(what: str, where: Location, base: Baseline, sides: tuple[Json, Json, Json], commit: str) -> Finding:
    """IMP005: a field that the registry changed by `commit`, and then back; what sheet, registry and that commit
    say."""
    new, now, between = (_format(value) for value in sides)
    exported, changed = short_id(base.commit), short_id(commit)
    return Finding(
        BOTH_SIDES,
        "error",
        Words(
            f"{what}: the sheet says {new.en}, the registry says {now.en} as when it was exported (commit {exported}), "
            f"but said {between.en} meanwhile (commit {changed})",
            f"{what} : la feuille dit {new.fr}, le registre dit {now.fr} comme à l'export (commit {exported}), "
            f"mais a dit {between.fr} entre-temps (commit {changed})",
        ),
        where,
        _CHOOSE,
    )


def only_shown(where: Location, heading: str, said: Json) -> Finding:
    """IMP006: an edit of a value that is looked up from elsewhere."""
    was = _format(said)
    return Finding(
        LOOKED_UP,
        "error",
        Words(
            f"{heading} is looked up here and cannot be edited", f"{heading} est seulement affiché ici : il est déduit"
        ),
        where,
        Words(
            f"put {was.en} back, and edit the field that it comes from",
            f"remettez {was.fr}, et modifiez le champ dont il vient",
        ),
    )


def _format(value: Json) -> Words:
    if value is None:
        return Words("nothing", "rien")
    return Words(f'"{value}"', f"« {value} »") if isinstance(value, str) else Words(str(value), str(value))


def _table(registry: Registry, base: Baseline) -> Table:
    """The table of the kind as the registry would give it to the same audience."""
    kinds = registry.schemas.kinds
    seen = view(registry, base.audience)
    table = next(table for table in tables(seen, [kinds[base.kind.name]]) if table.main)
    return label_table(table, base.labels, registry.schemas) if base.labels else table


_PLACED_ON = ("placed_on",)
_PAST = ("CHG804", "CHG806", "CHG807")


def as_move(kind: Kind, record: Record, found: Changes, moved_on: date | None) -> Changes:
    """What a row changes, with the place that a device leaves among its `placements`, where the row puts a device that
    was in service elsewhere and says since when (a column for `placed_on`, or `moved_on` for the whole sheet);
    unchanged otherwise (CHG807 then reports the row)."""
    if (PLACEMENTS,) not in kind.by_path or any(path[0] == PLACEMENTS for path, _ in found.changed):
        return found
    life, old = kind.lifecycle, present_placement(record)
    if life is None or record.data.get(life.field) not in life.served or old is None or old.start is None:
        return found
    data: Json = {name: value for name, value in record.data.items() if (name,) not in found.unset}
    for path, value in found.changed:
        data = place_value(data, path, value)
    new = present_placement(Record(record.rid, record.file, data))
    on = day_of(dict(found.changed).get(_PLACED_ON)) or moved_on
    if new is None or same_place(old, new) or on is None or on <= old.start:
        return found
    items = record.data.get(PLACEMENTS)
    earlier = [*(items if isinstance(items, list) else ()), earlier_item(old, on, None)]
    kept = [(path, value) for path, value in found.changed if path != _PLACED_ON]
    changed = (*kept, (_PLACED_ON, on.isoformat()), ((PLACEMENTS,), earlier))
    own = [("location",)] if "location" in record.data and not any(path[0] == "location" for path, _ in kept) else []
    return Changes(changed, (*found.unset, *own))


def with_way_out(finding: Finding) -> Finding:
    """A finding on a past fact, with what an import can do about it."""
    if finding.code not in _PAST:
        return finding
    correct = Words(
        'entered wrongly before: --correct --reason "REASON"', 'erreur de saisie passée : --correct --reason "MOTIF"'
    )
    way = correct
    if finding.code == "CHG807" and finding.where.path[:1] and finding.where.path[0] in PLACE:
        way = Words(
            f"it moved: --moved-on YYYY-MM-DD, or a column for placed_on; {correct.en}",
            f"il a été déplacé : --moved-on AAAA-MM-JJ, ou une colonne pour placed_on ; {correct.fr}",
        )
    elif finding.code == "CHG806":
        way = Words(
            f"it changed hands: smartreg transfer, before the import; {correct.en}",
            f"il a changé de mains : smartreg transfer, avant l'import ; {correct.fr}",
        )
    return replace(finding, hint=way)

"""Pair the rows of one name with the records of that name: by their content, then by their places.

What says the same is the same; so is what differs in one other respect than its place, or is at the same point,
where nothing else could be meant. Of what is left, a row takes the nearest record within reach unless another is nearly
as near. A grid finds neighbours, so that the time is linear in the rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from smartreg.core.values import Json, KeyPath, Record, value_at
from smartreg.importing.changes import canonical
from smartreg.importing.rows import Draft
from smartreg.registry import Point, around, distance_m

REACH_M = 25.0  # neighbours of one name are seldom closer, and a new survey moves a point by less
_STEPS_M = (1.0, 5.0)  # smaller reaches that are tried first
PLACE_M = 5.0  # what is found by its place alone: neighbours of one street are closer than those of one name
FAR_M = 500.0  # anything farther from all that is left is another thing of that name
_NAMED = 2  # most candidate records of a row that are named
_CLEAR = 2.0  # another record within this multiple of the distance makes a row ambiguous
_CROWD = 64  # records around a row; more of one name in one spot cannot be distinguished by distance

TYPE: KeyPath = ("type",)

Aspects: TypeAlias = tuple[Hashable, ...]
Place: TypeAlias = tuple[KeyPath, KeyPath]


class Ambiguous(NamedTuple):
    """A row that may be one of some records, the nearest first, with their distances in metres (None: unknown);
    `by_place`: by its place alone."""

    draft: Draft
    records: list[tuple[Record, float | None]]
    by_place: bool = False

    @property
    def likely(self) -> Record | None:
        """The nearest record, unless another is nearly as near."""
        (record, metres), *others = self.records
        if not others:
            return record
        far = others[0][1]
        return record if metres is not None and far is not None and far >= _CLEAR * metres else None


class Matched(NamedTuple):
    """Rows with their records, new rows, and ambiguous rows."""

    pairs: list[tuple[Draft, Record]]
    new: list[Draft]
    ambiguous: list[Ambiguous]


def match(
    rows: Sequence[Draft], records: Sequence[Record], ended: frozenset[str], place: Place | None, reach: float | None
) -> Matched:
    """Pair rows and records of one name. Records whose life has `ended` (ids) only take rows that say the same.
    `place`: the fields of longitude and latitude. Without `reach` (metres), rows that are 25 m to 500 m from what
    is left are ambiguous; with it, what is farther is new."""
    if not records:
        return Matched([], list(rows), [])
    if len(rows) == len(records) == 1:
        return Matched([(rows[0], records[0])], [], [])
    run = _Matching(rows, sorted(records, key=lambda record: record.rid.id), place)
    run.pair_same(run.of_rows, run.of_records)
    run.leave_out(ended)
    run.pair_alike()
    run.pair_nearest(REACH_M if reach is None else reach)
    return run.result(FAR_M if reach is None else None)


def match_places(
    rows: Sequence[Draft],
    records: Sequence[Record],
    place: Place,
    reach: float | None,
    type_of: Callable[[Draft], Json],
) -> Matched:
    """Pair rows with the records that stand where they are, one to one: at the same point, whatever they are by now, or
    the nearest of the same type within `reach` metres (5 without it), unless another is nearly as near. Without
    `reach`, rows up to 25 m from what is left are ambiguous. All rows have a point; `type_of` a row: the type of its
    thing."""
    if not rows or not records:
        return Matched([], list(rows), [])
    run = _Matching(rows, sorted(records, key=lambda record: record.rid.id), place, type_of)
    run.pair_same(run.of_rows, run.of_records)
    run.pair_alike()
    run.pair_nearest(PLACE_M if reach is None else reach)
    matched = run.result(REACH_M if reach is None else None)
    return matched._replace(ambiguous=[doubt._replace(by_place=True) for doubt in matched.ambiguous])


class _Matching:
    """One group of rows and records; indexes stand for both."""

    def __init__(
        self,
        rows: Sequence[Draft],
        records: Sequence[Record],
        place: Place | None,
        type_of: Callable[[Draft], Json] | None = None,
    ) -> None:
        self.rows, self.records = rows, records
        self.row_types = [canonical(type_of(row)) if type_of else None for row in rows]
        self.record_types = [canonical(value_at(record.data, TYPE)) if type_of else None for record in records]
        common = set(rows[0].values).intersection(*(draft.values for draft in rows))
        self.is_placed = place is not None and common.issuperset(place)
        plain = sorted((path for path in common if not self.is_placed or path not in (place or ())), key=str)
        aspects: list[tuple[KeyPath, ...]] = [(path,) for path in plain]
        if self.is_placed and place is not None:
            aspects.insert(0, place)
        self.of_rows = [_aspects(aspects, draft.values.get) for draft in rows]
        self.of_records = [_aspects(aspects, partial(value_at, record.data)) for record in records]
        self.left_rows, self.left_records = set(range(len(rows))), set(range(len(records)))
        self.pairs: dict[int, int] = {}
        self.unsure: dict[int, list[int]] = {}

    def leave_out(self, ended: frozenset[str]) -> None:
        self.left_records -= {j for j, record in enumerate(self.records) if record.rid.id in ended}

    def _pair(self, i: int, j: int) -> None:
        self.pairs[i] = j
        self.left_rows.discard(i)
        self.left_records.discard(j)

    def pair_same(self, row_marks: Sequence[Hashable], record_marks: Sequence[Hashable]) -> None:
        """Pair what has the same mark, where all rows with that mark say the same, and all records with it do."""
        records = _by_mark(record_marks)
        for mark, rows in _by_mark(row_marks).items():
            records_of_mark = records.get(mark, [])
            if len({self.of_rows[i] for i in rows}) > 1 or len({self.of_records[j] for j in records_of_mark}) > 1:
                continue
            free = [j for j in records_of_mark if j in self.left_records]
            for i, j in zip([i for i in rows if i in self.left_rows], free, strict=False):
                self._pair(i, j)

    def pair_alike(self) -> None:
        """Pair what differs in one respect, but for its place, then what is at the same point."""
        if not self.left_rows or not self.left_records:
            return
        for index in range(1 if self.is_placed else 0, len(self.of_rows[0])):
            self.pair_same(_without(self.of_rows, index), _without(self.of_records, index))
        if self.is_placed:
            self.pair_same([aspects[0] for aspects in self.of_rows], [aspects[0] for aspects in self.of_records])

    def pair_nearest(self, reach: float) -> None:
        for metres in (*(step for step in _STEPS_M if step < reach), reach):
            if not self.is_placed or not self.left_rows or not self.left_records:
                return
            self._pair_within(metres)

    def _pair_within(self, reach: float) -> None:
        """Pair each row with the nearest record within `reach`, unless another is nearly as near to either."""
        candidates = sorted(self._candidates(reach))
        by_row, by_record = _ends(candidates, 1), _ends(candidates, 2)
        for cost, i, j in candidates:
            if i not in self.left_rows or j not in self.left_records or cost > reach:
                continue
            rivals = [b for far, b in by_row[i] if b != j and b in self.left_records and far < _CLEAR * cost]
            rivaled = any(a != i and a in self.left_rows and far < _CLEAR * cost for far, a in by_record[j])
            if rivals or rivaled:
                self.unsure.setdefault(i, [j, *rivals])
            else:
                self._pair(i, j)

    def _candidates(self, reach: float) -> Iterator[tuple[float, int, int]]:
        """Cost, row and record of what lies near: metres, and one more for each other respect in which they differ."""
        points = self._points_left()
        grid = _Grid(points, _CLEAR * reach)
        for i in sorted(self.left_rows):
            spot = self._point(self.of_rows[i])
            near = grid.around(spot) if spot is not None else []
            if spot is None or len(near) > _CROWD:
                continue
            for j in near:
                metres = distance_m(spot, points[j])
                if metres <= _CLEAR * reach and self._may_be(i, j, metres):
                    aspects = zip(self.of_rows[i][1:], self.of_records[j][1:], strict=True)
                    yield metres + sum(ours != theirs for ours, theirs in aspects), i, j

    def _may_be(self, i: int, j: int, metres: float) -> bool:
        """Whether a row may be a record that far away: one of another type only at the same point."""
        return metres <= _STEPS_M[0] or self.row_types[i] == self.record_types[j]

    def result(self, far_m: float | None) -> Matched:
        """The pairs; what is left is ambiguous as far as `far_m` from a record that is left (None: new)."""
        pairs = [(self.rows[i], self.records[j]) for i, j in self.pairs.items()]
        left = sorted(self.left_rows)
        far = self._within(far_m) if far_m is not None and left and self.left_records else {}
        unsure = {
            i: self._nearest_records(i, candidates) for i in left if (candidates := self.unsure.get(i) or far.get(i))
        }
        ambiguous = [Ambiguous(self.rows[i], records) for i, records in unsure.items()]
        return Matched(pairs, [self.rows[i] for i in left if i not in unsure], ambiguous)

    def _within(self, metres: float) -> dict[int, list[int]]:
        """The records that rows may be: those within some metres, and any where a row or record has no point."""
        points = self._points_left()
        placeless = [j for j in sorted(self.left_records) if j not in points]
        grid, some = _Grid(points, metres), sorted(self.left_records)[:_NAMED]
        near_records = {}
        for i in self.left_rows:
            spot = self._point(self.of_rows[i])
            near = some if spot is None else grid.around(spot)
            near_records[i] = [
                j
                for j in near
                if spot is None or ((away := distance_m(spot, points[j])) <= metres and self._may_be(i, j, away))
            ] + placeless[:_NAMED]
        return near_records

    def _nearest_records(self, i: int, records: Sequence[int]) -> list[tuple[Record, float | None]]:
        """The nearest of the records that a row may be, with their distances."""
        place = self._point(self.of_rows[i])
        distances = []
        for j in records:
            place_of_record = self._point(self.of_records[j])
            distances.append(
                (self.records[j], distance_m(place, place_of_record) if place and place_of_record else None)
            )
        return sorted(distances, key=lambda pair: (math.inf if pair[1] is None else pair[1], pair[0].rid.id))[:_NAMED]

    def _point(self, aspects: Aspects) -> Point | None:
        """The point of a row or record; None where it has none."""
        place = aspects[0] if self.is_placed else None
        if not isinstance(place, tuple):
            return None
        return point_at(*place)

    def _points_left(self) -> dict[int, Point]:
        """The points of the records that are left."""
        return {j: spot for j in sorted(self.left_records) if (spot := self._point(self.of_records[j])) is not None}


def point_at(lon: object, lat: object) -> Point | None:
    """The point of two numbers; None where one is missing."""
    return (float(lon), float(lat)) if isinstance(lon, (int, float)) and isinstance(lat, (int, float)) else None


class _Grid:
    """Points in cells of some metres."""

    def __init__(self, points: dict[int, Point], metres: float) -> None:
        widest = max((abs(lat) for _, lat in points.values()), default=0.0)
        _west, _south, self._wide, north = around((0.0, widest), max(metres, 0.01))
        self._high = north - widest
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, spot in points.items():
            self._cells[self._cell(spot)].append(index)

    def _cell(self, spot: Point) -> tuple[int, int]:
        return math.floor(spot[0] / self._wide), math.floor(spot[1] / self._high)

    def around(self, spot: Point) -> list[int]:
        """The points in the cell of a point and in those around it; a few more than `_CROWD` at most."""
        x, y = self._cell(spot)
        near: list[int] = []
        for cell in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            near += self._cells.get(cell, ())[: _CROWD + 1]
        return near


def _aspects(aspects: Sequence[tuple[KeyPath, ...]], value: Callable[[KeyPath], Json]) -> Aspects:
    """The values of a row or record in each respect."""
    return tuple(
        canonical(value(paths[0])) if len(paths) == 1 else tuple(canonical(value(path)) for path in paths)
        for paths in aspects
    )


def _by_mark(marks: Iterable[Hashable]) -> dict[Hashable, list[int]]:
    indexes: dict[Hashable, list[int]] = defaultdict(list)
    for index, mark in enumerate(marks):
        indexes[mark].append(index)
    return indexes


def _without(marks: Sequence[Aspects], index: int) -> list[Hashable]:
    return [(*aspects[:index], *aspects[index + 1 :]) for aspects in marks]


def _ends(candidates: Sequence[tuple[float, int, int]], end: int) -> dict[int, list[tuple[float, int]]]:
    """The cheapest candidates of each row (`end` 1) or record (2): cost and the other end."""
    ends: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for candidate in candidates:
        ends[int(candidate[end])].append((candidate[0], int(candidate[3 - end])))
    return ends


def format_metres(metres: float) -> str:
    return f"{metres:.1f} m" if metres < 10 else f"{metres:.0f} m"

"""CSV of whole kinds a page at a time: what was made of a page before, and still holds, comes from the index."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from smartreg.exporters.cells import Dialect
from smartreg.exporters.csv_file import Body, Rows
from smartreg.index import Index, load_values, question, store_values
from smartreg.named import NamedTuple
from smartreg.registry import Registry
from smartreg.tables import Table, tables
from smartreg.tables.audience import AUDIENCES, view
from smartreg.tables.pages import Around, Name, Page, Pages, Part
from smartreg.trees import IndexedFiles
from smartreg.values import Record, RecordId

_FORMAT = 4  # of marshal: every Python since 3.4 reads and writes it
_HALF = 2


class Printed(NamedTuple):
    """What a page became: what tells the texts that it was made of; how many of its records the audience does not see;
    the rows of each table of its kind."""

    told: str
    withheld: int
    bodies: Sequence[Body]


class Printing(NamedTuple):
    """The pages of each kind; how many records the audience does not see."""

    of: Mapping[str, Sequence[Printed]]
    withheld: int

    def bodies(self, kind: str, number: int) -> list[Body]:
        """The rows of a table: that of this number among those of the kind."""
        return [page.bodies[number] for page in self.of[kind]]


Found: TypeAlias = Mapping[Name, Printed]
"""Pages in order."""


def printed(registry: Registry, kinds: Sequence[str], audience: str, dialect: Dialect) -> Printing | None:
    """The rows of these kinds. None where a record cannot be read, which takes a look at all, and without an index."""
    if registry.frame.index.in_memory:
        return None
    # Of the records that are not seen, all are counted.
    wanted = tuple(kinds if audience == AUDIENCES[-1] else registry.schemas.kinds)
    place, stands = (*wanted, registry.tree.commit is None), _stands(registry)
    kept = _Answers(registry.frame.index, ("csv", registry.schemas.digest, audience, dialect.name))
    found = _unchanged(kept, place, stands)
    if found is None:
        found = _looked_at(registry, kept, wanted, audience, dialect)
        if found is None:
            return None
        _note(kept, place, stands, found)
    of = {kind: [page for name, page in found.items() if name[0] == kind] for kind in wanted}
    return Printing(of, sum(page.withheld for page in found.values()))


class _Answers:
    """What the index keeps for one kind of sheets."""

    def __init__(self, index: Index, about: tuple[str, ...]) -> None:
        self._index = index
        self._about = about

    def load(self, asked: Iterable[tuple[object, ...]]) -> dict[tuple[object, ...], bytes]:
        names = {question(*self._about, *each): each for each in asked}
        return {names[name]: value for name, value in load_values(self._index, "answer", names).items()}

    def store(self, rows: Mapping[tuple[object, ...], bytes]) -> None:
        store_values(self._index, "answer", [(question(*self._about, *asked), value) for asked, value in rows.items()])


def _stands(registry: Registry) -> str:
    """What tells how all records stand; empty where that takes a look at each."""
    base, changes = registry.tree.files().base, registry.tree.files().changes
    if not isinstance(base, IndexedFiles) or not base.index:
        return ""
    return question(base.state.serial, base.index, sorted(changes), sorted(registry.states(changes).items()))


def _note(kept: _Answers, place: tuple[object, ...], stands: str, found: Found) -> None:
    """Keep which pages there are as long as the records stand so."""
    if stands:
        noted = (stands, {name: page.told for name, page in found.items()})
        kept.store({place: marshal.dumps(noted, _FORMAT)})


def _unchanged(kept: _Answers, place: tuple[object, ...], stands: str) -> Found | None:
    """All pages, without a look at a record, where the records stand as noted; None where the index lacks one."""
    value = kept.load((place,)).get(place)
    then, noted = marshal.loads(value) if value is not None else (None, {})
    if then != stands:
        return None
    found = _kept(kept, noted, lambda name, _: noted[name])
    return found if len(found) == len(noted) else None


def _looked_at(
    registry: Registry, kept: _Answers, kinds: Sequence[str], audience: str, dialect: Dialect
) -> Found | None:
    """All pages, each by its texts and those around them; None where a record cannot be read."""
    pages = Pages(registry)
    wanted = {page.name: page for kind in kinds for page in pages.of(kind)}
    found = _kept(kept, wanted, lambda name, around: pages.told(wanted[name], around))
    missing = [page for name, page in wanted.items() if name not in found]
    if any(registry.at(file) is None for file in _loaded(registry, missing, len(wanted))):
        return None
    around = {page: pages.around(page) for page in missing}
    for page, made in _made(registry, pages, around, audience, dialect, whole=len(missing) * _HALF > len(wanted)):
        found[page.name] = made
    kept.store({page.name: _packed(around[page], found[page.name]) for page in missing})
    return {name: found[name] for name in wanted}


def _loaded(registry: Registry, pages: Sequence[Page], of: int) -> Iterator[str]:
    """The files of pages, which are read together."""
    if len(pages) * _HALF > of:
        registry.load_all()
    files = [file for page in pages for file in page.files]
    registry.load(files)
    yield from files


def _kept(kept: _Answers, names: Iterable[Name], told: Callable[[Name, Around], str]) -> dict[Name, Printed]:
    """What the index has of pages that were made of the same texts as now; `told` tells these."""
    wanted = list(names)
    values = kept.load(wanted)
    found = {}
    for name in wanted:
        if name in values:
            around, was, withheld, bodies = marshal.loads(values[name])
            if was == told(name, around):
                found[name] = Printed(was, withheld, [Body(*body) for body in bodies])
    return found


def _packed(around: Around, made: Printed) -> bytes:
    row: Any = (around, made.told, made.withheld, [tuple(body) for body in made.bodies])
    return marshal.dumps(row, _FORMAT)


def _made(
    registry: Registry, pages: Pages, around: Mapping[Page, Around], audience: str, dialect: Dialect, *, whole: bool
) -> Iterator[tuple[Page, Printed]]:
    """Make pages anew, of their records and what lies around each; of the whole registry where most are missing."""
    visible = view(registry if whole else Part(registry, _rids(registry, around)), audience)
    shown = {record.file: record for records in visible.seen.values() for record in records}
    kinds = [visible.schemas.kinds[kind] for kind in dict.fromkeys(page.name[0] for page in around)]
    by_kind: dict[str, list[tuple[Table, Rows]]] = {kind.name: [] for kind in kinds}
    for table in tables(visible, kinds):
        by_kind[table.kind.name].append((table, Rows(table, dialect)))
    for page, others in around.items():
        records = [shown[file] for file in page.files if file in shown]
        bodies = [rows.body(_rows(table, records)) for table, rows in by_kind[page.name[0]]]
        yield page, Printed(pages.told(page, others), len(page.files) - len(records), bodies)


def _rows(table: Table, records: Sequence[Record]) -> Iterable[Any]:
    return table.of(records) if table.of else ()


def _rids(registry: Registry, around: Mapping[Page, Around]) -> set[RecordId]:
    own = {registry.by_file[file] for page in around for file in page.files}
    return own | {RecordId(kind, id) for other in around.values() for kind, ids in other.items() for id in ids}

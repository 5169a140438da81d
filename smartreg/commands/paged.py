"""CSV of whole kinds a page at a time: what was made of a page before, and still holds, comes from the cache."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from smartreg.exporters.cells import Dialect
from smartreg.exporters.csv_file import Body, Rows
from smartreg.named import NamedTuple
from smartreg.program import program
from smartreg.registry import Registry
from smartreg.tables import Table, tables
from smartreg.tables.audience import AUDIENCES, view
from smartreg.tables.pages import Around, Page, Pages, Part
from smartreg.trees import Cache, key_of
from smartreg.values import Record, RecordId

_FORMAT = 4  # of marshal: every Python since 3.4 reads and writes it
_HALF = 2


class Printed(NamedTuple):
    """What a page became: how many of its records the audience does not see, and the rows of each table of its kind."""

    withheld: int
    bodies: Sequence[Body]


class Printing(NamedTuple):
    """The pages of each kind; how many records the audience does not see."""

    of: Mapping[str, Sequence[Printed]]
    withheld: int

    def bodies(self, kind: str, number: int) -> list[Body]:
        """The rows of a table: that of this number among those of the kind."""
        return [page.bodies[number] for page in self.of[kind]]


def printed(registry: Registry, kinds: Sequence[str], audience: str, dialect: Dialect) -> Printing | None:
    """The rows of these kinds. None where a record cannot be read, which takes a look at all, and without a cache."""
    folder = registry.frame.folder
    if folder is None:
        return None
    pages = Pages(registry)
    # Of the records that are not seen, all are counted.
    wanted = [
        page for kind in (kinds if audience == AUDIENCES[-1] else registry.schemas.kinds) for page in pages.of(kind)
    ]
    with Cache.open(folder, f"csv:{program()}:{registry.schemas.digest}:{audience}:{dialect.name}") as cache:
        found = dict(_kept(cache, pages, wanted))
        missing = [page for page in wanted if page not in found]
        if any(registry.at(file) is None for file in _loaded(registry, missing, len(wanted))):
            return None
        around = {page: pages.around(page) for page in missing}
        made = dict(_made(registry, around, audience, dialect, whole=len(missing) * _HALF > len(wanted)))
        cache.put_many((_key(page), _packed(page, around[page], pages, made[page]), ()) for page in missing)
    found |= made
    of = {kind: [found[page] for page in wanted if page.kind == kind] for kind in registry.schemas.kinds}
    return Printing(of, sum(page.withheld for page in found.values()))


def _loaded(registry: Registry, pages: Sequence[Page], of: int) -> Iterator[str]:
    """The files of pages, which are read together."""
    if len(pages) * _HALF > of:
        registry.load_all()
    files = [file for page in pages for file in page.files]
    registry.load(files)
    yield from files


def _kept(cache: Cache, pages: Pages, wanted: Sequence[Page]) -> Iterator[tuple[Page, Printed]]:
    """What the cache has of pages whose texts, and those around them, are the same."""
    values = cache.get_many(map(_key, wanted))
    for page in wanted:
        value = values.get(_key(page))
        if value is not None:
            digest, around, told, withheld, bodies = marshal.loads(value)
            if digest == page.digest and told == pages.told(around):
                yield page, Printed(withheld, [Body(*body) for body in bodies])


def _packed(page: Page, around: Around, pages: Pages, made: Printed) -> bytes:
    row: Any = (page.digest, around, pages.told(around), made.withheld, [tuple(body) for body in made.bodies])
    return marshal.dumps(row, _FORMAT)


def _key(page: Page) -> str:
    """Where the cache keeps a page: what was made of it before it changed gives way."""
    return key_of(page.kind, page.start)


def _made(
    registry: Registry, around: Mapping[Page, Around], audience: str, dialect: Dialect, *, whole: bool
) -> Iterator[tuple[Page, Printed]]:
    """Make pages anew, of their records and what lies around each; of the whole registry where most are missing."""
    seen = view(registry if whole else Part(registry, _rids(registry, around)), audience)
    shown = {record.file: record for records in seen.seen.values() for record in records}
    kinds = [seen.schemas.kinds[kind] for kind in dict.fromkeys(page.kind for page in around)]
    by_kind: dict[str, list[tuple[Table, Rows]]] = {kind.name: [] for kind in kinds}
    for table in tables(seen, kinds):
        by_kind[table.kind.name].append((table, Rows(table, dialect)))
    for page in around:
        records = [shown[file] for file in page.files if file in shown]
        bodies = [rows.body(_rows(table, records)) for table, rows in by_kind[page.kind]]
        yield page, Printed(len(page.files) - len(records), bodies)


def _rows(table: Table, records: Sequence[Record]) -> Iterable[Any]:
    return table.of(records) if table.of else ()


def _rids(registry: Registry, around: Mapping[Page, Around]) -> set[RecordId]:
    own = {registry.by_file[file] for page in around for file in page.files}
    return own | {RecordId(kind, id) for other in around.values() for kind, ids in other.items() for id in ids}

"""Records of other registries: those that references here name, as the last accepted release of each source shows them
to the public, and the parties that they name.

`foreign/<alias>.jsonl` has a line for each, in canonical JSON, sorted by kind and id: `kind`, `id` (as its own registry
calls it), `data`, and what proves that the release holds it; of a record that vanished, `gone`: the number of the first
release without it. References name them by alias and id (`cd13:ep-00412`), and so does everything here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from smartreg.core.messages import Message
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Data, Json, Link, Mark, Record, RecordId
from smartreg.schema import ABROAD, ITEM, FieldPath, Kind
from smartreg.schema.settings import FOREIGN
from smartreg.trees import Tree

SAME_BY = {"party": "siren"}
"""Kind → the field by which a record abroad is one of ours: aliases are for what has no official number."""
LONGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Abroad:
    """Records of other registries by kind and `alias:id`; those that are `gone`, with the number of the first release
    without them; the files that cannot be read. `here`: the parties among them that have a record here (by `alias:id`,
    its id). `links`: what they name, by its id."""

    records: Mapping[RecordId, Record] = field(default_factory=dict)
    gone: Mapping[RecordId, int] = field(default_factory=dict)
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)
    here: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)

    def __contains__(self, rid: object) -> bool:
        return rid in self.records or rid in self.gone

    def find(self, word: str, kind: str = "") -> Record | None:
        """The record (of a kind) that somebody calls `alias:id` or `kind/alias:id`."""
        records = (record for rid, record in self.records.items() if word in (rid.id, str(rid)))
        return next((record for record in records if kind in ("", record.rid.kind)), None)

    def ids(self, kinds: Sequence[str]) -> list[str]:
        """The records of these kinds, as references name them, sorted."""
        return sorted({rid.id for rid in self.records if rid.kind in kinds})


NOWHERE = Abroad()
"""Of a registry without sources."""


def alias_of(id: str) -> str | None:
    """The alias in a reference to a record of another registry; None if it names one here."""
    alias, separator, _ = id.partition(ABROAD)
    return alias if separator else None


def snapshot_file(alias: str) -> str:
    """The file with the records of a source."""
    return f"{FOREIGN}/{alias}.jsonl"


def read_abroad(
    tree: Tree, kinds: Mapping[str, Kind], aliases: Iterable[str], of_kind: Callable[[str], Iterable[Record]]
) -> Abroad:
    """The records of the sources with these aliases, without those of other `kinds`; `of_kind` gives the records
    here."""
    files = tree.files()
    data: dict[RecordId, Data] = {}
    gone: dict[RecordId, int] = {}
    unreadable: dict[str, Unreadable] = {}
    for alias in sorted(aliases):
        path = snapshot_file(alias)
        file = files.get(path)
        if file is None or file.special:
            continue
        try:
            for line in read_lines(tree.read(path, LONGEST)):
                rid = RecordId(line["kind"], f"{alias}{ABROAD}{line['id']}")
                if "gone" in line:
                    gone[rid] = line["gone"]
                elif rid.kind in kinds:
                    data[rid] = line["data"]
        except Unreadable as fault:
            unreadable[path] = fault
    here = _find_here(data, of_kind)
    records = {rid: _read_here(rid, data, here, kinds) for rid in sorted(data)}
    links: dict[str, tuple[Link, ...]] = {}
    for rid, record in records.items():
        for link in kinds[rid.kind].links(record):
            links[link.target] = (*links.get(link.target, ()), link)
    return Abroad(records, gone, unreadable, {rid.id: id for rid, id in here.items()}, links)


def record_abroad(
    alias: str,
    id: str,
    data: Mapping[RecordId, Data],
    kinds: Mapping[str, Kind],
    of_kind: Callable[[str], Iterable[Record]],
) -> Record | None:
    """The record of a source with this id, among all `data` of its release (as that registry names them), as it reads
    here."""
    named = {RecordId(rid.kind, f"{alias}{ABROAD}{rid.id}"): values for rid, values in data.items()}
    rid = next((rid for rid in named if rid.id == f"{alias}{ABROAD}{id}" and rid.kind in kinds), None)
    return rid and _read_here(rid, named, _find_here(named, of_kind), kinds)


def _read_here(
    rid: RecordId, data: Mapping[RecordId, Data], here: Mapping[RecordId, str], kinds: Mapping[str, Kind]
) -> Record:
    source = alias_of(rid.id) or ""
    return Record(rid, snapshot_file(source), _translate(kinds[rid.kind], data[rid], (), _Names(source, data, here)))


def read_lines(text: bytes) -> Iterator[Mapping[str, Any]]:
    """The lines of a snapshot. Raises Unreadable."""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            value = read_json(line)
        except Unreadable as fault:
            raise Unreadable(fault.words, Mark(number, 1)) from None
        if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in ("kind", "id")):
            raise Unreadable(_NO_RECORD, Mark(number, 1))
        if type(value.get("gone")) is not int and not isinstance(value.get("data"), dict):
            raise Unreadable(_NO_RECORD, Mark(number, 1))
        yield value


_NO_RECORD = Message("this line is not a record of another registry")


def _find_here(abroad: Mapping[RecordId, Data], of_kind: Callable[[str], Iterable[Record]]) -> Mapping[RecordId, str]:
    """The records abroad that have a record here, by the official number of both."""
    here: dict[RecordId, str] = {}
    for kind, name in SAME_BY.items():
        numbers = {rid: data.get(name) for rid, data in abroad.items() if rid.kind == kind}
        if any(numbers.values()):
            ours = {record.data.get(name): record.rid.id for record in of_kind(kind) if record.data.get(name)}
            here |= {rid: ours[number] for rid, number in numbers.items() if isinstance(number, str) and number in ours}
    return here


class _Names(NamedTuple):
    """What the references of one source mean here."""

    alias: str
    abroad: Mapping[RecordId, Data]
    here: Mapping[RecordId, str]

    def of(self, kinds: Sequence[str], id: Json) -> str | None:
        """The id of a record here, or `alias:id`; None for a record that is not known here."""
        rids = [RecordId(kind, f"{self.alias}{ABROAD}{id}") for kind in kinds]
        return next((self.here.get(rid, rid.id) for rid in rids if rid in self.abroad), None)


def _translate(kind: Kind, value: Json, path: FieldPath, names: _Names) -> Json:
    """A value with its references as they are written here; what is not known here is absent."""
    if isinstance(value, dict):
        parts = {name: _translate(kind, item, (*path, name), names) for name, item in value.items()}
        return {name: item for name, item in parts.items() if item is not None}
    if isinstance(value, list):
        items = [_translate(kind, item, (*path, ITEM), names) for item in value]
        return [item for item in items if item is not None]
    field = kind.by_path.get(path)
    return names.of(field.refs, value) if field is not None and field.refs else value

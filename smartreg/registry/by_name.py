"""The party, support or convention that people call by a name where an id is expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from smartreg.core.messages import Message, Text, first_few
from smartreg.core.spelling import bare, closest, fold
from smartreg.core.values import Json, KeyPath, Record, RecordId
from smartreg.schema import ITEM, Kind, Schemas

_LISTED = 6  # maximum number of records with one name that are listed
WRITE_THE_ID = Message("write the id of the one that is meant")


class NamedRecords(Protocol):
    """A registry, or the visible part of one."""

    @property
    def schemas(self) -> Schemas: ...

    def of_kind(self, kind: str) -> Iterator[Record]: ...

    def with_id(self, id: str) -> Sequence[RecordId]: ...


class Several(NamedTuple):
    """A name that several records have: their ids."""

    name: str
    ids: tuple[str, ...]

    def message(self, place: str) -> Text:
        listed = first_few(self.ids, _LISTED)
        return Message(
            '{place}: "{name}" is the name of several records: {listed}', place=place, name=self.name, listed=listed
        )


Names: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
"""Folded name → id and name of each record that has it."""


@dataclass(frozen=True)
class RecordsByName:
    """The records of a registry by the texts of their label fields, ignoring case and accents. `read` and `read_bare`
    cache the kinds that were looked at."""

    registry: NamedRecords
    read: dict[str, Names] = field(default_factory=dict, compare=False)
    read_bare: dict[str, Names] = field(default_factory=dict, compare=False)

    def resolve(self, kind: Kind, path: KeyPath, value: Json) -> Json | Several:
        """The value at a key path, with names replaced by ids; anything that is no reference or no record's name
        stays."""
        field = kind.field_at(path)
        if isinstance(value, str) and field is not None and field.refs:
            return self.resolve_name(field.refs, value)
        item = kind.field_at((*path, ITEM))
        if isinstance(value, list) and item is not None and item.refs:
            resolved = [self.resolve_name(item.refs, word) if isinstance(word, str) else word for word in value]
            return next((word for word in resolved if isinstance(word, Several)), resolved)
        return value

    def resolve_name(self, kinds: Sequence[str], word: str) -> str | Several:
        """The id of the record of these kinds with this name; anything that is no record's name stays."""
        if self.registry.with_id(word):
            return word
        ids = [rid.id for rid in self.find(kinds, word)]
        return word if not ids else ids[0] if len(ids) == 1 else Several(word, tuple(sorted(ids)))

    def find(self, kinds: Iterable[str], name: str) -> list[RecordId]:
        """The records of these kinds with this name: exactly if there are any, else ignoring case and accents, else
        also what a commune is and its article ("Ville d'Istres" is Istres)."""
        kinds, folded = tuple(kinds), fold(name)
        alike = {RecordId(kind, id): text for kind in kinds for id, text in self._records_by_name(kind).get(folded, ())}
        if not alike:
            by_bare_name = (
                (kind, id) for kind in kinds for id, _text in self._records_by_bare_name(kind).get(bare(folded), ())
            )
            return list(dict.fromkeys(RecordId(kind, id) for kind, id in by_bare_name))
        return [rid for rid, text in alike.items() if text == name] or list(alike)

    def nearest(self, kinds: Iterable[str], name: str) -> str | None:
        """The name of a record of these kinds with the most similar spelling."""
        texts = {text for kind in kinds for records in self._records_by_name(kind).values() for _, text in records}
        return closest(name, sorted(texts))

    def _records_by_name(self, kind: str) -> Names:
        if kind not in self.read:
            schema = self.registry.schemas.kinds.get(kind)
            self.read[kind] = self._read(schema) if schema is not None else {}
        return self.read[kind]

    def _records_by_bare_name(self, kind: str) -> Names:
        if kind not in self.read_bare:
            by_bare_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
            for folded, records in self._records_by_name(kind).items():
                by_bare_name[bare(folded)] += records
            self.read_bare[kind] = by_bare_name
        return self.read_bare[kind]

    def _read(self, kind: Kind) -> Names:
        fields = [kind.by_path[(name,)] for name in kind.label if (name,) in kind.by_path]
        plain = [field.path[0] for field in fields if field.kind == "string" and not field.enum and not field.refs]
        by_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for record in self.registry.of_kind(kind.name) if plain else ():
            for name in plain:
                word = record.data.get(name)
                if isinstance(word, str) and fold(word):
                    by_name[fold(word)].append((record.rid.id, word))
        return by_name

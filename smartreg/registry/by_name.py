"""Records by name: find a party, a support or a convention by its name where an id is expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from smartreg.core.slug import fold
from smartreg.core.suggest import closest
from smartreg.core.values import Json, KeyPath, Record, RecordId, Words
from smartreg.schema import ITEM, Kind, Schemas

_LISTED = 6  # maximum number of records with one name that are listed
WRITE_THE_ID = Words("write the id of the one that is meant", "écrivez l'identifiant de celle qui est voulue")


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

    def message(self, place: str) -> Words:
        listed = ", ".join(self.ids[:_LISTED]) + (", …" if len(self.ids) > _LISTED else "")
        return Words(
            f'{place}: "{self.name}" is the name of several records: {listed}',
            f"{place} : « {self.name} » est le nom de plusieurs fiches : {listed}",
        )


@dataclass(frozen=True)
class RecordsByName:
    """The records of a registry by the texts of their label fields, ignoring case and accents. `read` caches the kinds
    that were looked at."""

    registry: NamedRecords
    read: dict[str, Mapping[str, Sequence[tuple[str, str]]]] = field(default_factory=dict, compare=False)

    def resolve(self, kind: Kind, path: KeyPath, value: Json) -> Json | Several:
        """The value at a key path, with names replaced by ids; anything that is no reference or no record's name
        stays."""
        own = kind.field_at(path)
        if isinstance(value, str) and own is not None and own.refs:
            return self.resolve_name(own.refs, value)
        item = kind.field_at((*path, ITEM))
        if isinstance(value, list) and item is not None and item.refs:
            found = [self.resolve_name(item.refs, one) if isinstance(one, str) else one for one in value]
            return next((one for one in found if isinstance(one, Several)), found)
        return value

    def resolve_name(self, kinds: Sequence[str], word: str) -> str | Several:
        """The id of the record of these kinds with this name; anything that is no record's name stays."""
        if self.registry.with_id(word):
            return word
        ids = [rid.id for rid in self.find(kinds, word)]
        return word if not ids else ids[0] if len(ids) == 1 else Several(word, tuple(sorted(ids)))

    def find(self, kinds: Iterable[str], name: str) -> list[RecordId]:
        """The records of these kinds with this name: exactly if there are any, else ignoring case and accents."""
        alike = {
            RecordId(kind, id): text for kind in kinds for id, text in self._records_by_name(kind).get(fold(name), ())
        }
        return [rid for rid, text in alike.items() if text == name] or list(alike)

    def nearest(self, kinds: Iterable[str], name: str) -> str | None:
        """The name of a record of these kinds with the most similar spelling."""
        texts = {text for kind in kinds for found in self._records_by_name(kind).values() for _, text in found}
        return closest(name, sorted(texts))

    def _records_by_name(self, kind: str) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Folded name → id and name of each record of a kind that has it."""
        if kind not in self.read:
            schema = self.registry.schemas.kinds.get(kind)
            self.read[kind] = self._read(schema) if schema is not None else {}
        return self.read[kind]

    def _read(self, kind: Kind) -> Mapping[str, Sequence[tuple[str, str]]]:
        fields = [kind.by_path[(name,)] for name in kind.label if (name,) in kind.by_path]
        plain = [one.path[0] for one in fields if one.kind == "string" and not one.enum and not one.refs]
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for record in self.registry.of_kind(kind.name) if plain else ():
            for name in plain:
                word = record.data.get(name)
                if isinstance(word, str) and fold(word):
                    found[fold(word)].append((record.rid.id, word))
        return found

"""References by name: a cell that gives the name or the title of a record, as people call it, means its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.slug import fold
from smartreg.core.values import Json, KeyPath, Location, Words
from smartreg.importers.columns import SheetColumn
from smartreg.importers.consequences import UNKNOWN
from smartreg.importers.rows import Draft
from smartreg.registry import Registry
from smartreg.schema import ITEM, Kind

_LISTED = 6  # so many records of one name are named


class Several(NamedTuple):
    """A name that several records have: their ids."""

    name: str
    ids: tuple[str, ...]

    def message(self, place: str) -> Words:
        listed = ", ".join(self.ids[:_LISTED]) + (", …" if len(self.ids) > _LISTED else "")
        return Words(
            f'{place}: "{self.name}" is the name of several records: {listed}',
            f"{place} : « {self.name} » est le nom de plusieurs enregistrements : {listed}",
        )


WRITE_THE_ID = Words("write the id of the one that is meant", "écrivez l'identifiant de celui qui est voulu")


@dataclass(frozen=True)
class Names:
    """The records of a registry by what people call them; `called` keeps what was looked up, by kind."""

    registry: Registry
    called: dict[str, Mapping[str, Sequence[tuple[str, str]]]] = field(default_factory=dict, compare=False)

    def meant(self, kind: Kind, path: KeyPath, value: Json) -> Json | Several:
        """The value with ids in the place of names; as it is where it is no reference, an id, or nobody's name."""
        own = kind.field_at(path)
        if isinstance(value, str) and own is not None and own.refs:
            return self._one(own.refs, value)
        item = kind.field_at((*path, ITEM))
        if isinstance(value, list) and item is not None and item.refs:
            found = [self._one(item.refs, one) if isinstance(one, str) else one for one in value]
            return next((one for one in found if isinstance(one, Several)), found)
        return value

    def _one(self, kinds: Sequence[str], word: str) -> str | Several:
        if self.registry.with_id(word):
            return word
        alike = {id: name for kind in kinds for id, name in self._records_by_name(kind).get(fold(word), ())}
        exact = [id for id, name in alike.items() if name == word]
        ids = exact or list(alike)
        return word if not ids else ids[0] if len(ids) == 1 else Several(word, tuple(sorted(ids)))

    def _records_by_name(self, name: str) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Folded name → id and name of each record of a kind that is called so."""
        if name not in self.called:
            self.called[name] = self._read(self.registry.schemas.kinds[name])
        return self.called[name]

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


class Referring(NamedTuple):
    """The drafts with ids for names, what cannot be told, and which names were taken for which ids."""

    drafts: list[Draft]
    faults: list[Finding]
    taken: Mapping[str, str]


def resolve_references(
    names: Names, kind: Kind, file: str, columns: Iterable[SheetColumn], drafts: Sequence[Draft]
) -> Referring:
    """The drafts, a name in a column of references replaced by the id of the record that is called so."""
    bearing = [column for column in columns if _refers(kind, column.path)]
    faults: list[Finding] = []
    taken: dict[str, str] = {}
    made = []
    for draft in drafts:
        values = dict(draft.values)
        for column in bearing:
            value = values.pop(column.path, None)
            found = names.meant(kind, column.path, value)
            if isinstance(found, Several):
                where = Location(file, column.path, row=draft.row.number, column=column.heading)
                faults.append(Finding(UNKNOWN, "error", found.message(column.heading), where, WRITE_THE_ID))
            elif column.path in draft.values:
                values[column.path] = found
                taken |= {name: id for name, id in zip(_words(value), _words(found), strict=True) if name != id}
        made.append(replace(draft, values=values) if bearing else draft)
    return Referring(made, faults, taken)


def _refers(kind: Kind, path: KeyPath) -> bool:
    return any(one is not None and one.refs for one in (kind.field_at(path), kind.field_at((*path, ITEM))))


def _words(value: Json) -> list[str]:
    """The texts of a value, in its order."""
    if isinstance(value, str):
        return [value]
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []

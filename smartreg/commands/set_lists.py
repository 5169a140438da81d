"""`FIELD+=ITEM` and `FIELD-=ITEM`: items that come into a list, or leave it, whatever else it holds."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, KeyPath, Record, Words, path_text, value_at
from smartreg.diff import same
from smartreg.domain.titles import read_on
from smartreg.edit import field_path, find_field, read_value
from smartreg.registry import Registry
from smartreg.schema import Kind, literal

Altered: TypeAlias = tuple[list[tuple[KeyPath, Json]], list[KeyPath]]
"""Values by path, and paths that are to go."""


def is_about_items(text: str) -> bool:
    """Whether an assignment adds to a list or takes away from one."""
    name, equals, _ = text.partition("=")
    return bool(equals) and name.endswith(("+", "-"))


def items_of(registry: Registry, record: Record, texts: Sequence[str]) -> Altered:
    """What these assignments set and take away. What a list has already is not added again. UsageFault for a field that
    is no list, and for an item that the list has not."""
    kind = registry.schemas.kinds[record.rid.kind]
    added: dict[KeyPath, list[Json]] = {}
    gone: list[KeyPath] = []
    for text in texts:
        name, _, value = text.partition("=")
        path = field_path(kind, name[:-1])
        held = _list_at(record, path)
        for item in _items(registry, kind, path, value):
            places = [index for index, other in enumerate(held) if same(item, other)]
            if name.endswith("+"):
                new = added.setdefault(path, [])
                new += [] if places or any(same(item, other) for other in new) else [item]
            elif places:
                gone += [(*path, index) for index in places]
            else:
                raise _not_there(record, path, item)
    return [
        ((*path, at), item) for path, new in added.items() for at, item in enumerate(new, len(_list_at(record, path)))
    ], gone


def _list_at(record: Record, path: KeyPath) -> list[Json]:
    """What the list has; nothing where none is there."""
    there = value_at(record.data, path)
    return there if isinstance(there, list) else []


def _items(registry: Registry, kind: Kind, path: KeyPath, value: str) -> list[Json]:
    field, name = find_field(kind, path), path_text(path)
    if field.kind != "array":
        raise UsageFault(
            Words(f"{name} is not a list", f"{name} n'est pas une liste"),
            Words(f"{name}=VALUE sets it", f"{name}=VALEUR le modifie"),
        )
    if not value:
        raise UsageFault(Words(f"no item is given for {name}", f"aucun élément n'est donné pour {name}"))
    item = kind.field_at((*path, 0))
    if item is not None and item.kind != "string" and not value.startswith("["):
        return [read_value(kind, (*path, 0), value, registry)]
    found = read_value(kind, path, value, registry)
    return found if isinstance(found, list) else [found]


def _not_there(record: Record, path: KeyPath, item: Json) -> UsageFault:
    name = path_text(path)
    if item in _list_at(read_on(record, date.max), path):
        line = shlex.join(
            ("smartreg", "amend", record.rid.id, f"{name}-={item if isinstance(item, str) else literal(item)}")
        )
        return UsageFault(
            Words(
                f"{name} of {record.rid} has {literal(item)} by an amendment, which set does not change",
                f"{name} de {record.rid} a {literal(item)} par un avenant, que set ne modifie pas",
            ),
            Words(
                f"record another act: {line} --deliberation ID", f"saisissez un autre acte : {line} --deliberation ID"
            ),
        )
    return UsageFault(
        Words(
            f"{name} of {record.rid} has no {literal(item)}",
            f"{name} de {record.rid} n'a pas {literal(item)}",
        ),
        Words(
            f"smartreg show {record.rid} shows what it has; --unset {name}[0] takes away the first",
            f"smartreg show {record.rid} montre ce qu'il a ; --unset {name}[0] supprime le premier",
        ),
    )

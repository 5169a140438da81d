"""In which files of a tree the texts stand that the cache finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from smartreg.registry.entry import KIND_MARK, kind_mark
from smartreg.trees import Table
from smartreg.values import RecordId


class Known:
    """Files by the cache's key of their text: those of a base, but for some files that are others."""

    def __init__(self, base: Callable[[str], Iterable[str]], keys: Mapping[str, str] | None = None) -> None:
        """`base` gives files by key; `keys` has the files that are others, each with its key, empty if it is gone."""
        self._base = base
        self._keys = keys or {}
        self._own: dict[str, list[str]] = {}
        for file, key in self._keys.items():
            self._own.setdefault(key, []).append(file)

    def files(self, key: str) -> list[str]:
        """The files whose text has this key."""
        return [*(file for file in self._base(key) if file not in self._keys), *(self._own.get(key, ()) if key else ())]

    def altered(self, keys: Mapping[str, str]) -> Known:
        """The same with other keys of these files, empty for one that is gone."""
        return Known(self._base, {**self._keys, **keys})


def by_keys(keys: Mapping[str, str]) -> Known:
    """Of all files, each with its key."""
    one = dict(zip(keys.values(), keys, strict=True))
    several: dict[str, list[str]] = {}
    if len(one) < len(keys):
        for file, key in keys.items():
            if one[key] != file:
                several.setdefault(key, [one[key]]).append(file)
    return Known(lambda key: several[key] if key in several else (one[key],) if key in one else ())


def by_table(table: Table, records: Mapping[str, RecordId]) -> Known:
    """Of the `records` of a table, each in its file."""

    def files(key: str) -> Iterable[str]:
        mark = key[:KIND_MARK]
        found = ((path, records.get(path)) for path in table.holding(key[KIND_MARK:]))
        return [path for path, rid in found if rid is not None and kind_mark(rid.kind) == mark]

    return Known(files)

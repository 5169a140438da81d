"""A listing of files that Git has, kept as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from smartreg.trees.folders import SizeOf
from smartreg.trees.listing import Listing, Outline, outlined
from smartreg.trees.table import Row, Table, packed
from smartreg.trees.tree import File
from smartreg.trees.usual import all_usual


class Tabled(Listing):
    """The files of a table, all plain ones that hold the blob that is told. `top`: the folder of the registry where
    sizes must be told too, see `File`. They are the same as long as `index` is, the checksum of Git's index; it is
    empty where that is not sure."""

    def __init__(self, table: Table, top: bytes | None = None, index: str = "") -> None:
        self.table = table
        self.index = index if top is not None else "any"
        self._top = top
        self._seen: dict[str, File] = {}

    def __getitem__(self, path: str) -> File:
        if path not in self._seen:
            row = self.table.row(path)
            if row is None:
                raise KeyError(path)
            self._seen[path] = self.file(path, self.table.blob(row))
        return self._seen[path]

    def __contains__(self, path: object) -> bool:
        return path in self._seen or (isinstance(path, str) and self.table.row(path) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self.table)

    def below(self, folder: str) -> Iterator[str]:
        return self.table.below(folder)

    def each(self) -> Iterator[File]:
        return (self.file(path, blob) for path, blob in self.table.rows())

    @cached_property
    def outline(self) -> Outline:
        return Outline(self._about["folders"], tuple(self._about["others"]))

    @property
    def usual(self) -> bool:
        return bool(self._about["usual"])

    @cached_property
    def _about(self) -> dict[str, Any]:
        about: dict[str, Any] = json.loads(self.table.about)
        return about

    @cached_property
    def _all(self) -> Mapping[str, File]:
        """Every file at once: who asks for all asks for each."""
        self._seen = {path: self.file(path, blob) for path, blob in self.table.rows()}
        return self._seen

    def file(self, path: str, blob: str | None) -> File:
        """A plain file that holds this blob; None for one of which that is not known."""
        return File(path, blob, "", SizeOf(self._top, path) if blob and self._top is not None else None)


def table_of(rows: Sequence[Row]) -> bytes:
    """The table of files, sorted by path."""
    paths = [path for path, _ in rows]
    folders, others = outlined(paths)
    about = {"folders": folders, "others": others, "usual": all_usual(paths)}
    return packed(rows, json.dumps(about).encode())

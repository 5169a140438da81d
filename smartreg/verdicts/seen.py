"""How the records stood when they were judged, or exported: one by one, or in short, as the files that differ from a
table.

A state tells a text from any other, see `Registry.states`; it is empty where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smartreg.named import NamedTuple
from smartreg.registry import Registry, located
from smartreg.trees import IndexedFiles, length


class Seen(NamedTuple):
    """`table`: the serial of the state; `at`: that of Git's index, where only it tells that sizes are the same;
    `states`: of the records that are not as the table has them."""

    table: str
    at: str
    states: Mapping[str, str]


def seen(registry: Registry) -> Seen | None:
    """How the records stand, in short; None where that cannot be told so."""
    files = registry.tree.files()
    base, changes = files.base, files.changes
    if not isinstance(base, IndexedFiles) or not base.index:
        return None
    states = registry.states(changes)
    gone = {file: "" for file in changes if file not in states and _in_table(registry, base, file)}
    return Seen(base.state.serial.hex(), base.index, {**states, **gone})


def differing(registry: Registry, then: Seen, now: Seen) -> dict[str, str] | None:
    """The records that stand otherwise now, each with its state then; None where that takes a look at all."""
    base = registry.tree.files().base
    if then[:2] != now[:2] or not isinstance(base, IndexedFiles):
        return None
    tabled = {file: _in_table(registry, base, file) for file in then.states.keys() | now.states.keys()}
    return _others(
        {file: then.states.get(file, state) for file, state in tabled.items()},
        {file: now.states.get(file, state) for file, state in tabled.items()},
    )


def differing_one_by_one(registry: Registry, then: Mapping[str, str]) -> dict[str, str]:
    """As `differing`, with a look at all."""
    return _others(then, registry.state())


def _others(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    files: Iterable[str] = {file for file, _ in then.items() ^ now.items()}
    return {file: then.get(file, "") for file in files} | {file: then.get(file, "") for file in now if not now[file]}


def _in_table(registry: Registry, base: IndexedFiles, path: str) -> str:
    """The state of a record as the table has it."""
    file = base.get(path)
    if file is None or located(file, registry.schemas) is None:
        return ""
    return f"{file.blob}:{length(file.size)}" if file.size is not None else file.blob or ""

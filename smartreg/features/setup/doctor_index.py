"""The checks of `doctor` on the index: that SQLite finds the file whole, and that it gives the answers that Git gives.

Bits that flip inside a valid file are noticed by no other command.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from smartreg.core.errors import SmartregError
from smartreg.core.findings import row_of
from smartreg.core.messages import Message, number, plural
from smartreg.core.values import Json
from smartreg.features.setup.doctor_clone import Check
from smartreg.index import Index, Lost, load_state
from smartreg.registry import Registry
from smartreg.rules import RuleCrash
from smartreg.tables import tables
from smartreg.workspace.workspace import Workspace, today_in


def index(workspace: Workspace) -> Check:
    """How much the index holds, or why nothing is cached. An index that does not say what the files say is cleared."""
    kept = workspace.index
    if kept.in_memory:
        assert kept.why is not None
        return Check(
            "index",
            "note",
            Message("index: nothing is cached between runs: {why}", why=kept.why),
            Message("commands work without it, more slowly"),
        )
    sound = kept.is_sound() and _answers(workspace) == _answers(replace(workspace, indexed=False))
    if kept.dropped:
        return Check(
            "index",
            "note",
            Message("index: its file was damaged, from another version or from elsewhere; it is rebuilt"),
            Message("nothing is lost: it is derived from Git"),
        )
    if not sound:
        kept.clear()
        return Check(
            "index",
            "mend",
            Message("index: it did not say what the files say; it is cleared"),
            Message("run again what you ran before: answers may have been wrong; check the disk"),
        )
    size, files = _size(kept)
    return Check(
        "index",
        "ok",
        plural(
            "index: {size} MB, {n} file of this working tree",
            "index: {size} MB, {n} files of this working tree",
            n=files,
            size=number(size),
        ),
        Message("smartreg doctor --clear-index clears it"),
    )


def _size(kept: Index) -> tuple[str, int]:
    """Megabytes, and the number of files that are described."""
    state = load_state(kept)
    try:
        return f"{kept.size() / 1e6:.1f}", 0 if state is None else len(state)
    except Lost:
        return "0.0", 0


def _answers(workspace: Workspace) -> tuple[str, list[str]] | None:
    """A digest of what all records and tables say, and the findings; None if schemas or settings cannot be used."""
    unasked = replace(workspace, asked=None)
    try:
        registry = unasked.registry()
        checker = workspace.checker(registry, today_in(registry.config.timezone))
        checked = checker.check(registry, incremental=True)
    except (SmartregError, RuleCrash):
        return None
    digest = sha256()
    for row in _told(registry):
        digest.update(json.dumps(row).encode("ascii"))
    unasked.index.close()  # who clears the index waits for all that have it open
    return digest.hexdigest(), [repr(row_of(finding)) for finding in (*checked.findings, *checked.waived)]


def _told(registry: Registry) -> Iterator[Json]:
    """The content of each record, the files that name it and have its values, and the rows of all tables."""
    registry.load_all()
    for file, terms in sorted(registry.terms().items()):
        record = registry.at(file)
        yield [file, None if record is None else record.data, sorted({f"{field}={value}" for field, value in terms})]
    for table in tables(registry, [*registry.schemas.kinds.values()]):
        yield table.name
        yield from map(list, table.rows())

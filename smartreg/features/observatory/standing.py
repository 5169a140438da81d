"""How the sources of an observatory stand on a day: what is kept of each, what its figures are from, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.registry.pins import KeptRelease, Refusal
from smartreg.release.format import Manifest

STATES: Final[Mapping[str, Text]] = {
    "absent": Message("nothing kept yet"),
    "withdrawn": Message("data withdrawn"),
    "unread": Message("not read"),
    "closed": Message("closed"),
    "unreachable": Message("unreachable"),
    "refused": Message("a later release was refused"),
    "expired": Message("expired"),
    "in order": Message("in order"),
}
"""The states of a source, the first of them that holds."""
REASONS: Final[Mapping[str, Text]] = {
    "signature": Message("it is not signed by a key that is trusted here"),
    "registry": Message("it is of another registry"),
    "expired": Message("it has expired"),
    "rollback": Message("it is older than the one that is kept"),
    "fork": Message("there are two releases of one number"),
    "chain": Message("a release before it is missing"),
    "too far": Message("it is too many releases ahead"),
    "file": Message("a file is not what the manifest says"),
    "withdrawn": Message("the statement of its withdrawal is not good"),
    "shape": Message("a table or a column is gone"),
    "loss": Message("too many records vanished"),
}
"""Why a release is refused (`Why` of `release/format.py`)."""


class TableRows(NamedTuple):
    """A table of a release: its rows, and how many more there are than in the release accepted before (None: it is
    the first one)."""

    name: str
    rows: int
    more: int | None


class Standing(NamedTuple):
    """A source on a day: what it is called here, the UUID and name of its registry, the release that is kept (number,
    None if none is; digest of its manifest, commit), when it was issued, until when it counts, its age in days, a key
    of `STATES`, why a later one was refused (empty: none was), and the licence of the data. `shown`: the number of the
    release that the tables have, None for none; `fault`: why it is not the one that is kept; `earlier`: the one
    accepted before; `unreachable`: the day since when none could be fetched, empty if the last fetch came through."""

    alias: str
    registry: str
    name: str
    serial: int | None
    manifest: str
    commit: str
    issued: str
    expires: str
    age: int | None
    state: str
    refused: str
    licence: str
    shown: int | None
    fault: Text | None = None
    earlier: int | None = None
    tables: tuple[TableRows, ...] = ()
    unreachable: str = ""

    @property
    def is_earlier(self) -> bool:
        """Whether figures have an earlier release of it, because a later one was refused or cannot be read."""
        return self.shown is not None and (bool(self.refused) or self.shown != self.serial)


def standing_of(
    release: KeptRelease, earlier: Manifest | None, shown: int | None, fault: Text | None, on: date
) -> Standing:
    """A source on a day; see `Standing`."""
    manifest, pin = release.manifest, release.pin
    holds = {
        "absent": False,
        "withdrawn": release.folder is None,
        "unread": shown != pin.serial,
        "closed": release.source.closed is not None,
        "unreachable": bool(pin.unreachable),
        "refused": bool(pin.refused),
        "expired": date.fromisoformat(pin.expires[:10]) < on,
        "in order": True,
    }
    about = manifest.document.get("smartreg")
    before = earlier.files if earlier is not None else None
    tables = (
        TableRows(
            path.removeprefix("kind=").partition("/")[0],
            file.rows,
            None if before is None else file.rows - (before[path].rows if path in before else 0),
        )
        for path, file in sorted(manifest.files.items())
    )
    return Standing(
        release.alias,
        manifest.registry,
        manifest.name or release.alias,
        manifest.serial,
        manifest.digest,
        manifest.commit,
        pin.issued,
        pin.expires,
        (on - manifest.issued.date()).days,
        next(state for state in STATES if holds[state]),
        pin.refused,
        str(about.get("licence") or "") if isinstance(about, Mapping) else "",
        shown,
        fault,
        earlier.serial if earlier is not None else None,
        tuple(tables),
        pin.unreachable,
    )


def absent(alias: str, registry: str, refusal: Refusal | None) -> Standing:
    """A source of which nothing is kept, and why."""
    why, since = (refusal.refused, refusal.checked) if refusal is not None else ("", "")
    refused, unreachable = ("", since) if why == "unreadable" else (why, "")
    return Standing(
        alias, registry, alias, None, "", "", "", "", None, "absent", refused, "", None, unreachable=unreachable
    )

"""The files of a release and what they say. Below the address where a registry publishes:

    <id>/latest.json, .sig                 which release is the latest, and until when that is sure: replaced each time
    <id>/000012/datapackage.json, .sig     the manifest of release 12: never changed, and kept for ever
    <id>/000012/records.jsonl              its records, one line each: the leaves of the Merkle tree
    <id>/000012/kind=…/data.parquet        its tables
    <id>/000012/withdrawn.json, .sig       in place of the data that were withdrawn

`<id>` is the UUID of the registry. Texts are JSON in UTF-8; digests are SHA-256, `sha256:` and 64 hexadecimal digits;
moments are UTC (`2026-12-01T04:00:00Z`). The manifest is a Frictionless Data Package, whose member `smartreg` says what
`Manifest` reads. A signature is good for the bytes of its file; `latest.json.sig` may hold the signature of the text
before as well, so that no order in which the two files are replaced makes a reader meet a text without one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

from smartreg.core.errors import Refused
from smartreg.core.messages import Message, Text
from smartreg.core.ssh_keys import fingerprint_of, fingerprints_of
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import REGISTRY_ID, Json

RELEASE, LATEST, WITHDRAWAL = "release/1", "latest/1", "withdrawn/1"
LATEST_FILE, MANIFEST_FILE, RECORDS_FILE, WITHDRAWN_FILE = (
    *("latest.json", "datapackage.json", "records.jsonl", "withdrawn.json"),
)
SIGNATURE = ".sig"
LARGEST: Mapping[str, int] = {LATEST_FILE: 1 << 20, MANIFEST_FILE: 1 << 26, WITHDRAWN_FILE: 1 << 20, SIGNATURE: 1 << 16}
"""The most bytes of a text that a reader takes; the manifest says the size of the others."""
LARGEST_RELEASE = 1 << 33
"""The most bytes of all files of a release that a reader takes, whatever the manifest says."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEX = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PATH = re.compile(r"(?:kind=[\w.-]+/data\.parquet)|records\.jsonl")
_LARGEST_NUMBER = 10**15
_MOST_KEYS = 100
MOST_VALID_DAYS = 400
"""The most days for which a release may count as the latest."""

Why: TypeAlias = Literal[
    "unreadable",  # a text that is missing, or is not what its name says
    "signature",  # no signature, or not by a key that counts
    "registry",  # of another registry
    "expired",
    "rollback",  # older than what the reader had
    "fork",  # another release of the same number
    "chain",  # a manifest between is missing, or its number is out of order
    "too far",
    "file",  # missing, or other bytes
    "withdrawn",
    "shape",  # a table or a column that the release before had is gone
    "loss",  # more records vanished than the reader allows
]


class RefusedRelease(Refused):
    """A release that a reader must not take; `why` says it to programs."""

    def __init__(self, why: Why, message: Text, hint: Text | None = None) -> None:
        super().__init__(message, hint)
        self.why: Why = why


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def folder_of(serial: int) -> str:
    """`000012`: the folder of a release in that of its registry."""
    return f"{serial:06}"


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_bytes(document: Mapping[str, Json]) -> bytes:
    """A text of a release: sorted keys, ASCII alone (so that nothing acts in a terminal, and a tag can hold it), a line
    feed at the end."""
    return f"{json.dumps(document, allow_nan=False, indent=1, sort_keys=True)}\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a release, as its manifest describes it: its SHA-256 (64 hexadecimal digits), its length in bytes, its
    rows, and the names and SQL types of its columns (none for `records.jsonl`)."""

    sha256: str
    size: int
    rows: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a release. `digest`: of its bytes, by which others name it; `previous`: that of the release
    before, None for the first; `records`: the root of the Merkle tree over the lines of `records.jsonl`, and their
    number; `keys`: the public keys that may sign the next release; `succeeds`, `succeeded_by`: the registries whose
    records this one took over, and those that take over its records; `licence`: that of the data; `files`: by path
    below the folder of the release; `document`: all of it."""

    registry: str
    name: str
    serial: int
    previous: str | None
    issued: datetime
    commit: str
    records: tuple[bytes, int]
    keys: tuple[str, ...]
    succeeds: tuple[str, ...]
    succeeded_by: tuple[str, ...]
    licence: str
    files: Mapping[str, ReleaseFile]
    digest: str
    document: Mapping[str, Json]

    @property
    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of `keys`."""
        return fingerprints_of(self.keys)


def read_manifest(content: bytes) -> Manifest:
    """Read a `datapackage.json`. RefusedRelease if it is no manifest of a release."""
    document = _read(content, MANIFEST_FILE)
    about = _Members(_mapping(document.get("smartreg"), MANIFEST_FILE), MANIFEST_FILE)
    about.expect("release", RELEASE)
    records = _Members(_mapping(about.get("records"), MANIFEST_FILE), MANIFEST_FILE)
    files = _mapping(about.get("files"), MANIFEST_FILE)
    keys = about.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and fingerprint_of(key) for key in keys):
        raise _unreadable(MANIFEST_FILE, "keys")
    if len(keys) > _MOST_KEYS:
        raise RefusedRelease(
            "unreadable", Message("{file} lists more than {most} keys", file=MANIFEST_FILE, most=_MOST_KEYS)
        )
    serial, previous = about.number("serial"), about.get("previous")
    if serial < 1 or (previous is None) != (serial == 1):
        raise _unreadable(MANIFEST_FILE, "previous")
    return Manifest(
        about.text("id", REGISTRY_ID),
        about.text("registry", re.compile(r".*", re.DOTALL)),
        serial,
        None if previous is None else about.text("previous", _DIGEST),
        about.moment("issued"),
        about.text("commit", _COMMIT),
        (bytes.fromhex(records.text("root", _DIGEST).removeprefix("sha256:")), records.number("count")),
        tuple(keys),
        about.registries("succeeds"),
        about.registries("succeeded_by"),
        about.text("licence", re.compile(r".*")) if "licence" in about else "",
        {_path(path): _file(entry) for path, entry in files.items()},
        digest_of(content),
        document,
    )


def _path(path: str) -> str:
    if not _PATH.fullmatch(path):  # it is joined to a folder of the reader's
        raise _unreadable(MANIFEST_FILE, "files")
    return path


def _file(entry: Json) -> ReleaseFile:
    members = _Members(_mapping(entry, MANIFEST_FILE), MANIFEST_FILE)
    columns = members.get("columns")
    pairs = [item for item in columns if isinstance(item, Mapping)] if isinstance(columns, list) else []
    named_columns = [
        (name, kind)
        for item in pairs
        if isinstance(name := item.get("name"), str) and isinstance(kind := item.get("type"), str)
    ]
    if not isinstance(columns, list) or len(named_columns) < len(columns):
        raise _unreadable(MANIFEST_FILE, "columns")
    return ReleaseFile(
        members.text("sha256", _HEX), members.number("bytes"), members.number("rows"), tuple(named_columns)
    )


@dataclass(frozen=True, slots=True)
class Latest:
    """`latest.json`: the number and the digest of the manifest of the latest release, when that was said, until when
    it counts, and the numbers of the releases whose data were withdrawn."""

    registry: str
    serial: int
    manifest: str
    issued: datetime
    expires: datetime
    withdrawn: tuple[int, ...]

    def to_bytes(self) -> bytes:
        return to_bytes(
            {
                "version": LATEST,
                "registry": self.registry,
                "serial": self.serial,
                "manifest": self.manifest,
                "issued": moment_text(self.issued),
                "expires": moment_text(self.expires),
                "withdrawn": list(self.withdrawn),
            }
        )


def read_latest(content: bytes) -> Latest:
    """Read a `latest.json`. RefusedRelease if it is none."""
    members = _Members(_read(content, LATEST_FILE), LATEST_FILE)
    members.expect("version", LATEST)
    withdrawn = members.get("withdrawn")
    if not isinstance(withdrawn, list) or not all(type(serial) is int and serial > 0 for serial in withdrawn):
        raise _unreadable(LATEST_FILE, "withdrawn")
    issued, expires = members.moment("issued"), members.moment("expires")
    if expires > issued + timedelta(days=MOST_VALID_DAYS):
        raise RefusedRelease(
            "unreadable",
            Message("{file} counts for more than {days} days", file=LATEST_FILE, days=MOST_VALID_DAYS),
            Message("an old release could be served for ever: ask the publisher for a shorter time (valid_days)"),
        )
    return Latest(
        members.text("registry", REGISTRY_ID),
        members.number("serial"),
        members.text("manifest", _DIGEST),
        issued,
        expires,
        tuple(withdrawn),
    )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`withdrawn.json`: of which release the data were withdrawn (its number, the digest of its manifest), when and
    why."""

    registry: str
    serial: int
    manifest: str
    issued: datetime
    reason: str

    def to_bytes(self) -> bytes:
        return to_bytes(
            {
                "version": WITHDRAWAL,
                "registry": self.registry,
                "serial": self.serial,
                "manifest": self.manifest,
                "issued": moment_text(self.issued),
                "reason": self.reason,
            }
        )


def read_withdrawal(content: bytes) -> Withdrawal:
    """Read a `withdrawn.json`. RefusedRelease if it is none."""
    members = _Members(_read(content, WITHDRAWN_FILE), WITHDRAWN_FILE)
    members.expect("version", WITHDRAWAL)
    return Withdrawal(
        members.text("registry", REGISTRY_ID),
        members.number("serial"),
        members.text("manifest", _DIGEST),
        members.moment("issued"),
        members.text("reason", re.compile(r".+", re.DOTALL)),
    )


class _Members:
    """The members of an object in a file, each of which must be of its form."""

    def __init__(self, members: Mapping[str, Any], file: str) -> None:
        self._members, self._file = members, file

    def get(self, name: str) -> Json:
        if name not in self._members:
            raise _unreadable(self._file, name)
        return self._members[name]

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def registries(self, name: str) -> tuple[str, ...]:
        """A list of UUIDs; none where it is absent."""
        ids = self._members.get(name, [])
        if not isinstance(ids, list) or not all(isinstance(id, str) and REGISTRY_ID.fullmatch(id) for id in ids):
            raise _unreadable(self._file, name)
        return tuple(ids)

    def expect(self, name: str, version: str) -> None:
        if self._members.get(name) != version:
            raise RefusedRelease(
                "unreadable",
                Message("{file} is not of the version {version}", file=self._file, version=version),
                Message("update smartreg, or ask the publisher"),
            )

    def text(self, name: str, form: re.Pattern[str]) -> str:
        value = self.get(name)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise _unreadable(self._file, name)
        return value

    def number(self, name: str) -> int:
        value = self.get(name)
        if type(value) is not int or not 0 <= value <= _LARGEST_NUMBER:
            raise _unreadable(self._file, name)
        return value

    def moment(self, name: str) -> datetime:
        text = self.text(name, _MOMENT)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise _unreadable(self._file, name) from None


def _read(content: bytes, file: str) -> Mapping[str, Any]:
    try:
        return _mapping(read_json(content), file)
    except Unreadable as fault:
        raise RefusedRelease("unreadable", fault.in_file(file)) from None


def _mapping(value: Json, file: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RefusedRelease("unreadable", Message("{file} does not describe a release", file=file))
    return value


def _unreadable(file: str, name: str) -> RefusedRelease:
    return RefusedRelease(
        "unreadable",
        Message("{file} does not describe a release: {name} is missing or has another form", file=file, name=name),
    )

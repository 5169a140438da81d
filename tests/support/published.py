"""Releases as another registry publishes them, written file by file: what its holder signs, and what an attacker
changes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from signing import Key

from smartreg.core.values import RecordId
from smartreg.release.format import digest_of, folder_of, moment_text, to_bytes
from smartreg.release.merkle import MerkleTree, record_line

ID = "11111111-2222-4333-8444-555555555555"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
EXPIRES = datetime(2027, 3, 1, tzinfo=UTC)
OWNER = {"name": "CD 13", "category": "public", "siren": "221300015"}
POLE = {"owner": "cd13", "status": "active", "type": "street_light", "location": {"lat": 43.51, "lon": 4.98}}
COLUMNS = [{"name": "id", "type": "VARCHAR"}, {"name": "status", "type": "VARCHAR"}]


@dataclass(frozen=True)
class Table:
    """A Parquet file, and what a manifest says of it."""

    content: bytes
    rows: int
    columns: tuple[tuple[str, str], ...]

    def described(self) -> dict[str, Any]:
        columns = [{"name": name, "type": kind} for name, kind in self.columns]
        return {**file_of(self.content, self.rows), "columns": columns}


def file_of(content: bytes, rows: int) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": rows}


def table(select: str, *columns: tuple[str, str]) -> Table:
    """What a query gives, as Parquet."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as base:
        base.execute(f"COPY ({select}) TO '{folder}/t' (FORMAT parquet, COMPRESSION zstd)")
        (rows,) = base.execute(f"SELECT count(*) FROM read_parquet('{folder}/t')").fetchone() or (0,)
        return Table(Path(folder, "t").read_bytes(), rows, columns)


def poles(count: int, **changes: Mapping[str, Any] | None) -> dict[RecordId, Mapping[str, Any]]:
    """A party and so many poles, `ep-1` … (`ep_1=None`: without that one; with other values: these as well)."""
    records: dict[RecordId, Mapping[str, Any]] = {RecordId("party", "cd13"): OWNER}
    for number in range(1, count + 1):
        change = changes.get(f"ep_{number}", {})
        if change is not None:
            records[RecordId("support", f"ep-{number}")] = {**POLE, **change}
    return {rid: {"id": rid.id, **data} for rid, data in sorted(records.items())}


def sign(content: bytes, key: Key, file: Path) -> bytes:
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "smartreg-release", "-f", str(key.file)]
    signature = subprocess.run(command, input=content, check=True, capture_output=True).stdout
    file.write_bytes(signature)
    return signature


def public(key: Key) -> str:
    return Path(f"{key.file}.pub").read_text().strip().rsplit(" ", 0)[0].strip()


@dataclass
class Publisher:
    """What a registry published into `folder` so far."""

    folder: Path
    key: Key
    id: str = ID
    serial: int = 0
    digest: str | None = None
    keys: list[str] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)

    def publish(
        self,
        records: Mapping[RecordId, Mapping[str, Any]],
        *,
        expires: datetime = EXPIRES,
        previous: str | None = None,
        serial: int | None = None,
        columns: list[dict[str, str]] | None = None,
        key: Key | None = None,
        registry: str | None = None,
        tables: Mapping[str, Table] | None = None,
        **more: Any,
    ) -> str:
        """The next release, with these tables by name (None: with one that nobody can fetch), and `more` members of its
        manifest; its digest."""
        self.serial = self.serial + 1 if serial is None else serial
        place = self.folder / self.id / folder_of(self.serial)
        place.mkdir(parents=True, exist_ok=True)
        lines = [record_line(rid, data) for rid, data in records.items()]
        content = b"".join(b"%s\n" % line for line in lines)
        (place / "records.jsonl").write_bytes(content)
        files = {"records.jsonl": {**file_of(content, len(lines)), "columns": []}}
        for name, table in (tables or {}).items():
            files[f"kind={name}/data.parquet"] = table.described()
            (place / f"kind={name}").mkdir(exist_ok=True)
            (place / f"kind={name}/data.parquet").write_bytes(table.content)
        if tables is None:
            entry = {"sha256": "0" * 64, "bytes": 0, "rows": 0, "columns": COLUMNS if columns is None else columns}
            files["kind=support/data.parquet"] = entry
        about = {
            "release": "release/1",
            "id": registry or self.id,
            "registry": "CD 13",
            "serial": self.serial,
            "previous": previous or self.digest if self.serial > 1 else None,
            "issued": moment_text(NOW),
            "commit": "a" * 40,
            "records": {"root": f"sha256:{MerkleTree(lines).root.hex()}", "count": len(lines)},
            "keys": self.keys or [public(self.key)],
            "files": files,
            **more,
        }
        manifest = to_bytes({"name": "release", "smartreg": about})
        (place / "datapackage.json").write_bytes(manifest)
        sign(manifest, key or self.key, place / "datapackage.json.sig")
        self.digest = digest_of(manifest)
        self.announce(expires=expires, key=key)
        return self.digest

    def announce(self, *, expires: datetime = EXPIRES, key: Key | None = None, **changes: Any) -> None:
        """`latest.json` of the last release."""
        about = {
            "version": "latest/1",
            "registry": self.id,
            "serial": self.serial,
            "manifest": self.digest,
            "issued": moment_text(NOW),
            "expires": moment_text(expires),
            "withdrawn": self.withdrawn,
            **changes,
        }
        content = to_bytes(about)
        (self.folder / self.id / "latest.json").write_bytes(content)
        sign(content, key or self.key, self.folder / self.id / "latest.json.sig")

    def withdraw(self, serial: int, digest: str) -> None:
        self.withdrawn.append(serial)
        place = self.folder / self.id / folder_of(serial)
        for file in [path for path in place.rglob("*") if path.suffix in (".jsonl", ".parquet")]:
            file.unlink()
        about = {
            "version": "withdrawn/1",
            "registry": self.id,
            "serial": serial,
            "manifest": digest,
            "issued": moment_text(NOW),
            "reason": "a request",
        }
        content = to_bytes(about)
        (place / "withdrawn.json").write_bytes(content)
        sign(content, self.key, place / "withdrawn.json.sig")
        self.announce()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]

"""The content of a release: the public view of a commit as records, as tables, and as the manifest that describes both.

The manifest and the records depend on the commit alone; the bytes of the tables also on the version of DuckDB.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from smartreg import __version__
from smartreg.commands.export import ExportOptions, prepare_export
from smartreg.core.errors import Refused
from smartreg.core.messages import Message, plural
from smartreg.core.ssh_keys import without_comment
from smartreg.core.values import Json, RecordId
from smartreg.exporters import Chosen, Written, parquet
from smartreg.exporters.data_package import parquet_resource
from smartreg.features.proofs.trail.seals import chain
from smartreg.registry import Registry
from smartreg.release.format import RECORDS_FILE, RELEASE, Manifest, ReleaseFile, digest_of, moment_text, to_bytes
from smartreg.release.merkle import MerkleTree, record_line
from smartreg.schema import bundled_files, read_schemas
from smartreg.tables.view import AUDIENCES
from smartreg.workspace.workspace import Workspace

PUBLIC = AUDIENCES[0]


@dataclass(frozen=True)
class ReleaseContent:
    """The public view of a `commit`: the records by their lines, sorted by kind and id, and the files: one Parquet file
    for each table, with or without rows, named by its path below the folder of the release, and the lines."""

    commit: str
    registry: Registry
    chosen: Chosen

    @cached_property
    def records(self) -> Mapping[RecordId, bytes]:
        """The leaves of the Merkle tree."""
        lines = {record.rid: record_line(record.rid, data) for record, data in self.chosen.records()}
        return dict(sorted(lines.items()))

    @cached_property
    def tree(self) -> MerkleTree:
        return MerkleTree(self.records.values())

    @cached_property
    def tables(self) -> Sequence[Written]:
        """UsageFault without DuckDB, and for a registry without a name."""
        written = parquet.export(self.chosen, partitioned=True)
        return [replace(item, name=item.name.partition("/")[2]) for item in written]

    @cached_property
    def files(self) -> Sequence[Written]:
        lines = b"".join(line + b"\n" for line in self.records.values())
        return [*self.tables, Written(RECORDS_FILE, lines, len(self.records), None)]

    @cached_property
    def described(self) -> Mapping[str, ReleaseFile]:
        """The files as a manifest describes them."""
        return {
            item.name: ReleaseFile(
                hashlib.sha256(item.content).hexdigest(), len(item.content), item.rows or 0, item.columns
            )
            for item in self.files
        }


def content_of(workspace: Workspace, commit: str) -> ReleaseContent:
    """What a release of this commit holds. Refused if records cannot be read or have the id of another one: readers
    would take them for lost."""
    request = ExportOptions(audience=PUBLIC, at=commit, all_tables=True, partitioned=True)
    made = prepare_export(workspace, request, parquet.FORMAT.name)
    registry = workspace.registry(commit)
    if made.lost:
        raise Refused(
            plural("{n} record cannot be read", "{n} records cannot be read", n=len(made.lost)),
            Message("smartreg validate says why; readers of a release would take them for lost"),
        )
    content = ReleaseContent(commit, registry, made.chosen)
    number = sum(1 for _ in made.chosen.records())
    if number > len(content.records):
        raise Refused(
            Message("several records have the same id"),
            Message("smartreg validate --select REF203 names them"),
        )
    return content


def manifest_of(
    workspace: Workspace, content: ReleaseContent, previous: Manifest | None, issued: datetime, key: str
) -> bytes:
    """The manifest of the release after `previous` (None: the first); `key`: the public key that signs it, which signs
    the next one too unless the settings name the keys that do."""
    config, chosen = content.registry.config, content.chosen
    tables = {table.name: table for table in chosen.tables}
    resources = [
        parquet_resource(table, item, tables) for table, item in zip(chosen.tables, content.tables, strict=True)
    ]
    records = content.described[RECORDS_FILE]
    seals = [checked.seal for checked in chain(workspace.git, content.commit) if checked.seal and not checked.findings]
    about: dict[str, Json] = {
        **chosen.source,
        "release": RELEASE,
        "id": config.id,
        "serial": 1 if previous is None else previous.serial + 1,
        "previous": None if previous is None else previous.digest,
        "issued": moment_text(issued),
        "seal": seals[-1].line if seals else None,
        "schemas": dict(_schemas(content)),
        "maps": dict(_maps(chosen)),
        "records": {"root": f"sha256:{content.tree.root.hex()}", "count": content.tree.size},
        "made_by": {"smartreg": __version__, "duckdb": parquet.engine_version()},
        "keys": [without_comment(item) for item in config.release.keys] or [key],
        "licence": config.release.licence,
        **({"succeeds": list(config.release.succeeds)} if config.release.succeeds else {}),
        **({"succeeded_by": list(config.release.succeeded_by)} if config.release.succeeded_by else {}),
        "files": {
            path: {
                "sha256": file.sha256,
                "bytes": file.size,
                "rows": file.rows,
                "columns": [{"name": name, "type": kind} for name, kind in file.columns],
            }
            for path, file in content.described.items()
        },
    }
    lines = {
        "name": "records",
        "path": RECORDS_FILE,
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "bytes": records.size,
        "hash": f"sha256:{records.sha256}",
    }
    return to_bytes(
        {
            "profile": "data-package",
            "name": "smartreg-release",
            "title": config.name,
            "licenses": [{"name": config.release.licence}],
            "smartreg": about,
            "resources": [*resources, lines],
        }
    )


def _schemas(content: ReleaseContent) -> Iterator[tuple[str, Json]]:
    """The digest of the schema of each kind, and the version of smartreg that ships it (None: the registry's own)."""
    shipped = read_schemas(bundled_files()).kinds
    for name, kind in content.registry.schemas.kinds.items():
        text = json.dumps(kind.schema, sort_keys=True, separators=(",", ":"))
        is_shipped = name in shipped and shipped[name].schema == kind.schema
        yield name, {"digest": digest_of(text.encode()), "version": __version__ if is_shipped else None}


def _maps(chosen: Chosen) -> Iterator[tuple[str, Json]]:
    """What the visible fields of each kind are called in other standards (`x-map`)."""
    for kind in chosen.kinds:
        if maps := {field.name: dict(field.maps) for field in kind.fields if field.maps}:
            yield kind.name, maps

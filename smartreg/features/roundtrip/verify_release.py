"""`verify DIR`: whether the holder of a key published exactly these bytes as release n, after n - 1; and with a clone
of the registry, whether they are the public view of the commit. Not that the data are true.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from smartreg import __version__
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.ssh_keys import fingerprints_of
from smartreg.core.strict import read_json
from smartreg.core.values import REGISTRY_ID, RecordId, short_id
from smartreg.exporters import parquet
from smartreg.features.federation.release_content import ReleaseContent, content_of
from smartreg.gitio import UNSHALLOW
from smartreg.readers.foreign import read_features
from smartreg.readers.formats import Bundle
from smartreg.release.format import (
    MANIFEST_FILE,
    RECORDS_FILE,
    SIGNATURE,
    WITHDRAWN_FILE,
    Manifest,
    ReleaseFile,
    Withdrawal,
    folder_of,
    moment_text,
)
from smartreg.release.reading import (
    Fetch,
    FileFault,
    VerifiedRelease,
    check_files,
    fetch_from,
    read_file,
    read_release,
    read_signed_withdrawal,
    registry_in,
)
from smartreg.workspace.documents import public_keys_of
from smartreg.workspace.workspace import Workspace

_TEXTS = frozenset(f"{name}{ending}" for name in (MANIFEST_FILE, WITHDRAWN_FILE) for ending in ("", SIGNATURE))


@dataclass(frozen=True)
class FolderOfRelease:
    """A release in the folder: its number, how many of its files are there, the withdrawal of its data, if any."""

    serial: int
    files: int
    withdrawal: Withdrawal | None


@dataclass(frozen=True)
class ComparedCommit:
    """A release compared with its commit: whether the tree of its records is that of the public view of the commit, the
    records (`kind/id`) that differ, and the tables whose bytes differ: those with the same values, and those with other
    ones. `made_by`: the versions that made it; `here`: those that made it again."""

    commit: str
    same_records: bool
    records: tuple[str, ...]
    same_values: tuple[str, ...]
    other_values: tuple[str, ...]
    made_by: Mapping[str, str]
    here: Mapping[str, str]

    @property
    def holds(self) -> bool:
        return self.same_records and not self.other_values


@dataclass(frozen=True)
class VerifiedFolder:
    """What was verified: the chain of releases, the folder of each, what is wrong, and the comparison with the commit
    of the latest one (None: no clone of the registry is at hand)."""

    release: VerifiedRelease
    folders: tuple[FolderOfRelease, ...]
    faults: tuple[Text, ...]
    compared: ComparedCommit | None

    @property
    def holds(self) -> bool:
        return not self.faults and (self.compared is None or self.compared.holds)


def verify_folder(folder: Path, keys: Sequence[str], now: datetime, workspace: Workspace | None) -> VerifiedFolder:
    """Verify what a registry published into a folder (the one above or below its UUID), by fingerprints of keys that
    the reader has from elsewhere. `workspace`: a registry that may be a clone of it. RefusedRelease where a signature,
    a number or a manifest does not hold; UsageFault without a key; StateFault if the clone lacks the commit."""
    if REGISTRY_ID.fullmatch(folder.resolve().name):
        registry, folder = folder.resolve().name, folder.resolve().parent
    else:
        registry = registry_in(folder)
    fetch = fetch_from(folder)
    if not keys:
        raise UsageFault(
            Message("whose release is it? Name the key that the publisher gave you"),
            Message("add --key FILE (a line like ssh-ed25519 AAAA…) or --key SHA256:…"),
        )
    release = read_release(fetch, registry, keys, whole=True)
    faults: list[Text] = []
    if release.is_expired(now):
        until = moment_text(release.latest.expires)
        faults.append(Message("it expired on {until}: a later release may be withheld from you", until=until))
    signers = {key for item in release.chain for key in item.manifest.fingerprints}
    folders = []
    for item in release.chain:
        manifest = item.manifest
        there = set(_files_below(folder / registry / folder_of(manifest.serial)))
        withdrawal = None
        if manifest.serial in release.latest.withdrawn or WITHDRAWN_FILE in there:
            withdrawal = read_signed_withdrawal(fetch, manifest, signers)
        checks_files = withdrawal is None and there - _TEXTS
        wrong = list(check_files(fetch, manifest)) if checks_files else []
        faults += _faults_of(manifest, there, wrong, withdrawal)
        folders.append(FolderOfRelease(manifest.serial, len(there & manifest.files.keys()), withdrawal))
    latest = folders[-1]
    if latest.withdrawal is None and not latest.files:
        faults.append(Message("the files of release {serial} are not here", serial=latest.serial))
    compared = None
    if workspace is not None and not faults and latest.withdrawal is None:
        compared = _compare(workspace, release.manifest, fetch)
    return VerifiedFolder(release, tuple(folders), tuple(faults), compared)


def keys_named(words: Sequence[str]) -> list[str]:
    """The fingerprints of keys: written as such, or of the public keys in files. UsageFault for anything else."""
    fingerprints: list[str] = []
    for word in words:
        keys = [word] if word.startswith("SHA256:") else fingerprints_of(public_keys_of(Path(word)))
        fingerprints += keys
    return fingerprints


def _files_below(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in names:
            yield (Path(place) / name).relative_to(folder).as_posix()


def _faults_of(
    manifest: Manifest, there: Collection[str], wrong: Sequence[FileFault], withdrawal: Withdrawal | None
) -> Iterator[Text]:
    """The faults of the folder of one release: files that are missing or other ones (`wrong`), that nobody signed, and
    that should be gone."""
    serial = manifest.serial
    if withdrawal is not None:
        for path in sorted(manifest.files.keys() & there):
            yield Message("release {serial} was withdrawn, and {path} is still here", serial=serial, path=path)
        return
    for path, is_missing in wrong:
        if is_missing:
            yield Message("release {serial}: {path} is missing", serial=serial, path=path)
        else:
            yield Message("release {serial}: {path} is not what was published", serial=serial, path=path)
    for path in sorted(set(there) - manifest.files.keys() - _TEXTS):
        yield Message("release {serial}: {path} is not in its manifest", serial=serial, path=path)


def _compare(workspace: Workspace, manifest: Manifest, fetch: Fetch) -> ComparedCommit:
    """Make the release again from its commit, and compare."""
    repo = workspace.git
    if repo.tree_id(manifest.commit) is None:
        raise StateFault(
            Message("commit {commit} is not in this clone", commit=short_id(manifest.commit)),
            UNSHALLOW if repo.is_shallow() else verbatim("git fetch --tags"),
        )
    content = content_of(workspace, manifest.commit)
    same_records = (content.tree.root, content.tree.size) == manifest.records
    lines = read_file(fetch, manifest, RECORDS_FILE).splitlines() if not same_records else []
    described, tables = content.described, {item.name: item.content for item in content.tables}
    other = [
        path
        for path in sorted((manifest.files.keys() | described.keys()) - {RECORDS_FILE})
        if path not in described or path not in manifest.files or described[path].sha256 != manifest.files[path].sha256
    ]
    same_values = [
        path
        for path in other
        if path in described
        and path in manifest.files
        and described[path].columns == manifest.files[path].columns
        and _says_the_same(path, described[path], tables[path], read_file(fetch, manifest, path))
    ]
    made_by = manifest.document["smartreg"].get("made_by")
    return ComparedCommit(
        manifest.commit,
        same_records,
        tuple(_differing(content, lines)),
        tuple(same_values),
        tuple(path for path in other if path not in same_values),
        made_by if isinstance(made_by, Mapping) else {},
        {"smartreg": __version__, "duckdb": parquet.engine_version()},
    )


def _says_the_same(path: str, described: ReleaseFile, table: bytes, other: bytes) -> bool:
    """Whether two Parquet files with the same columns hold the same cells and points, as a process of its own reads
    them. UsageFault if one cannot be read."""
    with_points = any(kind == "BLOB" for _, kind in described.columns)
    return all(_cells(path, table, axes) == _cells(path, other, axes) for axes in ((), ("x", "y"))[: 1 + with_points])


def _cells(path: str, table: bytes, axes: Sequence[str]) -> object:
    sheet = read_features(Bundle(path, parquet.FORMAT.name, table), None, None, "EPSG:4326", (), axes)
    return sheet.headings, [row.cells for row in sheet.rows]


def _differing(content: ReleaseContent, lines: Sequence[bytes]) -> Iterator[str]:
    """The records of a commit that are not among these lines, and those of the lines that are not in the commit."""
    there, here = set(lines), set(content.records.values())
    if lines:
        yield from (str(rid) for rid, line in content.records.items() if line not in there)
    for record in (read_json(line) for line in lines if line not in here):
        rid = RecordId(str(record["kind"]), str(record["id"]))
        if rid not in content.records:
            yield str(rid)

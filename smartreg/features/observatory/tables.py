"""The tables of the observatory: a Parquet file for each view and source, and `datapackage.json`, which names them.

The name of a file has the digest of its bytes, and the package is replaced last, before the files that it no longer
names go: whoever reads it sees the tables before or after a build, never a mixture, or finds files gone and reads it
again. Builds of one folder take turns. A source is cast again only where its release, the core or its mapping changed;
all of it can be made again from the store.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from smartreg.core.files import open_to_lock, read_regular
from smartreg.core.locking import try_lock
from smartreg.core.messages import Message, Text
from smartreg.core.progress import report_progress
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import REGISTRY_ID, Json
from smartreg.exporters import parquet
from smartreg.features.observatory.confined import EngineFault, Work, run, text
from smartreg.features.observatory.core import TableReading, about_of, casting, core, misfits, readings, unmet
from smartreg.registry.pins import KeptRelease
from smartreg.schema import Kind

PACKAGE = "datapackage.json"
_LARGEST = 1 << 28  # bytes of the package
_DRAFTS = ".cast-"
_LOCK = ".lock"
_PAUSE = 0.05  # seconds between two looks at the lock
_SECONDS = 600  # for the tables of one source


@dataclass(frozen=True)
class BuiltFile:
    """A file of the tables: its path below their folder, its SHA-256 in hexadecimal, its length in bytes, its rows."""

    path: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class BuiltSource:
    """A source in the tables: what its release says of itself, the columns of each view of which it states a value (of
    a table without rows all: it states that there is nothing), its file of each view. `cast`: the digest of what the
    files were made from; `misfits`: by TABLE.COLUMN of the core, how many values are not of its type, and so NULL."""

    alias: str
    registry: str
    name: str
    serial: int
    commit: str
    issued: str
    manifest: str
    licence: str
    cast: str
    states: Mapping[str, Sequence[str]]
    misfits: Mapping[str, int]
    files: Mapping[str, BuiltFile]


@dataclass(frozen=True)
class BuiltTables:
    """The tables in a folder: their sources, by alias."""

    folder: Path
    sources: Mapping[str, BuiltSource]

    def files(self, view: str) -> list[Path]:
        """The files of a view."""
        return [self.folder / source.files[view].path for source in self.sources.values()]


@dataclass(frozen=True)
class CastSource:
    """What a build did with a source: whether its files were written anew, its columns that were recognised (view,
    column of the core, column there), and why it could not be read, in which case what was there of it stays."""

    alias: str
    is_new: bool = False
    recognised: tuple[tuple[str, str, str], ...] = ()
    unmet: tuple[Text, ...] = ()
    fault: Text | None = None


def read_tables(folder: Path) -> BuiltTables | None:
    """The tables that were built into a folder; None if there are none, or they are those of another core."""
    try:
        package = read_json(read_regular(folder / PACKAGE, _LARGEST))
        about = package["smartreg"]
        if about["digest"] != core().digest:
            return None
        sources = [_source(block) for block in about["sources"]]
    except (OSError, Unreadable, KeyError, TypeError, AttributeError):
        return None
    return BuiltTables(folder, {source.alias: source for source in sources})


def _source(block: Mapping[str, Any]) -> BuiltSource:
    files = {view.name: BuiltFile(**block["files"][view.name]) for view in core().views}
    return BuiltSource(**{**block, "files": files})


def build(releases: Iterable[KeptRelease], folder: Path, kinds: Mapping[str, Kind], engine: str) -> list[CastSource]:
    """Cast the releases into the tables of a folder; `kinds`: those whose schemas are shipped here, `engine`: the
    version of DuckDB. OSError if the folder cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    with _turn(folder):
        for draft in folder.glob(f"{_DRAFTS}*"):  # of a build that was killed
            shutil.rmtree(draft, ignore_errors=True)
        before = read_tables(folder)
        built, done = dict[str, BuiltSource](), list[CastSource]()
        kept = [release for release in releases if release.folder is not None]  # of the others, all was withdrawn
        for number, release in enumerate(kept):
            report_progress("sources", number, len(kept))
            old = before.sources.get(release.alias) if before else None
            source, cast = _cast(release, folder, kinds, engine, old)
            done.append(cast)
            if source is not None:
                built[release.alias] = source
        write_package(folder, built.values())
        named = {file.path for source in built.values() for file in source.files.values()}
        for view in core().views:
            for file in (folder / view.name).iterdir() if (folder / view.name).is_dir() else ():
                if _OURS.fullmatch(file.name) and f"{view.name}/{file.name}" not in named:
                    file.unlink(missing_ok=True)
    return done


_OURS = re.compile(rf"(?:{REGISTRY_ID.pattern})-[0-9a-f]{{12}}\.parquet")


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Wait until no other build is at work in the folder: each removes the files that it does not name."""
    lock = open_to_lock(folder / _LOCK)
    try:
        while not try_lock(lock):
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(lock)


def _cast(
    release: KeptRelease, folder: Path, kinds: Mapping[str, Kind], engine: str, old: BuiltSource | None
) -> tuple[BuiltSource | None, CastSource]:
    """The files of a source: those that are there if they are made from the same, else new ones; `old` where the
    release cannot be read."""
    tables = readings(release, kinds)
    made_from = [core().digest, engine, release.alias, release.manifest.digest]
    made_from += [f"{each.path} {name} {column}" for each in tables.values() for name, column in each.columns.items()]
    digest = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
    recognised = tuple((table, name, each.columns[name]) for table, each in tables.items() for name in each.recognised)
    cast = CastSource(release.alias, recognised=recognised, unmet=tuple(unmet(release)))
    kept = old if old is not None and find_altered(folder, [old]) is None else None
    if kept is not None and kept.cast == digest:
        return kept, cast
    with tempfile.TemporaryDirectory(prefix=_DRAFTS, dir=folder) as drafts:
        place = release.folder or folder
        setup = tuple(casting(release, place, tables))
        questions = (_STATED, *misfits(release, place, tables))
        work = Work(setup, questions, (str(release.folder),), threads=1, seconds=_SECONDS, most=10_000)
        try:
            (_, rows, _), *odd = run(Path(drafts), work)
        except EngineFault as fault:
            answer = fault.text or fault.sort
            why = Message("its release {serial} cannot be read: {why}", serial=release.manifest.serial, why=answer)
            return kept, replace(cast, fault=why)
        files = {view.name: _adopt(Path(drafts), folder, release, view.name, rows) for view in core().views}
    counts = {str(column): int(str(number)) for answer in odd for column, number in answer.rows}
    return _built(release, digest, tables, files, rows, counts), replace(cast, is_new=True)


_STATED = """
SELECT regexp_extract(file_name, '([a-z]+)[.]parquet$', 1) AS view, path_in_schema, sum(num_values)::BIGINT AS rows,
  sum(num_values - stats_null_count)::BIGINT AS stated
FROM parquet_metadata('*.parquet') GROUP BY ALL ORDER BY ALL"""


def _built(
    release: KeptRelease,
    digest: str,
    tables: Mapping[str, TableReading],
    files: Mapping[str, BuiltFile],
    rows: Iterable[Sequence[Json]],
    odd: Mapping[str, int],
) -> BuiltSource:
    manifest = release.manifest
    states = {
        # A table without rows states that there is nothing.
        view.name: [column.name for column in view.columns]
        if not files[view.name].rows and view.name in tables and tables[view.name].path is not None
        else list[str]()
        for view in core().views
    }
    for view, column, _, stated in rows:
        if stated:
            states[str(view)].append(str(column))
    return BuiltSource(
        release.alias,
        manifest.registry,
        manifest.name,
        manifest.serial,
        manifest.commit,
        manifest.issued.date().isoformat(),
        manifest.digest,
        str(about_of(release).get("licence", "")),
        digest,
        states,
        odd,
        files,
    )


def find_altered(folder: Path, sources: Iterable[BuiltSource]) -> str | None:
    """The first file of these sources that is not there as the package names it, by its digest."""
    for source in sources:
        for built in source.files.values():
            try:
                if _digest(folder / built.path) != built.sha256:
                    return built.path
            except OSError:
                return built.path
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _adopt(drafts: Path, folder: Path, release: KeptRelease, view: str, rows: Iterable[Sequence[Json]]) -> BuiltFile:
    """Put a file into its place, under a name that no other file has."""
    draft = drafts / f"{view}.parquet"
    digest = _digest(draft)
    path = f"{view}/{release.manifest.registry}-{digest[:12]}.parquet"
    size = draft.stat().st_size
    (folder / view).mkdir(exist_ok=True)
    os.replace(draft, folder / path)
    counts = [number for name, column, number, _ in rows if (name, column) == (view, "registry")]
    return BuiltFile(path, digest, size, sum(number for number in counts if isinstance(number, int)))


def write_package(folder: Path, sources: Iterable[BuiltSource]) -> None:
    """Write the Data Package: the core, with the files of each view, and the sources."""
    listed = sorted(sources, key=lambda source: source.alias)
    document = {
        **core().document,
        "smartreg": {
            **core().document["smartreg"],
            "digest": core().digest,
            "sources": [asdict(source) for source in listed],
        },
        "resources": [
            {
                **resource,
                "path": [source.files[resource["name"]].path for source in listed],
                "format": parquet.FORMAT.name,
                "mediatype": parquet.MEDIA_TYPE,
            }
            for resource in core().document["resources"]
        ],
    }
    fresh = folder / f".{PACKAGE}"
    fresh.write_text(f"{json.dumps(document, ensure_ascii=False, indent=1)}\n", "utf-8")
    os.replace(fresh, folder / PACKAGE)


def views(tables: BuiltTables) -> Iterator[str]:
    """The statements that make the views in DuckDB."""
    for view in core().views:
        if files := tables.files(view.name):
            listed = ", ".join(text(str(file)) for file in files)
            rows = f"FROM read_parquet([{listed}], hive_partitioning = false)"
        else:
            cells = ", ".join(f'CAST(NULL AS {column.type}) AS "{column.name}"' for column in view.columns)
            rows = f"SELECT {cells} WHERE false"
        yield f'CREATE VIEW "{view.name}" AS {rows}'

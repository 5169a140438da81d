"""The frame of a registry: schemas and settings of the same tree, and the index.

Also digests of files that are no records: the annexes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Location
from smartreg.gitio import blob_id
from smartreg.index import Index, load_answer, question, store_answer
from smartreg.registry.places import SCHEMA_FOLDER, SPECIAL
from smartreg.schema import Schemas, read_schemas, schemas_in
from smartreg.schema.settings import FILE as CONFIG_FILE
from smartreg.schema.settings import Config
from smartreg.schema.settings_file import country_in, folders_in, read_config
from smartreg.trees import File, Listing, OddSchema, Tree, length, schema_texts, settings_text

Indexed = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Frame:
    """Schemas, settings and index with which records are read. `indexed`: the fields that rules look up, each with its
    kind."""

    schemas: Schemas
    config: Config
    index: Index
    indexed: Indexed

    @cached_property
    def digest(self) -> str:
        """A digest of what determines the terms of a text."""
        return question(self.schemas.digest, sorted(self.indexed))

    @cached_property
    def indexed_of(self) -> Mapping[str, list[str]]:
        """The fields that rules look up, by kind."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for kind, field in sorted(self.indexed):
            by_kind[kind].append(field)
        return dict(by_kind)


def schemas_and_config(tree: Tree) -> tuple[Schemas, Config]:
    """The schemas and settings by which the records of a tree are checked. UsageFault if they cannot be used."""
    files = tree.files()
    _refuse_special(files)
    names = [path for path in files.below(SCHEMA_FOLDER) if path.endswith(".json")]
    framed = CONFIG_FILE in files
    contents = dict(tree.read_many([*names, CONFIG_FILE] if framed else names))  # of a commit: one process for all
    texts = {path.rpartition("/")[2]: contents[path] for path in names if path in contents and path.count("/") == 1}
    settings = (contents.get(CONFIG_FILE) or tree.read(CONFIG_FILE)) if framed else None
    schemas = read_schemas(texts or schemas_in(country_in(settings)))
    config = read_config(settings)
    sources = {alias: source.id for alias, source in config.sources.items()}
    return schemas.with_folders(config.folders).with_sources(sources), config


def is_framed(tree: Tree) -> bool:
    """Whether a tree has its own schemas or settings."""
    files = tree.files()
    return CONFIG_FILE in files or any(path.endswith(".json") for path in files.below(SCHEMA_FOLDER))


def schemas_on_disk(root: Path) -> Schemas:
    """The schemas of a working tree, read without listing its files; the bundled ones if it has none. UsageFault if
    they cannot be used."""
    try:
        texts = schema_texts(root)
    except OddSchema as odd:
        raise _no_plain_file(odd.file) from None
    settings = settings_text(root)
    return read_schemas(texts or schemas_in(country_in(settings))).with_folders(folders_in(settings))


def make_frame(tree: Tree, index: Index | None, indexed: Indexed) -> Frame:
    """The frame of the records of `tree`. UsageFault if schemas or settings cannot be used."""
    schemas, config = schemas_and_config(tree)
    return Frame(schemas, config, index or Index.open(None, ""), indexed)


def _refuse_special(files: Listing) -> None:
    """Refuse schemas or settings that are symlinks: they would not be read, and records would be checked without
    them."""
    paths = (CONFIG_FILE, SCHEMA_FOLDER, *files.below(SCHEMA_FOLDER))
    files.load(paths)
    for path in paths:
        file = files.get(path)
        if file is not None and file.special:
            raise _no_plain_file(file)


def _no_plain_file(file: File) -> UsageFault:
    """The refusal of schemas or settings that are not a plain file."""
    path, what = file.path, SPECIAL.get(file.special, SPECIAL["other"])
    return UsageFault(
        Message("{path} is {what}; it must be a plain file", path=path, what=what),
        Message("put a plain file in its place, in UTF-8"),
        Location(path),
    )


# GitHub refuses files of more than 100 MB.
LIMIT = 256 * 1024 * 1024


def digest_of(tree: Tree, file: File, index: Index) -> str | None:
    """The SHA-256 of a file's bytes in hexadecimal, computed once for each blob; None for anything but a regular file
    of at most `LIMIT` bytes."""
    if file.special:
        return None
    key = question("sha256", file.blob) if file.blob else ""
    stored = load_answer(index, key) if key else None
    if stored is not None:
        size, digest = stored
        if file.size is None or length(file.size) == size:
            return str(digest)
    try:
        content = tree.read(file.path, LIMIT + 1)
    except FileNotFoundError:
        return None
    if len(content) > LIMIT:
        return None
    digest = hashlib.sha256(content).hexdigest()
    # Line endings may differ between the blob and the disk: only the blob itself is stored.
    if key and blob_id(content, tree.object_format) == file.blob:
        store_answer(index, key, (len(content), digest))
    return digest

"""`merge-driver`: what Git calls to merge a record that both branches changed. The one command that writes a file that
Git made for it, and nothing else.

`textconv`: a record in canonical form, so that `git diff` shows only changes of content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from smartreg.core.errors import SmartregError
from smartreg.core.files import read_regular
from smartreg.edit import sort_keys
from smartreg.edit.merge import Merge, Versions, merge_texts
from smartreg.gitio import GitFailed
from smartreg.gitio.merge_file import LineMerger
from smartreg.registry import distinguishing_fields, record_at, record_name, schemas_on_disk
from smartreg.rules import all_rules, indexed_fields
from smartreg.schema import Kind, Schemas
from smartreg.trees import find_root
from smartreg.yamlio import dump, read


@dataclass(frozen=True)
class Driven:
    """The result: `record` is `kind/id` for a record of a known kind, else the path. `apart`: the fields that show that
    both sides added a record of their own under one id."""

    merge: Merge
    record: str
    apart: tuple[str, ...]


def merge_driver(top: Path, files: Versions[Path], path: str, merger: LineMerger) -> Driven:
    """Merge three files into that of our side. `path` is that of the record below `top`. A file that is no record, or
    cannot be merged as one, is merged line by line; what Git takes for binary data stays ours, in conflict."""
    texts = Versions(*(file.read_bytes() for file in files))
    kind, is_record = _kind_of(top, path)
    try:
        merge = merge_texts(texts, kind, merger) if is_record else Merge(*merger.merge(*texts))
    except GitFailed:
        merge = Merge(texts.ours, clean=False)
    if merge.text != texts.ours:
        files.ours.write_bytes(merge.text)
    record = f"{kind.name}/{PurePosixPath(path).stem}" if kind else path
    if kind is None or not merge.twice:
        return Driven(merge, record, ())
    ours, theirs = (read(text, "").data for text in (texts.ours, texts.theirs))
    return Driven(merge, record, distinguishing_fields(kind, indexed_fields(all_rules().values()), ours, theirs))


def merge_lines(files: Versions[Path], merger: LineMerger) -> bool:
    """The plain merge of lines, for when the other one broke down; whether it has no conflict."""
    merged = merger.merge(*(file.read_bytes() for file in files))
    files.ours.write_bytes(merged.text)
    return merged.clean


def _kind_of(top: Path, path: str) -> tuple[Kind | None, bool]:
    """The kind of the record at `path` by the schemas of the working tree (None: they cannot be read), and whether it
    is a record at all."""
    try:
        root = find_root((top / path).parent)
        inside = (top.resolve() / path).relative_to(root).as_posix()
    except (SmartregError, ValueError):
        return None, False
    schemas = _schemas(root)
    if schemas is None:
        return None, record_name(inside) is not None
    rid = record_at(inside, schemas)
    return (schemas.kinds[rid.kind], True) if rid is not None else (None, False)


def _schemas(root: Path) -> Schemas | None:
    """Those of the registry, else those that smartreg ships; None when they cannot be used."""
    try:
        return schemas_on_disk(root)
    except (SmartregError, OSError):
        return None


_LONGEST = 1 << 28
_SCHEMA = re.compile(rb"\A# yaml-language-server: \$schema=\S*?([a-z0-9_-]+)\.schema\.json")


def canonical(file: Path, schemas: Schemas) -> bytes:
    """The text of a record as smartreg would write it, comments aside; what cannot be read, as it is. Git gives old
    versions under names that tell nothing: the kind is that of the first line."""
    text = read_regular(file, _LONGEST, follow=True)
    data = read(text, file.name).data
    if data is None:
        return text
    schema_line = _SCHEMA.match(text)
    kind = schemas.kinds.get(schema_line[1].decode()) if schema_line else None
    return dump(sort_keys(kind, data) if kind else data)

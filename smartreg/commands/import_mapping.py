"""Where the mapping of a sheet is stored, and its content with the options applied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smartreg.commands.documents import content_of
from smartreg.core.spelling import slug
from smartreg.importing.mapping import (
    ImportMapping,
    ImportRequest,
    check_mapping,
    read_mapping,
    with_request,
)
from smartreg.importing.readers.sheet import MAX_BYTES
from smartreg.importing.values import left_out
from smartreg.registry import IMPORTS, MAPPING_SUFFIX, ROW_KEYS_SUFFIX, Registry
from smartreg.schema import Kind


@dataclass(frozen=True)
class MappingPlace:
    """Where a mapping is kept, and the mapping that is to be applied; `recorded` says what the registry has there.
    `complete`: columns that it does not name fill nothing, as of one that was recorded or given with its fields;
    `left_out`: columns that fill nothing whatever their headings are."""

    path: str
    mapping: ImportMapping
    recorded: ImportMapping | None
    complete: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def keys(self) -> str:
        """Where the keys of its rows are stored."""
        return self.path.removesuffix(MAPPING_SUFFIX) + ROW_KEYS_SUFFIX


def mapping_place(registry: Registry, kind: Kind, file: Path, request: ImportRequest) -> MappingPlace:
    """The mapping that the request names, else the one recorded for a file of this name, with what was typed now."""
    word = request.mapping
    name = slug(Path(word).stem if word else file.stem) or kind.folder
    path = f"{IMPORTS}/{name}{MAPPING_SUFFIX}"
    recorded = _load_recorded(registry, path)
    if word is None and recorded is not None and recorded.kind != kind.name:
        path = f"{IMPORTS}/{name}-{kind.name}{MAPPING_SUFFIX}"
        recorded = _load_recorded(registry, path)
    given = recorded
    if word is not None and ("/" in word or word.endswith(MAPPING_SUFFIX)):
        given = read_mapping(content_of(Path(word), MAX_BYTES), word)
    if given is not None:
        given = check_mapping(kind, given, word or path)
    complete = given is not None and bool(given.fields)
    return MappingPlace(path, with_request(kind, given, request), recorded, complete, left_out(request.maps))


def _load_recorded(registry: Registry, path: str) -> ImportMapping | None:
    try:
        return read_mapping(registry.tree.read(path), path)
    except FileNotFoundError:
        return None

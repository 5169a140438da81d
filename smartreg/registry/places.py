"""Which files of a tree are records, and which should not be there."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import NamedTuple, TypeAlias

from smartreg.findings import Finding
from smartreg.schema import Schemas
from smartreg.trees import File, Size
from smartreg.values import Location, RecordId, Words

FOLDER, SCHEMA_FOLDER = "registry", "schemas"
IMPORTS = "imports"  # below FOLDER: how sheets become records, one .toml each
SPECIAL = {
    "symlink": Words("a symbolic link", "un lien symbolique"),
    "submodule": Words("a Git repository of its own", "un dépôt Git à part"),
    "directory": Words("a folder", "un dossier"),
    "unmerged": Words("left with a merge conflict", "en conflit de fusion"),
    "undecodable name": Words("a file whose name is not UTF-8", "un fichier dont le nom n'est pas en UTF-8"),
    "other": Words("not a regular file", "autre chose qu'un fichier ordinaire"),
}
# No .gitattributes: one in a pull request could hide changes from review or ask for filters.
ALLOWED_NAMES = ("README", "README.md", ".gitkeep")
_BELOW = f"{FOLDER}/"
RECORD_ENDS = (".yaml", ".yml")


class Place(NamedTuple):
    """A record's file, the kind of its folder, and its blob id (None: not known before it is read)."""

    file: str
    kind: str
    blob: str | None
    size: Size = None


Placement: TypeAlias = tuple[dict[RecordId, tuple[Place, ...]], list[Finding]]


def record_at(path: str, schemas: Schemas) -> RecordId | None:
    """The record that a path is the file of; None when it is none."""
    parts = path.split("/", 2)
    kind = schemas.by_folder.get(parts[1]) if len(parts) == 3 and parts[0] == FOLDER else None
    if kind is None or not path.endswith(RECORD_ENDS):
        return None
    return RecordId(kind.name, path.rpartition("/")[2].rpartition(".")[0])


def places(files: Mapping[str, File], schemas: Schemas) -> Placement:
    """Which files are records, and the faults of those below `registry/` that cannot be or should not be there."""
    found: dict[RecordId, tuple[Place, ...]] = {}
    faults: list[Finding] = []
    kinds: dict[str, str | None] = {}  # by folder
    for path, file in files.items():
        if not path.startswith(_BELOW) and path != FOLDER:
            continue
        folder, _, name = path.rpartition("/")
        if folder not in kinds:
            kinds[folder] = _kind_in(folder, schemas)
        kind = kinds[folder]
        if file.special:
            faults.append(special(path, file.special))
        elif kind is not None and name.endswith(RECORD_ENDS):
            rid = RecordId(kind, intern(name.rpartition(".")[0]))
            place = Place(path, kind, file.blob, file.size)
            found[rid] = (*found[rid], place) if rid in found else (place,)
        elif not _welcome(path):
            faults.append(unexpected(path))
    return found, faults


def _kind_in(folder: str, schemas: Schemas) -> str | None:
    """The kind of the records in a folder. None too where a folder on the way is called like a record: `x.yaml/` hides
    what it holds from every reader."""
    parts = folder.split("/", 2)
    kind = schemas.by_folder.get(parts[1]) if len(parts) > 1 else None
    hidden = any(f"{end}/" in f"{folder}/" for end in RECORD_ENDS)
    return None if kind is None or hidden else kind.name


def _welcome(path: str) -> bool:
    mapping = path.startswith(f"{FOLDER}/{IMPORTS}/") and path.endswith(".toml")
    return path.rpartition("/")[2] in ALLOWED_NAMES or "/annexes/" in path or mapping


def special(path: str, what: str) -> Finding:
    """YML010: not a regular file; it is never opened."""
    words = SPECIAL.get(what, SPECIAL["other"])
    return Finding(
        "YML010",
        "error",
        Words(
            f"this is {words.en}; records are plain files",
            f"c'est {words.fr} ; un enregistrement est un fichier ordinaire",
        ),
        Location(path),
        Words("put a plain file in its place", "remplacez-le par un fichier ordinaire"),
    )


def unexpected(path: str) -> Finding:
    """CHG810: a file below `registry/` that no kind claims."""
    return Finding(
        "CHG810",
        "error",
        Words("unexpected file below registry/", "fichier inattendu sous registry/"),
        Location(path),
        Words(
            "records are <kind's folder>/…/<id>.yaml; README, annexes/ and .gitkeep are allowed",
            "les enregistrements sont <dossier du type>/…/<id>.yaml ; README, annexes/ et .gitkeep sont admis",
        ),
    )

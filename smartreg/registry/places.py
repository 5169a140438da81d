"""Files of a tree that are records, and files that should not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sys import intern
from typing import NamedTuple, TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location, RecordId
from smartreg.gitio import Side
from smartreg.schema import Schemas
from smartreg.trees import PLAIN, RECORD_ENDS, File, Size, Tree, WorkingTree

SIDES = {
    "ours": Message("our branch (ours)"),
    "theirs": Message("their branch (theirs)"),
}
OTHER: Mapping[Side, Side] = {"ours": "theirs", "theirs": "ours"}
FOLDER, SCHEMA_FOLDER, PROOF_FOLDER = "registry", "schemas", "seals"
IMPORTS = f"{FOLDER}/imports"  # mappings of sheets, and which record each of their rows is
MAPPING_SUFFIX, ROW_KEYS_SUFFIX = ".toml", ".keys"
WORKBOOKS = f"{IMPORTS}/workbooks.csv"  # those that went out to be filled in, and those that came back
SPECIAL = {
    "symlink": Message("a symbolic link"),
    "submodule": Message("a Git repository of its own"),
    "directory": Message("a folder"),
    "unmerged": Message("left with a merge conflict"),
    "undecodable name": Message("a file whose name is not UTF-8"),
    "other encoding": Message(
        "in another encoding here (Git's attribute working-tree-encoding) and not as it was committed"
    ),
    "named twice": Message("named twice in its folder"),
    "too many files": Message("a folder of too many files"),
    "other": Message("not a regular file"),
}
# No .gitattributes: one in a pull request could hide changes from review or ask for filters.
ALLOWED_NAMES = ("README", "README.md", ".gitkeep")
_BELOW = f"{FOLDER}/"


class Place(NamedTuple):
    """A record's file, the kind of its folder, and its blob id (None until it is read)."""

    file: str
    kind: str
    blob: str | None
    size: Size = None


Located: TypeAlias = tuple[RecordId, Place]


class Locator:
    """Decides which files are records, by their names; computed once for each folder."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._places = (FOLDER, *schemas.foreign)
        self._kinds: dict[str, str | None] = {}

    def kind_in(self, folder: str) -> str | None:
        """The kind of the records in a folder. None also below a folder with a name like a record's: `x.yaml/` hides
        its content from every reader."""
        if folder not in self._kinds:
            self._kinds[folder] = _kind_in(folder, self._schemas)
        return self._kinds[folder]

    def check_place(self, file: File) -> Finding | None:
        """The fault of a file that is no record and cannot be or should not be in a folder of records."""
        place = next((place for place in self._places if f"{file.path}/".startswith(f"{place}/")), None)
        if place is None:
            return None
        if file.path == place or file.special not in PLAIN:
            return special(file.path, file.special or "other")
        return None if _welcome(file.path) else unexpected_file(file.path, place)

    def rid_of(self, path: str) -> RecordId | None:
        """The id of the record at a path if a plain file is there; None if it is no record."""
        folder, _, name = path.rpartition("/")
        kind = self.kind_in(folder) if name.endswith(RECORD_ENDS) else None
        return None if kind is None else RecordId(kind, intern(name.rpartition(".")[0]))

    def at(self, file: File) -> Located | None:
        """The record in a file; None if it is no record."""
        rid = self.rid_of(file.path) if file.special in PLAIN else None
        return None if rid is None else (rid, Place(file.path, rid.kind, file.blob, file.size))


def locate(file: File, schemas: Schemas) -> Located | None:
    """The record in a file; None if it is no record."""
    return Locator(schemas).at(file)


def record_at(path: str, schemas: Schemas) -> RecordId | None:
    """The id of the record at a path, if a plain file is there; None if it is no record."""
    return Locator(schemas).rid_of(path)


def record_name(path: str) -> tuple[str, str] | None:
    """The folder and id that a path gives to a record, whatever kinds exist; None if it cannot be a record. For folders
    below `registry/`, the first one."""
    folder, _, name = path.rpartition("/")
    top, below, inner = folder.partition("/")
    if not name.endswith(RECORD_ENDS) or top in ("", SCHEMA_FOLDER) or (top == FOLDER and not below) or _hides(folder):
        return None
    place = f"{FOLDER}/{inner.partition('/')[0]}" if top == FOLDER else folder
    return place, name.rpartition(".")[0]


def _hides(folder: str) -> bool:
    return any(f"{end}/" in f"{folder}/" for end in RECORD_ENDS)


def _kind_in(folder: str, schemas: Schemas) -> str | None:
    if _hides(folder):
        return None
    place = "/".join(folder.split("/", 2)[:2])
    kind = schemas.by_place.get(place) if place.startswith(_BELOW) else None
    if kind is None:
        kind = next((kind for home, kind in schemas.foreign.items() if f"{folder}/".startswith(f"{home}/")), None)
    return None if kind is None else kind.name


def _welcome(path: str) -> bool:
    return path.rpartition("/")[2] in ALLOWED_NAMES or "/annexes/" in path or is_import_file(path) or path == WORKBOOKS


def is_import_file(path: str) -> bool:
    """Whether a file tells `import` what the rows of a sheet become."""
    return path.startswith(f"{IMPORTS}/") and path.endswith((MAPPING_SUFFIX, ROW_KEYS_SUFFIX))


def special(path: str, what: str) -> Finding:
    """YML010, YML015, YML016: not a regular file, or none that is one file; it is never opened."""
    if what == "named twice":
        return Finding(
            "YML015",
            "error",
            Message("this commit names the file twice"),
            Location(path),
            Message("make the commit anew from a checkout: git reset --soft HEAD~1, then git add and git commit"),
        )
    if what == "too many files":
        return too_many_files(
            path,
            Message("this folder stands for more files than can be listed; none of them was read"),
        )
    words = SPECIAL.get(what, SPECIAL["other"])
    return Finding(
        "YML010",
        "error",
        Message("this is {words}; records are plain files", words=words),
        Location(path),
        Message("put a plain file in its place"),
    )


def too_many_files(path: str, message: Text) -> Finding:
    """YML016: a folder of few objects and millions of paths."""
    return Finding(
        "YML016",
        "error",
        message,
        Location(path),
        Message("do not merge it: a few objects of Git stand for millions of paths (git ls-tree shows them)"),
    )


def find_undecided(tree: Tree, schemas: Schemas) -> Iterator[Finding]:
    """YML009: files that one branch of a merge deleted and the other changed. Git leaves no markers in them."""
    for path, keeper in sorted(tree.half_deletions().items()) if isinstance(tree, WorkingTree) else ():
        rid = record_at(path, schemas)
        hint = Message("keep it: git add {path}; or delete it: git rm {path}", path=path)
        if rid is not None:
            other = OTHER[keeper]
            hint = Message(
                "keep it: smartreg resolve {rid} --{keeper}; or delete it: smartreg resolve {rid} --{other}; then "
                "git add {path}",
                rid=rid,
                keeper=keeper,
                other=other,
                path=path,
            )
        yield Finding(
            "YML009",
            "error",
            Message(
                "a merge conflict is not resolved here: {keeper} changed this file, the other deleted it",
                keeper=SIDES[keeper],
            ),
            Location(path),
            hint,
        )


def unexpected_file(path: str, place: str) -> Finding:
    """CHG810: a file in a folder of records that no kind claims."""
    return Finding(
        "CHG810",
        "error",
        Message("unexpected file below {place}/", place=place),
        Location(path),
        Message(
            "move a record to <kind's folder>/…/<id>.yaml, and any other file out of {place}/ (README, annexes/ and "
            ".gitkeep may stay)",
            place=place,
        ),
    )

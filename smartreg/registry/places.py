"""Which files of a tree are records, and which should not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sys import intern
from typing import NamedTuple, TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.values import Location, RecordId, Words
from smartreg.gitio import Side
from smartreg.schema import Schemas
from smartreg.trees import PLAIN, RECORD_ENDS, File, Size, Tree, WorkingTree

SIDES = {
    "ours": Words("our branch (ours)", "notre branche (ours)"),
    "theirs": Words("their branch (theirs)", "leur branche (theirs)"),
}
OTHER: Mapping[Side, Side] = {"ours": "theirs", "theirs": "ours"}
FOLDER, SCHEMA_FOLDER = "registry", "schemas"
IMPORTS = "imports"  # below FOLDER: how sheets become records (.toml), and which rows they are (.keys)
SPECIAL = {
    "symlink": Words("a symbolic link", "un lien symbolique"),
    "submodule": Words("a Git repository of its own", "un dépôt Git à part"),
    "directory": Words("a folder", "un dossier"),
    "unmerged": Words("left with a merge conflict", "en conflit de fusion"),
    "undecodable name": Words("a file whose name is not UTF-8", "un fichier dont le nom n'est pas en UTF-8"),
    "other encoding": Words(
        "in another encoding here (Git's attribute working-tree-encoding) and not as it was committed",
        "conservé ici dans un autre encodage (attribut working-tree-encoding de Git) et différent de ce qui est validé",
    ),
    "other": Words("not a regular file", "autre chose qu'un fichier ordinaire"),
}
# No .gitattributes: one in a pull request could hide changes from review or ask for filters.
ALLOWED_NAMES = ("README", "README.md", ".gitkeep")
_BELOW = f"{FOLDER}/"


class Place(NamedTuple):
    """A record's file, the kind of its folder, and its blob id (None: not known before it is read)."""

    file: str
    kind: str
    blob: str | None
    size: Size = None


Located: TypeAlias = tuple[RecordId, Place]


class Locator:
    """Which files are records, by their names. Computed once for each folder."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._places = (FOLDER, *schemas.foreign)
        self._kinds: dict[str, str | None] = {}

    def kind_in(self, folder: str) -> str | None:
        """The kind of the records in a folder. None too where a folder on the way is called like a record: `x.yaml/`
        hides what it holds from every reader."""
        if folder not in self._kinds:
            self._kinds[folder] = _kind_in(folder, self._schemas)
        return self._kinds[folder]

    def check_place(self, file: File) -> Finding | None:
        """What is wrong with a file that is no record: one in a folder of records that cannot be or should not be
        there."""
        place = next((place for place in self._places if f"{file.path}/".startswith(f"{place}/")), None)
        if place is None:
            return None
        if file.path == place or file.special not in PLAIN:
            return special(file.path, file.special or "other")
        return None if _welcome(file.path) else unexpected_file(file.path, place)

    def rid_of(self, path: str) -> RecordId | None:
        """The record that a path is the file of, if a plain file lies there; None when it is none."""
        folder, _, name = path.rpartition("/")
        kind = self.kind_in(folder) if name.endswith(RECORD_ENDS) else None
        return None if kind is None else RecordId(kind, intern(name.rpartition(".")[0]))

    def at(self, file: File) -> Located | None:
        """The record that a file is; None for any other."""
        rid = self.rid_of(file.path) if file.special in PLAIN else None
        return None if rid is None else (rid, Place(file.path, rid.kind, file.blob, file.size))


def locate(file: File, schemas: Schemas) -> Located | None:
    """The record that a file is; None for any other."""
    return Locator(schemas).at(file)


def record_at(path: str, schemas: Schemas) -> RecordId | None:
    """As `Locator.named`."""
    return Locator(schemas).rid_of(path)


def record_name(path: str) -> tuple[str, str] | None:
    """The folder and the id that the path of a file of a registry gives a record, whatever kinds there are; None for
    what can be the file of none. Of folders below `registry/`, the first one."""
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
    mapping = path.startswith(f"{FOLDER}/{IMPORTS}/") and path.endswith((".toml", ".keys"))
    return path.rpartition("/")[2] in ALLOWED_NAMES or "/annexes/" in path or mapping


def special(path: str, what: str) -> Finding:
    """YML010: not a regular file; it is never opened."""
    words = SPECIAL.get(what, SPECIAL["other"])
    return Finding(
        "YML010",
        "error",
        Words(
            f"this is {words.en}; records are plain files",
            f"c'est {words.fr} ; une fiche est un fichier ordinaire",
        ),
        Location(path),
        Words("put a plain file in its place", "remplacez-le par un fichier ordinaire"),
    )


def find_undecided(tree: Tree, schemas: Schemas) -> Iterator[Finding]:
    """YML009: files that one branch of a merge deleted and the other changed. Git leaves no markers in them."""
    for path, keeper in sorted(tree.half_deleted().items()) if isinstance(tree, WorkingTree) else ():
        rid = record_at(path, schemas)
        keep, drop, then = f"git add {path}", f"git rm {path}", ("", "")
        if rid is not None:
            keep, drop = (f"smartreg resolve {rid} --{side}" for side in (keeper, OTHER[keeper]))
            then = (f"; then git add {path}", f" ; puis git add {path}")
        yield Finding(
            "YML009",
            "error",
            Words(
                f"a merge conflict is not resolved here: {SIDES[keeper].en} changed this file, the other deleted it",
                f"conflit de fusion non résolu : {SIDES[keeper].fr} a modifié ce fichier, l'autre l'a supprimé",
            ),
            Location(path),
            Words(
                f"keep it: {keep}; or delete it: {drop}{then[0]}",
                f"gardez-le : {keep} ; ou supprimez-le : {drop}{then[1]}",
            ),
        )


def unexpected_file(path: str, place: str) -> Finding:
    """CHG810: a file in a folder of records that no kind claims."""
    return Finding(
        "CHG810",
        "error",
        Words(f"unexpected file below {place}/", f"fichier inattendu sous {place}/"),
        Location(path),
        Words(
            "records are <kind's folder>/…/<id>.yaml; README, annexes/ and .gitkeep are allowed",
            "les fiches sont <dossier du type>/…/<id>.yaml ; README, annexes/ et .gitkeep sont admis",
        ),
    )

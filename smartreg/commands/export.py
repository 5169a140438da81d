"""`export`: the registry, in some state, as files for analysts."""

from __future__ import annotations

import errno
import hashlib
import json
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from smartreg.commands.unreadable import unreadable
from smartreg.errors import StateFault, UsageFault
from smartreg.exporters import Written
from smartreg.exporters.csv import DIALECTS, export
from smartreg.gitio import blob_id
from smartreg.registry import Registry
from smartreg.rules import all_rules
from smartreg.schema import did_you_mean
from smartreg.tables import tables
from smartreg.trees import CommitTree, Tree
from smartreg.values import Json, Language, Words
from smartreg.workspace import Workspace

FORMATS = ("csv",)


@dataclass(frozen=True)
class Exported:
    """The files of an export, the commit that they show (None: a state that no commit holds), the names of the files
    that would have no row, and the records that are missing because their text cannot be read."""

    files: tuple[Written, ...]
    commit: str | None
    left_out: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def export_tables(
    workspace: Workspace,
    kinds: Sequence[str],
    *,
    form: str = "csv",
    dialect: str = "standard",
    lang: Language = "en",
    at: str | None = None,
    all_tables: bool = False,
) -> Exported:
    """Make the files in memory; tables of lists without a row are left out unless `all_tables`. UsageFault for an
    unknown kind, format or dialect."""
    if form not in FORMATS:
        raise _unknown("format", "format", form, FORMATS)
    if dialect not in DIALECTS:
        raise _unknown("dialect", "dialecte", dialect, tuple(DIALECTS))
    registry = workspace.registry(at)
    names = dict.fromkeys(registry.schemas.kind(word).name for word in kinds)
    chosen = [registry.schemas.kinds[name] for name in names or registry.schemas.kinds]
    registry.load_all()
    lost = unreadable(registry, chosen)
    source = {**source_of(workspace, registry), **({"unreadable": lost} if lost else {})}
    found = tables(registry, chosen)
    kept = [table for table in found if all_tables or table.main or next(table.rows(), None) is not None]
    write = partial(export, source=source, dialect=DIALECTS[dialect], lang=lang)
    files = tuple(write(kept))
    written = {item.name for item in files}
    empty = write([table for table in found if table not in kept])
    return Exported(
        files,
        source["commit"],
        tuple(item.name for item in empty if item.name not in written),
        tuple(lost),
    )


def source_of(workspace: Workspace, registry: Registry) -> dict[str, Json]:
    """The origin of an export: name of the registry, commit, reference date (the commit's), a digest of schemas,
    settings and rules."""
    repo = workspace.repo
    commit = commit_shown(workspace, registry.tree)
    return {
        "registry": registry.config.name,
        "commit": commit,
        "reference_date": repo.commit_info(commit).date.date().isoformat() if repo is not None and commit else None,
        "rules": judged_by(registry),
    }


def judged_by(registry: Registry) -> str:
    """A digest of the schemas, settings and rules by which the registry is judged: of what they say, not of their
    bytes, since a clone may have other line ends."""
    schemas = {kind.name: kind.schema for kind in registry.schemas.kinds.values()}
    settings = repr(replace(registry.config, digest=""))
    rules = list(all_rules(registry.config.plugins))
    said = json.dumps([schemas, settings, rules], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def commit_shown(workspace: Workspace, tree: Tree) -> str | None:
    """The commit whose files are those of the tree: its own, or HEAD where nothing differs from it, not even a file
    that Git was told not to look at."""
    repo = workspace.repo
    head = None if repo is None or tree.commit else repo.head()
    if repo is None or head is None:
        return tree.commit
    known, files = CommitTree(repo, head).files(), tree.files()
    if known.keys() != files.keys():
        return None
    unsure = [path for path, file in files.items() if file.blob != known[path].blob and not file.special]
    if any(files[path].blob for path in unsure):
        return None
    same = all(blob_id(content, tree.object_format) == known[path].blob for path, content in tree.read_many(unsure))
    return head if same else None


def write_files(exported: Exported, target: Path) -> list[Path]:
    """Write the files into the folder `target`: all of them or, when one cannot be written, none (StateFault). Files
    of an earlier export that would have no row any more go away."""
    folders = [folder for folder in (target, *target.parents) if not folder.exists()]
    try:
        target.mkdir(parents=True, exist_ok=True)
        return _write(exported, target)
    except OSError as error:
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
        why = _REASONS.get(error.errno or 0, Words("the system refuses", "le système refuse"))
        raise StateFault(
            Words(f"cannot write to {target}: {why.en}", f"écriture impossible dans {target} : {why.fr}"),
            Words("choose another folder with -o", "choisissez un autre dossier avec -o"),
        ) from None


def others_in(exported: Exported, target: Path) -> list[str]:
    """The tables in the folder that are not of this export."""
    written = {item.name for item in exported.files}
    return sorted(path.name for path in target.glob("*.csv") if path.name not in written)


def _write(exported: Exported, target: Path) -> list[Path]:
    """Everything is written beside its place first; only then is anything replaced."""
    for item in exported.files:
        if (target / item.name).is_dir():
            raise IsADirectoryError(errno.EISDIR, item.name)
    with tempfile.TemporaryDirectory(prefix=".smartreg-", dir=target) as folder:
        drafts = Path(folder)
        for item in exported.files:
            (drafts / item.name).write_bytes(item.content)
        for item in exported.files:
            _place(drafts / item.name, target / item.name, item.content)
    for name in exported.left_out:
        if (target / name).is_file():
            (target / name).unlink()
    return [target / item.name for item in exported.files]


def _place(draft: Path, path: Path, content: bytes) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(content)  # a link, a pipe or a device is written through, never replaced
    else:
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)


_DENIED, _FULL = Words("no permission", "accès refusé"), Words("the disk is full", "le disque est plein")
_NO_FOLDER = Words("a file stands in its way", "un fichier y fait obstacle")
_REASONS = {
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: Words("the disk is read-only", "le disque est en lecture seule"),
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EISDIR: Words("a folder stands where a file should go", "un dossier occupe la place d'un fichier"),
}


def _unknown(en: str, fr: str, word: str, known: Sequence[str]) -> UsageFault:
    listed = ", ".join(known)
    return UsageFault(
        Words(f'no {en} "{word}"; there are {listed}', f"pas de {fr} « {word} » ; il y a {listed}"),
        did_you_mean(word, known),
    )

"""`export`: the registry, in some state, as files for analysts."""

from __future__ import annotations

import errno
import importlib
import inspect
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from smartreg.commands.origin import last_changes, source_of
from smartreg.commands.show import condition
from smartreg.commands.unreadable import unreadable
from smartreg.errors import StateFault, UsageFault
from smartreg.exporters import FORMATS, Chosen, Written
from smartreg.registry import Registry
from smartreg.schema import Kind, did_you_mean
from smartreg.tables import Table, View, tables
from smartreg.tables.audience import AUDIENCES, hidden, hidden_fields, view
from smartreg.tables.narrow import names_of, narrowed
from smartreg.values import Json, Language, Words
from smartreg.workspace import Workspace

INTERNAL = AUDIENCES[-1]


@dataclass(frozen=True)
class Wanted:
    """What to export: kinds (none: all), conditions FIELD=VALUE that must all hold, names of columns (none: all), for
    whom, of which state, and whether tables of lists without a row are made too."""

    kinds: Sequence[str] = ()
    where: Sequence[str] = ()
    columns: Sequence[str] = ()
    audience: str = INTERNAL
    at: str | None = None
    all_tables: bool = False


@dataclass(frozen=True)
class Exported:
    """The files of an export, the commit that they show (None: a state that no commit holds), the names of the files
    that would have no row, and the records that are missing because their text cannot be read; how many records and
    which fields the audience does not see."""

    files: tuple[Written, ...]
    commit: str | None
    left_out: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    withheld: int = 0
    hidden: tuple[str, ...] = ()


def export_tables(
    workspace: Workspace, wanted: Wanted, *, form: str = "csv", lang: Language = "en", dialect: str | None = None
) -> Exported:
    """Make the files in memory. UsageFault for an unknown kind, format, field, column, audience or dialect, and when no
    record meets the conditions."""
    exporter = _exporter(form)
    _known("audience", "public visé", wanted.audience, AUDIENCES)
    options = _options(exporter, form, lang, dialect)
    registry = workspace.registry(wanted.at)
    names = dict.fromkeys(registry.schemas.kind(word).name for word in wanted.kinds)
    registry.load_all()
    chosen, lost = _chosen(workspace, registry, wanted, tuple(names or registry.schemas.kinds))
    every = chosen.tables
    kept = [table for table in every if wanted.all_tables or _is_kept(table, wanted)]
    chosen = replace(chosen, tables=tuple(kept))
    if wanted.columns:
        chosen = _narrowed(chosen, exporter, wanted)
    files = tuple(exporter.export(chosen, **options))
    empty = [table for table in every if not table.main and table not in kept]
    return Exported(
        files,
        chosen.source["commit"],
        tuple(_files_of(empty, files, kept)),
        tuple(lost),
        chosen.view.withheld,
        tuple(hidden_fields([registry.schemas.kinds[kind.name] for kind in chosen.kinds], wanted.audience)),
    )


def _files_of(empty: Iterable[Table], files: Sequence[Written], kept: Sequence[Table]) -> Iterator[str]:
    """The files that tables without a row would have: those that the others have."""
    stems = {table.name for table in kept}
    endings = {Path(item.name).suffix for item in files if Path(item.name).stem in stems}
    return (f"{table.name}{ending}" for table in empty for ending in sorted(endings))


def _exporter(form: str) -> Any:
    _known("format", "format", form, tuple(FORMATS))
    return importlib.import_module(f"smartreg.exporters.{form}")


def _options(exporter: Any, form: str, lang: Language, dialect: str | None) -> dict[str, str]:
    """The options that the exporter takes."""
    takes = inspect.signature(exporter.export).parameters
    if dialect is not None and "dialect" not in takes:
        raise UsageFault(
            Words(f"--dialect is for csv, not for {form}", f"--dialect vaut pour csv, pas pour {form}"),
            Words("leave it out", "retirez cette option"),
        )
    if dialect is not None:
        _known("dialect", "dialecte", dialect, tuple(exporter.DIALECTS))
    given = {"lang": lang, "dialect": dialect}
    return {name: value for name, value in given.items() if name in takes and value is not None}


def _chosen(
    workspace: Workspace, registry: Registry, wanted: Wanted, names: Sequence[str]
) -> tuple[Chosen, Sequence[str]]:
    """What was asked for, all of its tables, and the files that cannot be read."""
    lost = unreadable(registry, [registry.schemas.kinds[name] for name in names])
    seen = view(registry, wanted.audience)
    kinds = [seen.schemas.kinds[name] for name in names]
    seen = _meeting(seen, kinds, wanted)
    told: dict[str, Json] = {"audience": wanted.audience}
    told |= {name: list(words) for name, words in (("where", wanted.where), ("columns", wanted.columns)) if words}
    if lost:  # their names are theirs who keep the registry: nobody can say for whom the records are
        told |= {"unreadable": lost} if wanted.audience == INTERNAL else {"unreadable_records": len(lost)}
    source = {**source_of(workspace, registry), **told}
    found = tuple(tables(seen, kinds))
    modified = last_changes(workspace, source["commit"])
    return Chosen(tuple(kinds), seen, found, source, tuple(wanted.columns), modified), lost


def _meeting(seen: View, kinds: Sequence[Kind], wanted: Wanted) -> View:
    """The records that meet the conditions. UsageFault when there is none."""
    if not wanted.where:
        return seen
    for text in wanted.where:
        _seen_by(text.partition("=")[0].removesuffix("!"), wanted.audience)
    tests = [condition(list(kinds), text) for text in wanted.where]
    for test in tests:
        test.judge(seen)
    found = replace(seen, keep=lambda record: all(test(record) for test in tests))
    if not any(True for kind in kinds for _ in found.of_kind(kind.name)):
        told = ", ".join(wanted.where)
        raise UsageFault(
            Words(f"no record meets {told}", f"aucun enregistrement ne satisfait {told}"),
            Words("nothing was written; smartreg list shows what there is", "rien n'a été écrit ; voyez smartreg list"),
        )
    return found


def _seen_by(name: str, audience: str) -> None:
    """UsageFault for a field that the audience does not see."""
    if any(hidden(part, audience) for part in name.split(".")):
        raise UsageFault(
            Words(f"{name} is not for the audience {audience}", f"{name} n'est pas destiné au public visé {audience}"),
            Words("leave it out, or choose another --audience", "retirez-le, ou choisissez un autre --audience"),
        )


def _is_kept(table: Table, wanted: Wanted) -> bool:
    """Tables of lists have a row; those of records too when only some records were asked for, of no kind in
    particular."""
    return (table.main and (bool(wanted.kinds) or not wanted.where)) or next(table.rows(), None) is not None


def _narrowed(chosen: Chosen, exporter: Any, wanted: Wanted) -> Chosen:
    """Only the columns that were asked for. UsageFault for one that there is not."""
    named = exporter.names(chosen) if hasattr(exporter, "names") else _names(chosen.tables)
    known = list(dict.fromkeys(named))
    for name in wanted.columns:
        if name not in known:
            _seen_by(name, wanted.audience)
            raise UsageFault(
                Words(f'no column "{name}"', f"il n'y a pas de colonne « {name} »"),
                did_you_mean(name, known) or _listed(known),
            )
    return replace(chosen, tables=tuple(narrowed(chosen.tables, wanted.columns)))


def _names(found: Iterable[Table]) -> Iterator[str]:
    return (name for table in found for name in names_of(table))


def _listed(known: Sequence[str]) -> Words:
    return Words(f"there are {', '.join(known)}", f"il y a {', '.join(known)}")


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
    """The tables of the same format in the folder that are not of this export."""
    written = {item.name for item in exported.files}
    endings = {Path(item.name).suffix for item in exported.files if item.main}
    return sorted(path.name for path in target.glob("*") if path.suffix in endings and path.name not in written)


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


def _known(en: str, fr: str, word: str, known: Sequence[str]) -> None:
    """UsageFault with a suggestion for a word that there is not."""
    if word not in known:
        listed = ", ".join(known)
        raise UsageFault(
            Words(f'no {en} "{word}"; there are {listed}', f"pas de {fr} « {word} » ; il y a {listed}"),
            did_you_mean(word, known),
        )

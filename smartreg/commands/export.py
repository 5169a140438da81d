"""`export`: the registry, in some state, as files for analysts; on request as one partition of a data set, which is
replaced as a whole or not at all, or as a workbook for each commune, to be filled in."""

from __future__ import annotations

import ctypes
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from smartreg.commands.choice import (
    ExportOptions,
    choose,
    refuse_unknown_audience,
    refuse_unknown_dialect,
    refuse_unknown_format,
    seen_by,
    split,
    with_columns,
    with_rows,
)
from smartreg.commands.coverage import COVERAGE
from smartreg.commands.guide import findings_to_ask, guide_of, references, value_name
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, verbatim
from smartreg.core.progress import track
from smartreg.core.spelling import slug
from smartreg.core.values import RecordId
from smartreg.exporters import FORMATS, Chosen, Format, Written, csv, geojson, xlsx
from smartreg.registry import Registry, position
from smartreg.schema import CODE_FIELDS
from smartreg.tables import Table
from smartreg.tables.adapted import names_of
from smartreg.tables.records import may_be_placed
from smartreg.tables.view import AUDIENCES, hidden_fields
from smartreg.workspace.conditions import field_named, has_field
from smartreg.workspace.output import Output, is_written_through
from smartreg.workspace.workspace import Workspace

__all__ = [
    "ExportOptions",
    "Exported",
    "Prepared",
    "export_tables",
    "export_ways",
    "others_in",
    "prepare_export",
    "write_files",
]

WORKBOOK = xlsx.FORMAT.name
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of linux/fs.h


def partition_of(names: Iterable[str]) -> str | None:
    """The folder that contains all files of these names; None if there is none."""
    tops = {Path(name).parts[0] for name in names if len(Path(name).parts) > 1}
    return tops.pop() if len(tops) == 1 else None


def write_partition(files: Sequence[Written], target: Path) -> list[Path]:
    """Write the files into `target`, all in one new folder that then takes the place of the one that is there. Readers
    see the old one or the new one; where the system cannot exchange folders, for a moment none. OSError when it cannot
    be written: then nothing has changed."""
    top = partition_of(item.name for item in files) or ""
    place = target / top
    with tempfile.TemporaryDirectory(prefix=".smartreg-", dir=target) as folder:
        draft = Path(folder) / top
        for item in files:
            path = Path(folder) / item.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(item.content)
                file.flush()
                os.fsync(file.fileno())
        if place.exists():
            _exchange(draft, place)
        else:
            draft.rename(place)
    return [target / item.name for item in files]


def _exchange(draft: Path, place: Path) -> None:
    """Swap two folders; the old one goes away with the temporary folder that the draft was in."""
    with suppress(AttributeError, OSError):
        call = ctypes.CDLL(None, use_errno=True).renameat2
        if call(_HERE, os.fsencode(draft), _HERE, os.fsencode(place), _EXCHANGE) == 0:
            return
    old = draft.with_name("old")
    place.rename(old)
    try:
        draft.rename(place)
    except OSError:
        old.rename(place)
        raise


@dataclass(frozen=True)
class Exported:
    """The files of an export, the commit that they show (None: a state that no commit holds), the names of the files
    that would have no row, and the records that are missing because their text cannot be read; how many records and
    which fields the audience does not see; how many points the system that was asked for is not meant for; of how
    many contacts of people each record is without."""

    files: tuple[Written, ...]
    commit: str | None
    left_out: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    withheld: int = 0
    hidden: tuple[str, ...] = ()
    outside: int = 0
    contacts: Mapping[RecordId, int] = field(default_factory=dict)


def export_tables(
    workspace: Workspace,
    request: ExportOptions,
    *,
    form: str = "csv",
    lang: Language = "en",
    dialect: str | None = None,
) -> Exported:
    """Make the files in memory. UsageFault for an unknown kind, format, field, column, audience or dialect, and when no
    record meets the conditions."""
    (made,) = export_ways(workspace, request, form, [(lang, dialect)])
    return made


def export_ways(
    workspace: Workspace, request: ExportOptions, form: str, ways: Iterable[tuple[Language, str | None]]
) -> Iterator[Exported]:
    """`export_tables` in several languages and dialects, of data that are prepared once."""
    exporter, given = _exporter(form), {"partitioned": request.partitioned or None}
    options = [_options(exporter, {"lang": lang, "dialect": dialect, **given}) for lang, dialect in ways]
    _refuse_parts(request)
    made = prepare_export(workspace, request, form)
    return (_exported(made, exporter, each) for each in options)


def _exported(made: Prepared, exporter: Format, options: Mapping[str, Any]) -> Exported:
    files = tuple(exporter.export(made.chosen, **options))
    return Exported(
        files,
        made.chosen.source["commit"],
        tuple(_files_without_rows([item.name for item in files], made.every, made.full)),
        made.lost,
        sum(made.chosen.view.withheld.values()),
        made.hidden,
        _outside(made.chosen),
        made.chosen.view.contacts,
    )


def _outside(chosen: Chosen) -> int:
    """How many points there are that have none in the system that was asked for."""
    if chosen.crs is None:
        return 0
    records = (record for kind in chosen.kinds if may_be_placed(kind) for record in chosen.view.of_kind(kind.name))
    places = [place for record in records if (place := position(chosen.view, record))]
    return chosen.crs.from_wgs84(places).count(None)


@dataclass(frozen=True)
class Prepared:
    """The input of an exporter; all tables that there could be, and those that have rows; the files that cannot be
    read, and the fields that the audience does not see."""

    chosen: Chosen
    every: tuple[Table, ...]
    full: tuple[Table, ...]
    lost: tuple[str, ...]
    hidden: tuple[str, ...]


def prepare_export(workspace: Workspace, request: ExportOptions, form: str) -> Prepared:
    """The data of an export in this format. UsageFault as `export_tables`."""
    _refuse_unfit(request, form)
    registry, seen = seen_by(workspace, request)
    every, lost = choose(workspace, registry, request, seen)
    made = _prepare(registry, request, form, every, lost)
    if request.each is None:
        return made
    findings = findings_to_ask(workspace, registry, made.chosen.source["reference_date"])
    return _with_guide(registry, made, request.each, request.where[-1].partition("=")[2], findings)


def _prepare(registry: Registry, request: ExportOptions, form: str, every: Chosen, lost: Sequence[str]) -> Prepared:
    exporter = _exporter(form)
    if exporter is csv.FORMAT and COVERAGE not in every.fields:  # it would take as long as all other files together
        every = replace(every, tables=tuple(table for table in every.tables if table.path != (COVERAGE,)))
    full = chosen = with_rows(every, request)
    if request.columns:
        if exporter.names is not None:
            names = exporter.names(chosen)
        else:
            names = [name for table in chosen.tables for name in names_of(table)]
        chosen = with_columns(chosen, list(dict.fromkeys(names)), request.audience)
    public = registry.config.public_attributes
    hidden = hidden_fields([registry.schemas.kinds[kind.name] for kind in chosen.kinds], request.audience, public)
    return Prepared(chosen, every.tables, full.tables, tuple(lost), tuple(hidden))


def _with_guide(
    registry: Registry, made: Prepared, field: str, value: str, findings: Mapping[str, Sequence[Finding]]
) -> Prepared:
    """With the sheets for those who fill a workbook in."""
    name = value_name(registry, field, value)
    guide = guide_of(registry, made.chosen, name, made.chosen.fields, findings)
    return replace(made, chosen=replace(made.chosen, guide=guide))


class PartOfExport(NamedTuple):
    """The workbook for one value of `--each`: the value, what people call it, the rows of its records, the file."""

    value: str
    name: str
    rows: int
    exported: Exported


@dataclass(frozen=True)
class SplitExport:
    """The workbooks of `--each FIELD`, and how many of the requested records have no value in the field."""

    field: str
    parts: tuple[PartOfExport, ...]
    without: int


def export_each(workspace: Workspace, request: ExportOptions, each: str, lang: Language) -> SplitExport:
    """A workbook for each value of a field that refers to records, or for each commune. UsageFault for another field,
    and where no record has it."""
    registry = workspace.registry(request.at)
    field, kinds = _field_to_split(registry, request, each)
    request = replace(request, kinds=kinds, each=field)
    _refuse_unfit(request, WORKBOOK)
    every, lost = choose(workspace, registry, request)
    findings = findings_to_ask(workspace, registry, every.source["reference_date"])
    parts: list[PartOfExport] = []
    covered: set[RecordId] = set()
    for value, chosen in track(list(split(every, field, request, registry.schemas)), "workbooks"):
        made = _with_guide(registry, _prepare(registry, request, WORKBOOK, chosen, lost), field, value, findings)
        exported = _exported(made, _exporter(WORKBOOK), {"lang": lang})
        (file,) = exported.files
        name = value_name(registry, field, value)
        workbook = replace(file, name=f"{slug(name if field in CODE_FIELDS else value)}{FORMATS[WORKBOOK].suffix}")
        covered |= {record.rid for kind in chosen.kinds for record in chosen.view.of_kind(kind.name)}
        parts.append(PartOfExport(value, name, file.rows or 0, replace(exported, files=(workbook,))))
    if not parts:
        raise UsageFault(
            Message('no record has a value for --each "{field}"', field=each),
            Message("nothing was written; smartreg list shows what there is"),
        )
    total = sum(1 for kind in every.kinds for _ in every.view.of_kind(kind.name))
    return SplitExport(field, tuple(parts), total - len(covered))


def _field_to_split(registry: Registry, request: ExportOptions, each: str) -> tuple[str, Sequence[str]]:
    """The field that `--each` names, and the kinds to export: those that were named, else those on the map that have
    it, else all that have it."""
    schemas = registry.schemas
    requested = [schemas.kind_or_preset(word)[0] for word in request.kinds]
    kinds = requested or list(schemas.kinds.values())
    field = field_named(kinds, each)
    if field not in CODE_FIELDS and not references(registry, field):
        raise UsageFault(
            Message("--each is for commune, or for a field that names records, not for {field}", field=field),
            Message("such as --each commune or --each owner"),
        )
    if requested:
        return field, request.kinds
    having = [kind for kind in kinds if has_field(kind, field)]
    placed = [kind for kind in having if may_be_placed(kind)]
    return field, [kind.name for kind in placed or having]


def _refuse_unfit(request: ExportOptions, form: str) -> None:
    """UsageFault for an unknown audience, and where columns cannot be chosen."""
    refuse_unknown_audience(request.audience)
    if request.columns and not FORMATS[form].columns:
        raise UsageFault(
            Message("--columns is not for {form}", form=form),
            Message("leave it out: the standard defines the columns"),
        )
    if FORMATS[form].public and request.audience != AUDIENCES[0]:
        raise UsageFault(
            Message("{form} is for the public, not for {audience}", form=form, audience=request.audience),
            Message("leave --audience out"),
        )
    if request.crs and not FORMATS[form].crs:
        able = ", ".join(name for name, item in FORMATS.items() if item.crs)
        why = Message(": RFC 7946 wants WGS 84") if form == geojson.FORMAT.name else verbatim("")
        raise UsageFault(
            Message("--crs is not for {form}{why}", form=form, why=why),
            Message("leave it out, or choose one of {able}", able=able),
        )

    if request.labels and not FORMATS[form].labels:
        able = ", ".join(name for name, item in FORMATS.items() if item.labels)
        raise UsageFault(
            Message("--labels is for {able}, not for {form}", able=able, form=form),
            Message("leave it out: programs read the codes"),
        )


def _files_without_rows(names: Sequence[str], every: Sequence[Table], kept: Sequence[Table]) -> Iterator[str]:
    """The files that the lists without a row would have: named as those of the others are."""
    empty = [table for table in every if not table.main and table not in kept]
    stems = {table.name for table in kept}
    endings = {Path(name).suffix for name in names if Path(name).stem in stems}
    return (f"{table.name}{ending}" for table in empty for ending in sorted(endings))


def _exporter(form: str) -> Format:
    refuse_unknown_format(form, tuple(FORMATS))
    return FORMATS[form]


_AS_TYPED = {"dialect": "--dialect", "partitioned": "--all"}  # what people write for the options of few formats


def _options(exporter: Format, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that the exporter takes."""
    for name, option in _AS_TYPED.items():
        if given[name] is not None and not exporter.takes(name):
            only = ", ".join(form.name for form in FORMATS.values() if form.takes(name))
            raise UsageFault(
                Message("{option} is for {only}, not for {form}", option=option, only=only, form=exporter.name),
                Message("leave it out"),
            )
    if given["dialect"] is not None:
        refuse_unknown_dialect(given["dialect"], exporter.dialects)
    return {name: value for name, value in given.items() if exporter.takes(name) and value is not None}


def _refuse_parts(request: ExportOptions) -> None:
    """UsageFault where a partition would replace a registry by a part of it."""
    if request.partitioned and (request.kinds or request.where or request.columns):
        raise UsageFault(
            Message("--all is the whole registry"),
            Message("name no kind, --where or --columns with it"),
        )


def write_files(exported: Exported, place: Output) -> list[Path]:
    """Write the files into a folder: all of them or, when one cannot be written, none (StateFault), nor when one must
    not be (UsageFault). Files of an earlier export that would have no row any more go away; a partition is replaced as
    a whole."""
    target, top = place.path, partition_of(item.name for item in exported.files)
    for item in exported.files:
        place.inside(item.name)
    if top is not None:
        place.inside(top).refuse_root()
    folders = [folder for folder in (target, *target.parents) if not folder.exists()]
    try:
        target.mkdir(parents=True, exist_ok=True)
        return _write(exported, target) if top is None else write_partition(exported.files, target)
    except OSError as error:
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
        raise cannot_write(target, error) from None


def cannot_write(target: Path, error: OSError) -> StateFault:
    """The failure of a command whose folder cannot be written."""
    why = _REASONS.get(error.errno or 0, Message("the system refuses"))
    return StateFault(
        Message("cannot write to {target}: {why}", target=target, why=why),
        Message("choose another folder with -o"),
    )


def others_in(exported: Exported, target: Path) -> list[str]:
    """The tables of the same format in the folder that are not of this export."""
    written = {item.name for item in exported.files}
    endings = {Path(item.name).suffix for item in exported.files if item.main}
    return sorted(path.name for path in target.glob("*") if path.suffix in endings and path.name not in written)


def _write(exported: Exported, target: Path) -> list[Path]:
    """Write everything to temporary files first; only then replace anything."""
    for item in exported.files:
        if (target / item.name).is_dir():
            raise IsADirectoryError(errno.EISDIR, item.name)
    with tempfile.TemporaryDirectory(prefix=".smartreg-", dir=target) as folder:
        drafts = Path(folder)
        for item in exported.files:
            (drafts / item.name).write_bytes(item.content)
        for item in exported.files:
            draft, path = drafts / item.name, target / item.name
            if is_written_through(path):
                path.write_bytes(item.content)
                continue
            if path.exists():
                draft.chmod(path.stat().st_mode & 0o777)
            draft.replace(path)
    for name in exported.left_out:
        if (target / name).is_file():
            (target / name).unlink()
    return [target / item.name for item in exported.files]


_DENIED, _FULL = Message("no permission"), Message("the disk is full")
_NO_FOLDER = Message("a file is in the way")
_REASONS = {
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: Message("the disk is read-only"),
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EISDIR: Message("a folder is where a file should go"),
}

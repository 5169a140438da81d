"""The door from Python: `smartreg.open(path)` reads the records of a registry, its tables, answers in SQL and findings.

It only reads. Values are plain: dictionaries, lists, texts, numbers, True, False and None; dates are texts like
`2024-03-11`. What is shown is for internal use, as `export` without `--audience`.
"""

from __future__ import annotations

import importlib
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartreg.commands.choice import ExportOptions, choose, export_tables_of
from smartreg.commands.coverage import COVER_COLUMNS, COVERAGE, COVERED_KINDS, cover_rows, state_on
from smartreg.commands.diff import diff
from smartreg.commands.report import BilanOptions, bilan, render_files
from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.errors import SmartregError, StateFault, UsageFault
from smartreg.core.findings import fingerprints
from smartreg.core.installation import install_command
from smartreg.core.messages import Language, Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json
from smartreg.exporters import Chosen
from smartreg.exporters.database import store_table, typed_columns
from smartreg.features.query.query import SECONDS, Asking, query
from smartreg.registry import Registry
from smartreg.reporters.json import finding_object
from smartreg.schema import UnknownKind
from smartreg.tables import Table
from smartreg.tables.table import free
from smartreg.trees import find_root
from smartreg.wording import changes_json
from smartreg.workspace.workspace import Workspace, open_workspace, today_in

if TYPE_CHECKING:
    import pandas
    import pyarrow

__all__ = ["ReadOnlyRegistry", "SmartregError", "StateFault", "UsageFault", "open"]

_ARROW = {"string": "string", "date": "date32", "number": "float64", "integer": "int64", "boolean": "bool"}
_READ_AS = {"date": "string"}  # pyarrow makes dates of texts only by a cast


def open(  # noqa: A001  # as in `tarfile.open`: people write `smartreg.open(…)`
    path: str | os.PathLike[str] = ".", at: str | date | None = None, *, lang: Language = "en"
) -> ReadOnlyRegistry:
    """The registry in the folder `path`, or in one above it; `at`: as it was at a revision of Git or on a day.

    StateFault when there is no registry; UsageFault when there is no such revision.
    """
    with _use_language(lang):
        root = find_root(Path(path))
        revision = f"{at:%Y-%m-%d}" if isinstance(at, date) else at
        commit = None if revision is None else open_workspace(root).git.resolve(revision)
        return ReadOnlyRegistry(root, commit, lang)


@dataclass(frozen=True)
class ReadOnlyRegistry:
    """A registry: the folder that holds it, the commit that is read (None: the files as they are at each call), and the
    language of messages and errors.

    `table` is a table of `export` (`equipment`, `equipment_measures`), a kind (`support`) or one of its presets
    (`sensors`). A record that cannot be read is left out, and a warning says so.
    """

    root: Path
    commit: str | None
    lang: Language

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of records, in the order of the schemas."""
        with self._open_registry() as (_, registry):
            return tuple(registry.schemas.kinds)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of `export`: each kind, followed by its lists."""
        with self._open_registry() as (_, registry):
            return tuple(_kinds_by_table(registry))

    def records(self, kind: str) -> list[dict[str, Json]]:
        """The records of a kind or preset as their files have them, sorted by id. UsageFault for another name."""
        with self._open_registry() as (workspace, registry):
            if kind not in registry.schemas.kinds and kind in _kinds_by_table(registry):
                raise UsageFault(
                    Message('"{kind}" is a table, not a kind', kind=kind),
                    Message('its rows: rows("{kind}")', kind=kind),
                )
            chosen = self._choose(workspace, registry, kind)
            return [deepcopy(dict(record.data)) for record in chosen.view.of_kind(chosen.kinds[0].name)]

    def rows(self, table: str) -> list[dict[str, Json]]:
        """The rows of a table, with the columns of `export -f csv`. UsageFault for another name."""
        with self._open_registry() as (workspace, registry):
            found = self._table(workspace, registry, table)[1]
            names = [column.name for column in found.columns]
            return [dict(zip(names, row, strict=True)) for row in found.rows()]

    def to_arrow(self, table: str) -> pyarrow.Table:
        """The rows of a table with types: string, date32, float64, int64, bool. `smartreg` in the metadata is where the
        data is from. UsageFault for another name, and without pyarrow (extra `pandas`)."""
        with self._open_registry() as (workspace, registry):
            arrow = _library("pyarrow")
            chosen, found = self._table(workspace, registry, table)
            stored = store_table(found)
            columns = [
                arrow.array(values, _READ_AS.get(kind, _ARROW[kind])).cast(_ARROW[kind])
                for kind, values in typed_columns(stored)
            ]
            origin = json.dumps(chosen.origin, ensure_ascii=False)
            return arrow.table(columns, names=list(stored.names), metadata={"smartreg": origin})

    def to_pandas(self, table: str) -> pandas.DataFrame:
        """`to_arrow` as a DataFrame: dates are datetime64, whole numbers with gaps float64."""
        with _use_language(self.lang):
            _library("pandas")
        frame: pandas.DataFrame = self.to_arrow(table).to_pandas(date_as_object=False)
        return frame

    def query(self, sql: str, *, seconds: float = SECONDS) -> list[dict[str, Json]]:
        """The rows that one SELECT gives (docs/query.md says of which tables). UsageFault for any other statement, for
        SQL that does not fit, and for what takes longer or gives more than a million rows."""
        with self._open_registry() as (workspace, registry):
            on = today_in(registry.config.timezone)
            found = query(workspace, sql, Asking(self.commit, on, self.lang, None, seconds))
            return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    def coverage(self, on: date | None = None) -> list[dict[str, Json]]:
        """What passes between parties on a day, today by default, and which convention covers it: the columns of the
        table `coverage` of `query`. For a past day, in the registry of that day."""
        with self._open_registry() as (workspace, registry):
            today = today_in(registry.config.timezone)
            past = state_on(workspace, registry.load_all(), on or today, today)
            rows = cover_rows(past.registry, on or today)
            return [dict(zip(COVER_COLUMNS, row, strict=True)) for row in rows]

    def diff(self, rev: str, other: str | None = None) -> dict[str, Any]:
        """What changed from one revision or day to another, or to this state, with what it brings about: as
        `diff --json`."""
        with self._open_registry() as (workspace, registry):
            on = today_in(registry.config.timezone)
            compared = diff(workspace, rev=rev, other=other or self.commit, on=on)
            content: dict[str, Any] = json.loads(changes_json.report(compared, lang=self.lang))
            return content

    def figures(self, start: date | None = None, until: date | None = None) -> list[dict[str, Any]]:
        """The figures of the bilan for a period, that of the settings by default: as `report -f json`."""
        with self._open_registry() as (workspace, registry):
            today = today_in(registry.config.timezone)
            report = bilan(workspace, BilanOptions(self.commit, start, until), today=today)
            (file,) = render_files(report, "json", self.lang).files
            figures: list[dict[str, Any]] = json.loads(file.content)["figures"]
            return figures

    def history(self) -> list[dict[str, Json]]:
        """What each commit did to each record, newest first: the table `history` of `query`."""
        return self.query("SELECT * FROM history")

    def validate(self, on: date | None = None) -> list[dict[str, Json]]:
        """The findings of `validate --json`: code, severity, message, hint, file, path, line …, with `kind` and `id` of
        the record, None for what is in no record. `on`: the day that dates are judged by, today by default.
        SmartregError when a rule breaks off."""
        with self._open_registry() as (workspace, registry):
            verdict = validate(workspace, ValidateOptions(on or today_in(registry.config.timezone), at=self.commit))
            if verdict.crash is not None:
                raise verdict.crash
            numbered = zip(verdict.findings, fingerprints(verdict.findings), strict=True)
            return [
                {**finding_object(one, mark, verdict.locate, self.lang), "kind": rid and rid.kind, "id": rid and rid.id}
                for one, mark in numbered
                for rid in (registry.by_file.get(one.where.file),)
            ]

    @contextmanager
    def _open_registry(self) -> Iterator[tuple[Workspace, Registry]]:
        """The registry, opened anew, in its workspace."""
        with _use_language(self.lang):
            workspace = replace(open_workspace(self.root), note=self._warn)
            registry = workspace.registry(self.commit, use_current_schemas=True) if self.commit else workspace.current
            yield workspace, registry

    def _choose(self, workspace: Workspace, registry: Registry, *names: str) -> Chosen:
        chosen, lost = choose(workspace, registry, ExportOptions(kinds=names))
        if lost:
            listed = ", ".join(lost)
            self._warn(Message("cannot be read, left out: {listed}", listed=listed))
        return chosen

    def _table(self, workspace: Workspace, registry: Registry, name: str) -> tuple[Chosen, Table]:
        kinds = _kinds_by_table(registry)
        try:
            chosen = self._choose(workspace, registry, *kinds.get(name, (name,)))
        except UnknownKind:
            raise UsageFault(
                Message('no table "{name}"', name=name),
                did_you_mean(name, kinds, Message("the attribute tables lists them")),
            ) from None
        return chosen, next((table for table in chosen.tables if table.name == name), chosen.tables[0])

    def _warn(self, words: Text) -> None:
        warnings.warn(words.in_(self.lang), stacklevel=2)


@contextmanager
def _use_language(lang: Language) -> Iterator[None]:
    """Failures inside speak this language."""
    try:
        yield
    except SmartregError as fault:
        fault.lang = lang
        raise


def _kinds_by_table(registry: Registry) -> dict[str, tuple[str, ...]]:
    """The kinds that an export needs for a table, by the name of the table."""
    kinds = registry.schemas.kinds
    by_table = {table.name: (table.kind.name,) for table in export_tables_of(registry, list(kinds.values()))}
    has_cover = kinds.keys() >= {*COVERED_KINDS}
    return {**by_table, **({free(COVERAGE, {*by_table}): COVERED_KINDS} if has_cover else {})}


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageFault(
            Message("{name} is not installed", name=name),
            install_command("pandas"),
        ) from None

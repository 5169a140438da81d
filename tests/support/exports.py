"""Exports of one small registry that has every kind and every list, for the tests of the formats."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from program import start_bytes

from smartreg.commands.export import Exported, ExportOptions, export_tables
from smartreg.exporters import FORMATS
from smartreg.workspace.workspace import open_workspace

GOLDEN = Path(__file__).parents[1] / "golden" / "export"
MOMENT = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2024-06-01T23:30:00+02:00")


def commit_golden(root: Path) -> Path:
    """The registry of the golden files, in one commit of a new repository."""
    shutil.copytree(GOLDEN / "registry", root, dirs_exist_ok=True)
    return commit_all(root)


def commit_all(root: Path) -> Path:
    """Commit all files at the moment of the golden files."""
    for words in (["add", "--all"], ["commit", "--quiet", "--message=registry"]):
        subprocess.run(["git", *words], cwd=root, env={**os.environ, **MOMENT}, check=True)
    return root


def make_export(root: Path, *kinds: str, form: str = "csv", dialect: str | None = None, **wanted: Any) -> Exported:
    lang = wanted.pop("lang", "en")
    if form in FORMATS and FORMATS[form].public:
        wanted.setdefault("audience", "public")
    return export_tables(open_workspace(root), ExportOptions(kinds, **wanted), form=form, lang=lang, dialect=dialect)


def contents(exported: Exported) -> dict[str, bytes]:
    return {item.name: item.content for item in exported.files}


def smartreg(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return start_bytes(*words, cwd=cwd, environ=environ)


def save_as_ods(file: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """A workbook as LibreOffice writes it: typed cells, gaps and the rest of a row as repeated cells."""

    def cell(value: Any) -> str:
        if value is None or value == "":
            return "<table:table-cell/>"
        value = value.date() if isinstance(value, datetime) else value
        kind = {bool: "boolean", int: "float", float: "float", date: "date"}.get(type(value), "string")
        name = {"boolean": "boolean-value", "float": "value", "date": "date-value"}.get(kind)
        said = f' office:{name}="{str(value).lower() if kind == "boolean" else value}"' if name else ""
        text = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
        return f'<table:table-cell office:value-type="{kind}"{said}>{text}</table:table-cell>'

    rest = '<table:table-cell table:number-columns-repeated="1000"/>'
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}{rest}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", f"<office:document-content {spaces}>{body}</office:document-content>")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return file

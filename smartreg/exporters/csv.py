"""CSV: one file per table, and what readers need to know about the columns beside them.

Dialects: `standard` (comma, UTF-8, decimal point, LF; RFC 4180 and the French open-data guide) and `excel-fr` (BOM,
semicolon, decimal comma, CRLF). Same commit, same bytes: nothing here depends on the clock, the locale or the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from smartreg.core.escape import json_text
from smartreg.core.parallel import share_out
from smartreg.core.values import Json, Language, Words, short_id
from smartreg.exporters import Chosen, Written
from smartreg.exporters.cells import CellDialect, CellTexts, cell
from smartreg.exporters.csv_file import STANDARD, csv_file, csv_rows, encode_text
from smartreg.exporters.data_package import PackageFile, descriptor
from smartreg.exporters.loading import column_types, has_points_in, load_script

__all__ = ["DIALECTS", "cell", "export"]

DIALECTS: Mapping[str, CellDialect] = {
    "standard": STANDARD,
    "excel-fr": CellDialect("excel-fr", ";", ",", "\r\n", True),
}


def export(chosen: Chosen, *, lang: Language = "en", dialect: str = "standard") -> Iterator[Written]:
    """One file per table, then `datapackage.json`, the `.csvt` and `.prj` files and `load.sql`."""
    style = DIALECTS[dialect]
    files = _files(chosen, style, lang)
    for number, file in enumerate(files):
        note = None if number else _note(style)  # one line says it for all
        yield Written(f"{file.table.name}.csv", file.content, file.rows, note, file.table.main)
    package = json_text(descriptor(files, chosen.source, style, lang))
    yield Written("datapackage.json", package.encode(), None, _describe_source(chosen.source))
    for file in files:
        yield Written(f"{file.table.name}.csvt", encode_text(column_types(file.table, chosen.crs)), None, None)
        if chosen.crs is not None and has_points_in(file.table, chosen.crs):
            yield Written(f"{file.table.name}.prj", encode_text(f"{chosen.crs.prj}\n"), None, None)
    script = load_script([file.table for file in files], style, lang)
    yield Written("load.sql", encode_text(script), None, Words("for DuckDB", "pour DuckDB"))


def _files(chosen: Chosen, style: CellDialect, lang: Language) -> list[PackageFile]:
    """The bytes of all tables, made on two cores: of wide tables from one side, of narrow ones from the other."""
    texts = CellTexts(style)
    order = sorted(chosen.tables, key=lambda table: len(table.columns), reverse=True)
    records = sum(chosen.view.tables.count(kind.name) for kind in chosen.kinds)
    made = share_out(records, [partial(csv_rows, table, texts) for table in order], stage="write")
    rows = {table.name: found for table, found in zip(order, made, strict=True)}
    return [csv_file(table, rows[table.name], style, lang) for table in chosen.tables]


def _note(dialect: CellDialect) -> Words:
    if dialect.name == "excel-fr":
        return Words('separator ";", UTF-8 BOM, decimal comma', "séparateur « ; », UTF-8 BOM, virgule décimale")
    return Words('separator ",", UTF-8, decimal point', "séparateur « , », UTF-8, point décimal")


def _describe_source(source: Mapping[str, Json]) -> Words:
    commit = source.get("commit")
    if not isinstance(commit, str):
        return Words("Table Schema, not committed", "Table Schema, état sans commit")
    return Words(f"Table Schema, commit {short_id(commit)}", f"Table Schema, commit {short_id(commit)}")

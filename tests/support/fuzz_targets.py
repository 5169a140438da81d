"""What is fuzzed: readers of what strangers send. Any bytes give values or a refusal in our words, nothing else."""

from __future__ import annotations

import io
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress

from smartreg import yamlio
from smartreg.core.errors import SmartregError
from smartreg.features.query.guard import FAULTS, STEPS, check_statement, fault_of, guard
from smartreg.importing.mapping import read_mapping
from smartreg.readers import csv, geojson, json
from smartreg.readers.formats import bundle_of
from smartreg.readers.workbook import read_sheet, read_workbook
from smartreg.schema import read_schemas
from smartreg.schema.settings_file import read_config

Target = Callable[[bytes], None]


def fuzz_yaml(data: bytes) -> None:
    """What is read is written and read again; what is not has an error. An edit is made, or refused."""
    document = yamlio.read(data, "f")
    assert (document.data is None) == any(fault.severity == "error" for fault in document.faults)
    if document.data is None:
        return
    with suppress(SmartregError):  # what a record cannot hold
        assert yamlio.read(yamlio.dump(document.data), "f").data == document.data
    for key in list(document.data)[:1]:
        with suppress(SmartregError):
            edited = yamlio.edit(data, [yamlio.SetValue((key,), "x")])
            assert yamlio.read(edited, "f").data == {**document.data, key: "x"}


def fuzz_csv(data: bytes) -> None:
    with suppress(SmartregError):
        csv.read_sheet("f.csv", data, None, csv.dialect_named(None))


def fuzz_json(data: bytes) -> None:
    for form in ("json", "jsonl"):
        with suppress(SmartregError):
            json.read_sheet("f.json", data, form, ("support",))


def fuzz_geojson(data: bytes) -> None:
    with suppress(SmartregError):
        geojson.read_sheet("f.geojson", data, "location")


def fuzz_archive(data: bytes) -> None:
    """An archive as it came; what is none lies in one, as a table."""
    with suppress(SmartregError):
        bundle_of("f.zip", data if data.startswith(b"PK") else archive({"f.csv": data}), {})


def fuzz_schema(data: bytes) -> None:
    """A schema is refused, or judges."""
    with suppress(SmartregError):
        for judge in read_schemas({"pole.schema.json": data}).judges.values():
            judge.faults({"id": "x", "a": [1, "x", None]})


def fuzz_settings(data: bytes) -> None:
    with suppress(SmartregError):
        read_config(data)
    with suppress(SmartregError):
        read_mapping(data, "f.toml")


_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = {
    "_rels/.rels": b'<Relationships><Relationship Id="a" Type="%s/officeDocument" Target="xl/workbook.xml"/>'
    b"</Relationships>" % _OFFICE,
    "xl/workbook.xml": b'<workbook xmlns:r="%s"><sheets><sheet name="a" sheetId="1" r:id="b"/></sheets></workbook>'
    % _OFFICE,
    "xl/_rels/workbook.xml.rels": b'<Relationships><Relationship Id="b" Type="%s/worksheet" '
    b'Target="worksheets/sheet1.xml"/><Relationship Id="c" Type="%s/sharedStrings" Target="sharedStrings.xml"/>'
    b"</Relationships>" % (_OFFICE, _OFFICE),
    "xl/worksheets/sheet1.xml": b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'
    b"</worksheet>",
    "xl/sharedStrings.xml": b"<sst><si><t>id</t></si></sst>",
}
PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")


def fuzz_xlsx(data: bytes) -> None:
    """The data as a whole workbook; if it is none, as one part of a valid one, chosen by the first byte."""
    with suppress(SmartregError):
        read_sheet(
            "f.xlsx",
            "xlsx",
            read_workbook("f.xlsx", data if data.startswith(b"PK") else workbook(data)),
            None,
            ("party",),
        )


def workbook(data: bytes) -> bytes:
    """A small workbook, one part of it replaced."""
    place = PARTS[data[0] % len(PARTS)] if data else PARTS[0]
    return archive({name: data[1:] if name == place else text for name, text in WORKBOOK.items()})


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        for name, text in files.items():
            parts.writestr(name, text)
    return packed.getvalue()


RECORDS = ("CREATE TABLE party (id TEXT, n REAL)", "INSERT INTO party VALUES ('istres', 1), ('aix', NULL)")


def run_query(data: bytes) -> None:
    """A statement reads what it may read and changes nothing, or is refused in our words, soon."""
    with suppress(SmartregError), closing(sqlite3.connect(":memory:")) as base:
        text = check_statement(data.decode("utf-8", "replace"))
        for statement in RECORDS:
            base.execute(statement)
        base.commit()
        before, give_up = base.total_changes, time.monotonic() + 0.2
        base.set_progress_handler(lambda: time.monotonic() > give_up, STEPS)
        seen = guard(base)
        try:
            base.execute(text).fetchmany(100)
        except FAULTS as fault:
            raise fault_of(fault, text, seen, {"party": ("id", "n")}) from None
        finally:
            assert base.total_changes == before
            assert not base.in_transaction
            assert time.monotonic() < give_up + 5


TARGETS: dict[str, Target] = {
    "yaml": fuzz_yaml,
    "csv": fuzz_csv,
    "json": fuzz_json,
    "geojson": fuzz_geojson,
    "schema": fuzz_schema,
    "settings": fuzz_settings,
    "xlsx": fuzz_xlsx,
    "archive": fuzz_archive,
    "query": run_query,
}

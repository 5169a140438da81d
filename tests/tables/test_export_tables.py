"""Tables from any schema, cells from any value."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import SCHEMAS, registry_and_edit

from smartreg.core.escape import cell_text
from smartreg.core.messages import verbatim
from smartreg.core.values import Language
from smartreg.exporters import Chosen, Written
from smartreg.exporters.cells import CellDialect, CellTexts, number
from smartreg.exporters.csv import DIALECTS, csv_text, export
from smartreg.exporters.data_package import whole
from smartreg.registry import Registry, open_registry
from smartreg.tables import Table, tables
from smartreg.tables.view import view
from smartreg.trees import MemoryTree

STANDARD, EXCEL = DIALECTS["standard"], DIALECTS["excel-fr"]
ORG = {  # of the corpus of hostile inputs: a kind without any `x-` keyword
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "siret": {"type": "string", "pattern": "^[0-9]{14}$"},
        "member": {"type": "boolean"},
        "start_date": {"type": "string", "format": "date"},
        "delta": {"type": "number"},
        "location": {"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "extra": {"type": "object"},
    },
}
VILLE = {
    "id": "ville",
    "name": "Ville",
    "siret": "01234567890123",
    "member": True,
    "delta": -12.5,
    "location": {"lat": 43.5, "lon": 5},
    "tags": ["a", "=b"],
    "extra": {"depth": {"a.b": [1, {"c": None}]}, "empty": {}, "on": False},
}


def schema_of(**fields: object) -> dict[str, object]:
    """A schema of records with an id and these fields."""
    return {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, **fields}}


def registry_of(schemas: Mapping[str, Any], records: Mapping[str, Any]) -> Registry:
    files = {f"schemas/{name}.schema.json": json.dumps(schema).encode() for name, schema in schemas.items()}
    texts = {f"registry/{path}.yaml": json.dumps(data).encode() for path, data in records.items()}
    return open_registry(MemoryTree({**files, **texts}), None, frozenset())


def tables_of(registry: Registry) -> dict[str, Table]:
    return {table.name: table for table in tables(registry, list(registry.schemas.kinds.values()))}


def content_of(table: Table) -> tuple[list[str], list[tuple[Any, ...]]]:
    return [column.name for column in table.columns], list(table.rows())


def files_of(registry: Registry, dialect: CellDialect = STANDARD, lang: Language = "en") -> dict[str, Written]:
    chosen = chosen_of(registry, tables_of(registry).values())
    return {item.name: item for item in export(chosen, dialect=dialect.name, lang=lang)}


def chosen_of(registry: Registry, found: Iterable[Table]) -> Chosen:
    kinds = tuple(registry.schemas.kinds.values())
    return Chosen(kinds, view(registry, "internal"), tuple(found), {})


# -- any schema --------------------------------------------------------------------------------------------------


def test_a_schema_without_keywords() -> None:
    found = tables_of(registry_of({"org": ORG}, {"org/ville": VILLE}))
    assert content_of(found["org"]) == (
        ["id", "name", "siret", "member", "start_date", "delta", "lon", "lat"],
        [("ville", "Ville", "01234567890123", True, None, -12.5, 5, 43.5)],
    )
    assert content_of(found["org_tags"]) == (["org_id", "n", "tags"], [("ville", 1, "a"), ("ville", 2, "=b")])


def test_a_free_object_is_a_table_of_keys_and_values() -> None:
    columns, rows = content_of(tables_of(registry_of({"org": ORG}, {"org/ville": VILLE}))["org_extra"])
    assert columns == ["org_id", "key", "value"]
    assert rows == [
        ("ville", 'depth."a.b"[0]', 1),
        ("ville", 'depth."a.b"[1].c', None),
        ("ville", "empty", None),
        ("ville", "on", False),
    ]


def test_lists_within_lists() -> None:
    sample = {"type": "array", "items": {"type": "object", "properties": {"v": {"type": "number"}}}}
    runs = {"type": "array", "items": {"type": "object", "properties": {"at": {"type": "string"}, "samples": sample}}}
    grid = {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}
    schema = schema_of(runs=runs, grid=grid, any={"type": "array"})
    data = {
        "id": "a",
        "runs": [{"at": "x", "samples": [{"v": 1}, {"v": 2}]}, {"samples": [{"v": 3}]}],
        "grid": [[1, 2], [3]],
        "any": ["x", {"y": 1}],
    }
    found = tables_of(registry_of({"probe": schema}, {"probe/a": data}))
    assert content_of(found["probe_runs"])[1] == [("a", 1, "x"), ("a", 2, None)]
    assert content_of(found["probe_runs_samples"]) == (
        ["probe_id", "runs_n", "n", "v"],
        [("a", 1, 1, 1), ("a", 1, 2, 2), ("a", 2, 1, 3)],
    )
    assert found["probe_runs_samples"].links[0].table == "probe_runs"
    assert content_of(found["probe_grid"])[1] == [("a", "[0][0]", 1), ("a", "[0][1]", 2), ("a", "[1][0]", 3)]
    assert content_of(found["probe_any"])[1] == [("a", "[0]", "x"), ("a", "[1].y", 1)]


def test_names_that_clash() -> None:
    text = {"type": "string"}
    schema = schema_of(
        a_b=text,
        a={"type": "object", "properties": {"b": text}},
        A_B=text,
        lon=text,
        location={"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}},
        list={"type": "array", "items": text},
    )
    data = {"id": "x", "a_b": "1", "a": {"b": "2"}, "A_B": "3", "lon": "mine", "location": {"lat": 1, "lon": 2}}
    found = tables_of(registry_of({"thing": schema, "thing_list": schema}, {"thing/x": data}))
    assert content_of(found["thing"]) == (
        ["id", "a_b", "a_b_2", "A_B_3", "lon", "lat"],
        [("x", "1", "2", "3", "mine", 1)],
    )
    assert {"thing", "thing_list", "thing_list_2", "thing_list_list"} == set(found)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("kind", list(SCHEMAS.kinds))
def test_headings_are_unique(kind: str, lang: Language) -> None:
    registry = open_registry(MemoryTree({}), None, frozenset())
    for table in tables(registry, [registry.schemas.kinds[kind]]):
        headings = [column.title(lang).casefold() for column in table.columns]
        assert sorted(headings) == sorted(set(headings)), table.name
        assert not any(re.search(r"_\d$", heading) for heading in headings), "two fields of the schema share a name"


def test_derived_columns(golden: Registry) -> None:
    columns, rows = content_of(tables_of(golden)["equipment"])
    sensor = dict(zip(columns, rows[1], strict=True))
    wanted = ("id", "operator_name", "support_type", "support_owner", "insee_code", "commune", "lon", "lat")
    assert [sensor[name] for name in wanted] == [
        "istres-noise-1",
        'a",=1+1,"b;c',
        "street_light",
        "Istres",
        "13047",
        "Istres",
        4.98747123456,
        43.5,
    ]


@pytest.fixture(scope="module")
def golden() -> Registry:
    folder = Path(__file__).parents[1] / "golden" / "export" / "registry"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}
    return open_registry(MemoryTree(files), None, frozenset())


@pytest.mark.promise("R11")
def test_hostile_headings_are_inert_and_named_alike_in_the_schema() -> None:
    registry = registry_of({"x": schema_of(**{'=1+1,"x"': {}})}, {})
    french = files_of(registry, EXCEL, "fr")
    assert french["x.csv"].content == b'\xef\xbb\xbfid;"\'=1+1,""x"""\r\n'
    (resource,) = json.loads(french["datapackage.json"].content)["resources"]
    assert resource["schema"]["fields"][1]["name"] == '\'=1+1,"x"'
    table = tables_of(registry)["x"]
    shouted = replace(table, columns=(replace(table.columns[0], heading=verbatim("ID")),))
    style = DIALECTS["standard"]
    assert csv_text(shouted, CellTexts(style), "en").content == b'"ID"\n'


# -- any value ---------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from(list(DIALECTS.values())))
def test_whatever_the_records_hold_the_tables_are_written(seed: int, dialect: CellDialect) -> None:
    texts, _ = registry_and_edit(seed)
    registry = open_registry(MemoryTree(texts), None, frozenset())
    written = files_of(registry, dialect)
    for table in tables_of(registry).values():
        text = written[f"{table.name}.csv"].content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True))
        assert {len(row) for row in rows} == {len(table.columns)}
        assert len(rows) == 1 + len(list(table.rows()))


@given(st.lists(st.text(), min_size=1), st.sampled_from(list(DIALECTS.values())))
def test_any_text_comes_back(texts: list[str], dialect: CellDialect) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    schema = schema_of(tags={"type": "array", "items": {"type": "string"}})
    table = tables_of(registry_of({"x": schema}, {"x/a": {"id": "a", "tags": []}}))["x_tags"]
    made = Table(**{**vars(table), "make": lambda: iter([("a", n, text) for n, text in enumerate(texts, 1)])})
    registry = registry_of({"x": schema}, {})
    content = next(export(chosen_of(registry, [made]), dialect=dialect.name, lang="en")).content.decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(content, newline=""), delimiter=dialect.delimiter, strict=True)
    assert [row[2].removeprefix("'") for row in rows] == texts


@given(st.text())
def test_one_apostrophe_makes_text_inert(text: str) -> None:
    safe = cell_text(text)
    assert safe.removeprefix("'") == text
    assert safe[:1] not in ("=", "@", "\t", "\r", "\n")
    if safe[:1] in ("+", "-"):
        assert re.fullmatch(r"[+-][0-9][0-9 .,()\u00a0\u202f]*", safe)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-2-3", "'-2-3"),
        ("+1-234-567-8901", "'+1-234-567-8901"),
        ("-", "'-"),
        (" =1", "' =1"),
        ("\u00a0@x", "'\u00a0@x"),
        ("\uff1d1", "'\uff1d1"),
        ("'a", "''a"),
        ("\n- a", "'\n- a"),
        ("-12.5", "-12.5"),
        ("-12,5", "-12,5"),
        ("+33 4 91 55 11 11", "+33 4 91 55 11 11"),
        ("+33 (0)4.91.55.11.11", "+33 (0)4.91.55.11.11"),
        ("a=1", "a=1"),
        ("0012", "0012"),
    ],
)
def test_text(text: str, safe: str) -> None:
    assert cell_text(text) == safe


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (3.0, "3"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (4.98747123456, "4.987471"),
        (1e21, "1" + "0" * 21),
        (1e-5, "0.00001"),
        (10**30, "1" + "0" * 30),
        (-100, "-100"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(-1e15, 1e15))
def test_numbers_have_no_exponent_and_six_decimals(value: float) -> None:
    assert re.fullmatch(r"-?\d+(\.\d{0,5}[1-9])?", number(value))
    assert abs(float(number(value)) - value) <= 5.1e-7 + abs(value) * 1e-15


@pytest.mark.parametrize(
    ("pattern", "matches", "fails"),
    [
        ("^[0-9]{5}$", "13047", "x13047"),
        ("demo", "a demo b", "dem"),
        ("^a|b$", "ax", "xa"),
        ("^(a|b)$", "b", "ab"),
        ("[|$]$", "x$", "x"),
    ],
)
def test_patterns_match_whole_cells(pattern: str, matches: str, fails: str) -> None:
    found = whole(pattern)
    assert found is not None
    assert re.fullmatch(found, matches)
    assert not re.fullmatch(found, fails)
    assert whole(r"\p{L}") is None

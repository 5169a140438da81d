"""`query`: SQL that reads the registry. What it sees, what it refuses, and the formats of its rows."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from exports import contents, make_export
from program import Done, start
from verdicts import ON

import smartreg
from smartreg.cli.run import run as run_here
from smartreg.commands.show import listing
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.interrupts import unhidden_interrupt
from smartreg.core.values import Json, RecordId
from smartreg.features.query.query import Asking, describe_tables, query
from smartreg.workspace.conditions import Condition
from smartreg.workspace.workspace import open_workspace

SENSOR = "registry/equipment/istres-noise-1.yaml"
Ask = Callable[..., list[tuple[Json, ...]]]


@pytest.fixture
def ask(golden_registry: Path) -> Ask:
    def run(sql: str, at: str | None = None, limit: int | None = None, seconds: float = 20) -> list[tuple[Json, ...]]:
        return list(query(open_workspace(golden_registry), sql, asking(at, limit, seconds)).rows)

    return run


def asking(at: str | None = None, limit: int | None = None, seconds: float = 20) -> Asking:
    return Asking(at, ON, "en", limit, seconds)


# -- what it sees --------------------------------------------------------------------------------------------------


def test_a_table_per_kind_joins_with_the_tables_of_its_lists(ask: Ask) -> None:
    sql = (
        "SELECT e.id, m.property, s.owner_id FROM equipment e JOIN equipment_measures m ON m.equipment_id = e.id "
        "JOIN supports s ON s.id = e.support_id WHERE m.property = 'noiseLevel' ORDER BY 1"
    )
    assert ask(sql)[0] == ("istres-noise-1", "noiseLevel", "istres")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM equipment WHERE support_id <> '' AND lon > 0",
        "SELECT id FROM sensors WHERE support_id <> '' AND lon > 0",
        "SELECT e.id FROM equipment e JOIN supports s ON (e.support_id, e.lon, e.lat) = (s.id, s.lon, s.lat)",
        "SELECT id FROM (SELECT id, lon, lat FROM equipment WHERE support_id <> '') "
        "JOIN equipment USING (id, lon, lat)",
        "WITH equipment AS (SELECT id, lon AS x FROM temp.equipment WHERE support_id <> '') "
        "SELECT id FROM equipment WHERE x > 0",
        "SELECT id FROM equipment WHERE support_id <> '' AND id IN (SELECT id FROM equipment WHERE lat > 0)",
    ],
)
def test_what_hangs_on_a_support_has_its_point_however_it_is_asked(ask: Ask, sql: str) -> None:
    assert ask(sql) == [("istres-noise-1",)]


def test_every_reference_is_a_link(ask: Ask) -> None:
    found = ask(
        "SELECT from_kind, path, to_kind, to_id FROM links WHERE from_id = 'istres-noise-1' AND path = 'support'"
    )
    assert [row[:3] for row in found] == [("equipment", "support", "support")]
    assert ask(
        "SELECT count(*) FROM links l LEFT JOIN records r ON (r.kind, r.id) = (l.to_kind, l.to_id) WHERE r.id IS NULL"
    )


def test_records_of_all_kinds_with_their_labels(golden_registry: Path, ask: Ask) -> None:
    kinds = ask("SELECT kind, count(*) FROM records GROUP BY kind")
    assert ("equipment", ask("SELECT count(*) FROM equipment")[0][0]) in kinds
    assert {kind for kind, _count in kinds} == open_workspace(golden_registry).current.schemas.kinds.keys()


def test_presets_and_other_names_of_a_kind_are_views(ask: Ask) -> None:
    assert ask("SELECT id FROM sensors") == ask("SELECT id FROM equipment WHERE type = 'sensor'")
    assert ask("SELECT count(*) FROM support") == ask("SELECT count(*) FROM supports")


def test_findings_are_those_of_validate(golden_registry: Path, ask: Ask) -> None:
    (golden_registry / SENSOR).write_text((golden_registry / SENSOR).read_text().replace("support: ", "support: no-"))
    found = ask("SELECT code, path FROM findings WHERE kind = 'equipment' AND id = 'istres-noise-1'")
    assert ("REF201", "support") in found


def test_history_lists_every_record_of_a_bulk_commit_and_changes_each_field(
    golden_registry: Path, git: Git, ask: Ask
) -> None:
    text = (golden_registry / SENSOR).read_text()
    (golden_registry / SENSOR).write_text(f"{text}notes: moved\n")
    git("commit", "--quiet", "--all", "--message=by hand")
    assert ask("SELECT subject, op, manual, id FROM history LIMIT 1") == [("by hand", "set", 1, "istres-noise-1")]
    assert ask("SELECT count(*) FROM history WHERE op = 'add'") == ask("SELECT count(*) FROM records")
    assert ask("SELECT path, before, after FROM changes LIMIT 1") == [("notes", None, "moved")]
    assert ask("SELECT count(*) FROM history WHERE subject = 'by hand'", at="HEAD~1") == [(0,)]


def test_median_and_percentile_are_those_of_statistics(ask: Ask) -> None:
    numbers = "(SELECT column1 AS n FROM (VALUES (4), (1), (NULL), ('x'), (10), (2.5)))"
    sql = f"SELECT median(n), percentile(n, 0), percentile(n, 25), percentile(n, 100) FROM {numbers}"
    assert ask(sql) == [(3.25, 1, 2.125, 10)]
    assert ask(f"SELECT median(n) FROM {numbers} WHERE n IS NULL") == [(None,)]
    with pytest.raises(UsageFault, match="from 0 to 100"):
        ask(f"SELECT percentile(n, 101) FROM {numbers}")


def test_an_older_state(golden_registry: Path, git: Git, ask: Ask) -> None:
    git("rm", "--quiet", SENSOR)
    git("commit", "--quiet", "--message=gone")
    sql = "SELECT count(*) FROM equipment WHERE id = 'istres-noise-1'"
    assert (ask(sql), ask(sql, at="HEAD~1")) == ([(0,)], [(1,)])


def test_all_tables_and_columns_are_listed(golden_registry: Path) -> None:
    rows = describe_tables(open_workspace(golden_registry), asking()).rows
    assert ("equipment", "lon", "real") in {row[:3] for row in rows}
    assert ("sensors", "*", "view") in {row[:3] for row in rows}
    assert {"records", "links", "coverage", "findings", "history", "changes"} <= {row[0] for row in rows}


def test_a_kind_that_bears_the_name_of_one_of_our_tables_keeps_it(golden_registry: Path, ask: Ask) -> None:
    properties = {"id": {"type": "string"}, "next": {"type": "string", "x-ref": "link"}}
    schema = {
        "x-kind": {"name": "link", "folder": "links"},
        "type": "object",
        "required": ["id"],
        "properties": properties,
    }
    (golden_registry / "schemas").mkdir()
    (golden_registry / "schemas" / "link.schema.json").write_text(json.dumps(schema))
    (golden_registry / "registry" / "links").mkdir()
    (golden_registry / "registry" / "links" / "a.yaml").write_text("id: a\nnext: a\n")
    assert ask("SELECT id FROM links") == [("a",)]
    assert ask("SELECT from_id, to_id FROM links_2") == [("a", "a")]


@pytest.mark.promise("R11")
def test_hostile_names_and_very_many_columns(golden_registry: Path, ask: Ask) -> None:
    item = {"type": "object", "properties": {'"': {"type": "integer"}}}
    odd: dict[str, Any] = {
        'a"b': {},
        "c'd]": {"type": "number"},
        "x; --": {"type": "boolean"},
        "k0": {"type": "array", "items": item},
    }
    fields: dict[str, dict[str, Any]] = {
        "commit": {**odd, "select": {"type": "string", "x-ref": "select"}},
        "select": {"file": {"type": "string"}, "lon": {"type": "string"}},
        "record": {f"f{number}": {"type": "string"} for number in range(1_900)},
        "wide": {f"f{number}": {"type": "string"} for number in range(2_100)},
    }
    texts = {
        "commit": """id: x\n'a"b': [1]\n"c'd]": "no number"\n"x; --": true\nselect: x\nk0: [{'"': 3}]\n""",
        "select": "id: x\nfile: f\n",
        "record": "id: x\nf0: first\nf900: Été\nf1899: last\n",
        "wide": "id: x\nf2099: last\n",
    }
    (golden_registry / "schemas").mkdir()
    for name, own in fields.items():
        declared = {"id": {"type": "string"}, **own}
        kind = {"x-kind": {"name": name, "folder": f"{name}s"}, "type": "object", "required": ["id"]}
        (golden_registry / f"schemas/{name}.schema.json").write_text(json.dumps({**kind, "properties": declared}))
        (golden_registry / f"registry/{name}s").mkdir()
        (golden_registry / f"registry/{name}s/x.yaml").write_text(texts[name])

    assert ask('SELECT "a""b", "c\'d]", "x; --", s.id FROM "commit" c JOIN "select" s ON s.id = c."select"') == [
        ("[1]", "no number", 1, "x")
    ]
    assert ask('SELECT commit_id, """" FROM commits_k0') == [("x", 3)]
    assert ask("SELECT f0, f1899, fold(f900) FROM record WHERE fold(f900) = fold('ETE')") == [("first", "last", "ete")]
    assert ask("SELECT count(*) FROM records_2") == [(4,)]
    with pytest.raises(UsageFault, match="wides has 2101 columns; SQLite takes 2000 at most"):
        ask("SELECT id FROM wides")
    for form in ("sqlite", "gpkg"):
        with pytest.raises(UsageFault, match=r"wides has 210\d columns"):
            make_export(golden_registry, "wide", form=form)
    assert contents(make_export(golden_registry, "wide"))["wides.csv"].endswith(b",last\n")
    assert listing(open_workspace(golden_registry), "wide", where=["f2099=last"], columns=["f2099"]).rows[0][1] == (
        "last",
    )


CONDITIONS: list[tuple[str | None, list[str]]] = [
    (None, ["status=active"]),
    (None, ["kind=support"]),
    (None, ["owner!=istres"]),
    ("equipment", ["status!=planned"]),
    ("equipment", ["status=active", "type=sensor"]),
    ("equipment", ["use_cases=noise"]),
    ("support", ["location.lat=43.5"]),
    ("support", ["height_m=4"]),
    ("support", ["height_m=4.0"]),
    ("convention", ["status=signed"]),
]


def test_a_list_by_conditions_comes_in_pages(golden_registry: Path) -> None:
    """Each page goes on behind the record before it; all together are those that meet the conditions one by one."""
    supports = golden_registry / "registry/supports/13047"
    model = next(iter(supports.glob("*.yaml"))).read_text("utf-8")
    for name, height in {"a": "4", "b": "4.0", "c": "four", "ü": "5"}.items():
        text = re.sub("^height_m: .*\n", "", re.sub("^id: .*", f"id: {name}", model, flags=re.M), flags=re.M)
        (supports / f"{name}.yaml").write_text(f"{text}height_m: {height}\n", "utf-8")
    workspace = open_workspace(golden_registry)
    registry = workspace.current
    for kind, where in CONDITIONS:
        kinds = [registry.schemas.kind(kind)] if kind else list(registry.schemas.kinds.values())
        tests = [Condition(registry, kinds, text) for text in where]
        records = [record for item in kinds for record in registry.of_kind(item.name)]
        expected = [record.rid for record in records if all(test(record) for test in tests)]
        whole = listing(workspace, kind, where=where)
        assert [record.rid for record, _ in whole.rows] == expected, where
        assert whole.total == len(expected)
        pages: list[RecordId] = []
        while rows := listing(workspace, kind, where=where, limit=2, after=pages[-1] if pages else None).rows:
            pages += [record.rid for record, _ in rows]
        assert pages == expected, where


def test_tables_and_columns_are_those_of_an_sqlite_export(golden_registry: Path, tmp_path: Path) -> None:
    """And also records, links, findings and the history."""
    rows = describe_tables(open_workspace(golden_registry), asking()).rows
    listed: dict[str, list[tuple[Json, ...]]] = {}
    for name, *column in rows:
        listed.setdefault(str(name), []).append((column[0], str(column[1]).upper()))
    (tmp_path / "x.sqlite").write_bytes(make_export(golden_registry, form="sqlite", all_tables=True).files[0].content)
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as base:
        names = [name for (name,) in base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        stored = {
            name: base.execute("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall() for name in names
        }
        del stored["smartreg_about"]
        # In an export their rows are numbered, as those of lists are.
        del stored["convention_versions"], stored["coverage"]
        workspace = open_workspace(golden_registry)
        for name, columns in stored.items():
            sql = f"SELECT * FROM {name} ORDER BY 1, 2"
            assert list(query(workspace, sql, asking()).rows) == base.execute(sql).fetchall()
            assert [name for name, _ in columns] == [name for name, _ in listed[name]]
            assert {pair for pair in columns if pair not in listed[name]} <= {(column, "TEXT") for column, _ in columns}
    views = {name for name, columns in listed.items() if columns[0] == ("*", "VIEW")}
    others = {"records", "links", "coverage", "findings", "history", "changes", "convention_versions"}
    assert listed.keys() - views - stored.keys() == others


# -- what it refuses -----------------------------------------------------------------------------------------------


@pytest.mark.promise("R11")
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM equipment",
        "UPDATE equipment SET id = 'x' RETURNING id",
        "INSERT INTO equipment SELECT * FROM equipment",
        "WITH x AS (SELECT 1) DELETE FROM equipment",
        "DROP TABLE equipment",
        "CREATE TEMP TABLE x (a)",
        "ATTACH 'x.db' AS x",
        "ATTACH ':memory:' AS x",
        "VACUUM INTO 'x.db'",
        "PRAGMA query_only = OFF",
        "PRAGMA temp_store_directory = '.'",
        "SELECT * FROM pragma_table_info('equipment')",
        "SELECT * FROM sqlite_dbpage",
        "SELECT load_extension('x')",
        "SELECT fts3_tokenizer('simple')",
        "BEGIN",
        "SAVEPOINT x",
        "ANALYZE",
        "REINDEX",
        "DELETE FROM sensors",
    ],
)
def test_nothing_but_reading(golden_registry: Path, ask: Ask, sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(golden_registry)
    before = sorted(golden_registry.iterdir())
    with pytest.raises(UsageFault, match="accepts SELECT only"):
        ask(sql)
    assert sorted(golden_registry.iterdir()) == before


@pytest.mark.parametrize(
    ("sql", "expected", "hint"),
    [
        ("SELECT statu FROM equipment", 'no column "statu"', 'did you mean "status"?'),
        ("SELECT e.statu FROM equipment e", 'no column "e.statu"', 'did you mean "status"?'),
        ("SELECT property FROM equipment", 'no column "property"', "equipment_measures has one"),
        ("SELECT * FROM equipmnt", 'no table "equipmnt"', 'did you mean "equipment"?'),
        ("SELECT c0 FROM main.k0", 'no table "k0"', "smartreg query --tables lists tables and columns"),
        ("SELECT name FROM sqlite_schema", 'no table "sqlite_master"', "smartreg query --tables…"),
        ("SELECT lon_of_host('')", 'no function "lon_of_host"', None),
        ("SELECT nosuch(1)", 'no function "nosuch"', "sqlite.org/lang_corefunc.html lists them"),
        ("SELECT FROM", 'SQL syntax error near "FROM"', "texts stand in 'single quotes'…"),
        ("SELECT id FROM equipment, supports", 'several tables have a column "id"', "say which: TABLE.id"),
        ("SELECT 1; SELECT 2", "one statement at a time", None),
        ("SELECT ?", "there are no values for ? or :name", "write the value itself…"),
        ("  ", "there is no SQL to run", "such as…"),
        ("SELECT '\udcff'", "the SQL is not UTF-8", None),
        ("SELECT '\0'", "the SQL holds a NUL character", None),
        ("/* nothing */", "this SQL returns no rows", None),
    ],
)
def test_a_fault_in_the_sql_says_what_to_do(ask: Ask, sql: str, expected: str, hint: str | None) -> None:
    with pytest.raises(UsageFault) as fault:
        ask(sql)
    assert fault.value.message.in_("en") == expected
    if hint is not None:
        assert fault.value.hint is not None
        assert fault.value.hint.in_("en").startswith(hint.removesuffix("…"))


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x < 0",
    ],
)
def test_a_query_that_never_ends_is_stopped(ask: Ask, sql: str) -> None:
    with pytest.raises(UsageFault, match="took too long"):
        ask(sql, seconds=0.2)


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


LONG = (  # one call of a function, which looks at no clock
    "instr(zeroblob(9999999), zeroblob(4999999) || x'01')",
    "replace(hex(zeroblob(4000000)), hex(zeroblob(400000)) || '1', 'x')",
)


def children() -> set[str]:
    """The processes that this one has started and that are still there."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split())


@pytest.mark.promise("R8", "R16")
@pytest.mark.parametrize("call", LONG)
def test_a_function_that_looks_at_no_clock_is_stopped(ask: Ask, call: str) -> None:
    before = children()
    with pytest.raises(UsageFault, match="took too long"):
        ask(f"SELECT {call} FROM records", seconds=0.2)
    assert children() == before


@pytest.mark.promise("R8", "R16")
@pytest.mark.parametrize("sql", [ENDLESS, *(f"SELECT {call}" for call in LONG)])
def test_ctrl_c_within_sqlite_is_ctrl_c(golden_registry: Path, sql: str) -> None:
    before = children()
    later = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    later.start()
    with pytest.raises(KeyboardInterrupt):
        query(open_workspace(golden_registry), sql, asking(seconds=60))
    later.join()
    assert children() == before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.promise("R8")
def test_python_stops_a_query_too(golden_registry: Path) -> None:
    opened = smartreg.open(golden_registry)
    with pytest.raises(SmartregError, match="took too long"):
        opened.query(f"SELECT {LONG[0]}", seconds=0.2)
    later = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    later.start()
    with pytest.raises(KeyboardInterrupt):
        opened.query(f"SELECT {LONG[0]}")
    later.join()
    (row,) = opened.query("SELECT count(*) AS records FROM records")
    assert row["records"] > 0


def test_many_rows_come_as_they_are(ask: Ask) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
    sql += "SELECT i, 'é' || i, i / 2.0, NULL, x'00ff', 9e999, -9223372036854775807 FROM n"
    rows = ask(sql)
    assert len(rows) == 30_000
    assert rows[-1] == (30_000, "é30000", 15_000.0, None, "00ff", "inf", -9223372036854775807)
    assert ask(sql, limit=1_500) == rows[:1_500]


@pytest.mark.promise("R16")
def test_ctrl_c_stops_the_command_with_130(golden_registry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    later.start()
    code = run_here(["-C", str(golden_registry), "query", ENDLESS, "--timeout", "20"])
    later.join()

    assert (code, capsys.readouterr().err) == (130, "note: cancelled; nothing was changed\n")


@pytest.mark.promise("R16")
def test_ctrl_c_within_duckdb_is_ctrl_c() -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as base:
        base.create_function("press", lambda: os.kill(os.getpid(), signal.SIGINT), [], "INTEGER")
        with pytest.raises(KeyboardInterrupt), unhidden_interrupt():
            base.execute("SELECT press()")


@pytest.mark.parametrize("sql", ["SELECT zeroblob(100000000)", "SELECT replace(hex(zeroblob(4000000)), '0', 'aaaa')"])
def test_no_value_outgrows_the_memory(ask: Ask, sql: str) -> None:
    with pytest.raises(UsageFault, match="too much memory"):
        ask(sql)


# -- the command ---------------------------------------------------------------------------------------------------


def run(registry: Path, *words: str, **more: str) -> Done:
    return start("query", "--lang", "en", *words, cwd=registry, **more)


def test_the_formats_of_the_rows(golden_registry: Path) -> None:
    sql = "SELECT '=1+1' AS a, 1.5 AS b, NULL AS c, x'00ff' AS a, 'p|`q`' AS d"
    row = next(csv.reader(io.StringIO(run(golden_registry, sql, "-f", "csv").stdout.split("\n", 1)[1])))
    assert row == ["'=1+1", "1.5", "", "00ff", "p|`q`"]
    content = json.loads(run(golden_registry, sql, "--json").stdout)
    assert content["columns"] == ["a", "b", "c", "a_2", "d"]
    assert content["rows"] == [{"a": "=1+1", "b": 1.5, "c": None, "a_2": "00ff", "d": "p|`q`"}]
    assert len(content["source"]["commit"]) == 40
    markdown = run(golden_registry, sql, "-f", "markdown").stdout.splitlines()
    assert markdown[2] == "| `=1+1` | 1.5 |  | `00ff` | `` p\\|`q` `` |"
    assert run(golden_registry, sql).stdout.splitlines()[0].split() == ["a", "b", "c", "a_2", "d"]


def test_sql_from_standard_input_into_a_file(golden_registry: Path) -> None:
    done = run(golden_registry, "-", "-f", "csv", "-o", "out.csv", input="SELECT count(*) AS n FROM sensors\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert (golden_registry / "out.csv").read_text().startswith("n\n")


def test_rows_are_counted_and_more_are_announced(golden_registry: Path) -> None:
    done = run(golden_registry, "SELECT id FROM records", "--limit", "2")
    assert len(done.stdout.splitlines()) == 3
    assert "the first 2 rows; there are more" in done.stderr


@pytest.mark.parametrize(
    "words", [("SELECT nosuch FROM equipment",), (), ("--tables", "SELECT 1"), ("SELECT 1", "--timeout", "x")]
)
def test_a_wrong_command_line_is_2(golden_registry: Path, words: tuple[str, ...]) -> None:
    done = run(golden_registry, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: " in done.stderr

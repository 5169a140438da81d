"""What makes the figures give the same rows on every engine, and no engine pair all records of a registry; and that
other engines read their text."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from observatories import Observatory, made
from sqlglot import exp

from smartreg.features.observatory.build import Asking, ask, query_tables, tables_in
from smartreg.features.observatory.core import core
from smartreg.features.observatory.figures import FIGURES

__all__ = ["made"]
ROOT = Path(__file__).parents[3]
COLUMNS = {view.name: {column.name: column.type for column in view.columns} for view in core().views}
KEYS = re.compile(r"key|\w+_key|registry|party|host|guest|operator|user_party")
TABLE = "registry"  # the key of `sources`


def parse(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="duckdb")


def faults(sql: str) -> list[str]:
    """What a figure must not do."""
    tree = parse(sql)
    return [*_joins(tree), *_comparisons(tree), *_parties(tree), *_order(sql), *_divisions(tree)]


def _joins(tree: exp.Expr) -> Iterator[str]:
    """Each join is on one equality of keys; on `registry` alone where one side has a row for each registry."""
    for join in tree.find_all(exp.Join):
        on = join.args.get("on")
        if not isinstance(on, exp.EQ):
            yield f"a join that is not on one key: {join.sql()}"
            continue
        names = {side.name for side in (on.left, on.right) if isinstance(side, exp.Column)}
        if len(names) == 0 or not all(KEYS.fullmatch(name) for name in names):
            yield f"a join on no key: {on.sql()}"
        if names == {TABLE} and join.this.name not in ("sources", "days"):
            yield f"a join on the registry: {join.sql()}"


def _comparisons(tree: exp.Expr) -> Iterator[str]:
    for unequal in tree.find_all(exp.NEQ):
        tables = {column.table for column in unequal.find_all(exp.Column)}
        if len(tables) > 1:
            yield f"<> between tables: {unequal.sql()}"


def _parties(tree: exp.Expr) -> Iterator[str]:
    """No large view stands beside parties in one FROM."""
    for select in tree.find_all(exp.Select):
        read = {table.name for table in select.find_all(exp.Table) if table.parent_select is select}
        if "parties" in read and read & {"equipment", "supports", "flows", "coverage"}:
            yield f"parties are joined before aggregating: {', '.join(sorted(read))}"


def _order(sql: str) -> Iterator[str]:
    """Engines put NULL at either end unless they are told, which the tree does not show."""
    _, found, order = sql.rpartition("ORDER BY ")
    if not found or ")" in order:
        yield "no order"
        return
    for item in order.split(","):
        if "NULLS" not in item and _may_be_null(item.strip().rpartition(".")[2]):
            yield f"no place for NULL: {item}"


def _may_be_null(name: str) -> bool:
    """Columns of the core that a release may lack; the others are made by the figure, and not NULL."""
    return name in ("insee_code", "type", "theme", "family", "technology", "status")


def _divisions(tree: exp.Expr) -> Iterator[str]:
    for division in tree.find_all(exp.Div):
        if not any(cast.to.this == exp.DataType.Type.DOUBLE for cast in division.left.find_all(exp.Cast)):
            yield f"a division of integers: {division.sql()}"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_one_select_that_every_engine_can_answer(name: str) -> None:
    sql = FIGURES[name].sql
    assert len(sqlglot.parse(sql, read="duckdb")) == 1
    assert faults(sql) == []


def test_no_other_figure_lies_there() -> None:
    folder = ROOT / "smartreg/features/observatory/figures"
    assert {path.stem for path in folder.iterdir()} == FIGURES.keys()


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (
            "SELECT e.id FROM equipment e JOIN supports s ON s.registry = e.registry AND s.id = e.id ORDER BY e.id",
            "one key",
        ),
        ("SELECT e.id FROM equipment e JOIN supports s ON s.registry = e.registry ORDER BY e.id", "on the registry"),
        ("SELECT e.id FROM equipment e, supports s ORDER BY e.id", "one key"),
        ("SELECT e.id FROM equipment e JOIN supports s ON s.id = e.id ORDER BY e.id", "no key"),
        (
            "SELECT e.id FROM equipment e JOIN supports s ON s.key = e.support_key WHERE s.owner_key <> e.owner_key "
            "ORDER BY e.id",
            "<> between tables",
        ),
        ("SELECT e.id FROM equipment e JOIN parties p ON p.key = e.owner_key ORDER BY e.id", "before aggregating"),
        ("SELECT type FROM equipment", "no order"),
        ("SELECT type FROM equipment ORDER BY type", "place for NULL"),
        ("SELECT sum(serial) / count(*) FROM equipment ORDER BY 1", "division"),
    ],
)
def test_what_the_lint_finds(sql: str, fault: str) -> None:
    assert fault in " ".join(faults(sql))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_rests_on_columns_that_it_reads(name: str) -> None:
    words = set(re.findall(r"\w+", FIGURES[name].sql))
    for column in FIGURES[name].rests_on:
        view, _, field = column.partition(".")
        assert field in COLUMNS[view]
        assert {view, field} <= words


@pytest.mark.parametrize("engine", ["spark", "trino", "postgres"])
def test_other_engines_read_the_text(engine: str) -> None:
    """By translation; Spark also as it is."""
    for figure in FIGURES.values():
        (made,) = sqlglot.transpile(figure.sql, read="duckdb", write=engine, unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert sqlglot.parse_one(made, read=engine)
        if engine == "spark":
            assert sqlglot.parse_one(figure.sql, read="spark")


def test_the_recipes_of_the_pages_join_as_figures_do(made: Observatory) -> None:
    for page in ("observatory.md", "scale.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
            if "supports" in block:
                assert not [fault for fault in faults(block) if "order" not in fault], block
        for command in re.findall(r'smartreg observatory query "([^"]+)"', text):
            assert query_tables(made.root / "tables", command, Asking())[1].rows


@pytest.mark.long
@pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None, reason="Spark is not installed"
)
def test_spark_gives_the_same_rows(made: Observatory) -> None:
    tables = tables_in(made.root / "tables")
    questions = [figure.sql for figure in FIGURES.values()]
    assert ask(tables, questions, Asking("spark")) == ask(tables, questions)

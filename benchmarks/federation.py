"""Compute the reciprocity matrix of several registries, exported as one data set, with DuckDB, Apache Spark and each
registry itself. The results must be the same.

    python benchmarks/federation.py [--records 10000] [--copies 30] [--keep DIR]

Three registries are generated and exported with `smartreg export --all -f parquet` under one root. `--copies` copies
each partition that many times under other names, to see how the engines scale. Spark needs Java 17 or newer and PySpark
(`pip install pyspark`, about 500 MB, hence not a dependency); without them, it is skipped with a message. Exit code 1
if results differ.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

import duckdb
from generate import commit_all, generate
from measure import BIN, compile_all, machine, run

SMARTREG = str(BIN / "smartreg")
TOWNS = ("Aix", "Lyon", "Lille")
Matrix: TypeAlias = dict[tuple[str, str, str], int]  # registry, host party, guest party: devices in service

IN_SERVICE = "('installed', 'active', 'faulty', 'decommissioned')"  # as the schema of equipment defines it
MATRIX = f"""
SELECT e.registry, s.owner_id AS host, e.owner_id AS guest, count(*) AS devices
FROM equipment e JOIN supports s ON s.registry = e.registry AND s.id = e.support_id
WHERE e.status IN {IN_SERVICE} AND e.owner_id <> s.owner_id
GROUP BY e.registry, s.owner_id, e.owner_id"""
ONE = f"""
SELECT s.owner_id AS host, e.owner_id AS guest, count(*) AS devices
FROM equipment e JOIN supports s ON s.id = e.support_id
WHERE e.status IN {IN_SERVICE} AND e.owner_id <> s.owner_id
GROUP BY s.owner_id, e.owner_id"""


@contextmanager
def print_time(what: str) -> Iterator[None]:
    start = perf_counter()
    yield
    print(f"{what:<58} {perf_counter() - start:>8.2f} s", flush=True)


def build_data_set(folder: Path, records: int) -> tuple[Path, dict[str, Path]]:
    """Generate and export the registries: the root of the data set, and the registries by partition."""
    root, found = folder / "data", {}
    for number, town in enumerate(TOWNS):
        registry = folder / town
        generate(registry, records, number + 1, 0.0)
        settings = registry / "smartreg.toml"
        settings.write_text(settings.read_text("utf-8").replace('"Benchmark"', f'"{town}"', 1), "utf-8")
        commit_all(registry)
        run([SMARTREG, "status"], registry)  # fills the cache
        with print_time(f"smartreg export --all -f parquet, {town}, {records} records"):
            run([SMARTREG, "export", "--all", "-f", "parquet", "-o", str(root), "--quiet"], registry)
        found[town.lower()] = registry
    return root, found


def matrix_of_registries(registries: dict[str, Path]) -> Matrix:
    """The matrix according to each registry itself, through `smartreg query`."""
    found: Matrix = {}
    for name, folder in registries.items():
        result = json.loads(run([SMARTREG, "query", ONE, "-f", "json", "--limit", "0"], folder))
        for row in result["rows"]:
            found[name, row["host"], row["guest"]] = row["devices"]
    return found


def query_duckdb(root: Path) -> Matrix:
    with duckdb.connect() as base:
        for kind in ("equipment", "supports"):
            base.execute(f"CREATE VIEW {kind} AS FROM read_parquet('{root}/registry=*/kind={kind}/*.parquet')")
        return {(registry, host, guest): devices for registry, host, guest, devices in base.execute(MATRIX).fetchall()}


def query_spark(root: Path, label: str) -> Matrix | None:
    """None, with a message, if Spark is not installed."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        print("SKIPPED: Apache Spark. It needs Java 17 and PySpark: pip install pyspark", flush=True)
        return None
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    with print_time("Apache Spark, start"):
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
        spark = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    with print_time(f"Apache Spark {spark.version}, {label}"):
        for kind in ("equipment", "supports"):
            found = spark.read.option("basePath", str(root)).parquet(f"{root}/registry=*/kind={kind}")
            found.createOrReplaceTempView(kind)
        rows = spark.sql(MATRIX).collect()
    return {(row["registry"], row["host"], row["guest"]): row["devices"] for row in rows}


def copy_partitions(root: Path, target: Path, copies: int) -> Path:
    """Copy each partition `copies` times, under other names."""
    for partition in sorted(root.iterdir()):
        for number in range(copies):
            shutil.copytree(partition, target / f"{partition.name}-{number:04}")
    return target


def compare_engines(root: Path, expected: Matrix | None) -> Matrix:
    """Run both engines on one root; SystemExit if their results differ from each other or from `expected`."""
    files = list(root.rglob("*.parquet"))
    size = sum(file.stat().st_size for file in files)
    label = f"{len(list(root.iterdir()))} registries, {len(files)} files, {size / 1e6:.0f} MB"
    with print_time(f"DuckDB {duckdb.__version__}, {label}"):
        found = query_duckdb(root)
    for name, other in (("Spark", query_spark(root, label)), ("the registries", expected)):
        if other is not None and other != found:
            odd = sorted(found.items() ^ other.items())[:5]
            raise SystemExit(f"DuckDB and {name} differ, as in {odd}")
    hosted = sum(found.values())
    print(f"same result: {len(found)} pairs of parties, {hosted} devices on a support of another party\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="the reciprocity matrix of several registries")
    parser.add_argument("--records", type=int, default=10_000, help="records in each registry")
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the data set in this folder")
    options = parser.parse_args()
    print(machine(), flush=True)
    compile_all()
    with tempfile.TemporaryDirectory() as place:
        root, registries = build_data_set(Path(place), options.records)
        with print_time("smartreg query, each registry on its own"):
            expected = matrix_of_registries(registries)
        compare_engines(root, expected)
        if options.copies:
            compare_engines(copy_partitions(root, Path(place) / "many", options.copies), None)
        if options.keep:
            shutil.copytree(root, options.keep)


if __name__ == "__main__":
    main()

"""Several registries as one data set, and the reciprocity matrix over all of them: by DuckDB, by Apache Spark, and by
each registry itself. The answers must be the same.

    python benchmarks/federation.py [--records 10000] [--copies 30] [--keep DIR]

Three registries are generated and exported with `smartreg export --all -f parquet` under one root. `--copies`: then
each partition is copied so often under other names, to see what the engines do with more. Spark needs PySpark and Java
17 or newer: `pip install pyspark` beside smartreg (about 500 MB, hence no dependency); without, it is skipped, aloud.
Exit code 1 when answers differ.
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

COUNTED = "('installed', 'active', 'faulty', 'decommissioned')"  # in service, as the schema of equipment has it
MATRIX = f"""
SELECT e.registry, s.owner_id AS host, e.owner_id AS guest, count(*) AS devices
FROM equipment e JOIN supports s ON s.registry = e.registry AND s.id = e.support_id
WHERE e.status IN {COUNTED} AND e.owner_id <> s.owner_id
GROUP BY e.registry, s.owner_id, e.owner_id"""
ONE = f"""
SELECT s.owner_id AS host, e.owner_id AS guest, count(*) AS devices
FROM equipment e JOIN supports s ON s.id = e.support_id
WHERE e.status IN {COUNTED} AND e.owner_id <> s.owner_id
GROUP BY s.owner_id, e.owner_id"""


@contextmanager
def telling(what: str) -> Iterator[None]:
    begun = perf_counter()
    yield
    print(f"{what:<58} {perf_counter() - begun:>8.2f} s", flush=True)


def federated(folder: Path, records: int) -> tuple[Path, dict[str, Path]]:
    """The root of the data set, and the registries in it by the names of their partitions."""
    root, found = folder / "data", {}
    for number, town in enumerate(TOWNS):
        registry = folder / town
        generate(registry, records, number + 1, 0.0)
        settings = registry / "smartreg.toml"
        settings.write_text(settings.read_text("utf-8").replace('"Benchmark"', f'"{town}"', 1), "utf-8")
        commit_all(registry)
        run([SMARTREG, "status"], registry)  # fills the cache
        with telling(f"smartreg export --all -f parquet, {town}, {records} records"):
            run([SMARTREG, "export", "--all", "-f", "parquet", "-o", str(root), "--quiet"], registry)
        found[town.lower()] = registry
    return root, found


def by_registries(registries: dict[str, Path]) -> Matrix:
    """What each registry says of itself, from its YAML, through `smartreg query`."""
    found: Matrix = {}
    for name, folder in registries.items():
        told = json.loads(run([SMARTREG, "query", ONE, "-f", "json", "--limit", "0"], folder))
        for row in told["rows"]:
            found[name, row["host"], row["guest"]] = row["devices"]
    return found


def by_duckdb(root: Path) -> Matrix:
    with duckdb.connect() as base:
        for kind in ("equipment", "supports"):
            base.execute(f"CREATE VIEW {kind} AS FROM read_parquet('{root}/registry=*/kind={kind}/*.parquet')")
        return {(registry, host, guest): devices for registry, host, guest, devices in base.execute(MATRIX).fetchall()}


def by_spark(root: Path, label: str) -> Matrix | None:
    """None, after saying so, where there is no Spark."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        print("SKIPPED: Apache Spark. It needs Java 17 and PySpark: pip install pyspark", flush=True)
        return None
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    with telling("Apache Spark, start"):
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
        spark = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    with telling(f"Apache Spark {spark.version}, {label}"):
        for kind in ("equipment", "supports"):
            found = spark.read.option("basePath", str(root)).parquet(f"{root}/registry=*/kind={kind}")
            found.createOrReplaceTempView(kind)
        rows = spark.sql(MATRIX).collect()
    return {(row["registry"], row["host"], row["guest"]): row["devices"] for row in rows}


def copied(root: Path, target: Path, copies: int) -> Path:
    """Each partition so often, under other names."""
    for partition in sorted(root.iterdir()):
        for number in range(copies):
            shutil.copytree(partition, target / f"{partition.name}-{number:04}")
    return target


def asked(root: Path, expected: Matrix | None) -> Matrix:
    """Both engines on one root; SystemExit when they, or they and what is expected, do not agree."""
    files = list(root.rglob("*.parquet"))
    size = sum(file.stat().st_size for file in files)
    label = f"{len(list(root.iterdir()))} registries, {len(files)} files, {size / 1e6:.0f} MB"
    with telling(f"DuckDB {duckdb.__version__}, {label}"):
        found = by_duckdb(root)
    for name, other in (("Spark", by_spark(root, label)), ("the registries", expected)):
        if other is not None and other != found:
            odd = sorted(found.items() ^ other.items())[:5]
            raise SystemExit(f"DuckDB and {name} differ, as in {odd}")
    hosted = sum(found.values())
    print(f"the same answer: {len(found)} pairs of parties, {hosted} devices on a support of another party\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="the reciprocity matrix of several registries")
    parser.add_argument("--records", type=int, default=10_000, help="of each registry")
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the data set there")
    wanted = parser.parse_args()
    print(machine(), flush=True)
    compile_all()
    with tempfile.TemporaryDirectory() as place:
        root, registries = federated(Path(place), wanted.records)
        with telling("smartreg query, each registry by itself"):
            expected = by_registries(registries)
        asked(root, expected)
        if wanted.copies:
            asked(copied(root, Path(place) / "many", wanted.copies), None)
        if wanted.keep:
            shutil.copytree(root, wanted.keep)


if __name__ == "__main__":
    main()

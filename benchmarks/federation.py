"""The figures of an observatory over many registries, by DuckDB and by Apache Spark. The answers must be the same.

    python benchmarks/federation.py [--registries 10] [--devices 100000] [--engine duckdb|spark|both] [--in DIR]

Writes the tables of an observatory as `smartreg observatory build` would (random registries; one support in a hundred
is of the next registry), then asks each figure in a process of its own: seconds, seconds of processor time, the most
memory. Spark asks all in one session, and needs Java 17 and PySpark; without them it is skipped with a message. Exit
code 1 if answers differ.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import duckdb
from measure import machine

from smartreg.features.observatory import spark
from smartreg.features.observatory.build import Asking, ask, tables_in
from smartreg.features.observatory.confined import MEMORY, Rows
from smartreg.features.observatory.core import core
from smartreg.features.observatory.figures import FIGURES
from smartreg.features.observatory.tables import BuiltFile, BuiltSource, write_package
from smartreg.release.merkle import canonical

Digests: TypeAlias = dict[str, str]

PARTIES, NETWORKS, CONVENTIONS, FLOWS = 300, 10, 50, 1_000
STATUS = "['active', 'active', 'active', 'active', 'installed', 'faulty', 'decommissioned', 'removed', 'planned']"
TYPES = "['sensor', 'meter', 'gateway', 'camera', 'actuator']"
KEY = "registry || ':' || id AS key"
ROWS = {
    "sources": """SELECT '{id}' AS registry, 'r{n}' AS alias, 'Registry {n}' AS name, 1 AS serial, '{commit}' AS commit,
      DATE '2026-11-30' AS issued, DATE '2026-11-30' AS reference_date, 'etalab-2.0' AS licence, 'x' AS manifest""",
    "parties": f"""SELECT 'party-' || i AS id, 'Party ' || i AS name, 'commune' AS category,
      printf('%09d', CASE WHEN i < 20 THEN i ELSE {{n}} * 1000 + i END) AS siren, '13047' AS insee_code,
      NULL::DATE AS ended_on FROM range({PARTIES}) t(i)""",
    "conventions": f"""SELECT 'con-' || i AS id, 'Convention ' || i AS title, 'signed' AS status, 'A, B' AS parties,
      i % 5 > 0 AS in_force, DATE '2026-12-01' + (i * 30)::INTEGER AS ends_on FROM range({CONVENTIONS}) t(i)""",
    "supports": f"""SELECT 'ep-' || i AS id, 'street_light' AS type, 'in_service' AS status,
      '{{id}}:party-' || draw(i * 1000 + {{n}}, 1, {PARTIES}) AS owner_key, 'EP ' || i AS local_ref,
      printf('%05d', 13000 + i % 120) AS insee_code, 4.9 + i % 1000 / 1e4 AS lon, 43.5 + i // 1000 / 1e4 AS lat,
      printf('%09d', {{n}} * 1000 + draw(i * 1000 + {{n}}, 1, {PARTIES})) AS owner_siren
      FROM range({{devices}}) t(i)""",
    "equipment": f"""SELECT 'eq-' || i AS id, {TYPES}[1 + draw(i, 2, 5)] AS type,
      {STATUS}[1 + draw(i, 3, 9)] AS status,
      '{{id}}:party-' || draw(i * 1000 + {{n}}, 4, {PARTIES}) AS owner_key,
      printf('%09d', {{n}} * 1000 + draw(i * 1000 + {{n}}, 4, {PARTIES})) AS owner_siren,
      CASE WHEN i % 100 = 0 THEN '{{next}}' ELSE '{{id}}' END || ':ep-' || draw(i, 5, {{devices}}) AS support_key,
      '{{id}}:net-' || draw(i, 6, {NETWORKS}) AS network_key, printf('%05d', 13000 + i % 120) AS insee_code,
      DATE '2012-01-01' + draw(i, 7, 5400)::INTEGER AS installed_on,
      status NOT IN ('planned', 'removed') AS in_place, status IN ('removed', 'decommissioned') AS retired,
      CASE WHEN retired THEN installed_on + draw(i, 8, 3000)::INTEGER END
        AS decommissioned_on,
      CASE WHEN status = 'removed' THEN decommissioned_on END AS removed_on, NULL::VARCHAR AS device_identifier,
      4.9 + i % 1000 / 1e4 AS lon, 43.5 + i // 1000 / 1e4 AS lat FROM range({{devices}}) t(i)""",
    "networks": f"""SELECT 'net-' || i AS id, 'Network ' || i AS name, 'lorawan' AS technology, 'shared' AS access,
      'in_service' AS status, '{{id}}:party-' || i AS owner_key, '{{id}}:party-' || i AS operator_key,
      printf('%09d', i) AS operator_siren FROM range({NETWORKS}) t(i)""",
    "flows": f"""SELECT 'flow-' || i AS id, 'Flow ' || i AS title, '{{id}}:party-' || i % {PARTIES} AS producer_key,
      NULL::VARCHAR AS producer_siren, ['public', 'restricted'][1 + i % 2] AS access, 'active' AS status,
      ['ENVI', 'TRAN', 'ENER'][1 + i % 3] AS theme, i % 7 = 0 AS personal_data FROM range({FLOWS}) t(i)""",
    "coverage": f"""SELECT 'eq-' || i AS id, 'equipment' AS kind, 'installation' AS family,
      ['covered', 'covered', 'uncovered'][1 + draw(i, 9, 3)] AS state,
      CASE WHEN state = 'covered' THEN '{{id}}:con-' || i % {CONVENTIONS} END AS convention_key
      FROM range({{devices}} // 5) t(i)""",
}


def write_tables(folder: Path, registries: int, devices: int) -> None:
    """The tables of an observatory of so many registries."""
    with duckdb.connect() as base:
        base.execute("CREATE MACRO draw(i, place, most) AS (hash(i, place) % most)::BIGINT")
        write_package(folder, [write_source(base, folder, n, registries, devices) for n in range(registries)])


def write_source(base: Any, folder: Path, n: int, registries: int, devices: int) -> BuiltSource:
    id, following = uuid(n), uuid((n + 1) % registries)
    commit, files = f"{n:040x}", {}
    for view in core().views:
        (folder / view.name).mkdir(parents=True, exist_ok=True)
        path = f"{view.name}/{id}-{0:012x}.parquet"
        rows = ROWS[view.name].format(id=id, next=following, n=n, devices=devices, commit=commit)
        cells = ", ".join(f'CAST("{column.name}" AS {column.type}) AS "{column.name}"' for column in view.columns)
        keyed = f"SELECT '{id}' AS registry, 1 AS serial, '{commit}' AS commit, *, {KEY} FROM ({rows})"
        source = rows if view.name == "sources" else keyed
        base.execute(f"COPY (SELECT {cells} FROM ({source})) TO '{folder / path}' (FORMAT parquet, COMPRESSION zstd)")
        content = (folder / path).read_bytes()
        files[view.name] = BuiltFile(path, hashlib.sha256(content).hexdigest(), len(content), 0)
    states = {view.name: [column.name for column in view.columns] for view in core().views}
    about = (f"r{n:04}", id, f"Registry {n}", 1, commit, "2026-11-30", "x", "etalab-2.0", "x")
    return BuiltSource(*about, states, {}, files)


def uuid(n: int) -> str:
    return f"{n:08x}-0000-4000-8000-{n:012x}"


def digest_of(answer: Rows) -> str:
    return hashlib.sha256(canonical([list(answer.columns), *map(list, answer.rows)])).hexdigest()


def ask_here(folder: Path, name: str) -> None:
    """Ask DuckDB one figure, and print what that took: this process is started for it."""
    begun = perf_counter()
    (answer,) = ask(tables_in(folder), [FIGURES[name].sql])
    took = perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([took, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10, digest_of(answer)]))


def ask_duckdb(folder: Path) -> Digests:
    digests, whole = {}, [0.0, 0.0, 0]
    for name in FIGURES:
        words = [sys.executable, __file__, "--ask", name, "--in", str(folder)]
        took, cpu, most, digests[name] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        print(f"  DuckDB {name:<12} {took:8.1f} s {cpu:8.1f} s of processor time {most:6} MiB", flush=True)
        whole = [whole[0] + took, whole[1] + cpu, max(whole[2], most)]
    print(f"  DuckDB, all figures {whole[0]:8.1f} s {whole[1]:8.1f} s of processor time {whole[2]:6} MiB", flush=True)
    return digests


def ask_spark(folder: Path) -> Digests | None:
    """None, with a message, if Spark is not installed."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        print("SKIPPED: Apache Spark. It needs Java 17 and PySpark: pip install pyspark", flush=True)
        return None
    tables, digests = tables_in(folder), {}
    with spark.session_of(tables, "local[2]", MEMORY) as session:
        java = session._sc._gateway.proc.pid
        begun, before = perf_counter(), cpu_of(java)
        for name, figure in FIGURES.items():
            start, start_cpu = perf_counter(), cpu_of(java)
            digests[name] = digest_of(spark.rows_of(session, figure.sql, Asking().limit or 1_000_000))
            print(f"  Spark {name:<13} {perf_counter() - start:8.1f} s {cpu_of(java) - start_cpu:8.1f} s", flush=True)
        took, cpu = perf_counter() - begun, cpu_of(java) - before
        print(f"  Spark, all figures  {took:8.1f} s {cpu:8.1f} s {peak_of(java):6} MiB", flush=True)
    return digests


def cpu_of(process: int) -> float:
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM"))


def sizes(folder: Path) -> Iterator[int]:
    return (file.stat().st_size for file in folder.rglob("*.parquet"))


def main() -> None:
    parser = argparse.ArgumentParser(description="the figures of an observatory")
    parser.add_argument("--registries", type=int, default=10)
    parser.add_argument("--devices", type=int, default=100_000, help="in each registry")
    parser.add_argument("--engine", choices=("duckdb", "spark", "both"), default="both")
    parser.add_argument("--in", dest="folder", type=Path, metavar="DIR", help="keep the tables, or use those there")
    parser.add_argument("--ask", choices=tuple(FIGURES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask_here(options.folder, options.ask)
        return
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as place:
        folder: Path = options.folder or Path(place)
        if not (folder / "datapackage.json").exists():
            begun = perf_counter()
            write_tables(folder, options.registries, options.devices)
            print(f"{options.registries} x {options.devices} devices written in {perf_counter() - begun:.0f} s")
        print(f"{sum(1 for _ in sizes(folder))} files, {sum(sizes(folder)) / 1e6:.0f} MB", flush=True)
        digests = {
            **({"duckdb": ask_duckdb(folder)} if options.engine != "spark" else {}),
            **({"spark": ask_spark(folder)} if options.engine != "duckdb" else {}),
        }
    if digests.get("spark") and digests.get("duckdb"):
        if odd := [name for name in FIGURES if digests["duckdb"][name] != digests["spark"][name]]:  # type: ignore[index]
            raise SystemExit(f"DuckDB and Spark differ: {', '.join(odd)}")
        print("the same answers")


if __name__ == "__main__":
    main()

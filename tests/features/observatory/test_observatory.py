"""The tables of an observatory, and what is asked of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import duckdb
import forks
import pytest
import sqlglot
from crashes import Fault, run
from observatories import AMP, CD13, MMM, Observatory, made, observatory
from small import Runs, runs

from smartreg.core.errors import StateFault, UsageFault
from smartreg.features.federation.sources import kept_releases
from smartreg.features.observatory.build import Asking, ask, build_tables, query_tables, tables_in
from smartreg.features.observatory.core import core
from smartreg.features.observatory.figures import FIGURES
from smartreg.features.observatory.tables import BuiltTables, CastSource
from smartreg.features.observatory.tables import build as build_from
from smartreg.features.query.query import Asking as Query
from smartreg.features.query.query import query
from smartreg.registry.pins import KeptRelease
from smartreg.schema import bundled_files, read_schemas
from smartreg.workspace.workspace import open_workspace

__all__ = ["made", "observatory", "runs"]


def build(observatory: Observatory) -> dict[str, CastSource]:
    _, done = build_tables(releases_of(observatory), observatory.root / "tables")
    return {cast.alias: cast for cast in done}


def tables_of(observatory: Observatory) -> BuiltTables:
    return tables_in(observatory.root / "tables")


ON = Query(None, date(2026, 12, 1), "en", None)


def files_of(observatory: Observatory) -> dict[str, int]:
    folder = observatory.root / "tables"
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


# -- the tables -------------------------------------------------------------------------------------------------------

QUESTIONS = {
    "references": f"SELECT id, owner_key, owner_siren, support_key FROM equipment WHERE registry = '{AMP}' ORDER BY id",
    "mapped": f"SELECT id, type, status, installed_on, owner_key FROM equipment WHERE registry = '{MMM}' ORDER BY id",
    "conventions": "SELECT parties, in_force, ends_on FROM conventions",
    "sources": "SELECT alias, registry, name, licence FROM sources ORDER BY alias",
    "count": "SELECT count(*) FROM equipment",
    **{
        view.name: f"SELECT DISTINCT registry, serial, commit FROM {view.name}"
        for view in core().views
        if view.name in core().reads and view.name != "conventions"
    },
}


@pytest.fixture(scope="module")
def answers(made: Observatory) -> dict[str, list[tuple[object, ...]]]:
    """The rows of all questions, by their names: one process for all."""
    found = ask(tables_of(made), list(QUESTIONS.values()))
    return {name: list(rows.rows) for name, rows in zip(QUESTIONS, found, strict=True)}


Answers: TypeAlias = dict[str, list[tuple[object, ...]]]


def test_references_are_single_keys_also_those_to_other_registries(answers: Answers) -> None:
    assert answers["references"] == [
        ("n-1", f"{AMP}:amp", "200054807", f"{AMP}:ep-1"),
        ("n-2", f"{AMP}:istres", "211300470", f"{AMP}:ep-1"),
        ("n-3", f"{AMP}:amp", "200054807", f"{AMP}:ep-1"),
        ("n-4", f"{AMP}:amp", "200054807", f"{CD13}:ep-7"),
    ]


def test_every_row_says_which_release_it_is_of(made: Observatory, answers: Answers) -> None:
    of = {(source.registry, source.serial, source.commit) for source in tables_of(made).sources.values()}
    for view in ("parties", "supports", "equipment", "networks", "flows", "coverage"):
        assert answers[view], view
        assert set(answers[view]) <= of, view
    assert answers["sources"] == [
        ("amp", AMP, "AMP", "etalab-2.0"),
        ("cd13", CD13, "CD 13", "etalab-2.0"),
        ("mmm", MMM, "Montpellier", "etalab-2.0"),
    ]


def test_another_schema_is_read_by_its_mapping_and_by_what_standards_call_it(answers: Answers) -> None:
    assert answers["mapped"] == [
        ("g-1", "sensor", "active", "2024-05-01", None),
        ("g-2", "camera", "active", None, None),
    ]


def test_a_convention_in_force_with_its_parties_and_its_end(answers: Answers) -> None:
    assert answers["conventions"] == [("Métropole AMP, Istres", True, "2027-06-30")]


def test_the_sum_of_the_registries_is_the_observatory(made: Observatory, answers: Answers) -> None:
    counts = [
        query(open_workspace(publisher.root), "SELECT count(*) FROM equipment", ON).rows
        for alias, publisher in made.publishers.items()
    ]
    assert answers["count"] == [(sum(count for ((count,),) in counts),)]


def test_the_package_describes_the_files(made: Observatory) -> None:
    folder = made.root / "tables"
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        assert len(resource["path"]) == 3
        for path in resource["path"]:
            with duckdb.connect() as base:
                described = base.execute(f"DESCRIBE FROM read_parquet('{folder / path}')").fetchall()
            assert [name for name, *_ in described] == [field["name"] for field in resource["schema"]["fields"]]
    assert (folder / ".gitignore").read_text() == "*\n"


def test_nothing_is_cast_again_without_a_reason(observatory: Observatory) -> None:
    before = files_of(observatory)
    assert not any(cast.is_new for cast in build(observatory).values())
    assert files_of(observatory) == before


def test_one_changed_source_rewrites_its_files_alone(observatory: Observatory) -> None:
    before = files_of(observatory)
    settings = (observatory.root / "smartreg.toml").read_text("utf-8")
    observatory.commits("smartreg.toml", settings.replace('type = "art"', 'device_identifier = "art"'))
    assert [alias for alias, cast in build(observatory).items() if cast.is_new] == ["mmm"]
    after = files_of(observatory)
    changed = [path for path, _ in before.items() ^ after.items()]
    assert changed
    assert all(MMM in path for path in changed)
    assert len(after) == len(before)


def test_the_same_bytes_when_all_is_made_again_in_any_order(observatory: Observatory) -> None:
    folder, again = observatory.root / "tables", observatory.root / "again"
    build_again(observatory, again, reversed(releases_of(observatory)))
    paths = [*files_of(observatory), "datapackage.json"]
    assert {path: (again / path).read_bytes() for path in paths} == {
        path: (folder / path).read_bytes() for path in paths
    }


def releases_of(observatory: Observatory) -> list[KeptRelease]:
    return kept_releases(open_workspace(observatory.root))


def build_again(observatory: Observatory, folder: Path, releases: Iterable[KeptRelease]) -> list[CastSource]:
    return build_from(releases, folder, read_schemas(bundled_files()).kinds, duckdb.__version__)


def test_what_cannot_be_read_leaves_what_was_there_and_the_others(observatory: Observatory, tmp_path: Path) -> None:
    """Its digest was right, so its publisher signed it; it may be anything."""
    folder = observatory.root / "tables"
    before = files_of(observatory)
    amp, cd13, mmm = releases_of(observatory)
    assert cd13.folder is not None
    shutil.copytree(cd13.folder, tmp_path / "bad")
    (tmp_path / "bad/kind=supports/data.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    of_other = {"equipment": {"type": "zustand"}}
    bad = cd13._replace(folder=tmp_path / "bad", source=replace(cd13.source, map={"supports": {"type": "status"}}))
    done = build_again(observatory, folder, [amp, bad, mmm._replace(source=replace(mmm.source, map=of_other))])
    assert [(cast.alias, cast.is_new, cast.fault is None) for cast in done] == [
        ("amp", False, True),
        ("cd13", False, False),
        ("mmm", True, True),
    ]
    after = files_of(observatory)
    assert {path for path in before if MMM not in path} == {path for path in after if MMM not in path}
    assert not list(folder.glob(".cast-*"))


def test_what_was_withdrawn_or_is_no_source_any_more_is_gone(observatory: Observatory) -> None:
    folder = observatory.root / "tables"
    (folder / "equipment/mine.parquet").write_text("not made by a build")
    amp, cd13, _ = releases_of(observatory)
    build_again(observatory, folder, [amp._replace(folder=None), cd13])
    assert {path for path in files_of(observatory) if CD13 not in path} == {"equipment/mine.parquet"}
    assert [*tables_in(folder).sources] == ["cd13"]
    build_again(observatory, folder, [])
    assert ask(tables_in(folder), ["SELECT count(*), max(installed_on) FROM equipment"])[0].rows == ((0, None),)


@pytest.mark.parametrize("harm", ["lost", "altered"])
def test_a_file_that_is_not_the_one_that_was_built(observatory: Observatory, harm: str) -> None:
    """An altered one has the same length, as if somebody had put another value into it."""
    file = next((observatory.root / "tables/equipment").glob(f"{CD13}*"))
    content = file.read_bytes()
    if harm == "lost":
        file.unlink()
    else:
        file.write_bytes(content.replace(b"removed_on", b"removed_in"))
    with pytest.raises(StateFault, match="is not the file that"):
        query_tables(tables_of(observatory).folder, "growth", Asking())
    assert [alias for alias, cast in build(observatory).items() if cast.is_new] == ["cd13"]
    assert file.read_bytes() == content


def test_a_mapping_to_what_is_not_there_is_said(observatory: Observatory, runs: Runs) -> None:
    with (observatory.root / "smartreg.toml").open("a") as file:
        file.write('status = "nix"\nnix = "art"\n[sources.amp.map.nix]\ntable = "x"\n')
    observatory.commits("README", "")
    code, _, errors = runs("observatory", "build", "-C", str(observatory.root))
    assert code == 1
    assert "mmm: sources.mmm.map.equipment: the release has no column nix" in errors
    assert "mmm: sources.mmm.map.equipment: the common core does not read nix" in errors
    assert "amp: sources.amp.map.nix: the common core has" in errors


def test_values_that_are_not_of_the_type_of_the_core_are_counted(observatory: Observatory, runs: Runs) -> None:
    with (observatory.root / "smartreg.toml").open("a") as file:
        file.write('lon = "art"\ninstalled_on = "seit"\nremoved_on = "zustand"\n')
    observatory.commits("README", "")
    for state in ("built", "unchanged"):
        code, answer, notes = runs("observatory", "build", "-C", str(observatory.root))
        assert (code, state in answer.splitlines()[2]) == (0, True)
        assert "mmm: 2 values of equipment.lon are no numbers" in notes
        assert "mmm: 2 values of equipment.removed_on are no days" in notes
        assert notes.count("values of") == 2  # `seit` is a day, or absent


def test_another_data_package_is_not_overwritten(observatory: Observatory, tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text("{}")
    with pytest.raises(UsageFault, match="another data package"):
        build_tables(releases_of(observatory), tmp_path)


# -- at any moment ----------------------------------------------------------------------------------------------------

DRAFTS = (".cast-*", ".datapackage.json")


def whole(folder: Path) -> bytes:
    """The package of tables, all of whose files are there."""
    for source in tables_in(folder).sources.values():
        for file in source.files.values():
            assert sha256((folder / file.path).read_bytes()).hexdigest() == file.sha256, file.path
    return (folder / "datapackage.json").read_bytes()


def with_another_map(observatory: Observatory, place: Path, column: str) -> Observatory:
    """A copy of it that reads a source otherwise."""
    shutil.copytree(observatory.root, place)
    changed = Observatory(place, {})
    settings = (place / "smartreg.toml").read_text("utf-8")
    changed.commits("smartreg.toml", settings.replace('type = "art"', f'{column} = "art"'))
    return changed


@pytest.mark.promise("R1")
def test_a_kill_leaves_the_tables_before_or_after(made: Observatory, tmp_path: Path) -> None:
    """A sample of the steps; `ALL_STEPS=1` goes through all of them."""
    forks.load()
    base = with_another_map(made, tmp_path / "base", "device_identifier")
    assert run(base.root, "status").code == 0  # the first one that opens an index makes its key
    before, log = whole(base.root / "tables"), tmp_path / "steps"
    shutil.copytree(base.root, tmp_path / "rehearsal")
    assert run(tmp_path / "rehearsal", "observatory build", Fault(log=log)).code == 0
    after, files = whole(tmp_path / "rehearsal/tables"), files_of(Observatory(tmp_path / "rehearsal", {}))
    steps = log.read_text("utf-8").splitlines()
    adopted, replaced = steps.index("rename equipment.parquet"), steps.index("rename .datapackage.json")
    sample = (adopted + 1, replaced + 1, replaced + 2)  # a step is counted from 1, and killed before it is done
    seen = []
    for at in range(1, len(steps) + 1) if os.environ.get("ALL_STEPS") else sample:
        root = tmp_path / f"kill-{at}"
        shutil.copytree(base.root, root)
        label = f"killed at step {at} of {len(steps)} ({steps[at - 1]})"
        assert run(root, "observatory build", Fault(at, "kill")).code == -signal.SIGKILL, label
        seen.append(whole(root / "tables"))
        assert run(root, "observatory build").code == 0, label
        assert whole(root / "tables") == after, label
        assert files_of(Observatory(root, {})).keys() == files.keys(), label
        assert not [draft for name in DRAFTS for draft in (root / "tables").glob(name)], label
    assert seen == sorted(seen, key=[before, after].index)
    assert {before, after} == set(seen)


def test_two_builds_at_once_take_turns(made: Observatory, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    shutil.copytree(made.root / "tables", folder)
    both = [with_another_map(made, tmp_path / name, name) for name in ("status", "device_identifier")]
    with ThreadPoolExecutor() as pool:
        states = [*pool.map(lambda each: build_tables(releases_of(each), folder)[0], both)]
    whole(folder)
    assert tables_in(folder) in states
    assert len(list(folder.rglob("*.parquet"))) == len(files_of(made))


def test_a_build_while_a_query_reads(observatory: Observatory, tmp_path: Path) -> None:
    folder = observatory.root / "tables"
    other = with_another_map(observatory, tmp_path / "other", "device_identifier")

    class Slow(str):
        """A question that is read for as long as a build takes."""

        __slots__ = ()

        def strip(self, characters: str | None = None) -> str:
            build_tables(releases_of(other), folder)
            return super().strip(characters)

    question = "SELECT max(device_identifier) FROM equipment"
    tables, answer = query_tables(folder, Slow(question), Asking())
    assert (answer.rows, tables) == ((("sensor",),), tables_in(folder))


# -- questions --------------------------------------------------------------------------------------------------------


def test_every_figure_has_an_answer_in_one_order(made: Observatory) -> None:
    tables = tables_of(made)
    answers = dict(zip(FIGURES, ask(tables, [figure.sql for figure in FIGURES.values()]), strict=True))
    assert answers["reciprocity"].rows == (
        ("211300470", "Istres", "200054807", "Aix-Marseille-Provence", 1),
        ("221300015", "CD 13", "200054807", "Aix-Marseille-Provence", 1),
    )
    assert [row[0] for row in answers["growth"].rows] == [2014, 2019, 2024, 2025]
    assert answers["ending"].rows[0][-1] >= 1
    assert answers["networks"].rows == (("lorawan", "200054807", "Aix-Marseille-Provence", "211300470", "Istres", 1),)
    assert {name: figure.stated_in(tables) for name, figure in FIGURES.items()} == {
        **{name: ["amp", "cd13"] for name in FIGURES},  # cd13 states that it has none of all that
        "growth": ["amp", "cd13", "mmm"],
        "lifetime": ["amp", "cd13", "mmm"],
    }
    for name, answer in answers.items():  # the columns by which rows are sorted tell all of them apart
        order = sqlglot.parse_one(FIGURES[name].sql, read="duckdb").args["order"].expressions
        places = [answer.columns.index(item.this.name) for item in order]
        keys = {tuple(row[place] for place in places) for row in answer.rows}
        assert len(keys) == len(answer.rows) > 0, name


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT 1; SELECT 2", "SELECT only"),
        ("COPY equipment TO 'x.csv'", "SELECT only"),
        ("SELECT * FROM read_text('/etc/passwd')", "disabled by configuration"),
        ("SELECT nix FROM equipment", "nix"),
        ("SELECT * FROM devices", "devices is a figure"),
        ("SELEC", 'no figure "SELEC"'),
        ("", "there is no SQL"),
    ],
)
def test_what_is_refused(made: Observatory, sql: str, why: str) -> None:
    with pytest.raises(UsageFault) as fault:
        query_tables(made.root / "tables", sql, Asking())
    assert why in fault.value.message.in_("en")


def test_time_and_memory_have_limits(made: Observatory) -> None:
    tables = tables_of(made)
    with pytest.raises(UsageFault, match=r"took longer than 0\.3 s"):
        ask(tables, ["SELECT count(*) FROM range(1000000000) a, range(100000) b"], Asking(seconds=0.3))
    with pytest.raises(UsageFault, match="more than 64 MiB"):
        ask(tables, ["SELECT list(range) FROM range(100000000)"], Asking(memory=64 << 20))


def test_the_command_says_how_many_sources_state_a_figure(made: Observatory, runs: Runs) -> None:
    code, answer, notes = runs("observatory", "query", "reciprocity", "-f", "csv", "-C", str(made.root))
    assert (code, answer.splitlines()[0]) == (0, "host,host_name,guest,guest_name,devices")
    assert "2 of 3 sources state what this rests on" in notes
    code, answer, _ = runs("observatory", "-C", str(made.root))
    assert (code, answer.count("2 of 3 sources"), answer.count("3 of 3 sources")) == (0, 6, 2)
    code, answer, _ = runs("observatory", "query", "--tables", "--json", "-C", str(made.root))
    assert {row["view"] for row in json.loads(answer)["rows"]} == {view.name for view in core().views}


def test_spark_without_pyspark_or_java(made: Observatory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageFault, match="extra “spark”"):
        ask(tables_of(made), ["SELECT 1"], Asking("spark"))
    for name in ("pyspark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StateFault, match="needs Java 17"):
        ask(tables_of(made), ["SELECT 1"], Asking("spark"))


def test_an_engine_that_there_is_not(made: Observatory, runs: Runs) -> None:
    code, _, errors = runs("observatory", "query", "growth", "--engine", "oracle", "-C", str(made.root))
    assert (code, 'no engine "oracle"' in errors) == (2, True)


def test_without_tables(observatory: Observatory) -> None:
    shutil.rmtree(observatory.root / "tables")
    with pytest.raises(StateFault, match="no tables"):
        tables_of(observatory)


def test_the_columns_that_are_read_are_those_of_the_shipped_schemas() -> None:
    kinds = {kind.folder: kind for kind in read_schemas(bundled_files()).kinds.values()}
    for table in ("parties", "supports", "equipment", "networks", "flows", "conventions"):
        fields = {field.column or "_".join(field.path) for field in kinds[table].fields}
        reads = {name for name in core().reads[table] if not name.endswith("_registry")}
        assert reads - fields <= {"id", "lon", "lat", "device_identifier", "insee_code", "personal_data"}, table

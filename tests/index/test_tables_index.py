"""Tables in the index: what was kept and brought up to date gives the rows that making all anew gives."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import weakref
from collections.abc import Callable
from contextlib import closing
from datetime import date
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from conftest import Git
from exports import commit_golden, contents, make_export
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import INDEXED, Texts, registry_and_edit
from stored import change_texts, git_in, laid, settle

from smartreg.features.query.query import Asking, query
from smartreg.gitio import open_repo
from smartreg.index import Index
from smartreg.registry import open_registry
from smartreg.schema import bundled_files
from smartreg.tables import Tables, tables_of
from smartreg.trees import MemoryTree, Tree, WorkingTree, index_of
from smartreg.workspace.workspace import INDEX, open_workspace


def rows_of(tree: Tree, index: Index | None) -> dict[str, Any]:
    """All rows of all tables, and the files that cannot be read."""
    registry = open_registry(tree, index, INDEXED)
    tables, kinds = tables_of(registry), list(registry.schemas.kinds)
    shapes = (shape for kind in kinds for shape in tables.layout.of_kind(kind))
    return {"unreadable": tables.unreadable(kinds), **{shape.table.name: [*tables.rows(shape)] for shape in shapes}}


def stored_rows(tables: Tables) -> dict[str, set[Any]]:
    """What is stored, by table."""
    tables.need(tables.layout.kinds)
    query = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name GLOB 'k[0-9]*'"
    return {name: set(tables.base.execute(f"SELECT * FROM main.{name}")) for (name,) in tables.base.execute(query)}


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_tables_that_are_brought_up_to_date_have_the_rows_of_new_ones(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root, random = tmp_path_factory.mktemp("repo"), Random(seed)
    git = git_in(root)
    git("init", "-q", "--initial-branch=main")
    if random.random() < 0.5:  # Git may convert line ends: sizes count
        (root / ".gitattributes").write_text("*.yaml text\n")
    texts, writes = registry_and_edit(seed)
    before: Texts = {}
    for _ in range(6):
        laid(root, before, texts)
        if random.random() < 0.5 or not before:
            git("add", "-A")
            git("commit", "-qm", "state")
        if random.random() < 0.7:
            settle()
        for _ in range(random.choice((1, 2))):
            repo = open_repo(root)
            index = index_of(repo)
            assert rows_of(WorkingTree(root, repo, index=index), index) == rows_of(MemoryTree(texts), None)
            index.close()
        before, texts, writes = texts, change_texts(random, texts, writes), {}


NAMED = {
    "smartreg.toml": b'name = "x"\n',
    "registry/parties/a.yaml": b"id: a\nname: A\ncategory: commune\n",
    "registry/parties/b.yaml": b"id: b\nname: B\ncategory: commune\n",
    "registry/supports/s.yaml": b"id: s\nowner: a\ntype: pole\ninsee_code: '13047'\nlocation: {lon: 5.1, lat: 43.5}\n",
    "registry/equipment/e.yaml": b"id: e\nowner: b\nsupport: s\ntype: sensor\nmeasures: [{property: noiseLevel}]\n",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "column", "value"),
    [
        ("parties/b", b"name: B", b"name: Other", "owner_name", "Other"),
        ("supports/s", b"5.1", b"5.2", "lon", 5.2),
        ("supports/s", b"13047", b"13001", "commune", "Aix-en-Provence"),
        ("supports/s", b"owner: a", b"owner: b", "support_owner", "B"),
        ("parties/a", b"name: A", b"name: Other", "support_owner", "Other"),
    ],
)
def test_what_is_looked_up_changes_with_one_row(
    file: str, old: bytes, new: bytes, column: str, value: object, git_repo: Path, git: Git
) -> None:
    laid(git_repo, {}, {**NAMED, **{f"registry/parties/p{n}.yaml": b"id: p%d\n" % n for n in range(9)}})
    git("add", "--all")
    git("commit", "--quiet", "--message=registry")
    settle()
    before = stored_rows(tables_of(open_workspace(git_repo).current))
    path = f"registry/{file}.yaml"
    (git_repo / path).write_bytes(NAMED[path].replace(old, new))
    tables = tables_of(open_workspace(git_repo).current)
    after = stored_rows(tables)
    assert {name: len(rows - before[name]) for name, rows in after.items() if rows != before[name]} == {
        {"parties": "k0", "supports": "k3"}[file.partition("/")[0]]: 1,
    }
    (shape, *_) = tables.layout.of_kind("equipment")
    (row,) = tables.rows(shape)
    assert row[[each.name for each in shape.table.columns].index(column)] == value


def test_a_record_that_is_changed_while_it_is_read_and_changed_back(git_repo: Path, git: Git) -> None:
    laid(git_repo, {}, NAMED)
    git("add", "--all")
    git("commit", "--quiet", "--message=registry")
    settle()
    open_workspace(git_repo).current.tree.files()
    registry, path = open_workspace(git_repo).current, git_repo / "registry/parties/b.yaml"
    assert len(registry.tree.files()) == len(NAMED)
    path.write_bytes(b"id: b\nname: Other\n")
    tables_of(registry).need(registry.schemas.kinds)
    path.write_bytes(NAMED["registry/parties/b.yaml"])
    settle()
    for _ in range(2):
        found = tables_of(open_workspace(git_repo).current)
        assert [row[1] for row in found.rows(found.layout.of_kind("party")[0])] == ["A", "B"]


@pytest.mark.promise("R15")
@pytest.mark.parametrize(
    "damage",
    [
        "zeros",
        "noise",
    ],
)
def test_pages_that_are_lost_are_noticed(damage: str, golden_registry: Path) -> None:
    """Those of the tables of kinds, while SQLite reads them."""
    root = golden_registry
    settle()
    before = contents(make_export(root))
    gc.collect()  # what the export read from would be in the way
    file = next((root / ".git/smartreg").glob("*.sqlite"))
    with closing(sqlite3.connect(file)) as base:
        assert base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        (size,) = base.execute("PRAGMA page_size").fetchone()
        roots = base.execute("SELECT rootpage FROM sqlite_schema WHERE name GLOB 'k[0-9]*' AND rootpage > 0").fetchall()
    content = bytearray(file.read_bytes())
    for (page,) in roots:
        content[(page - 1) * size : page * size] = bytes(size) if damage == "zeros" else Random(page).randbytes(size)
    file.write_bytes(content)
    assert contents(make_export(root)) == before
    assert contents(make_export(root)) == before
    asked = Asking(None, date(2026, 1, 15), "en", None)
    file.write_bytes(content)
    assert query(open_workspace(root), "SELECT id, name FROM parties", asked).rows


ISTRES, NOISE = "registry/parties/istres.yaml", "registry/equipment/istres-noise-1.yaml"


def rewrite(path: str, old: bytes, new: bytes) -> Callable[[Path, Git], object]:
    def act(root: Path, _git: Git) -> None:
        text = (root / path).read_bytes()
        assert old in text
        (root / path).write_bytes(text.replace(old, new))

    return act


def one_column_less(root: Path, _git: Git) -> None:
    column = b'{"name": "category", "fr": "categorie"}'
    (root / "schemas").mkdir()
    for name, text in bundled_files().items():
        (root / "schemas" / name).write_bytes(text.replace(column, b"false"))
    assert b'"x-column": false' in (root / "schemas/party.schema.json").read_bytes()


ACTS: dict[str, Callable[[Path, Git], object]] = {
    "nothing": lambda _root, _git: None,
    "a name of the same length": rewrite(ISTRES, b"name: Istres-en", b"name: ISTRES-en"),
    "other line ends": rewrite(ISTRES, b"\n", b"\r\n"),
    "a record gone": lambda root, _git: (root / NOISE).unlink(),
    "a record moved": lambda root, _git: (root / NOISE).rename(root / NOISE.replace("istres-noise-1", "other")),
    "a record come": lambda root, _git: shutil.copy(root / NOISE, root / NOISE.replace("istres-noise-1", "other")),
    "a record broken": rewrite(ISTRES, b"id: istres", b"id: ["),
    "other settings": rewrite("smartreg.toml", b"name = ", b"# name = "),
    "other schemas": one_column_less,
    "another commit": lambda _root, git: git("commit", "--quiet", "--allow-empty", "--message=again"),
    "another branch": lambda _root, git: git("checkout", "--quiet", "before"),
    "staged": lambda _root, git: git("rm", "--quiet", "--cached", NOISE),
}


CONVERTED = ("nothing", "a name of the same length", "other line ends")  # here too, where Git converts line ends


class Renamed(NamedTuple):
    """A registry of two commits, and a fresh export of the first, tagged `before`."""

    root: Path
    before: dict[str, bytes]


@pytest.fixture(scope="module")
def renamed(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Renamed]:
    """It, with these attributes, to be copied."""

    @cache
    def made(attributes: bytes) -> Renamed:
        root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("renamed") / "repo"))
        (root / ".gitattributes").write_bytes(attributes)
        git = git_in(commit_golden(root))
        git("tag", "before")
        rewrite(ISTRES, b"name: Istres", b"name: Istres-en-Provence")(root, git)
        git("commit", "--quiet", "--all", "--message=renamed")
        assert git("log", "-1", "--format=%s") == "renamed\n"
        before = contents(make_export(root, at="before"))
        shutil.rmtree(root / ".git/smartreg")
        return Renamed(root, before)

    return made


@pytest.mark.parametrize(
    ("attributes", "act"), [*((b"", act) for act in ACTS), *((b"*.yaml text eol=lf\n", act) for act in CONVERTED)]
)
def test_whatever_happened_the_export_is_that_of_a_fresh_look(
    attributes: bytes, act: str, renamed: Callable[[bytes], Renamed], git: Git, tmp_path: Path
) -> None:
    base = renamed(attributes)
    root = Path(shutil.copytree(base.root, tmp_path / "repo"))
    settle()
    for _ in range(2):  # the first makes the tables and the second finds them
        make_export(root)
    ACTS[act](root, partial(git, cwd=root))
    asked: tuple[dict[str, str], ...] = ({}, {"audience": "public"}, {"at": INDEX})
    *found, before, again = (contents(make_export(root, **wanted)) for wanted in (*asked, {"at": "before"}, {}))
    shutil.rmtree(root / ".git/smartreg")
    assert found == [contents(make_export(root, **wanted)) for wanted in asked]
    assert before == base.before
    assert again == found[0]


def test_what_nobody_uses_any_more_is_freed() -> None:
    """Functions that SQLite calls keep no database alive."""
    tables = tables_of(open_registry(MemoryTree(bundled_files()), None, INDEXED))
    tables.need(tables.layout.kinds)
    alive = weakref.ref(tables)
    del tables
    gc.collect()
    assert alive() is None

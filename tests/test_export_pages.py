"""CSV a page at a time: what was kept gives the bytes that making everything anew gives, whatever has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from conftest import Git
from exports import committed, contents, made
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import INDEXED, Texts, registry_and_edit
from test_trees_remembered import git_in, settle
from test_verdicts import changed
from test_verdicts_in_git import laid

from smartreg.commands.paged import printed
from smartreg.exporters.csv import DIALECTS
from smartreg.exporters.csv_file import csv_file
from smartreg.exporters.data_package import File
from smartreg.gitio import open_repo
from smartreg.index import Index
from smartreg.registry import Registry, open_registry
from smartreg.schema import bundled_files
from smartreg.tables import tables
from smartreg.tables.audience import AUDIENCES, view
from smartreg.trees import CommitTree, MemoryTree, Tree, WorkingTree
from smartreg.workspace import INDEX, index_of

STYLE = DIALECTS["standard"]


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small registries have several pages of a kind too."""
    monkeypatch.setattr("smartreg.tables.pages.LENGTH", 2)


def opened(texts: Texts, folder: Path | None) -> Registry:
    return open_registry(MemoryTree(texts), Index.open(folder, ""), INDEXED)


def by_pages(texts: Texts, audience: str, folder: Path) -> list[object] | None:
    return of_tree(MemoryTree(texts), audience, folder)


def of_tree(tree: Tree, audience: str, folder: Path) -> list[object] | None:
    """Every table, and how many records are withheld; None where a record cannot be read."""
    registry = open_registry(tree, Index.open(folder, ""), INDEXED)
    found = printed(registry, list(registry.schemas.kinds), audience, STYLE)
    if found is None:
        return None
    seen = view(registry, audience)
    number = dict.fromkeys(registry.schemas.kinds, 0)
    files: list[object] = [found.withheld]
    for table in tables(seen, list(seen.schemas.kinds.values())):
        files.append(told(csv_file(table, STYLE, "en", found.bodies(table.kind.name, number[table.kind.name]))))
        number[table.kind.name] += 1
    return files


def anew(texts: Texts, audience: str) -> list[object]:
    seen = view(opened(texts, None).load_all(), audience)
    every = tables(seen, list(seen.schemas.kinds.values()))
    return [seen.withheld, *[told(csv_file(table, STYLE, "en")) for table in every]]


def told(file: File) -> tuple[object, ...]:
    return file.table.name, file.content, file.rows, file.altered


def broken(texts: Texts) -> bool:
    registry = opened(texts, None)
    return any(registry.at(file) is None for file in registry.by_file)


def hidden_at_random(texts: Texts, seed: int) -> Texts:
    """Some of the records are not for everybody."""
    random = Random(seed)
    words = ("", "", "visibility: partners\n", "visibility: internal\n", "visibility: nobody\n")
    return {path: text + random.choice(words).encode() * text.startswith(b"id: ") for path, text in texts.items()}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(AUDIENCES))
def test_pages_that_are_kept_say_what_making_them_anew_says(seed: int, audience: str) -> None:
    before, writes = registry_and_edit(seed)
    after = {path: text for path, text in {**before, **writes}.items() if text is not None}
    with TemporaryDirectory() as folder:
        for texts in (before, after, hidden_at_random(after, seed), before):
            found = by_pages(texts, audience, Path(folder))
            assert found == (None if broken(texts) else anew(texts, audience))


NAMED = {
    "registry/parties/a.yaml": b"id: a\nname: A\ncategory: commune\n",
    "registry/parties/b.yaml": b"id: b\nname: B\ncategory: commune\n",
    "registry/supports/s.yaml": b"id: s\nowner: a\ntype: pole\nlocation: {lon: 5.1, lat: 43.5}\n",
    "registry/equipment/e.yaml": b"id: e\nowner: b\nsupport: s\ntype: sensor\n",
}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("parties/b", b"name: B", b"name: Other"),
        ("supports/s", b"5.1", b"5.2"),
        ("supports/s", b"owner: a", b"owner: b"),
        ("parties/a", b"name: A", b"name: Other"),
    ],
    ids=["the owner's name", "the point of the support", "the support's owner", "the name of the support's owner"],
)
def test_a_row_changes_with_what_lies_around_its_record(file: str, old: bytes, new: bytes, tmp_path: Path) -> None:
    path = f"registry/{file}.yaml"
    after = {**NAMED, path: NAMED[path].replace(old, new)}
    was = by_pages(NAMED, "internal", tmp_path)
    found = by_pages(after, "internal", tmp_path)
    assert found == anew(after, "internal")
    assert found != was


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_of_what_git_has_pages_say_what_making_them_anew_says(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root, random = tmp_path_factory.mktemp("repo"), Random(seed)
    git = git_in(root)
    git("init", "-q", "--initial-branch=main")
    if random.random() < 0.5:  # Git may convert line ends: sizes count
        (root / ".gitattributes").write_text("*.yaml text\n")
    texts, writes = registry_and_edit(seed)
    before: Texts = {}
    commits: dict[str, Texts] = {}
    for _ in range(5):
        laid(root, before, texts)
        if random.random() < 0.5 or not before:
            git("add", "-A")
            git("commit", "-qm", "state")
            commits[git("rev-parse", "HEAD").strip()] = texts
        if random.random() < 0.7:
            settle()
        for _ in range(3):
            audience, commit = random.choice(AUDIENCES[1:]), random.choice((None, None, *commits))
            repo, there = open_repo(root), commits[commit] if commit else texts
            index = index_of(repo)
            tree = CommitTree(repo, commit, index) if commit else WorkingTree(root, repo, index=index)
            found = of_tree(tree, audience, root / ".git/smartreg")
            assert found == (None if broken(there) else anew(there, audience))
        before, texts, writes = texts, changed(random, texts, writes), {}


ISTRES, NOISE = "registry/parties/istres.yaml", "registry/equipment/istres-noise-1.yaml"


def rewritten(path: str, old: bytes, new: bytes) -> Callable[[Path, Git], object]:
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
    "a name of the same length": rewritten(ISTRES, b"name: Istres-en", b"name: ISTRES-en"),
    "other line ends": rewritten(ISTRES, b"\n", b"\r\n"),
    "a record gone": lambda root, _git: (root / NOISE).unlink(),
    "a record moved": lambda root, _git: (root / NOISE).rename(root / NOISE.replace("istres-noise-1", "other")),
    "a record come": lambda root, _git: shutil.copy(root / NOISE, root / NOISE.replace("istres-noise-1", "other")),
    "a record broken": rewritten(ISTRES, b"id: istres", b"id: ["),
    "other settings": rewritten("smartreg.toml", b"name = ", b"# name = "),
    "other schemas": one_column_less,
    "another commit": lambda _root, git: git("commit", "--quiet", "--allow-empty", "--message=again"),
    "another branch": lambda _root, git: git("checkout", "--quiet", "before"),
    "staged": lambda _root, git: git("rm", "--quiet", "--cached", NOISE),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("attributes", [b"", b"*.yaml text eol=lf\n"], ids=["plain", "line ends"])
def test_whatever_happened_the_export_is_that_of_a_fresh_look(
    act: Callable[[Path, Git], object], attributes: bytes, git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    (git_repo / ".gitattributes").write_bytes(attributes)
    root = committed(git_repo, git, monkeypatch)
    git("tag", "before")
    rewritten(ISTRES, b"name: Istres", b"name: Istres-en-Provence")(root, git)
    git("commit", "--quiet", "--all", "--message=renamed")
    settle()
    for _ in range(3):
        made(root)
    act(root, git)
    asked: tuple[dict[str, str], ...] = ({}, {"at": "before"}, {"audience": "public"}, {"at": INDEX}, {})
    found = [contents(made(root, **wanted)) for wanted in asked]
    shutil.rmtree(root / ".git/smartreg")
    assert found == [contents(made(root, **wanted)) for wanted in asked]


def test_where_nothing_changed_no_page_is_looked_at(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    root = committed(git_repo, git, monkeypatch)
    settle()
    before = [contents(made(root)) for _ in range(3)]
    monkeypatch.setattr("smartreg.commands.paged.Pages", None)
    assert contents(made(root)) == before[0]


def test_the_second_export_of_a_commit_is_the_first(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    root = committed(git_repo, git, monkeypatch)
    first = contents(made(root, dialect="excel-fr", audience="public"))
    assert contents(made(root, dialect="excel-fr", audience="public")) == first

"""CSV a page at a time: what was kept gives the bytes that making everything anew gives, whatever has changed."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from conftest import Git
from exports import committed, contents, made
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import INDEXED, Texts, registry_and_edit

from smartreg.commands.paged import printed
from smartreg.exporters.csv import DIALECTS
from smartreg.exporters.csv_file import csv_file
from smartreg.exporters.data_package import File
from smartreg.registry import Registry, open_registry
from smartreg.tables import tables
from smartreg.tables.audience import AUDIENCES, view
from smartreg.trees import MemoryTree

STYLE = DIALECTS["standard"]


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small registries have several pages of a kind too."""
    monkeypatch.setattr("smartreg.tables.pages.LENGTH", 2)


def opened(texts: Texts, folder: Path | None) -> Registry:
    return open_registry(MemoryTree(texts), folder, INDEXED)


def by_pages(texts: Texts, audience: str, folder: Path) -> list[object] | None:
    """Every table, and how many records are withheld; None where a record cannot be read."""
    registry = opened(texts, folder)
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


def test_the_second_export_of_a_commit_is_the_first(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    root = committed(git_repo, git, monkeypatch)
    first = contents(made(root, dialect="excel-fr", audience="public"))
    assert contents(made(root, dialect="excel-fr", audience="public")) == first

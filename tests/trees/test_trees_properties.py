"""Trees that must agree, on generated files."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from smartreg.gitio import open_repo
from smartreg.trees import CommitTree, EditedTree, MemoryTree, StagedTree, Tree, WorkingTree

FEW = ["registry/a.yaml", "registry/k/a.yaml", "registry/k/b", "schemas/a.json", "smartreg.toml"]
FEW += ["README.md", "registry/../a"]
CONTENTS = st.dictionaries(st.sampled_from(FEW), st.binary(max_size=8))
WRITES = st.dictionaries(st.sampled_from(FEW), st.none() | st.binary(max_size=8))

# Any bytes but those that no name can hold. Names in one folder, so that none is a file and a folder at once.
NAME = (
    st.lists(st.integers(1, 255).filter(lambda byte: byte != 47), min_size=1, max_size=20)
    .map(bytes)
    .filter(lambda name: name.lower() not in (b".", b"..", b".git"))
)
PATH = st.tuples(st.sampled_from([b"registry/", b"schemas/", b"registry/equipment/13001/"]), NAME).map(b"".join)


def same(left: Tree, right: Tree) -> None:
    assert list(left.files()) == sorted(left.files())
    assert left.files() == right.files()
    for path in FEW:
        assert content(left, path) == content(right, path)
    asked = [*FEW, *reversed(FEW)]
    assert list(left.read_many(asked)) == list(right.read_many(asked))


def content(tree: Tree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except FileNotFoundError:
        return None


def apply_writes(contents: Mapping[str, bytes], writes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {path: text for path, text in {**contents, **writes}.items() if text is not None}


@given(CONTENTS, WRITES, WRITES)
def test_an_edited_tree_is_the_tree_with_the_writes_in_it(
    contents: Mapping[str, bytes], first: Mapping[str, bytes | None], second: Mapping[str, bytes | None]
) -> None:
    base = MemoryTree(contents)
    edited = EditedTree(base, first)
    same(edited, MemoryTree(apply_writes(contents, first)))
    same(EditedTree(edited, second), MemoryTree(apply_writes(apply_writes(contents, first), second)))
    same(base, MemoryTree(contents))


@settings(max_examples=13)
@given(st.dictionaries(PATH, st.binary(max_size=30), min_size=1, max_size=12))
def test_disk_index_and_commit_list_any_name_alike(contents: Mapping[bytes, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for path, text in contents.items():
            file = os.path.join(os.fsencode(root), path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            Path(os.fsdecode(file)).write_bytes(text)
        who = ("-c", "user.name=registre", "-c", "user.email=registre@example.org", "-c", "core.protectHFS=false")
        for command in (("init", "-q"), ("add", "-fA"), (*who, "commit", "-qm", "x")):
            subprocess.run(["git", "-c", "core.protectNTFS=false", *command], cwd=root, check=True, capture_output=True)
        named = {path.decode("utf-8", "surrogateescape"): text for path, text in contents.items()}
        memory = MemoryTree(named)
        repo = open_repo(root)
        expected = {path: (file.special, file.blob) for path, file in memory.files().items()}
        for tree in (WorkingTree(root, repo), StagedTree(repo), CommitTree(repo, repo.head() or "")):
            assert {path: (file.special, file.blob) for path, file in tree.files().items()} == expected
            assert dict(tree.read_many(tree.files())) == named
        plain = WorkingTree(root)
        assert list(plain.files()) == list(expected)
        assert dict(plain.read_many(expected)) == named

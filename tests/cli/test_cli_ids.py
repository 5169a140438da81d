"""What Tab knows of the ids of a kind: the names of its files, in all folders, sorted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smartreg.cli.completion import ids


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry with files in folders of folders, a link to another folder, and a name that is not UTF-8."""
    for place in ("registry/supports/13047/deep", "registry/supports/13001", "elsewhere"):
        (tmp_path / place).mkdir(parents=True)
    for name in ("m-2.yaml", "13047/a.yaml", "13047/deep/é.yml", "13001/m-1.yaml", "README", "13001/.gitkeep"):
        (tmp_path / f"registry/supports/{name}").touch()
    (tmp_path / "elsewhere/away.yaml").touch()
    (tmp_path / "registry/supports/link").symlink_to(tmp_path / "elsewhere")
    with open(os.fsencode(tmp_path / "registry/supports") + b"/m-\xff.yaml", "wb"):
        pass
    return tmp_path


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ("", ["a", "m-1", "m-2", "m-\udcff", "é"]),
        ("m", ["m-1", "m-2", "m-\udcff"]),
        ("m-\udcff", ["m-\udcff"]),
        ("é", ["é"]),
        ("x", []),
    ],
)
def test_ids_are_the_names_of_files_in_all_folders(root: Path, start: str, found: list[str]) -> None:
    assert sorted(ids(root, "registry/supports", start)) == sorted(found)
    assert list(ids(root, "registry/supports", start)) == sorted(ids(root, "registry/supports", start))
    assert list(ids(root, "registry/nothing", start)) == []
    assert not (root / ".git").exists()

"""What Tab knows of the ids of a large folder: with a note and without, the same."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartreg.cli.ids import LARGE, ids
from smartreg.grain import TICK

LONG = "x" * 180
STARTS = ("", "a", "é", "m", f"m-{LONG}", "n", "~")


def made(folder: Path) -> Path:
    """A registry with a folder of many names, and folders in it."""
    for place in ("registry/supports/13047/deep", "registry/supports/13001", ".git"):
        (folder / place).mkdir(parents=True)
    for n in range(2 * LARGE // len(LONG)):
        (folder / f"registry/supports/{'m' if n % 2 else 'é'}-{LONG}-{n:03}.yaml").touch()
    for name in ("13047/a.yaml", "13047/deep/é.yml", "13001/m-1.yaml", "README", "13001/.gitkeep"):
        (folder / f"registry/supports/{name}").touch()
    return folder


def listed(root: Path, start: str) -> list[str]:
    """What the folders say: the ids of all files, symbolic links to folders not followed."""
    found = [
        name.rpartition(".")[0]
        for _place, _folders, names in os.walk(root / "registry/supports")
        for name in names
        if name.endswith((".yaml", ".yml"))
    ]
    return sorted(name for name in found if name.startswith(start))


def told(root: Path, start: str = "") -> list[str]:
    return list(ids(str(root), "supports", start))


def settle() -> None:
    """Let the clock go on, so that the next change has another time than the last one."""
    time.sleep(1.2 * TICK / 1e9)


def note(root: Path) -> Path:
    return root / ".git/smartreg/ids-supports"


def noted(folder: Path) -> Path:
    root = made(folder)
    settle()
    told(root)
    assert note(root).exists()
    return root


def change(random: Random, root: Path) -> None:
    """A file or folder comes, goes, moves, or takes the place of another."""
    files = sorted(path for path in (root / "registry/supports").rglob("*.y*ml") if path.is_file())
    folders = sorted(path for path in (root / "registry/supports").rglob("*") if path.is_dir())
    file, folder = random.choice(files), random.choice(folders)
    fresh = folder / f"n{random.randrange(1000)}"
    match random.randrange(6):
        case 0:
            fresh.with_suffix(".yaml").touch()
        case 1:
            file.unlink()
        case 2:
            file.rename(file.with_name(f"~{file.name[:50]}.yaml"))
        case 3:
            folder.rename(folder.with_name(f"moved-{folder.name}"))
        case 4:
            fresh.mkdir(exist_ok=True)
            (fresh / "m-2.yaml").touch()
        case _:
            about = folder.stat()
            fresh.with_suffix(".yml").touch()
            os.utime(folder, ns=(about.st_atime_ns, about.st_mtime_ns))


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_with_and_without_a_note_the_ids_are_the_same(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    random, root = Random(seed), noted(tmp_path_factory.mktemp("tab"))
    for _ in range(4):
        if random.random() < 0.3:
            settle()
        change(random, root)
        for start in STARTS:
            assert told(root, start) == listed(root, start)


def test_a_folder_that_has_just_changed_is_not_noted(tmp_path: Path) -> None:
    root = made(tmp_path)
    told(root)

    assert f"m-{LONG}-001".encode() not in (note(root).read_bytes() if note(root).exists() else b"")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: text[:-1],
        lambda text: text[:100],
        lambda text: text + b"x",
        lambda text: text.replace(b"ids 1", b"ids 2"),
        lambda text: text.replace(b"[[", b"[]"),
        lambda text: b"\0" * len(text),
        lambda text: text.replace(b"\0", b"\n"),
        lambda text: text.replace(b'"', b"\xff", 1),
        lambda text: text.replace(b"registry/supports", b"registry/xupports"),
    ],
)
def test_a_damaged_note_is_none(damage: object, tmp_path: Path) -> None:
    root = noted(tmp_path)
    assert callable(damage)
    note(root).write_bytes(damage(note(root).read_bytes()))

    assert told(root) == listed(root, "")


def test_a_note_of_another_registry_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    root = noted(tmp_path / "a").rename(tmp_path / "b")

    assert told(root) == listed(root, "")


def test_where_nothing_can_be_noted_the_ids_are_told_and_nothing_is_left(tmp_path: Path) -> None:
    root = made(tmp_path)
    settle()
    note(root).mkdir(parents=True)
    assert told(root) == listed(root, "")
    assert [*(root / ".git/smartreg").iterdir()] == [note(root)]
    note(root).rmdir()
    (root / ".git/smartreg").rmdir()
    (root / ".git").rmdir()

    assert told(root) == listed(root, "")
    assert not (root / ".git").exists()


def test_a_link_to_a_folder_is_not_followed_and_bytes_that_are_no_name_are_found(tmp_path: Path) -> None:
    root = made(tmp_path)
    (root / "elsewhere").mkdir()
    (root / "elsewhere/away.yaml").touch()
    (root / "registry/supports/link").symlink_to(root / "elsewhere")
    with open(os.fsencode(root / "registry/supports") + b"/m-\xff.yaml", "wb"):
        settle()

    for _ in range(2):
        assert sorted(told(root)) == listed(root, "")
        assert told(root, "m-\udcff") == ["m-\udcff"]
    assert note(root).exists()

"""What the index knows of a working tree: with it and without it, the same files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from conftest import Git
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import git_in, settle

from smartreg.gitio import blob_id, open_repo
from smartreg.index.mtime import TICK, has_foreign_clock, is_reliable
from smartreg.trees import File, IndexedFiles, Plain, Tree, WorkingTree, index_of, length
from smartreg.trees.refresh import load_state_of

FOLDERS = ("registry/equipment", "registry/supports/13047", "registry/supports/13054", "registry/imports", "schemas")
Step = Callable[[Path, Git, Random], None]


def tree_at(root: Path) -> Tree:
    repo = open_repo(root)
    return WorkingTree(root, repo, index=index_of(repo))


def looked_at(root: Path) -> dict[str, File]:
    """The files, with what is in them."""
    tree = tree_at(root)
    files = tree.files()
    assert [*files] == sorted(files)
    assert len(files) == len([*files])
    assert all(path in files for path in files)
    for folder in ("registry", *FOLDERS):
        assert [*files.below(folder)] == [path for path in files if path.startswith(f"{folder}/")]
    plain = Plain(files)
    assert files.outline == plain.outline
    assert plain.usual or not files.usual
    return {path: measured(tree, file) for path, file in files.items()}


def measured(tree: Tree, file: File) -> File:
    """The file with the blob of its content where its own is not known; its size is that of the content, if it has
    one."""
    size = length(file.size)
    if file.special:
        return file._replace(size=size)
    content = tree.read(file.path)
    assert size in (None, len(content))
    return file._replace(blob=file.blob or blob_id(content, "sha1"), size=None)


@contextmanager
def forgotten(root: Path) -> Iterator[None]:
    """Meanwhile nothing is remembered."""
    repo, aside = root / ".git", root / ".git/aside"
    aside.mkdir()
    for place in (repo / "smartreg").glob("index-*"):
        place.rename(aside / place.name)
    yield
    for place in (repo / "smartreg").glob("index-*"):
        place.unlink()
    for place in aside.iterdir():
        place.rename(repo / "smartreg" / place.name)
    aside.rmdir()


def some_file(root: Path, random: Random) -> Path:
    files = [place for place in sorted(root.glob("*/**/*")) if place.is_file() and not place.is_symlink()]
    return random.choice([place for place in files if ".git" not in place.parts] or [root / "smartreg.toml"])


def new(root: Path, _git: Git, random: Random) -> None:
    place = root / random.choice(FOLDERS) / random.choice(("a.yaml", "b.yaml", "C.yaml", "plan.pdf", ".gitattributes"))
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists() or place.is_file():
        place.write_bytes(b"id: %d\n" % random.randrange(4))


def change(root: Path, _git: Git, random: Random) -> None:
    some_file(root, random).write_bytes(random.choice((b"id: 1\n", b"id: 2\n", b"id: 1\r\n", b"")))


def remove(root: Path, _git: Git, random: Random) -> None:
    some_file(root, random).unlink(missing_ok=True)


def rename(root: Path, _git: Git, random: Random) -> None:
    place = some_file(root, random)
    if place.exists():
        place.rename(place.with_name(f"m{random.randrange(3)}.yaml"))


def odd(root: Path, _git: Git, random: Random) -> None:
    place = some_file(root, random)
    place.unlink(missing_ok=True)
    match random.randrange(4):
        case 0:
            place.symlink_to("/etc/hostname")
        case 1:
            os.mkfifo(place)
        case 2:
            (place / ".git").mkdir(parents=True)
        case 3:
            with open(os.fsencode(place.parent) + b"/caf\xe9.yaml", "wb"):
                pass


def folder(root: Path, git: Git, random: Random) -> None:
    place = root / random.choice(FOLDERS[:3])
    target = place.with_name(random.choice(("13103", "x.yaml", "flows")))
    if place.is_dir() and not place.is_symlink() and not target.exists():
        place.rename(target)


def run(*words: str) -> Step:
    def step(_root: Path, git: Git, _random: Random) -> None:
        git(*words)

    return step


def on_a_file(*words: str) -> Step:
    def step(root: Path, git: Git, random: Random) -> None:
        git(*words, "--", str(some_file(root, random)))

    return step


EVERYDAY: tuple[Step, ...] = (
    *(new, new, change, change, remove, rename, folder),
    *(run("add", "-A"), run("commit", "-qam", "a"), run("commit", "-qm", "b"), run("status"), run("gc", "-q")),
    *(on_a_file("add"), on_a_file("reset", "-q"), run("rm", "-rq", "--cached", "registry/supports")),
    *(run("stash", "-q"), run("stash", "pop", "-q"), run("reset", "-q", "--soft", "HEAD~1"), run("reset", "--hard")),
    *(run("switch", "-qc", "side"), run("switch", "-q", "main"), run("switch", "-q", "side"), run("merge", "side")),
    run("checkout", "-q", "HEAD~1"),
)
RARE: tuple[Step, ...] = (
    odd,
    *(on_a_file("update-index", "--assume-unchanged"), on_a_file("update-index", "--skip-worktree")),
    *(on_a_file("add", "--intent-to-add"), on_a_file("update-index", "--chmod=+x"), on_a_file("rm", "-q", "--cached")),
    *(run("config", "core.autocrlf", "true"), run("config", "index.skipHash", "true")),
    run("update-index", "--index-version", "4"),
)


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_with_and_without_what_is_remembered_the_files_are_the_same(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root, random = tmp_path_factory.mktemp("tree"), Random(seed)
    git = git_in(root)
    git("init", "-q", "--initial-branch=main")
    (root / "smartreg.toml").write_text("")
    for _ in range(6):
        new(root, git, random)
    git("add", "-A")
    git("commit", "-qm", "base")
    for _ in range(8):
        if random.random() < 0.6:
            settle()
        seen = looked_at(root)
        with forgotten(root):
            assert looked_at(root) == seen
        for _ in range(random.randrange(3)):
            random.choice(RARE if random.random() < 0.1 else EVERYDAY)(root, git, random)


def test_it_is_remembered(tmp_path: Path) -> None:
    """That the same files come of it would be no wonder if it were never used."""
    git = git_in(tmp_path)
    git("init", "-q", "--initial-branch=main")
    (tmp_path / "smartreg.toml").write_text("")
    for n in range(40):
        place = tmp_path / f"registry/supports/{n % 3}/s{n}.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"id: s{n}\n")
    git("add", "-A")
    git("commit", "-qm", "base")
    settle()
    assert isinstance(tree_at(tmp_path).files(), IndexedFiles)
    (tmp_path / "registry/supports/1/new.yaml").write_text("id: new\n")
    git("add", "-A")
    git("commit", "-qm", "more")
    (tmp_path / "registry/supports/2/s2.yaml").write_text("id: changed\n")
    (tmp_path / "registry/supports/0/s0.yaml").unlink()
    settle()
    files = tree_at(tmp_path).files()
    assert isinstance(files, IndexedFiles)
    assert files["registry/supports/1/new.yaml"].blob
    assert files["registry/supports/2/s2.yaml"].blob == blob_id(b"id: changed\n", "sha1")
    assert "registry/supports/0/s0.yaml" not in files
    dirty = {path: head is not None for path, head in files.state.dirty().items()}
    assert dirty == {"registry/supports/2/s2.yaml": True, "registry/supports/0/s0.yaml": True}


def test_a_folder_that_changed_while_it_was_read_is_read_again(tmp_path: Path) -> None:
    """It may change once more, and have the same times: here they are those of tomorrow."""
    git = git_in(tmp_path)
    git("init", "-q", "--initial-branch=main")
    (tmp_path / "smartreg.toml").write_text("")
    for name in ("parties", "networks"):
        (tmp_path / "registry" / name).mkdir(parents=True)
        (tmp_path / f"registry/{name}/one.yaml").write_text("id: one\n")
    git("add", "-A")
    git("commit", "-qm", "base")
    settle()
    folder, tomorrow = tmp_path / "registry/parties", time.time() + 86_400
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(f"id: {name}\n")
        os.utime(folder, (tomorrow, tomorrow))
        looked_at(tmp_path)
        repo = open_repo(tmp_path)
        kept = load_state_of(index_of(repo), repo)
        assert kept is not None
        noted = {name: stamp is not None for name, stamp in kept.folders().items()}
        assert noted == {"registry": True, "registry/parties": False, "registry/networks": True}
    assert "registry/parties/two.yaml" in looked_at(tmp_path)


def test_what_had_other_times_when_the_reading_began_is_settled() -> None:
    second = 1_000_000_000
    assert is_reliable(second, second // 2 + 1)
    assert not is_reliable(second, second - TICK + 1)
    assert not is_reliable(second, 1, second - 1)
    assert not is_reliable(3 * second, 2 * second)
    assert is_reliable(5 * second, 2 * second)
    assert not has_foreign_clock(time.time_ns(), time.time_ns())
    assert has_foreign_clock(time.time_ns() - 60 * second, time.time_ns())
    assert has_foreign_clock(time.time_ns() + 60 * second, time.time_ns())


def test_two_working_trees_have_an_index_each_and_do_not_believe_a_copy(tmp_path: Path) -> None:
    main, other = tmp_path / "main", tmp_path / "other"
    main.mkdir()
    git = git_in(main)
    git("init", "-q", "--initial-branch=main")
    (main / "smartreg.toml").write_text("")
    for n in range(9):
        new(main, git, Random(n))
    git("add", "-A")
    git("commit", "-qm", "base")
    git("worktree", "add", "-q", str(other))
    (other / "registry/equipment").mkdir(parents=True, exist_ok=True)
    (other / "registry/equipment/other.yaml").write_text("id: other\n")
    git_in(other)("add", "-A")
    settle()
    seen = {place: looked_at(place) for place in (main, other)}
    files = {place: index_of(open_repo(place)).path for place in (main, other)}
    assert seen[main] != seen[other]
    assert all(file is not None and file.exists() for file in files.values())
    assert len(set(files.values())) == 2
    for place, copied in ((main, other), (other, main)):
        there, here = files[copied], files[place]
        assert there is not None
        assert here is not None
        content = there.read_bytes()
        looked_at(place)
        here.write_bytes(content)
        assert looked_at(place) == seen[place]

"""The trees on real folders and real Git repositories: the same registry seen from disk, index and commit."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git
from program import start

from smartreg.core.errors import StateFault
from smartreg.gitio import blob_id, open_repo
from smartreg.trees import (
    READ_LIMIT,
    CommitTree,
    EditedTree,
    MemoryTree,
    StagedTree,
    Tree,
    WorkingTree,
    find_root,
    length,
)

Contents: TypeAlias = Mapping[str, bytes]

SENSOR = "registry/equipment/demo-noise-1.yaml"
CONTENTS = {
    "smartreg.toml": b"[registry]\n",
    "schemas/equipment.schema.json": b'{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}\n',
    "registry/README.md": b"# Registre\n",
    "registry/conventions/annexes/plan.pdf": b"%PDF-1.4\0\xff",
    SENSOR: b'id: "demo-noise-1"\n',
    "registry/équipements/é.yaml": b"",
    "registry/equipment/two\nlines\t\x1b[31m.yaml": b"a: 1\n",
    "registry/equipment/-n 'x' $(y).yaml": b"a: 2\n",
}
LATIN = "registry/equipment/caf\udce9.yaml"


def lay(root: Path, contents: Contents) -> None:
    for path, content in contents.items():
        file = os.path.join(os.fsencode(root), path.encode("utf-8", "surrogateescape"))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as written:
            written.write(content)


def files_of(tree: Tree) -> dict[str, tuple[str, str | None]]:
    return {path: (file.special, file.blob) for path, file in tree.files().items()}


def special(tree: Tree) -> dict[str, str]:
    return {path: file.special for path, file in tree.files().items() if file.special}


@pytest.fixture
def registry(git_repo: Path, git: Git) -> Path:
    lay(git_repo, CONTENTS | {LATIN: b"latin\n", "README.md": b"not ours\n", "registry.txt": b"neither\n"})
    git("add", "-A")
    git("commit", "-qm", "x")
    return git_repo


def working(root: Path) -> WorkingTree:
    return WorkingTree(root, open_repo(root))


def test_all_trees_hold_the_same(registry: Path) -> None:
    repo = open_repo(registry)
    expected = MemoryTree(CONTENTS | {LATIN: b"latin\n", "README.md": b"", "registry/../x": b"", "/registry/x": b""})
    assert list(expected.files()) == sorted([*CONTENTS, LATIN])
    assert special(expected) == {LATIN: "undecodable name"}
    head = repo.head()
    assert head
    trees: list[Tree] = [working(registry), StagedTree(repo), CommitTree(repo, head), EditedTree(expected, {})]
    for tree in trees:
        assert files_of(tree) == files_of(expected)
        assert list(tree.files()) == list(expected.files())
        assert dict(tree.read_many(reversed([*expected.files()]))) == CONTENTS | {LATIN: b"latin\n"}
        assert tree.read(LATIN) == b"latin\n"
    assert [tree.commit for tree in trees] == [None, None, head, None]


def test_a_folder_without_git_is_read_too(tmp_path: Path) -> None:
    lay(tmp_path, CONTENTS)
    tree = WorkingTree(tmp_path)
    assert files_of(tree) == dict.fromkeys(CONTENTS, ("", None))
    assert dict(tree.read_many(CONTENTS)) == CONTENTS


def test_the_registry_may_be_a_folder_of_the_repository(git_repo: Path, git: Git) -> None:
    root = git_repo / "villes" / "istres"
    lay(root, CONTENTS)
    lay(git_repo, {"registry/other.yaml": b"", "smartreg.toml": b""})
    git("add", "-A")
    git("commit", "-qm", "x")
    repo = open_repo(root)
    for tree in (WorkingTree(root, repo), StagedTree(repo), CommitTree(repo, repo.head() or "")):
        assert files_of(tree) == files_of(MemoryTree(CONTENTS))
        assert tree.read(SENSOR) == CONTENTS[SENSOR]


def test_the_index_of_a_repository_without_commits(git_repo: Path, git: Git) -> None:
    lay(git_repo, CONTENTS)
    git("add", SENSOR)
    assert list(StagedTree(open_repo(git_repo)).files()) == [SENSOR]
    assert {path for path, (_, blob) in files_of(working(git_repo)).items() if blob} == {SENSOR}


def test_sha256(tmp_path: Path, git: Git) -> None:
    git("init", "-q", "--object-format=sha256", str(tmp_path), cwd=tmp_path)
    lay(tmp_path, CONTENTS)
    git("add", "-A", cwd=tmp_path)
    repo = open_repo(tmp_path)
    assert (
        files_of(WorkingTree(tmp_path, repo)) == files_of(MemoryTree(CONTENTS, "sha256")) == files_of(StagedTree(repo))
    )
    edited = EditedTree(WorkingTree(tmp_path, repo), {SENSOR: b"new"})
    assert edited.files()[SENSOR].blob == blob_id(b"new", "sha256")


@pytest.mark.promise("R8")
def test_only_regular_files_are_read(registry: Path, git: Git, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"SECRET")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.yaml").write_bytes(b"SECRET")
    (registry / "registry/equipment/leak.yaml").symlink_to(tmp_path / "secret")
    (registry / "registry/equipment/inner.yaml").symlink_to("demo-noise-1.yaml")
    (registry / "registry/parties").symlink_to(tmp_path / "outside")
    (registry / "registry/loop").symlink_to("..")
    git("add", "-A")
    git("commit", "-qm", "x")
    git("init", "-q", "registry/networks/lora")
    lay(registry, {"registry/networks/lora/n.yaml": b"SECRET"})
    os.mkfifo(registry / "registry/equipment/fifo.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(registry / "registry/s.yaml"))
        links = {
            "registry/equipment/leak.yaml": "symlink",
            "registry/equipment/inner.yaml": "symlink",
            "registry/parties": "symlink",
            "registry/loop": "symlink",
            LATIN: "undecodable name",
        }
        on_disk = {
            "registry/networks/lora": "submodule",
            "registry/equipment/fifo.yaml": "other",
            "registry/s.yaml": "other",
        }
        repo = open_repo(registry)
        tree = working(registry)
        assert special(tree) == special(WorkingTree(registry)) == links | on_disk
        assert special(StagedTree(repo)) == special(CommitTree(repo, repo.head() or "")) == links
        hidden = [*links, *on_disk, "registry/parties/a.yaml", "registry/loop/smartreg.toml", "registry/networks"]
        hidden += [
            "registry/../README.md",
            "README.md",
            str(tmp_path / "secret"),
            "registry//README.md",
            "",
            "registry",
        ]
        hidden += ["registry/" + "x" * 300, "registry/\0", "registry/\ud800.yaml", f"{SENSOR}/x", "smartreg.toml/x"]
        hidden.remove(LATIN)
        for each in (tree, StagedTree(repo), CommitTree(repo, repo.head() or "")):
            assert not dict(each.read_many(hidden))
            for path in hidden:
                with pytest.raises(FileNotFoundError):
                    each.read(path)


@pytest.mark.parametrize("folder", ["registry", "schemas"])
def test_a_symlink_for_a_whole_folder_is_not_entered(tmp_path: Path, folder: str) -> None:
    lay(tmp_path / "elsewhere", {f"{folder}/a.yaml": b"SECRET"})
    (tmp_path / folder).symlink_to(tmp_path / "elsewhere" / folder)
    tree = WorkingTree(tmp_path)
    assert special(tree) == {folder: "symlink"}
    with pytest.raises(FileNotFoundError):
        tree.read(f"{folder}/a.yaml")


def test_wrong_things_at_the_top(git_repo: Path, git: Git) -> None:
    lay(git_repo, {"smartreg.toml/a": b"", "smartreg.toml/b": b"", "registry": b"a file", "schemas/x.json": b""})
    git("add", "-A")
    git("commit", "-qm", "x")
    repo = open_repo(git_repo)
    for tree in (working(git_repo), WorkingTree(git_repo), StagedTree(repo), CommitTree(repo, repo.head() or "")):
        assert special(tree) == {"smartreg.toml": "directory", "registry": "other"}
        assert list(tree.files()) == ["registry", "schemas/x.json", "smartreg.toml"]


def test_a_submodule_is_one_special_file(registry: Path, git: Git) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("update-index", "--add", "--cacheinfo", f"160000,{head},registry/networks/sub")
    (registry / "registry/networks/sub").mkdir(parents=True)
    repo = open_repo(registry)
    for tree in (working(registry), StagedTree(repo)):
        assert special(tree) == {"registry/networks/sub": "submodule", LATIN: "undecodable name"}
    lay(registry, {"registry/networks/sub/a.yaml": b"lost its .git"})
    assert special(working(registry)) == {"registry/networks/sub": "submodule", LATIN: "undecodable name"}


def test_paths_that_only_a_forged_commit_has(git_repo: Path) -> None:
    def make_object(kind: str, content: bytes) -> str:
        command = ["git", "hash-object", "-t", kind, "-w", "--literally", "--stdin"]
        return subprocess.run(command, cwd=git_repo, input=content, capture_output=True, check=True).stdout.decode()[
            :-1
        ]

    blob = bytes.fromhex(make_object("blob", b"SECRET"))
    evil = make_object("tree", b"100644 ..\0" + blob + b"100644 .git\0" + blob + b"100644 a.yaml\0" + blob)
    top = make_object("tree", b"40000 registry\0" + bytes.fromhex(evil))
    commit = make_object(
        "commit", f"tree {top}\nauthor a <a@example.org> 0 +0000\ncommitter a <a@example.org> 0 +0000\n\nx".encode()
    )
    tree = CommitTree(open_repo(git_repo), commit)
    assert special(tree) == {"registry/..": "other", "registry/.git": "other"}
    assert dict(tree.read_many(tree.files())) == {"registry/a.yaml": b"SECRET"}


def test_never_more_than_the_limit(registry: Path, git: Git) -> None:
    long = b"x" * (READ_LIMIT + 5)
    lay(registry, {SENSOR: long, "registry/just.yaml": long[: READ_LIMIT - 1]})
    git("add", "-A")
    git("commit", "-qm", "x")
    repo = open_repo(registry)
    memory = MemoryTree({SENSOR: long, "registry/just.yaml": long[: READ_LIMIT - 1]})
    edited = EditedTree(MemoryTree({"registry/just.yaml": long[: READ_LIMIT - 1]}), {SENSOR: long})
    for tree in (
        working(registry),
        WorkingTree(registry),
        StagedTree(repo),
        CommitTree(repo, repo.head() or ""),
        memory,
        edited,
    ):
        assert len(tree.read(SENSOR)) == READ_LIMIT
        assert [len(text) for _, text in tree.read_many([SENSOR, "registry/just.yaml"])] == [READ_LIMIT, READ_LIMIT - 1]


class TestBlobsOfTheWorkingTree:
    """A blob id is given only if the disk certainly holds that blob."""

    def test_changed_new_and_ignored_files(self, registry: Path, git: Git) -> None:
        lay(
            registry,
            {
                SENSOR: b"id: changed\n",
                "registry/new.yaml": b"",
                "registry/ignored.yaml": b"",
                ".gitignore": b"*red.yaml",
            },
        )
        lay(registry, {"registry/announced.yaml": b""})
        git("add", "-N", "registry/announced.yaml")
        (registry / "registry/README.md").unlink()
        unknown = {path for path, (_, blob) in files_of(working(registry)).items() if blob is None}
        assert unknown == {SENSOR, "registry/new.yaml", "registry/ignored.yaml", "registry/announced.yaml"}
        assert "registry/README.md" not in working(registry).files()

    def test_staged_and_unchanged_since(self, registry: Path, git: Git) -> None:
        lay(registry, {SENSOR: b"id: staged\n"})
        git("add", SENSOR)
        assert working(registry).files()[SENSOR].blob == blob_id(b"id: staged\n")

    @pytest.mark.promise("R15")
    def test_same_size_and_time(self, registry: Path, git: Git) -> None:
        # Long before the index was written: else Git looks into the file anyway.
        os.utime(registry / SENSOR, (1_700_000_000, 1_700_000_000))
        git("add", "--renormalize", SENSOR)
        assert working(registry).files()[SENSOR].blob
        # Git compares whole seconds.
        time.sleep(1.05)
        lay(registry, {SENSOR: CONTENTS[SENSOR].replace(b"noise", b"voice")})
        os.utime(registry / SENSOR, (1_700_000_000, 1_700_000_000))
        assert os.stat(registry / SENSOR).st_size == len(CONTENTS[SENSOR])
        for key, value in (("user.name", "x"), ("core.trustctime", "false"), ("core.checkStat", "minimal")):
            git("config", key, value)
            assert working(registry).files()[SENSOR].blob is None

    @pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
    def test_hidden_by_a_flag(self, registry: Path, git: Git, flag: str) -> None:
        git("update-index", flag, SENSOR)
        assert working(registry).hidden_files() == []
        lay(registry, {SENSOR: CONTENTS[SENSOR].replace(b"\n", b"\r\n")})
        assert working(registry).hidden_files() == []
        lay(registry, {SENSOR: b"id: hidden\n"})
        assert working(registry).files()[SENSOR].blob is None
        assert working(registry).hidden_files() == [SENSOR]
        lay(registry, {"smartreg.toml": b'name = "Istres"\n'})
        git("add", "smartreg.toml")
        done = start("validate", cwd=registry)
        assert SENSOR in done.stderr
        assert "hidden" in done.stderr
        assert "hidden" not in start("validate", "--staged", cwd=registry).stderr

    def test_conflict(self, registry: Path, git: Git) -> None:
        conflict(registry, git)
        assert working(registry).files()[SENSOR].blob is None
        assert b"<<<<<<<" in working(registry).read(SENSOR)

    @pytest.mark.parametrize(
        "how", ["registry/.gitattributes", ".git/info/attributes", "user's", "his folder", "setting"]
    )
    def test_line_ends_changed_by_git_show_in_the_size(self, registry: Path, git: Git, home: Path, how: str) -> None:
        lay_attributes(registry, home, how, b"*.yaml text=auto\n")
        if how == "setting":
            git("config", "core.autocrlf", "input")
        lay(registry, {SENSOR: b'id: "demo-noise-1"\r\n'})
        os.utime(registry / SENSOR, (1_700_000_000, 1_700_000_000))
        git("-c", "core.safecrlf=false", "add", "-A")
        assert git("ls-files", "-s", SENSOR).split()[1] == blob_id(CONTENTS[SENSOR])
        file = working(registry).files()[SENSOR]
        assert (file.blob, length(file.size)) == (blob_id(CONTENTS[SENSOR]), len(CONTENTS[SENSOR]) + 1)

    @pytest.mark.parametrize("how", ["registry/.gitattributes", ".git/info/attributes", "user's", "his folder"])
    def test_a_filter_from_any_attributes(self, registry: Path, home: Path, how: str) -> None:
        lay_attributes(registry, home, how, b"*.yaml text filter=rot\n")
        assert not any(file.blob for file in working(registry).files().values())

    def test_nothing_is_converted(self, registry: Path, git: Git) -> None:
        text = b"# * text filter=x\nregistry/** -text -filter\n* !eol\n*.pdf binary\n"
        lay(registry, {".gitattributes": text})
        git("config", "core.autocrlf", "false")
        file = working(registry).files()[SENSOR]
        assert (file.blob, file.size) == (blob_id(CONTENTS[SENSOR]), None)

    def test_a_filter_makes_all_unknown_and_is_not_run(self, registry: Path, git: Git, tmp_path: Path) -> None:
        lay(registry, {"registry/.gitattributes": b"*.yaml filter=rot\n", SENSOR: b"id: changed\n"})
        git("config", "filter.rot.clean", f"touch {tmp_path}/ran; cat")
        assert not any(file.blob for file in working(registry).files().values())
        assert not (tmp_path / "ran").exists()


def lay_attributes(root: Path, home: Path, how: str, text: bytes) -> None:
    """Write attributes for Git where they are in force."""
    if how == "user's":
        lay(home, {"attributes": text, ".gitconfig": b"[core]\nattributesFile = ~/attributes\n"})
    elif how == "his folder":
        lay(home, {".config/git/attributes": text})
    elif how.endswith("attributes"):
        lay(root, {how: text})


def conflict(root: Path, git: Git) -> None:
    """Leave a merge with a conflict in `SENSOR` behind."""
    git("checkout", "-qb", "theirs")
    lay(root, {SENSOR: b"id: theirs\n"})
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "main")
    lay(root, {SENSOR: b"id: ours\n"})
    git("commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "-q", "theirs")


class TestIndex:
    def test_conflict(self, registry: Path, git: Git) -> None:
        conflict(registry, git)
        tree = StagedTree(open_repo(registry))
        assert tree.files()[SENSOR].special == "unmerged"
        with pytest.raises(FileNotFoundError):
            tree.read(SENSOR)

    def test_announced_files_are_in_no_commit(self, registry: Path, git: Git) -> None:
        lay(registry, {"registry/announced.yaml": b"id: x\n", "registry/gone.yaml": b"", "registry/empty.yaml": b""})
        git("add", "-N", "registry/announced.yaml", "registry/gone.yaml")
        git("add", "registry/empty.yaml")
        (registry / "registry/gone.yaml").unlink()
        lay(registry, {"registry/équipements/é.yaml": b"was committed empty\n"})
        expected = {*CONTENTS, LATIN, "registry/empty.yaml"}
        assert set(StagedTree(open_repo(registry)).files()) == expected

    def test_it_is_not_the_working_tree(self, registry: Path, git: Git) -> None:
        lay(registry, {SENSOR: b"id: staged\n"})
        git("add", SENSOR)
        lay(registry, {SENSOR: b"id: later\n"})
        assert StagedTree(open_repo(registry)).read(SENSOR) == b"id: staged\n"


def test_files_that_vanish_are_left_out(registry: Path) -> None:
    tree = working(registry)
    paths = list(tree.files())
    (registry / SENSOR).unlink()
    (registry / "registry/README.md").unlink()
    (registry / "registry/README.md").mkdir()
    assert [path for path in paths if path not in dict(tree.read_many(paths))] == ["registry/README.md", SENSOR]


@pytest.fixture
def readers_root() -> Iterator[Path]:
    """A folder of another user, who lets us in; we are not root while the test runs."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        before = os.geteuid()
        yield Path(folder)
        os.seteuid(before)
        for path in Path(folder).rglob("*"):
            path.chmod(0o755)


def test_what_may_not_be_read_is_said(readers_root: Path) -> None:
    lay(readers_root, CONTENTS)
    (readers_root / SENSOR).chmod(0)
    (readers_root / "registry/conventions").chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    tree = WorkingTree(readers_root)
    with pytest.raises(StateFault, match=SENSOR):
        tree.read(SENSOR)
    with pytest.raises(StateFault, match="registry/conventions"):
        tree.files()
    assert tree.read("registry/README.md") == CONTENTS["registry/README.md"]


def test_reading_leaves_no_file_open(registry: Path) -> None:
    tree = working(registry)
    paths = [*tree.files(), "registry/none/x.yaml", "smartreg.toml"]
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    for _ in range(3):
        assert dict(tree.read_many(paths))["smartreg.toml"] == CONTENTS["smartreg.toml"]
        part = tree.read_many(paths)
        next(part)
        del part
    assert len(before) == (len(os.listdir("/proc/self/fd")) if before else 0)


def test_names_do_not_depend_on_the_locale(registry: Path) -> None:
    code = """
import sys
from pathlib import Path
from smartreg.gitio import open_repo
from smartreg.trees import WorkingTree
root = Path(sys.argv[1])
for tree in (WorkingTree(root), WorkingTree(root, open_repo(root))):
    print(ascii(list(tree.files())), [len(text) for _, text in tree.read_many(tree.files())])
"""
    outputs = set()
    for settings in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = subprocess.run(
            [sys.executable, "-c", code, str(registry)], env=os.environ | settings, capture_output=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert b"caf\\udce9" in outputs.pop()


class TestRoot:
    @pytest.mark.parametrize("start", [".", "registry", "registry/equipment"])
    def test_at_or_above(self, registry: Path, start: str) -> None:
        assert find_root(registry / start) == registry
        (registry / "smartreg.toml").unlink()
        assert find_root(registry / start) == registry

    def test_the_nearest(self, registry: Path) -> None:
        lay(registry, {"villes/istres/smartreg.toml": b""})
        assert find_root(registry / "villes/istres") == registry / "villes/istres"
        assert find_root(registry / "villes") == registry

    def test_not_above_a_work_tree(self, registry: Path, git: Git) -> None:
        git("init", "-q", "registry/inner")
        with pytest.raises(StateFault) as fault:
            find_root(registry / "registry/inner")
        assert fault.value.exit_code == 3
        assert fault.value.hint
        assert "smartreg init" in fault.value.hint.in_("en")
        assert "smartreg init" in fault.value.hint.in_("fr")

    def test_not_out_of_a_symlinked_folder(self, registry: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").mkdir()
        (registry / "registry/out").symlink_to(tmp_path / "outside")
        with pytest.raises(StateFault):
            find_root(registry / "registry/out")

    def test_a_folder_that_is_no_registry(self, tmp_path: Path) -> None:
        (tmp_path / "registry").mkdir()
        with pytest.raises(StateFault):
            find_root(tmp_path / "registry")
        with pytest.raises(StateFault):
            find_root(tmp_path / "absent" / "too")

    def test_through_a_link_to_the_registry(self, registry: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(registry)
        assert find_root(tmp_path / "link" / "registry") == registry

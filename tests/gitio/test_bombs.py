"""Git bombs: a few tree objects that stand for more paths than anybody can list; trees that name a file twice; commits
whose headers no Git would write (R8).

Trees and commits are written as objects, and nobody checks them out: a checkout would not end."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from bombs import FILE, FOLDER, IN_THE_PAST, PLACES, SHAPES, commit, look, make_scarred, nested, put, tree, write
from crashes import Ended, git, make_base, run
from hostile import MEMORY
from program import start

from smartreg.gitio import open_repo

pytestmark = pytest.mark.promise("R8")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_base(tmp_path_factory.mktemp("bombs"))
    git(root, "reset", "--quiet", "--hard")
    return root


def answer(root: Path, line: str) -> Ended:
    """A command ends soon, in little memory, with a verdict."""
    ended = run(root, line)
    assert ended.code in (0, 1, 3), f"{line}: {ended.code} {ended.err}"
    assert "Traceback" not in ended.err
    assert ended.memory < MEMORY
    return ended


@pytest.mark.parametrize(
    ("place", "shape"), [*((PLACES[0], shape) for shape in SHAPES), *((place, nested) for place in PLACES[1:])]
)
def test_a_bomb_in_a_change(base: Path, place: str, shape: Callable[[Path], str]) -> None:
    bomb = commit(base, put(base, "main", place, (FOLDER, shape(base))), "main")
    validated = answer(base, f"validate --at {bomb}")
    if place == "docs":
        assert validated.code == 0
    else:
        assert validated.code == 1
        assert place in validated.out
        assert "YML016" in validated.out
    assert answer(base, f"diff main..{bomb}").code == 0
    since = answer(base, f"validate --since main --at {bomb}")
    assert since.code == 1
    assert "YML016" in since.out
    assert answer(base, f"export party --at {bomb} -f csv").code == 0


@pytest.mark.parametrize("place", ["schemas/zone", "smartreg.toml", "registry"])
def test_a_bomb_in_the_place_of_what_a_registry_needs(base: Path, place: str) -> None:
    bomb = commit(base, put(base, "main", place, (FOLDER, nested(base))), "main")
    for line in (f"validate --at {bomb}", f"validate --since main --at {bomb}", f"diff main..{bomb}"):
        ended = run(base, line)
        assert ended.code in ((0, 1, 2, 3) if line.startswith("diff") else (1, 2, 3)), line
        assert ended.memory < MEMORY


def test_two_bombs_beside_each_other(base: Path) -> None:
    one = put(base, "main", "registry/supports/a", (FOLDER, nested(base)))
    bomb = commit(base, put(base, one, "registry/supports/b", (FOLDER, nested(base, 9))), "main")
    assert "YML016" in answer(base, f"validate --at {bomb}").out
    assert answer(base, f"diff main..{bomb}").code == 0


@pytest.fixture(scope="module")
def scarred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scarred(tmp_path_factory.mktemp("scarred"))


@pytest.mark.parametrize("line", IN_THE_PAST)
def test_bombs_in_the_past(scarred: Path, line: str) -> None:
    assert look(scarred, line) is None


def test_the_audit_names_the_commits_and_goes_on(scarred: Path) -> None:
    found = json.loads(answer(scarred, "audit --json").out)
    codes = {finding["code"] for trace in found["traces"] for finding in trace["findings"]}
    assert "YML016" in codes
    assert answer(scarred, "log party/istres").code == 0


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git, which would compare a bomb for ever, is looked after sooner than after three seconds."""
    monkeypatch.setattr("smartreg.gitio.runner._PATIENCE", 0.2)


def test_a_base_or_a_head_that_is_a_bomb_is_refused(base: Path, little_patience: None) -> None:
    bomb = commit(base, put(base, "main", PLACES[0], (FOLDER, nested(base))), "main")
    assert answer(base, f"diff {bomb}").code == 3
    assert answer(base, f"validate --since {bomb}").code == 0, "its merge base is no bomb"
    git(base, "update-ref", "refs/heads/armed", bomb)
    git(base, "symbolic-ref", "HEAD", "refs/heads/armed")
    try:
        for line in ("show party/istres", "set party/istres name=X -y"):
            assert answer(base, line).code == 3, line
    finally:
        git(base, "symbolic-ref", "HEAD", "refs/heads/main")


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="without it, nobody can tell where a process works")
def test_no_git_outlives_the_program(base: Path, little_patience: None) -> None:
    """A comparison with a bomb that nobody waits for would fill the memory of the machine."""
    bomb = commit(base, put(base, "main", PLACES[0], (FOLDER, nested(base))), "main")
    answer(base, "validate")  # the index knows the commit before the bomb
    git(base, "symbolic-ref", "HEAD", "refs/heads/armed")
    git(base, "update-ref", "refs/heads/armed", bomb)
    try:
        assert answer(base, "validate").code == 3
        assert not [process for process in Path("/proc").glob("[0-9]*/cwd") if _is_link_to(process, base)]
    finally:
        git(base, "symbolic-ref", "HEAD", "refs/heads/main")


def _is_link_to(link: Path, target: Path) -> bool:
    try:
        return link.readlink() == target
    except OSError:  # the process has ended, or is not ours
        return False


def test_many_files_of_their_own_are_listed(base: Path) -> None:
    """Not every large folder is a bomb."""
    blob = write(base, "blob", b"id: x\n")
    folders = [tree(base, [(FILE, f"f{folder}-{number}.yaml", blob) for number in range(400)]) for folder in range(30)]
    zone = tree(base, [(FOLDER, f"d{number:02}", oid) for number, oid in enumerate(folders)])
    large = commit(base, put(base, "main", "registry/supports/zone", (FOLDER, zone)), "main")
    files = open_repo(base).tree(large)
    assert sum(path.startswith("registry/supports/zone/") for path in files) == 12_000


def chain(root: Path, made: str, levels: int, name: str = "d") -> str:
    for _ in range(levels):
        made = tree(root, [(FOLDER, name, made)])
    return made


def repeated(root: Path, times: int, files: int = 20) -> str:
    made = nested(root, files, 1)
    return tree(root, [(FOLDER, f"d{number:02}", made) for number in range(times)])


def several(root: Path, files: int) -> str:
    """Folders that are stored one by one."""
    blob = write(root, "blob", b"id: x\n")
    folders = [tree(root, [(FILE, f"{each}-{number:04}", blob) for number in range(files)]) for each in "ab"]
    return tree(root, [(FOLDER, each, oid) for each, oid in zip("ab", folders, strict=True)])


def hollow(root: Path, wide: int, deep: int) -> str:
    made = tree(root, [])
    for _ in range(deep):
        made = tree(root, [(FOLDER, f"d{number}", made) for number in range(wide)])
    return made


def circular(root: Path) -> str:
    """A folder that holds itself: no hash allows it, but Git follows the id of a forged object."""
    oid, blob = "12" * 20, write(root, "blob", b"id: x\n")
    content = b"40000 d\0" + bytes.fromhex(oid) + b"100644 f.yaml\0" + bytes.fromhex(blob)
    place = root / ".git/objects" / oid[:2] / oid[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(zlib.compress(b"tree %d\0" % len(content) + content))
    return oid


ENDLESS: dict[str, Callable[[Path], str]] = {
    "circular": circular,
    "of nothing, in millions of paths": lambda root: hollow(root, 10, 12),
    "deeper than Git goes": lambda root: chain(root, nested(root, 1, 1), 5_000),
}


@pytest.fixture(scope="module", params=[*ENDLESS.values()], ids=[*ENDLESS])
def endless(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry whose last commit but one brought such a folder."""
    root = make_base(tmp_path_factory.mktemp("endless"))
    git(root, "reset", "--quiet", "--hard")
    git(root, "branch", "start")
    bomb = commit(root, put(root, "main", PLACES[0], (FOLDER, request.param(root))), "main")
    git(root, "branch", "bomb", bomb)
    git(root, "update-ref", "refs/heads/main", commit(root, f"{bomb}~^{{tree}}", bomb))
    return root


@pytest.mark.parametrize("line", ["status", "audit", "log", "validate", "validate --since start", "diff start"])
def test_folders_without_end_in_the_past(endless: Path, line: str, little_patience: None) -> None:
    assert answer(endless, line).code in (0, 1) or "git fsck" in answer(endless, line).err


@pytest.mark.parametrize("line", ["validate --since bomb~ --at bomb", "validate --at bomb", "diff bomb~..bomb"])
def test_folders_without_end_in_a_change(endless: Path, line: str, little_patience: None) -> None:
    ended = answer(endless, line)
    if line.startswith("diff"):
        assert ended.code == 0
    else:  # 3 where Git itself has to walk it
        assert (ended.code == 1 and "YML016" in ended.out) or (ended.code == 3 and "git fsck" in ended.err)


def test_the_audit_names_the_commit_with_folders_without_end(endless: Path, little_patience: None) -> None:
    git(endless, "update-ref", "refs/heads/main", "bomb")
    found = json.loads(answer(endless, "audit --json").out)
    named = {finding["code"] for trace in found["traces"] for finding in trace["findings"]}
    assert "YML016" in named
    ended = answer(endless, "status")
    assert ended.code == 0 or "help: look" in ended.err or "git fsck" in ended.err


# How many files the folder holds; None where they are too many, too deep or too long.
EDGES: dict[str, tuple[Callable[[Path], str], int | None]] = {
    "deep": (lambda root: chain(root, nested(root, 1, 1), 96), 1),
    "too deep": (lambda root: chain(root, nested(root, 1, 1), 97), None),
    "too deep, and nothing there": (lambda root: chain(root, tree(root, []), 97), None),
    "repeated": (lambda root: repeated(root, 6), 120),
    "repeated too often": (lambda root: repeated(root, 7), None),
    "many": (lambda root: several(root, 400), 800),
    "too many": (lambda root: several(root, 501), None),
    "long": (lambda root: chain(root, nested(root, 20, 1), 4, "n" * 500), 20),
    "too long": (lambda root: chain(root, nested(root, 20, 1), 10, "n" * 500), None),
    "hollow": (lambda root: hollow(root, 4, 3), 0),
    "too hollow": (lambda root: hollow(root, 4, 4), None),
}


@pytest.mark.parametrize(("shape", "files"), EDGES.values(), ids=EDGES)
def test_how_much_a_tree_may_hold(
    base: Path, shape: Callable[[Path], str], files: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same is said by what lists a tree, and by what compares it with another one."""
    limits = {"MOST_REPEATS": 100, "MOST_PATHS": 1_000, "MOST_BYTES": 100_000, "_FEW": 50, "_LONG": 100_000}
    for name, most in limits.items():
        monkeypatch.setattr(f"smartreg.gitio.bombs.{name}", most)
    (base / "city").mkdir(exist_ok=True)
    made = FOLDER, shape(base)
    main = git(base, "rev-parse", "main").strip()
    tip = commit(base, put(base, put(base, "main", "docs/a/b", made), "city/docs/a", made), main)
    for repo, folder in ((open_repo(base), "docs/a/b"), (open_repo(base / "city"), "docs/a")):
        for paths in ((folder,), (folder.rpartition("/")[0], "smartreg.toml")):
            listed = {path: entry.mode for path, entry in repo.tree(tip, paths).items() if path.startswith("docs/")}
            assert list(listed.values()).count(FOLDER) == (files is None)
            assert len(listed) == (1 if files is None else files)
            assert listed.keys() == {change.path for change in repo.changes(main, tip, paths)}


def test_folders_that_hold_nothing(base: Path) -> None:
    """Git would enter them all, and print nothing."""
    bomb = commit(base, put(base, "main", PLACES[0], (FOLDER, hollow(base, 10, 10))), "main")
    assert "YML016" in answer(base, f"validate --at {bomb}").out
    assert PLACES[0] in answer(base, f"diff main..{bomb}").out


TWICE = {
    "two contents": [(FILE, "istres.yaml", b"id: istres\nname: A\n"), (FILE, "istres.yaml", b"id: istres\nname: B\n")],
    "one content": [(FILE, "istres.yaml", b"id: istres\n"), (FILE, "istres.yaml", b"id: istres\n")],
    "a link": [(FILE, "istres.yaml", b"id: istres\n"), ("120000", "istres.yaml", b"/etc/passwd")],
    "a folder": [(FILE, "istres.yaml", b"id: istres\n"), (FOLDER, "istres.yaml", b"")],
}


@pytest.mark.parametrize("entries", TWICE.values(), ids=TWICE)
def test_a_file_that_a_tree_names_twice(base: Path, entries: list[tuple[str, str, bytes]]) -> None:
    stored = [
        (mode, name, nested(base, 1, 1) if mode == FOLDER else write(base, "blob", content))
        for mode, name, content in entries
    ]
    made = commit(base, put(base, "main", "registry/parties", (FOLDER, tree(base, stored))), "main")
    for words in (("--at", made), ("--since", "main", "--at", made)):
        found = start("validate", *words, cwd=base)
        assert found.returncode == 1
        assert "YML015" in found.stdout, found.stdout


GOOD = b"A <a@example.org> 1700000000 +0100"
HEADERS = {
    "a date of 23 digits": (b"A <a@b.org> 99999999999999999999999 +0000",) * 2,
    "after the year 9999": (b"A <a@b.org> 999999999999 +0000",) * 2,
    "before 1970": (b"A <a@b.org> -5 +0000", b"A <a@b.org> -62135596800 +0000"),
    "zones of days": (b"A <a@b.org> 1700000000 +9999", b"A <a@b.org> 1700000000 -9999"),
    "zones that are none": (b"A <a@b.org> 1700000000 +99999999999", b"A <a@b.org> 1700000000 x"),
    "fractions": (b"A <a@b.org> 17000.5 +0000", b"A <a@b.org> 1e9 +0000"),
    "no author": (None, GOOD),
    "no committer": (GOOD, None),
    "neither": (None, None),
    "no names": (b" <> 1700000000 +0000",) * 2,
    "no address": (b"Aaa", b"Bbb"),
    "nothing": (b"", b""),
    "a header like a change": (GOOD + b"\n:100644 100644 aaa bbb M\n:x", GOOD),
    "bytes": (b"\xe9\xff <a@b.org> 1700000000 +0000\nencoding UTF-16", GOOD),
    "a parent too late": (GOOD, GOOD + b"\nencoding nonsense\nparent " + b"1" * 40),
    "NUL": (b"A\0B <a@b.org> 1700000000 +0000", GOOD),
    "a signature that is none": (GOOD, GOOD + b"\ngpgsig garbage\n more"),
    "headers twice": (GOOD + b"\ntree 1234\ncommit 1234", GOOD + b"\nauthor " + GOOD),
}
READABLE = ("a header like a change", "a parent too late", "a signature that is none", "headers twice", "bytes")
ISTRES = "id: istres\nname: Istres {}\ncategory: commune\nsiren: '211300470'\ninsee_code: '13047'\n"


def test_headers_that_no_git_would_write(base: Path) -> None:
    """Each of them as HEAD for a while; then all in one history."""
    oid = git(base, "rev-parse", "main").strip()
    odd = {}
    git(base, "symbolic-ref", "HEAD", "refs/heads/odd")
    try:
        for number, (name, (author, committer)) in enumerate(HEADERS.items()):
            blob = write(base, "blob", ISTRES.format(number).encode())
            made = put(base, "main", "registry/parties/istres.yaml", (FILE, blob))
            lines = [f"tree {made}\nparent {oid}".encode()]
            lines += [b"author " + author] if author is not None else []
            lines += [b"committer " + committer] if committer is not None else []
            odd[name] = oid = write(base, "commit", b"\n".join([*lines, b"", b"Rename Istres\n"]))
            git(base, "update-ref", "refs/heads/odd", oid)
            git(base, "reset", "--quiet", "--hard")
            newest = json.loads(start("log", "party/istres", "--json", cwd=base).stdout)["entries"][0]
            assert newest["commit"] == oid, name
            assert start("status", "--json", cwd=base).returncode == 0, name
        for line in (
            *("log", "log --since 2020-01-01", "blame party/istres", "audit -f markdown"),
            *("query 'SELECT * FROM history'", "report -o ../odd --force", "validate --since main --as-author"),
        ):
            ended = run(base, line)
            assert ended.code in (0, 1, 2, 3), f"{line}: {ended.err}"
            assert "Traceback" not in ended.err
        traces = json.loads(answer(base, "audit --json").out)["traces"]
        codes = {trace["commit"]: {finding["code"] for finding in trace["findings"]} for trace in traces}
        assert {name for name, oid in odd.items() if "AUD916" not in codes.get(oid, ())} == {*READABLE}
    finally:
        git(base, "symbolic-ref", "HEAD", "refs/heads/main")
        git(base, "reset", "--quiet", "--hard")

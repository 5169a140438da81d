"""Git bombs: a few tree objects that stand for more paths than anybody can list; trees that name a file twice; commits
whose headers no Git would write (R8).

Trees and commits are written as objects, and nobody checks them out: a checkout would not end."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from crashes import Ended, git, make_base, run
from hostile import MEMORY

from smartreg.gitio import open_repo

pytestmark = pytest.mark.promise("R8")

FOLDER, FILE = "040000", "100644"


def write(root: Path, kind: str, content: bytes) -> str:
    """Store an object that Git itself would not make."""
    stored = f"{kind} {len(content)}\0".encode() + content
    oid = hashlib.sha1(stored, usedforsecurity=False).hexdigest()
    place = root / ".git/objects" / oid[:2] / oid[2:]
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_bytes(zlib.compress(stored))
    return oid


def tree(root: Path, entries: Sequence[tuple[str, str, str]]) -> str:
    """A tree of these entries (mode, name, id), in this order."""
    rows = (f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(oid) for mode, name, oid in entries)
    return write(root, "tree", b"".join(rows))


def nested(root: Path, wide: int = 10, deep: int = 10) -> str:
    oid = write(root, "blob", b"id: x\n")
    made = tree(root, [(FILE, f"f{number}.yaml", oid) for number in range(wide)])
    for _ in range(deep - 1):
        made = tree(root, [(FOLDER, f"d{number}", made) for number in range(wide)])
    return made


def wide(root: Path) -> str:
    return nested(root, 2_000, 2)


def small(root: Path) -> str:
    """A million paths: Git would list them, and nobody wants to read them."""
    return nested(root, 10, 6)


def long(root: Path) -> str:
    """Few paths, of a megabyte each."""
    made = nested(root, 20, 2)
    for _ in range(60):
        made = tree(root, [(FOLDER, "n" * 20_000, made)])
    return made


def deep(root: Path) -> str:
    made = nested(root, 1, 1)
    for _ in range(1_500):
        made = tree(root, [(FOLDER, "d", made)])
    return made


SHAPES: tuple[Callable[[Path], str], ...] = (nested, wide, small, long, deep)
PLACES = ("registry/supports/zone", "registry/parties/istres.yaml", "registry/annexes/x", "docs")


def put(root: Path, rev: str, path: str, entry: tuple[str, str] | None) -> str:
    """The tree of a revision with (mode, id) at a path; None removes it."""
    name, _, rest = path.partition("/")
    found = {}
    for line in git(root, "ls-tree", "-z", rev).split("\0")[:-1]:
        about, _, there = line.partition("\t")
        mode, _, oid = about.split(" ")
        found[there] = (mode, oid)
    if rest:
        found[name] = FOLDER, put(root, found[name][1] if name in found else tree(root, []), rest, entry)
    elif entry is None:
        del found[name]
    else:
        found[name] = entry
    ordered = sorted(found.items(), key=lambda item: item[0] + "/" * (item[1][0] == FOLDER))
    return tree(root, [(mode, name, oid) for name, (mode, oid) in ordered])


def commit(root: Path, made: str, *parents: str) -> str:
    words = [word for parent in parents for word in ("-p", parent)]
    return git(root, "commit-tree", made, "-m", "Add a zone", *words).strip()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_base(tmp_path_factory.mktemp("bombs"))
    git(root, "reset", "--quiet", "--hard")
    return root


def look(root: Path, line: str) -> Ended:
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
    validated = look(base, f"validate --at {bomb}")
    if place == "docs":
        assert validated.code == 0
    else:
        assert validated.code == 1
        assert place in validated.out
        assert "YML016" in validated.out
    assert look(base, f"diff main..{bomb}").code == 0
    since = look(base, f"validate --since main --at {bomb}")
    assert since.code == 1
    assert "YML016" in since.out
    assert look(base, f"export party --at {bomb} -f csv").code == 0


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
    assert "YML016" in look(base, f"validate --at {bomb}").out
    assert look(base, f"diff main..{bomb}").code == 0


@pytest.fixture(scope="module")
def scarred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with bombs in its past: added, changed a little, merged, removed."""
    root = make_base(tmp_path_factory.mktemp("scarred"))
    git(root, "reset", "--quiet", "--hard")
    start = git(root, "rev-parse", "main").strip()
    added = commit(root, put(root, "main", PLACES[0], (FOLDER, nested(root))), "main")
    leaf = PLACES[0] + "/d1" * 9 + "/f3.yaml"
    changed = commit(root, put(root, added, leaf, (FILE, write(root, "blob", b"id: y\n"))), added)
    beside = commit(root, put(root, "main", "docs", (FOLDER, wide(root))), "main")
    merged = commit(root, put(root, changed, "docs", (FOLDER, wide(root))), changed, beside)
    fewer = commit(root, put(root, merged, PLACES[0] + "/d1", None), merged)
    gone = commit(root, f"{start}^{{tree}}", fewer)
    git(root, "update-ref", "refs/heads/main", gone)
    git(root, "branch", "start", start)
    return root


@pytest.mark.parametrize(
    "line",
    [
        *("validate", "status", "log", "log party/istres", "blame party/istres", "audit", "report -o ../out --force"),
        *("query 'SELECT count(*) FROM history'", "query 'SELECT count(*) FROM changes'", "log --json"),
        *("validate --since start", "validate --since start --as-author", "diff start", "audit seal -m x -y"),
        *("show party/istres", "rename use-case/bruit ecoute -y", "undo -y", "list support --at HEAD~2"),
    ],
)
def test_bombs_in_the_past(scarred: Path, line: str) -> None:
    run_ = run(scarred, line)
    assert run_.code in (0, 1, 2, 3), run_.err
    assert "Traceback" not in run_.err
    assert run_.memory < MEMORY


def test_the_audit_names_the_commits_and_goes_on(scarred: Path) -> None:
    found = json.loads(look(scarred, "audit --json").out)
    codes = {finding["code"] for trace in found["traces"] for finding in trace["findings"]}
    assert "YML016" in codes
    assert look(scarred, "log party/istres").code == 0


def test_a_base_or_a_head_that_is_a_bomb_is_refused(base: Path) -> None:
    bomb = commit(base, put(base, "main", PLACES[0], (FOLDER, nested(base))), "main")
    assert look(base, f"diff {bomb}").code == 3
    assert look(base, f"validate --since {bomb}").code == 0, "its merge base is no bomb"
    git(base, "update-ref", "refs/heads/armed", bomb)
    git(base, "symbolic-ref", "HEAD", "refs/heads/armed")
    try:
        for line in ("validate", "show party/istres", "log", "set party/istres name=X -y"):
            assert look(base, line).code == 3, line
    finally:
        git(base, "symbolic-ref", "HEAD", "refs/heads/main")


def test_many_files_of_their_own_are_listed(base: Path) -> None:
    """Not every large folder is a bomb."""
    blob = write(base, "blob", b"id: x\n")
    folders = [tree(base, [(FILE, f"f{folder}-{number}.yaml", blob) for number in range(400)]) for folder in range(30)]
    zone = tree(base, [(FOLDER, f"d{number:02}", oid) for number, oid in enumerate(folders)])
    large = commit(base, put(base, "main", "registry/supports/zone", (FOLDER, zone)), "main")
    files = open_repo(base).tree(large)
    assert sum(path.startswith("registry/supports/zone/") for path in files) == 12_000


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
    for line in (f"validate --at {made}", f"validate --since main --at {made}"):
        found = look(base, line)
        assert found.code == 1
        assert "YML015" in found.out, found.out


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


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_no_git_would_write(base: Path, name: str) -> None:
    text = b"id: istres\nname: Istres-sur-Mer\ncategory: commune\nsiren: '211300470'\ninsee_code: '13047'\n"
    made = put(base, "main", "registry/parties/istres.yaml", (FILE, write(base, "blob", text)))
    author, committer = HEADERS[name]
    lines = [b"tree " + made.encode(), b"parent " + git(base, "rev-parse", "main").strip().encode()]
    lines += [b"author " + author] if author is not None else []
    lines += [b"committer " + committer] if committer is not None else []
    odd = write(base, "commit", b"\n".join([*lines, b"", b"Rename Istres\n"]))
    git(base, "update-ref", "refs/heads/odd", odd)
    git(base, "symbolic-ref", "HEAD", "refs/heads/odd")
    git(base, "reset", "--quiet", "--hard")
    try:
        for line in (
            *("log", "log --since 2020-01-01", "blame party/istres", "status --json", "audit -f markdown"),
            *("query 'SELECT * FROM history'", "report -o ../odd --force", "validate --since main --as-author"),
        ):
            ended = run(base, line)
            assert ended.code in (0, 1, 2, 3), f"{line}: {ended.err}"
            assert "Traceback" not in ended.err
        found = json.loads(look(base, "audit --json").out)
        codes = {finding["code"] for trace in found["traces"] for finding in trace["findings"]}
        assert ("AUD916" in codes) == (name not in READABLE), codes
        newest = json.loads(look(base, "log party/istres --json").out)["entries"][0]
        assert newest["commit"] == odd
    finally:
        git(base, "symbolic-ref", "HEAD", "refs/heads/main")
        git(base, "reset", "--quiet", "--hard")

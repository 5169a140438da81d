"""Git bombs as objects in a repository, and a registry with some in its past. Nobody checks them out: a checkout would
not end."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from crashes import git, make_base, run
from hostile import MEMORY

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


IN_THE_PAST = (
    *("validate", "status", "log", "log party/istres", "blame party/istres", "audit", "report -o ../out --force"),
    *("query 'SELECT count(*) FROM history'", "query 'SELECT count(*) FROM changes'", "log --json"),
    *("validate --since start", "validate --since start --as-author", "diff start", "audit seal -m x -y"),
    *("show party/istres", "rename use-case/bruit ecoute -y", "undo -y", "list support --at HEAD~2"),
)


def make_scarred(folder: Path) -> Path:
    """A registry with bombs in its past: added, changed a little, merged, removed."""
    root = make_base(folder)
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


def look(root: Path, line: str) -> str | None:
    """Run a command; what is wrong with how it went."""
    ended = run(root, line)
    if ended.code not in (0, 1, 2, 3) or "Traceback" in ended.err:
        return f"{line}: exit code {ended.code}: {ended.err[-300:]}"
    return f"{line}: {ended.memory >> 20} MiB" if ended.memory > MEMORY else None

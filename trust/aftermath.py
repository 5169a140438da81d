"""Check every repository that a scenario leaves below a folder: with `git fsck --strict`, and with a second reader,
libgit2.

python trust/aftermath.py FOLDER      exit code 1 if something is wrong
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pygit2

# Markers of repositories that lack objects on purpose: shallow, partial, or borrowing from another one.
CUT = ("shallow", "objects/info/promisor", "objects/info/alternates")


def git(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", f"--git-dir={repository}", "-c", "core.fsmonitor=false", "--no-replace-objects", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)


def repositories(folder: Path) -> list[Path]:
    """Git directories (HEAD, objects and refs), except traps that a scenario planted inside a registry."""
    found = [file.parent for file in folder.rglob("HEAD") if (file.parent / "objects").is_dir()]
    return [place for place in found if (place / "refs").is_dir() and "registry" not in place.parts]


def fsck_error(place: Path) -> str | None:
    """What `git fsck` reports, if anything. A partial clone may lack objects."""
    if git(place, "config", "extensions.partialClone").stdout.strip():
        return None
    done = git(place, "fsck", "--strict", "--no-dangling")
    return None if done.returncode == 0 else f"git fsck: {(done.stderr + done.stdout).strip()[:150]}"


def libgit2_difference(place: Path) -> str | None:
    """Whether libgit2 reads another tree; KeyError or GitError if it cannot open this kind of repository."""
    repository = pygit2.Repository(str(place))
    if repository.is_empty or repository.head_is_unborn:
        return None
    ours = git(place, "ls-tree", "-r", "-z", "--full-tree", "HEAD").stdout.split("\0")[:-1]
    theirs = [f"{mode:06o} {kind} {oid}\t{path}" for mode, kind, oid, path in _entries(repository.head.peel().tree, "")]
    return None if sorted(ours) == sorted(theirs) else "libgit2 reads another tree"


def _entries(tree: pygit2.Tree, folder: str) -> list[tuple[int, str, str, str]]:
    found = []
    for entry in tree:
        if isinstance(entry, pygit2.Tree):
            found += _entries(entry, f"{folder}{entry.name}/")
        else:
            kind = "blob" if isinstance(entry, pygit2.Blob) else "commit"
            found.append((int(entry.filemode), kind, str(entry.id), f"{folder}{entry.name}"))
    return found


def main(folder: Path) -> int:
    places, two, wrong = repositories(folder), 0, []
    for place in places:
        fault = fsck_error(place)
        try:
            fault = fault or libgit2_difference(place)
            two += 1
        except (pygit2.GitError, KeyError):
            pass  # SHA-256, reftable, objects that a partial clone lacks
        wrong += [f"{place.relative_to(folder)}: {fault}"] if fault else []
    print(f"  readers: {len(places)} repositories, {two} with two readers {'; '.join(wrong)}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

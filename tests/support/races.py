"""Commands of the real program at once: in one clone, and in two that push and pull; and whether anything was lost."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from crashes import git, run
from second_reader import disagreements

SHARED = "ep-1"  # the record that all of them change
FIELDS = ("address", "notes", "local_ref")
PLACE = "--type street_light --owner istres --insee-code 13047 --status in_service -y"


class Op(NamedTuple):
    """One command, what it would do, and how it ended."""

    line: str
    what: str
    code: int = 0
    err: str = ""


def plan_op(worker: int, turn: int) -> Op:
    """What a worker does in its n-th turn: a record of its own, one that all want, a field of a shared one, a sheet."""
    at = f"--location-lon 4.9{worker}{turn:02} --location-lat 43.5{worker}{turn:02}"
    way = (worker + turn) % 4
    if way == 0:
        return Op(f"add-support --id own-{worker}-{turn} {at} {PLACE}", f"own-{worker}-{turn}")
    if way == 1:
        return Op(f"add-support --id wanted-{turn // 4} {at} {PLACE}", f"wanted-{turn // 4}")
    if way == 2:
        name = FIELDS[turn % len(FIELDS)]
        return Op(f"set support/{SHARED} {name}=V{worker}-{turn} -y", f"{name}: V{worker}-{turn}")
    return Op(
        f"import support ../sheet-{worker}-{turn}.csv --map lon=location.lon --map lat=location.lat --set owner=istres "
        "--set insee_code=13047 --set type=mast --set status=in_service -y",
        f"row-{worker}-{turn}",
    )


def in_one_clone(root: Path, workers: int, turns: int) -> tuple[int, list[str]]:
    """Let workers loose in one clone; how many commands ran, and what is wrong afterwards."""
    for worker in range(workers):
        for turn in range(turns):
            rows = [f"row-{worker}-{turn}-{n},4.8{worker}{turn:02}{n},43.4{worker}{turn:02}{n}" for n in (1, 2)]
            sheet = root.parent / f"sheet-{worker}-{turn}.csv"
            sheet.write_text("\n".join(["id,lon,lat", *rows, ""]), "utf-8")
    first = git(root, "rev-parse", "HEAD").strip()
    done = _at_once(root.parent, workers, lambda worker: [_run_op(root, plan_op(worker, n)) for n in range(turns)])
    return len(done), [*_refusals(done), *_lost(root, first, done), *_unsound(root, first, done)]


def in_two_clones(folder: Path, base: Path, turns: int) -> tuple[int, list[str]]:
    """Two clones that add, change, pull and push; how many commands ran, and what is wrong in what both see."""
    origin = folder / "origin.git"
    git(base, "clone", "--quiet", "--bare", str(base), str(origin))
    first = git(origin, "rev-parse", "HEAD").strip()
    clones = [folder / f"clone-{number}" for number in range(2)]
    for clone in clones:
        git(folder, "clone", "--quiet", str(origin), str(clone))

    def work(worker: int) -> list[Op]:
        done = []
        for turn in range(turns):
            own = Op(
                f"add-support --id c{worker}-{turn} --location-lon 4.9{turn:03} --location-lat 43.5{worker} {PLACE}", ""
            )
            changed = Op(f"set support/ep-{worker + 1} address=V{worker}-{turn} -y", "")
            done.append(_run_op(clones[worker], (own, changed)[turn % 2]))
            _push(clones[worker])
        return done

    done = _at_once(folder, 2, work)
    wrong = [f"{op.line}: {op.code} {op.err}" for op in done if op.code != 0]
    subjects = git(origin, "log", "--format=%s", f"{first}..main").splitlines()
    if len(subjects) != len(done) or len(set(subjects)) != len(done):
        wrong.append(f"{len(done)} commands, {len(subjects)} commits: {subjects}")
    if git(origin, "rev-list", "--merges", f"{first}..main"):
        wrong.append("the history is not linear")
    git(origin, "fsck", "--strict", "--no-dangling")
    git(clones[0], "pull", "--quiet", "--rebase")
    judged = run(clones[0], "validate")
    return len(done), wrong if judged.code == 0 else [*wrong, judged.out]


def without_locks(root: Path, workers: int, turns: int) -> tuple[int, list[str]]:
    """`in_one_clone` where locks keep out no other process, as from several computers on a share."""
    working = fcntl.flock
    fcntl.flock = lock_here_only  # type: ignore[assignment]
    try:
        return in_one_clone(root, workers, turns)
    finally:
        fcntl.flock = working


def lock_nothing(_file: Any, _how: int) -> None:
    """`flock` as on a share where each handle gets the lock."""


def lock_never(_file: Any, _how: int) -> None:
    """`flock` as on a share without locks."""
    raise OSError(errno.ENOLCK, "no locks available")


_HOLDERS: dict[tuple[int, int], int] = {}


def lock_here_only(file: int, _how: int) -> None:
    """`flock` as between computers that do not tell each other: it keeps out other handles of the same process only."""
    about = os.fstat(file)
    key = (about.st_dev, about.st_ino)
    holder = _HOLDERS.get(key, file)
    if holder != file and _is_open(holder, key):
        raise BlockingIOError
    _HOLDERS[key] = file


def _is_open(file: int, key: tuple[int, int]) -> bool:
    try:
        about = os.fstat(file)
    except OSError:
        return False
    return (about.st_dev, about.st_ino) == key


def _push(clone: Path, tries: int = 50) -> None:
    """Pull what others pushed, and push; again while somebody is quicker."""
    for _ in range(tries):
        git(clone, "pull", "--quiet", "--rebase")
        environment = {**os.environ, "HOME": str(clone.parent)}
        if (
            subprocess.run(
                ["git", "push", "-q"], cwd=clone, env=environment, capture_output=True, check=False
            ).returncode
            == 0
        ):
            return
    raise AssertionError("others are always quicker")


def _run_op(root: Path, op: Op) -> Op:
    ended = run(root, op.line)
    return op._replace(code=ended.code, err=ended.err)


def _at_once(folder: Path, workers: int, work: Callable[[int], list[Op]]) -> list[Op]:
    """What `work(n)` gives, each in a process of its own, all at once."""
    children = []
    for worker in range(workers):
        child = os.fork()
        if child == 0:
            try:
                (folder / f"done-{worker}.json").write_text(json.dumps(work(worker)), "utf-8")
                os._exit(0)
            except BaseException as fault:
                (folder / f"done-{worker}.json").write_text(json.dumps([("", "", 99, repr(fault))]), "utf-8")
            finally:
                os._exit(1)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    done = [json.loads((folder / f"done-{worker}.json").read_text("utf-8")) for worker in range(workers)]
    return [Op(*op) for ops in done for op in ops]


def _refusals(done: list[Op]) -> list[str]:
    """A refusal is about what somebody else did meanwhile, and says so."""
    return [
        f"{op.line}: exit code {op.code}: {op.err}"
        for op in done
        if op.code and (op.code not in (1, 2, 3) or "Traceback" in op.err or "error: " not in op.err)
    ]


def _lost(root: Path, first: str, done: list[Op]) -> list[str]:
    """Each success has one commit, which changes what it says and nothing else."""
    wrong = []
    patches = git(root, "log", "--reverse", "-p", "--unified=0", "--format=%x01%s", f"{first}..HEAD").split("\1")[1:]
    for patch in patches:
        subject = patch.split("\n", 1)[0]
        lines = [line for line in patch.splitlines() if line.startswith(("+", "-")) and line[:3] not in ("+++", "---")]
        if subject.startswith("Set "):
            keys = {line[1:].split(":")[0] for line in lines}
            wrong += [f"{subject}: also changes {keys}"] if len(keys) != 1 else []
        elif any(line.startswith("-") for line in lines):
            wrong.append(f"{subject}: takes something away: {lines}")
    text = "\n".join(patches)
    good = [op for op in done if op.code == 0]
    wrong += [f"{op.line}: reported, and not in the history" for op in good if op.what not in text]
    wanted = [op.what for op in good if op.what.startswith("wanted-")]
    wrong += [f"{what}: made {wanted.count(what)} times" for what in set(wanted) if wanted.count(what) > 1]
    if len(patches) != len(good):
        wrong.append(f"{len(good)} successes, {len(patches)} commits")
    return wrong


def _unsound(root: Path, first: str, done: list[Op]) -> list[str]:
    wrong = []
    if git(root, "rev-list", "--merges", f"{first}..HEAD"):
        wrong.append("the history is not linear")
    status = git(root, "status", "--porcelain", "-uall")
    if status.splitlines() != [" M changed.txt", "A  staged.txt", "?? new.txt"]:
        wrong.append(f"not committed: {status}")
    wrong += disagreements(root, git(root, "log", "--format=%T").split(), status)
    git(root, "fsck", "--strict", "--no-dangling")
    locks = [file.name for file in (root / ".git").rglob("*.lock") if file.parent.name != "smartreg"]
    wrong += [f"locks stay: {locks}"] if locks else []
    if not any(op.code == 0 for op in done):
        wrong.append("nothing went through")
    return wrong

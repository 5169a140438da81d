"""Writing commands of the real program, stopped at every step that touches the disk or starts Git; and what is left.

A command runs in a fork of this process, so that a run costs no imports. Steps are what Python's audit events tell of
(files opened for writing, renamed, removed, linked; folders; programs started) and every flush to the disk.
"""

from __future__ import annotations

import errno
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import forks
from program import GIT_CONFIG
from second_reader import disagreements

from smartreg.cli.main import main

BASE = (
    "init . --name Istres -y",
    "add-party --id istres --name Istres --category commune --siren 211300470 --insee-code 13047 -y",
    "add-use-case --id bruit --title Bruit --owner istres --domain noise --status idea -y",
    "add-network --id lorawan --name LoRaWAN --technology lorawan --operator istres --access own_use "
    "--status in_service --started-on 2023-01-01 --lorawan-region EU863-870 -y",
    "add-support --id ep-1 --type street_light --owner istres --insee-code 13047 "
    "--location-lon 4.98747 --location-lat 43.51345 --status in_service -y",
    "add-sensor --id noise-0 --support ep-1 --type sensor --owner istres --use-case bruit --network lorawan "
    "--dev-eui 70B3D57ED0069999 --measure noiseLevel --status planned -y",
    "add-support --id ep-2 --type street_light --owner istres --insee-code 13047 "
    "--location-lon 4.98800 --location-lat 43.51400 --status in_service -y",
)
SHEET = "id,name,lon,lat\nfeu-1,Place Jean Jaurès,4.981,43.511\nfeu-2,Quai,4.982,43.512\nfeu-3,Gare,4.983,43.513\n"
COMMANDS = {
    "add-sensor": "add-sensor --id noise-1 --support ep-1 --type sensor --owner istres --use-case bruit "
    "--network lorawan --dev-eui 70B3D57ED0061234 --measure noiseLevel --installed-on 2024-03-11 -y",
    "set": "set use-case/bruit title='Bruit des rues' domain=heat -y",
    "import": "import support ../sheet.csv --map name=address --map lon=location.lon --map lat=location.lat "
    "--set owner=istres --set insee_code=13047 --set type=traffic_light --set status=in_service -y",
    "undo": "undo -y",
    "rename": "rename use-case/bruit ecoute -y",
}
NEXT = "set party/istres name=Istres -y"  # a command that writes, and finds nothing to change
# Other work of the user: staged, changed and not staged, new.
STAGED, CHANGED, NEW = "staged.txt", "changed.txt", "new.txt"
ERRORS = ("ENOSPC", "EACCES", "EIO")
ACTIONS = ("kill", "interrupt", *ERRORS)
GIT_ACTIONS = ("kill-before", "kill-after", "fail")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS = {f"os.{name}" for name in ("rename", "remove", "mkdir", "rmdir", "link", "symlink", "truncate", "chmod")}
JOURNAL = ".git/smartreg/write/journal.json"
_PATIENCE = 180.0  # seconds; a run that takes longer hangs


class Ended(NamedTuple):
    """How a run ended: the exit code, or minus the signal; what it printed; the processor time that it took (seconds)
    and the most memory that one process held (bytes)."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


@dataclass
class Fault:
    """What happens at the step `at` (0: nothing), counted from 1, and the steps that a run came by."""

    at: int = 0
    action: str = "none"
    log: Path | None = None
    count: int = 0
    busy: bool = field(default=False)

    def step(self, name: str) -> None:
        if self.busy:
            return
        self.count += 1
        if self.log:
            self.busy = True
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(f"{name}\n")
            self.busy = False
        if self.count != self.at:
            return
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.action == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        else:
            raise OSError(getattr(errno, self.action), "injected")

    def audit(self, event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = details
            if not (isinstance(flags, int) and flags & _WRITING and isinstance(path, str | os.PathLike)):
                return
        elif event in _EVENTS:
            path = details[0]
        elif event == "subprocess.Popen":
            self.step(f"start {' '.join(str(word) for word in _without_settings(details[1]))[:60]}")
            return
        else:
            return
        shown = str(os.fspath(path)) if isinstance(path, str | os.PathLike) else str(path)
        if "__pycache__" not in shown and shown not in (os.devnull, "/dev/tty"):
            self.step(f"{event.removeprefix('os.')} {Path(shown).name}")

    def install(self) -> None:
        """For the rest of this process."""
        flush = os.fsync

        def fsync(descriptor: Any) -> None:
            self.step("flush")
            flush(descriptor)

        os.fsync = fsync  # type: ignore[assignment]  # descriptors only
        sys.addaudithook(self.audit)


def _without_settings(words: Any) -> list[str]:
    """`git -c name=value … command`, without the settings."""
    texts = [str(word) for word in words]
    return [word for before, word in zip(["", *texts], texts, strict=False) if "-c" not in (before, word)]


def run(root: Path, line: str, fault: Fault | None = None, **environ: str) -> Ended:
    """The program with this command line in a fork that works in `root`."""
    said = [root.parent / f"{root.name}-{os.getpid()}.{name}" for name in ("out", "err")]
    held = _memory_of_the_tests()
    child = os.fork()
    if child == 0:
        try:
            _become(root, line, said, fault or Fault(), environ)
            main()
        finally:
            os._exit(99)
    status, seconds, memory = _wait(child)
    out, err = (file.read_text("utf-8", "replace") for file in said)
    for file in said:
        file.unlink()
    return Ended(os.waitstatus_to_exitcode(status), out, err, seconds, max(0, memory - held))


def _memory_of_the_tests() -> int:
    """How many bytes a fork of this process begins with; 0 where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text("ascii").split()[1]) * resource.getpagesize() if statm.exists() else 0


def _become(root: Path, line: str, said: list[Path], fault: Fault, environ: Mapping[str, str]) -> None:
    os.setsid()
    os.chdir(root)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, file in enumerate(said, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    # As Python opens them: code that replaces a stream does not close its descriptor.
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))
    os.environ.update({"HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1", **environ})
    sys.argv = ["smartreg", *shlex.split(line)]
    if fault.at or fault.log:
        fault.install()


def _wait(child: int) -> tuple[int, float, int]:
    """The status, the processor time (seconds), the most memory that was held at once (bytes)."""
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            return status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the command hangs")


def git(root: Path, *words: str) -> str:
    environment = {**os.environ, "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    done = subprocess.run(
        ["git", *words], cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}{done.stdout}"
    return done.stdout


def make_base(folder: Path) -> Path:
    """A small registry made by the program itself, with other work of the user; in `folder`/base."""
    forks.load()
    shutil.copytree(_first_base().name, folder, symlinks=True, dirs_exist_ok=True)
    return folder / "base"


@cache
def _first_base() -> tempfile.TemporaryDirectory[str]:
    """The folder of the first one, which goes with this process."""
    made = tempfile.TemporaryDirectory(prefix="base-")
    folder, root = Path(made.name), Path(made.name) / "base"
    (folder / ".gitconfig").write_text(GIT_CONFIG, "utf-8")
    (folder / "sheet.csv").write_text(SHEET, "utf-8")
    root.mkdir()
    git(root, "init", "--quiet")
    (root / CHANGED).write_text("one\n", "utf-8")
    git(root, "add", CHANGED)
    git(root, "commit", "--quiet", "-m", "begin")
    for line in BASE:
        ended = run(root, line)
        assert ended.code == 0, f"{line}: {ended.err}{ended.out}"
    for name in (STAGED, CHANGED, NEW):
        (root / name).write_text("mine\n", "utf-8")
    git(root, "add", STAGED)
    return made


class State(NamedTuple):
    """What a registry holds: the tree of HEAD, the number of commits, what is not committed, and the user's bytes."""

    tree: str
    commits: int
    status: str
    mine: tuple[str, ...]

    @classmethod
    def of(cls, root: Path) -> State:
        mine = [(root / name).read_text("utf-8") for name in (STAGED, CHANGED, NEW)]
        mine.append(git(root, "ls-files", "-s", "--", STAGED, CHANGED))
        status = git(root, "status", "--porcelain", "-uall")
        trees = git(root, "log", "--format=%T").split()
        return cls(trees[0], len(trees), status, tuple(mine))


@dataclass(frozen=True)
class Rehearsal:
    """One command, what was there before it, what is there after it has gone through, and the steps it came by."""

    name: str
    line: str
    base: Path
    before: State
    after: State
    steps: tuple[str, ...]
    calls: int

    @classmethod
    def of(cls, name: str, base: Path) -> Rehearsal:
        """Let the command go through once in a copy."""
        root = copy_base(base)
        log = root.parent / "steps.log"
        log.unlink(missing_ok=True)
        before = State.of(root)
        ended = run(root, COMMANDS[name], Fault(log=log))
        assert ended.code == 0, f"{name}: {ended.err}"
        after = State.of(root)
        assert after.commits == before.commits + 1, name
        assert (after.status, after.mine) == (before.status, before.mine), name
        root = copy_base(base)
        calls = root.parent / "calls"
        calls.unlink(missing_ok=True)
        assert run(root, COMMANDS[name], PATH=shims(root.parent, 0, "none")).code == 0
        steps = tuple(log.read_text("utf-8").splitlines())
        return cls(name, COMMANDS[name], base, before, after, steps, len(calls.read_text("utf-8").splitlines()))

    def points(self) -> Iterator[tuple[str, int]]:
        """Every action at every step, then every action around every call of Git."""
        yield from ((action, step) for step in range(1, len(self.steps) + 1) for action in ACTIONS)
        yield from ((action, call) for call in range(1, self.calls + 1) for action in GIT_ACTIONS)

    def label(self, action: str, at: int) -> str:
        where = f"call {at} of Git" if action in GIT_ACTIONS else f"step {at} ({self.steps[at - 1]})"
        return f"{self.name}: {action} at {where}"

    def stop(self, action: str, at: int) -> bool:
        """Stop the command there, and check what is left: whether its commit is made. AssertionError if anything is
        wrong."""
        root, label = copy_base(self.base), self.label(action, at)
        if action in GIT_ACTIONS:
            (root.parent / "calls").unlink(missing_ok=True)
            ended = run(root, self.line, PATH=shims(root.parent, at, action))
        else:
            ended = run(root, self.line, Fault(at, action))
        return self._check(root, label, ended)

    def kill_git(self, target: str, who: str, when: str, way: str) -> bool:
        """Kill Git as it renames a file to `target`, and check what is left: whether the commit is made. `who`: Git
        alone, or the whole process group; `way`: the short way to a commit, or `git commit`, as for hooks."""
        root = copy_base(self.base)
        label = f"{self.name}: {who} killed {when} the rename to {target}, {way}"
        once = root.parent / "killed"
        once.unlink(missing_ok=True)
        if way == "hooks":
            hook = root / ".git/hooks/pre-commit"
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\n")
            hook.chmod(0o755)
        library = str(build_killer(root.parent))
        ended = run(
            root, self.line, LD_PRELOAD=library, KILL_AT=target, KILL_WHO=who, KILL_WHEN=when, KILL_ONCE=str(once)
        )
        assert once.exists(), f"{label}: nothing was killed"
        assert (ended.code == -signal.SIGKILL) == (who == "group"), f"{label}: {ended}"
        return self._check(root, label, ended)

    def _check(self, root: Path, label: str, ended: Ended) -> bool:
        killed = ended.code == -signal.SIGKILL
        assert "Traceback" not in ended.err, f"{label}: {ended.err}"
        assert killed or ended.code in (0, 3, 130), f"{label}: exit code {ended.code}: {ended.err}"
        assert killed or ended.code == 0 or ended.err.strip(), f"{label}: no message"
        pending = (root / JOURNAL).exists()
        # What only tidies up after the commit turns success into no failure (R1).
        assert killed or ended.code == 0 or not pending, f"{label}: it failed and left an open journal: {ended.err}"
        left = git(root, "status", "--porcelain", "-uall") if pending else ""
        reading = run(root, "status")
        assert reading.code == 0, f"{label}: the next command says {reading.err}"
        if (root / JOURNAL).exists() and not reading.err.strip():  # a Git that outlived its command is at work
            time.sleep(0.5)
            reading = run(root, "status")
        if (root / JOURNAL).exists():
            assert "doctor --fix" in reading.err, f"{label}: a reader does not say what it found: {reading.err}"
            assert git(root, "status", "--porcelain", "-uall") == left, f"{label}: a reader changed something"
        following = run(root, NEXT)
        assert following.code == 0, f"{label}: the next command that writes says {following.err}"
        if pending:
            assert following.err.strip(), f"{label}: the next command does not say what it found"
        now = State.of(root)
        made = now.commits == self.after.commits
        assert now == (self.after if made else self.before), f"{label}: {now}"
        assert killed or made == (ended.code == 0), f"{label}: exit code {ended.code}, commit {made}: {ended.err}"
        self._sound(root, label)
        if killed and not made:
            again = run(root, self.line)
            assert again.code == 0, f"{label}: again: {again.err}"
            assert State.of(root) == self.after, f"{label}: again"
        return made

    def _sound(self, root: Path, label: str) -> None:
        git(root, "fsck", "--strict", "--no-dangling")
        trees, status = git(root, "log", "--format=%T").split(), git(root, "status", "--porcelain", "-uall")
        others = disagreements(root, trees, status)
        assert others == [], f"{label}: libgit2 reads otherwise: {others}"
        assert not (root / JOURNAL).exists(), f"{label}: the journal stays"
        locks = [file.name for file in (root / ".git").rglob("*.lock") if file.parent.name != "smartreg"]
        assert locks == [], f"{label}: {locks}"
        assert not list(root.rglob("*.tmp")), label


KILLER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ends(const char *path, const char *end) {
    size_t a = strlen(path), b = strlen(end);
    return a >= b && !strcmp(path + a - b, end);
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    const char *target = getenv("KILL_AT"), *once = getenv("KILL_ONCE");
    int file = target && once && ends(to, target) ? open(once, O_CREAT | O_EXCL, 0600) : -1;
    if (file < 0)
        return real(from, to);
    if (!strcmp(getenv("KILL_WHEN"), "after"))
        real(from, to);
    kill(strcmp(getenv("KILL_WHO"), "group") ? getpid() : 0, SIGKILL);
    return -1;
}
"""
RENAMES = ("/index", "refs/heads/main")
KILLED = ("git", "group")
WAYS = ("short", "hooks")


def build_killer(folder: Path) -> Path:
    """The library that kills Git at a rename; it needs a C compiler."""
    library = folder / "killer.so"
    if not library.exists():
        command = ["cc", "-shared", "-fPIC", "-o", str(library), "-x", "c", "-", "-ldl"]
        subprocess.run(command, input=KILLER, text=True, check=True)
    return library


def copy_base(base: Path) -> Path:
    """A fresh copy of the registry, in the folder `work` next to it."""
    root = base.parent / "work"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(base, root, symlinks=True)
    subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=root, check=False)
    return root


def shims(folder: Path, at: int, action: str) -> str:
    """A PATH on which the `at`-th call of Git is killed before or after it, with its caller, or fails."""
    real, place = shutil.which("git"), folder / "bin"
    place.mkdir(exist_ok=True)
    end = {
        "kill-before": "kill -KILL $PPID; exit 137",
        "kill-after": f'"{real}" "$@"; kill -KILL $PPID; exit 137',
        "fail": "echo 'fatal: injected' >&2; exit 128",
        "none": f'exec "{real}" "$@"',
    }[action]
    (place / "git").write_text(
        f'#!/bin/sh\necho x >>"{folder}/calls"\n'
        f'if [ "$(wc -l <"{folder}/calls")" -eq {at} ]; then {end}; fi\nexec "{real}" "$@"\n'
    )
    (place / "git").chmod(0o755)
    return f"{place}:{os.environ['PATH']}"

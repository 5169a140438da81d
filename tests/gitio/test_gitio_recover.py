"""Interrupted writes: killed, failed or stopped at every step; the next command that writes leaves all or nothing
(R1)."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git

from smartreg.core.errors import StateFault
from smartreg.gitio import CommitMessage, Write, commit, open_repo, recover, report_interrupted

BASE, GONE, NEW = "registry/equipment/base.yaml", "registry/equipment/gone.yaml", "registry/party/new.yaml"
OLD = {BASE: b"id: base\n", GONE: b"id: gone\n", NEW: None}
OURS = {BASE: b"id: ours\n", GONE: None, NEW: b"id: new\n"}
PROJECT = Path(__file__).parents[2]

Writing: TypeAlias = Callable[..., str]

# One Python that forks a writer for each line. The writer does something at the N-th step that changes the disk or
# starts Git, seen through Python's audit events; what it prints ends with an empty line.
WRITER = """
import errno, os, signal, sys
from pathlib import Path
from smartreg.core.errors import StateFault
from smartreg.gitio import CommitMessage, Write, commit, open_repo
def write(root, step, action, commits):
    old = {name: (root / name).read_bytes() if (root / name).exists() else None for name in NAMES}
    ours = OURS
    repo = open_repo(root)
    count = 0
    def watch(event, details):
        nonlocal count
        flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        writes = event == "open" and isinstance(details[2], int) and details[2] & flags
        steps = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "subprocess.Popen")
        if not writes and event not in steps:
            return
        if event == "open" and str(details[0]).startswith("/dev/"):
            return
        count += 1
        if count == step:
            if action == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if action == "interrupt":
                os.kill(os.getpid(), signal.SIGINT)
                return
            raise OSError(getattr(errno, action), "injected")
    sys.addaudithook(watch)
    message, writes = CommitMessage("Ours"), [Write(*one) for one in ours.items()]
    try:
        made = commit(repo, writes, message, expected=old, make_commit=commits)
    except (StateFault, KeyboardInterrupt) as fault:
        print(f"refused {count} {fault!r}", flush=True)
    else:
        print(f"done {count} {made}", flush=True)
signal.signal(signal.SIGINT, signal.SIG_IGN)
for line in iter(sys.stdin.readline, ""):
    path, root, step, action, commits = line.removesuffix(chr(10)).split(chr(9))
    child = os.fork()
    if not child:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ["PATH"] = path
        write(Path(root), int(step), action, commits == "commit")
        break
    os.waitpid(child, 0)
    print(flush=True)
""".replace("NAMES", repr(list(OLD))).replace("OURS", repr(OURS))


@pytest.fixture(scope="module")
def write_in_process(neutral_environment: None) -> Iterator[Writing]:
    """`write_in_process(root, 3, "kill")` writes in a process of its own: what that printed, empty if it was killed."""
    command = [sys.executable, "-c", WRITER]
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=PROJECT, text=True, stdin=pipe, stdout=pipe, stderr=same) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        to_it, from_it = process.stdin, process.stdout

        def write(root: Path, step: int, action: str, what: str = "commit", path: str | None = None) -> str:
            print(path or os.environ["PATH"], root, step, action, what, sep="\t", file=to_it, flush=True)
            said = "".join(iter(from_it.readline, "\n"))
            assert "Traceback" not in said, said
            return said.strip()

        yield write


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry of two committed records, and something staged that is not ours."""
    lay(git_repo, OLD)
    git("add", "-A")
    git("commit", "--quiet", "-m", "base")
    (git_repo / "foreign.txt").write_text("staged")
    git("add", "foreign.txt")
    return git_repo


def lay(root: Path, texts: dict[str, bytes | None]) -> None:
    for path, content in texts.items():
        (root / path).unlink(missing_ok=True)
        if content is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)


def fresh(root: Path, number: int) -> Path:
    copy = root.with_name(f"copy-{number}")
    shutil.copytree(root, copy, symlinks=True)
    subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=copy, check=False)
    return copy


def contents(root: Path) -> dict[str, bytes | None]:
    return {path: (root / path).read_bytes() if (root / path).exists() else None for path in OLD}


def git_says(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def assert_all_or_nothing(root: Path, label: str) -> bool:
    """Whether the write is complete (files, index and HEAD); otherwise nothing of it is there."""
    made = git_says(root, "rev-list", "--count", "HEAD") == "2\n"
    assert contents(root) == (OURS if made else OLD), label
    assert git_says(root, "status", "--porcelain", "-uall") == "A  foreign.txt\n", label
    assert not list(root.glob("registry/party")) or made, label
    assert list((root / ".git/smartreg").glob("write/journal.json")) == [], label
    git_says(root, "fsck", "--strict")
    return made


@pytest.mark.promise("R1")
def test_a_kill_at_every_step(root: Path, write_in_process: Writing) -> None:
    outcomes = []
    for step in range(1, 100):
        copy = fresh(root, step)
        said = write_in_process(copy, step, "kill")
        recover(open_repo(copy))
        outcomes.append(assert_all_or_nothing(copy, f"kill at step {step}"))
        if not outcomes[-1]:
            commit(open_repo(copy), [Write(*one) for one in OURS.items()], CommitMessage("Again"), expected=OLD)
            assert assert_all_or_nothing(copy, f"again after a kill at step {step}")
        shutil.rmtree(copy)
        if said:
            break
    assert said.startswith("done")
    assert outcomes == sorted(outcomes)
    assert False in outcomes


@pytest.mark.promise("R1")
def test_an_error_or_ctrl_c_at_every_step(root: Path, write_in_process: Writing) -> None:
    """In turn: both are exceptions to the write, and of errors only the words differ."""
    actions = ("interrupt", "ENOSPC", "interrupt", "EACCES", "interrupt", "EIO")
    for step in range(1, 100):
        copy, action = fresh(root, step), actions[step % len(actions)]
        said = write_in_process(copy, step, action)
        note = recover(open_repo(copy))
        assert note is None or said.startswith("done"), f"{action} at step {step}: {said}"
        assert assert_all_or_nothing(copy, f"{action} at step {step}: {said}") == said.startswith("done")
        shutil.rmtree(copy)
        if said.startswith("done") and int(said.split()[1]) < step:
            return
    pytest.fail("the write never came to its end")


def test_ctrl_c_during_a_hook(root: Path) -> None:
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -INT 0\nsleep 60\n")
    hook.chmod(0o755)
    line = "\t".join((os.environ["PATH"], str(root), "0", "none", "commit"))
    command = [sys.executable, "-c", WRITER]
    done = subprocess.run(
        command, cwd=PROJECT, input=line, capture_output=True, text=True, start_new_session=True, check=False
    )
    assert "KeyboardInterrupt" in done.stdout
    assert not assert_all_or_nothing(root, "Ctrl-C")


@pytest.mark.parametrize("staged", [OLD, OURS], ids=["", "of what is staged"])
def test_a_kill_at_every_step_of_a_write_without_commit(
    root: Path, git: Git, write_in_process: Writing, staged: dict[str, bytes | None]
) -> None:
    for texts in (staged, OLD):
        lay(root, texts)
        if texts is staged:
            git("add", "-A")
    before = git_says(root, "ls-files", "--stage")
    for step in range(1, 100):
        copy = fresh(root, step)
        said = write_in_process(copy, step, "kill", "files")
        recover(open_repo(copy))
        assert contents(copy) in (OLD, OURS)
        assert git_says(copy, "ls-files", "--stage") == before
        shutil.rmtree(copy)
        if said:
            return
    pytest.fail("the write never came to its end")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_around_every_call_of_git(root: Path, tmp_path: Path, when: str, write_in_process: Writing) -> None:
    real, shims = shutil.which("git"), tmp_path / "bin"
    shims.mkdir()
    for call in range(1, 30):
        copy = fresh(root, call)
        run = f'"{real}" "$@"; ' if when == "after" else ""
        (shims / "git").write_text(
            f'#!/bin/sh\necho x >>"{copy}.calls"\n'
            f'if [ "$(wc -l <"{copy}.calls")" -eq {call} ]; then {run}kill -KILL $PPID; exit 137; fi\n'
            f'exec "{real}" "$@"\n'
        )
        (shims / "git").chmod(0o755)
        said = write_in_process(copy, 0, "none", path=f"{shims}:{os.environ['PATH']}")
        recover(open_repo(copy))
        made = assert_all_or_nothing(copy, f"killed {when} call {call}")
        if said:
            assert made
            return
        shutil.rmtree(copy)
    pytest.fail("the write never came to its end")


@pytest.fixture
def interrupted_write(root: Path, tmp_path: Path, write_in_process: Writing) -> Path:
    """A registry whose writer was killed when files and index were in place and the commit was not yet made."""
    shims = tmp_path / "bin"
    shims.mkdir()
    real = shutil.which("git")
    (shims / "git").write_text(
        f"""#!/bin/sh
        case "$*" in
            *update-index*) "{real}" "$@"; touch "$0-indexed"; exit;;
            *fast-import*) until test -e "$0-indexed"; do sleep 0.01; done; kill -KILL $PPID; exit;;
        esac
        exec "{real}" "$@"
        """
    )
    (shims / "git").chmod(0o755)
    write_in_process(root, 0, "none", path=f"{shims}:{os.environ['PATH']}")
    assert contents(root) == OURS
    return root


def test_recovery_says_what_it_did_and_is_done_once(interrupted_write: Path) -> None:
    reported = report_interrupted(open_repo(interrupted_write))
    assert reported is not None
    assert "smartreg doctor --fix" in reported.in_("en")
    assert contents(interrupted_write) == OURS
    note = recover(open_repo(interrupted_write))
    assert note is not None
    assert BASE in note.in_("en")
    assert report_interrupted(open_repo(interrupted_write)) is None
    assert recover(open_repo(interrupted_write)) is None
    assert not assert_all_or_nothing(interrupted_write, "recovered")


def test_the_next_write_recovers_first(interrupted_write: Path, git: Git) -> None:
    commit(open_repo(interrupted_write), [Write(BASE, b"next\n")], CommitMessage("Next"), expected={BASE: OLD[BASE]})
    assert git("diff-tree", "--no-commit-id", "--name-only", "-r", "HEAD").split() == [BASE]
    assert git("status", "--porcelain", "-uall") == "A  foreign.txt\n"


def test_what_the_user_changed_since_stays(interrupted_write: Path, git: Git) -> None:
    (interrupted_write / BASE).write_bytes(b"mine\n")
    note = recover(open_repo(interrupted_write))
    assert note is not None
    assert f"left as you changed it since: {BASE}" in note.in_("en")
    assert contents(interrupted_write) == {**OLD, BASE: b"mine\n"}
    assert git("status", "--porcelain", "-uall").splitlines() == ["A  foreign.txt", f" M {BASE}"]


def test_a_commit_by_hand_in_between_is_not_taken_for_ours(interrupted_write: Path, git: Git) -> None:
    git("commit", "--quiet", "-m", "by hand", "--only", "foreign.txt")
    recover(open_repo(interrupted_write))
    assert contents(interrupted_write) == OLD
    assert git("status", "--porcelain", "-uall") == ""


def test_our_files_committed_by_hand_stay(interrupted_write: Path, git: Git) -> None:
    git("add", "-A")
    git("commit", "--quiet", "-m", "by hand, after the crash")
    note = recover(open_repo(interrupted_write))
    assert note is not None
    assert "had been committed" in note.in_("en")
    assert contents(interrupted_write) == OURS
    assert git("status", "--porcelain", "-uall") == ""


@pytest.mark.promise("R4")
def test_power_lost_between_branch_and_index(interrupted_write: Path, git: Git, tmp_path: Path) -> None:
    """`git commit` moves the branch first and puts its index in place last."""
    shutil.copy(interrupted_write / ".git/index", tmp_path / "index")
    git("commit", "--quiet", "-m", "Ours", "--only", "--", *OLD)
    shutil.copy(tmp_path / "index", interrupted_write / ".git/index")
    recover(open_repo(interrupted_write))
    assert assert_all_or_nothing(interrupted_write, "power lost")


def test_a_writer_at_work_is_left_alone(interrupted_write: Path) -> None:
    script = "import sys; from pathlib import Path; from smartreg.gitio.turns import hold_lock\n"
    script += "with hold_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(interrupted_write / ".git")]
    holder = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert report_interrupted(open_repo(interrupted_write)) is None
    assert contents(interrupted_write) == OURS
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert recover(open_repo(interrupted_write)) is not None
    assert contents(interrupted_write) == OLD


def test_a_damaged_journal_is_reported_and_stops_writes_only(interrupted_write: Path) -> None:
    (interrupted_write / ".git/smartreg/write/journal.json").write_text('{"version": 7}')
    repo = open_repo(interrupted_write)
    assert report_interrupted(repo) is not None
    with pytest.raises(StateFault, match="damaged"):
        recover(repo)
    with pytest.raises(StateFault, match="damaged"):
        commit(repo, [Write(BASE, b"next\n")], CommitMessage("Next"), expected={BASE: OURS[BASE]})
    assert contents(interrupted_write) == OURS


def test_recovery_from_another_folder_of_the_same_working_tree(root: Path, git: Git, write_in_process: Writing) -> None:
    below = root / "below"
    for path, content in OLD.items():
        if content is not None:
            (below / path).parent.mkdir(parents=True, exist_ok=True)
            (below / path).write_bytes(content)
    git("add", "below")
    git("commit", "--quiet", "-m", "below", "--only", "below")
    for step in range(1, 100):
        write_in_process(below, step, "kill")
        if contents(below) != OLD:
            break
    assert recover(open_repo(root)) is not None
    assert contents(below) == contents(root) == OLD
    assert git("status", "--porcelain", "-uall") == "A  foreign.txt\n"


def hold_index(root: Path) -> subprocess.Popen[bytes]:
    """A `git commit` of somebody's who writes the message for long, and holds the index meanwhile."""
    (root / "foreign.txt").write_text("changed")
    environment = {**os.environ, "GIT_EDITOR": "sleep 60 #"}
    process = subprocess.Popen(["git", "commit", "-a"], cwd=root, env=environment, start_new_session=True)
    while not (root / ".git/index.lock").exists():
        time.sleep(0.01)
    return process


@pytest.mark.promise("R1", "R2")
def test_a_lock_of_somebody_elses_is_named_and_stays(interrupted_write: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartreg.gitio.refusals.LOCK_PATIENCE", 0.1)
    lock, journal = interrupted_write / ".git/index.lock", interrupted_write / ".git/smartreg/write/journal.json"
    lock.touch()
    began = journal.stat().st_mtime_ns
    os.utime(lock, ns=(began - 1, began - 1))  # older than our write, which would have been refused
    with pytest.raises(StateFault, match=r"index\.lock"):
        recover(open_repo(interrupted_write))
    lock.unlink()

    process = hold_index(interrupted_write)
    moment = time.time()
    os.utime(journal, (moment - 20, moment - 20))
    os.utime(lock, (moment - 10, moment - 10))  # long untouched
    try:
        with pytest.raises(StateFault, match=r"index\.lock"):
            recover(open_repo(interrupted_write))
        assert lock.exists()
        assert contents(interrupted_write) == OURS
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.promise("R1")
@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock", "next-index-77.lock"])
def test_a_lock_that_an_interrupted_write_left_is_removed(interrupted_write: Path, name: str) -> None:
    lock = interrupted_write / ".git" / name
    lock.touch()
    moment = time.time() - 5
    journal = interrupted_write / ".git/smartreg/write/journal.json"
    os.utime(journal, (moment - 1, moment - 1))
    os.utime(lock, (moment, moment))
    assert recover(open_repo(interrupted_write)) is not None
    assert not lock.exists()
    assert not assert_all_or_nothing(interrupted_write, name)


def test_permissions_come_back_too(interrupted_write: Path) -> None:
    recover(open_repo(interrupted_write))
    assert stat.S_IMODE((interrupted_write / BASE).stat().st_mode) & 0o600 == 0o600


def test_nobody_puts_back_what_a_git_that_outlived_its_command_is_about_to_finish(
    root: Path, tmp_path: Path, write_in_process: Writing
) -> None:
    shims, asked, real = tmp_path / "bin", tmp_path / "asked", shutil.which("git")
    shims.mkdir()
    os.mkfifo(asked)  # who reads it waits for who writes it
    (shims / "git").write_text(
        f"""#!/bin/sh
        case "$*" in *fast-import*) kill -KILL $PPID; read -r _ <"{asked}";; esac
        exec "{real}" "$@"
        """
    )
    (shims / "git").chmod(0o755)
    assert write_in_process(root, 0, "none", path=f"{shims}:{os.environ['PATH']}") == ""
    assert report_interrupted(open_repo(root)) is None  # a reader does not wait for long
    assert git_says(root, "rev-list", "--count", "HEAD") == "1\n"
    assert contents(root) == OURS

    asked.write_text("go on\n")
    mine = {"registry/party/mine.yaml": b"id: mine\n"}
    commit(open_repo(root), [Write(*one) for one in mine.items()], CommitMessage("Mine"), expected=dict.fromkeys(mine))
    assert git_says(root, "log", "--format=%s") == "Mine\nOurs\nbase\n"
    assert contents(root) == OURS
    assert git_says(root, "status", "--porcelain", "-uall") == "A  foreign.txt\n"

"""Standard streams that are closed, full or read by nobody: no answer gets lost unnoticed, no write is misreported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Git
from program import start

PARTY = 'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
ADD = "add-party --id sig --name SIG --category commune --siren 213400401 --insee-code 34040 -y"
FILE = "registry/parties/sig.yaml"
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry of one record, committed."""
    (git_repo / "registry/parties").mkdir(parents=True)
    (git_repo / "registry/parties/istres.yaml").write_text(PARTY, "utf-8")
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n', "utf-8")
    git("add", "-A")
    git("commit", "-qm", "begin")
    return git_repo


def run(root: Path, line: str) -> subprocess.CompletedProcess[str]:
    """A shell line in which `smartreg` is the program, with what reaches its streams."""
    return subprocess.run(
        ["bash", "-c", f'smartreg() {{ "{sys.executable}" -m smartreg "$@"; }}\n{line}'],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.promise("R16")
@pytest.mark.parametrize(
    ("line", "code", "out", "err"),
    [
        ("smartreg list party -f ids <&- 2>&-", 0, "party/istres\n", ""),
        ("smartreg list party -f ids >&-", 3, "", "error: a standard stream is closed\n"),
        ("smartreg list party -f ids <&- >&- 2>&-", 3, "", ""),
        ("smartreg query - <&-", 3, "", "error: a standard stream is closed\n"),
        ("smartreg --version >&-", 3, "", "error: a standard stream is closed\n"),
        ("smartreg lits party 2>&-", 2, "", ""),
        pytest.param("smartreg lits party 2>/dev/full", 2, "", "", marks=FULL),
    ],
)
def test_an_answer_that_is_lost_is_no_success(root: Path, line: str, code: int, out: str, err: str) -> None:
    done = run(root, line)

    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


@pytest.mark.promise("R1")
@pytest.mark.parametrize(
    ("streams", "err"),
    [
        ("<&- >&- 2>&-", ""),
        ("<&- >&-", "note: done, but could not write output\n"),
        pytest.param("--json >/dev/full", "note: done, but could not write output\n", marks=FULL, id="full"),
        pytest.param("2>/dev/full", "", marks=FULL, id="full-errors"),
        pytest.param("| true; exit ${PIPESTATUS[0]}", "note: done, but could not write output\n", id="pipe"),
    ],
)
def test_a_change_is_committed_even_if_nobody_reads_the_answer(root: Path, git: Git, streams: str, err: str) -> None:
    done = run(root, f"smartreg {ADD} {streams}")

    assert (done.returncode, done.stderr) == (0, err)
    assert git("log", "-1", "--format=%s") == "Add party/sig\n"
    assert git("status", "--porcelain") == ""
    # No descriptor of the program was taken for a standard stream: nothing that is printed is in a file.
    assert git("fsck", "--strict") == ""
    assert [line.partition(":")[0] for line in git("show", f"HEAD:{FILE}").splitlines()[1:]] == [
        "id",
        "name",
        "category",
        "siren",
        "insee_code",
    ]


@pytest.mark.promise("R16")
@pytest.mark.parametrize("streams", ["-n >&-", pytest.param("-n --json >/dev/full", marks=FULL)])
def test_a_plan_that_nobody_sees_is_no_success(root: Path, git: Git, streams: str) -> None:
    done = run(root, f"smartreg {ADD} {streams}")

    assert done.returncode == 3
    assert git("log", "-1", "--format=%s") == "begin\n"


@pytest.mark.promise("R2")
def test_a_file_keeps_its_bytes_while_streams_are_closed(root: Path, tmp_path: Path) -> None:
    export = ("export", "party", "-f", "sqlite", "-o")
    assert start(*export, f"{tmp_path}/open.sqlite", cwd=root).returncode == 0
    done = run(root, f"smartreg {' '.join(export)} {tmp_path}/closed.sqlite <&- 2>&-")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "closed.sqlite").read_bytes() == (tmp_path / "open.sqlite").read_bytes()


# One Python that reads the program, and forks for each line; before it is read, and in each fork, more may be set.
IN_TURN = """
import os, resource, shlex, sys
from smartreg.cli.main import main
import smartreg.cli.run, smartreg.cli.history, smartreg.commands.history
codes = []
for word in sys.argv[2:]:
    child = os.fork()
    if not child:
        exec(sys.argv[1])
        main()
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(*codes)
"""


@pytest.mark.promise("R16")
def test_no_file_is_left_open(root: Path) -> None:
    """Warnings of Python are errors: a file or a process that nobody closes is a traceback."""
    lines = (
        *("validate", "export party -f xlsx -o ../o.xlsx", "export party -f sqlite -o ../o.sqlite", "log", "audit"),
        *("report -f html -o ../o.html", "query 'SELECT * FROM parties'", "set party/istres name=X -y", "doctor"),
    )
    done = run_in_turn(root, "sys.argv[1:] = shlex.split(word)", *lines, PYTHONWARNINGS="error")
    codes = done.stdout.splitlines()[-1].split()
    assert (len(codes), set(codes)) == (len(lines), {"0"} | set(codes) & {"1"})
    assert "Traceback" not in done.stderr
    assert "Warning:" not in done.stderr


def run_in_turn(root: Path, before: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`before` is done in each fork, of its `word`."""
    return subprocess.run(
        [sys.executable, "-c", IN_TURN, before, *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.promise("R16")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not kept")
@pytest.mark.parametrize("files", [6, 12])
def test_few_file_descriptors_are_no_traceback(root: Path, files: int) -> None:
    done = run(root, f"ulimit -n {files}; smartreg validate")
    assert done.returncode in (0, 1, 3), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.promise("R16")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not kept")
def test_little_memory_is_no_internal_error(root: Path) -> None:
    """From the first look at a record on, the process gets but a few more kilobytes."""
    limit = (
        "held = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize();"
        "resource.setrlimit(resource.RLIMIT_AS, (held + int(word) * 1024,) * 2);"
        "sys.argv[1:] = ['log']"
    )
    done = run_in_turn(root, limit, "64", "256", "1024", "4096")
    assert set(done.stdout.splitlines()[-1].split()) <= {"0", "3"}
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr

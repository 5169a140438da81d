"""The real program as tests start it, and the Git settings of who starts it."""

from __future__ import annotations

import gc
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TypeAlias

import days

Done: TypeAlias = subprocess.CompletedProcess[str]
DoneBytes: TypeAlias = subprocess.CompletedProcess[bytes]

ROOT = Path(__file__).parents[2]
GIT_CONFIG = (
    "[user]\n name = Service registre\n email = registre@example.org\n[init]\n defaultBranch = main\n"
    "[commit]\n gpgSign = false\n[gc]\n auto = 0\n"
)
# What a Python reads at its start, and what libraries read at their import: with another value, a new Python starts.
AT_START = ("PYTHON", "LC_", "PATH", "GIT_PYTHON", "LD_", "SMARTREG_LOCALE")


def copy_example(root: Path) -> Path:
    """Copy the example registry of this repository into a Git repository of its own."""
    for name in ("registry", "schemas"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "smartreg.toml", root)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=root, check=True)
    return root


def start(*words: str, cwd: Path, input: str = "", **environ: str) -> Done:  # noqa: A002
    """Run the program without a terminal; standard input holds `input` and ends."""
    done = start_bytes(*words, cwd=cwd, stdin=input.encode(), environ=environ)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def start_bytes(*words: str, cwd: Path, stdin: bytes = b"", environ: Mapping[str, str]) -> DoneBytes:
    """`start` with bytes in and out."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    as_here = _at_start(environment) == _at_start({**os.environ, "PYTHONPATH": str(ROOT)})
    if as_here and threading.current_thread() is threading.main_thread():
        return _run_here(words, cwd, stdin, environment)
    if as_here:
        return _fork(words, cwd, stdin, environment)
    on_a_day = days.VARIABLE in environment
    command = [sys.executable, *([days.__file__] if on_a_day else ["-m", "smartreg"]), *words]
    return subprocess.run(command, cwd=cwd, env=environment, input=stdin, capture_output=True, check=False)


def number_ids(folder: Path) -> None:
    """Let a new registry number its ids, as registries did before: tests can name them."""
    settings = folder / "smartreg.toml"
    settings.write_text(settings.read_text("utf-8").replace('"random"', '"number"'), "utf-8")
    identity = ("-c", "user.name=Service registre", "-c", "user.email=registre@example.org")
    subprocess.run(["git", *identity, "commit", "-qam", "Number ids"], cwd=folder, check=True)


def _at_start(environ: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in environ.items() if item[0].startswith(AT_START)))


def _run_here(words: tuple[str, ...], cwd: Path, given: bytes, environ: Mapping[str, str]) -> DoneBytes:
    """Run it in this process: with files as its standard streams, for Git, too, and this folder and environment."""
    from smartreg.cli.run import run  # and with it half of the program

    folder, earlier, streams = os.getcwd(), dict(os.environ), (sys.stdin, sys.stdout, sys.stderr, sys.argv)
    kept = [os.dup(number) for number in range(3)]
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _stream in range(3)]
        files[0].write(given)
        files[0].seek(0)
        try:
            for number, file in enumerate(files):
                os.dup2(file.fileno(), number)
            sys.stdin, sys.stdout, sys.stderr = (
                open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
                for number, (mode, errors) in enumerate(STREAMS)
            )
            sys.argv = [str(ROOT / "smartreg/__main__.py"), *words]
            _become(cwd, environ)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = run(words)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            _become(folder, earlier)
            sys.stdin, sys.stdout, sys.stderr, sys.argv = streams
            for number, descriptor in enumerate(kept):
                os.dup2(descriptor, number)
                os.close(descriptor)
        gc.collect(1)  # what it has left in cycles would keep its index open
        for file in files:
            file.seek(0)
        _stdin, out, err = (file.read() for file in files)
    return subprocess.CompletedProcess(["smartreg", *words], code, out, err)


def _become(folder: str | Path, environ: Mapping[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()


STREAMS = (("r", "surrogateescape"), ("w", "surrogateescape"), ("w", "backslashreplace"))  # as Python opens them


def _fork(words: tuple[str, ...], cwd: Path, given: bytes, environ: dict[str, str]) -> DoneBytes:
    pipes = [os.pipe() for _stream in range(3)]
    (stdin, feed), (out, stdout), (err, stderr) = pipes
    with begin_fork(words, cwd, environ, (stdin, stdout, stderr)) as answer, ThreadPoolExecutor(3) as threads:
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        feeding = threads.submit(_feed, feed, given)
        printed, noted = threads.map(_drain, (out, err))
        feeding.result()
        code = answer.recv(16)
    return subprocess.CompletedProcess(["smartreg", *words], int(code), printed, noted)


def begin_fork(
    words: Sequence[str], cwd: Path, environ: dict[str, str], streams: tuple[int, int, int], *, controlled: bool = False
) -> socket.socket:
    """Start the program, with these standard streams, in a fork of one that has read it; its exit code comes as digits.
    `controlled`: they are a terminal, whose Ctrl-C and whose end it hears."""
    answer, written = socket.socketpair()
    run = {"words": words, "cwd": str(cwd), "environ": environ, "controlled": controlled}
    with written:
        requests, _address = _server(_at_start(environ))
        socket.send_fds(requests, [json.dumps(run).encode()], (written.fileno(), *streams))
    return answer


def write_program(file: Path) -> None:
    """Write a program that runs this one in a fork, for shells and for Git to start."""
    _requests, address = _server(_at_start({**os.environ, "PYTHONPATH": str(ROOT)}))
    command = (sys.executable, "-IS", str(Path(__file__).with_name("fork_client.py")), address)
    file.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', "utf-8")
    file.chmod(0o755)


def _feed(descriptor: int, given: bytes) -> None:
    try:
        with open(descriptor, "wb") as stream:
            stream.write(given)
    except BrokenPipeError:
        pass  # who reads no input has ended


def _drain(descriptor: int) -> bytes:
    with open(descriptor, "rb") as stream:
        return stream.read()


@cache
def _server(environ: tuple[tuple[str, str], ...]) -> tuple[socket.socket, str]:
    """Start the server of `forks.py` for runs with `environ`: a socket for requests, with whose end it ends, and where
    `fork_client.py` finds it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    address = f"{tempfile.mkdtemp(prefix='forks-')}/socket"
    with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen()
        subprocess.Popen(
            [sys.executable, "-m", "forks", str(theirs.fileno()), str(listening.fileno())],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent)))},
            pass_fds=[theirs.fileno(), listening.fileno()],
            stdin=subprocess.DEVNULL,
        )
    # It reads the whole program first, for seconds, which are no run's: limits of runs count from here on.
    assert ours.recv(16) == b"ready", "the server of forks did not start"
    return ours, address

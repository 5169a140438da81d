"""A process that has imported the program, and read its schemas, and forks for each run: tests start a thousand.

`program.start` starts it with two descriptors: its end of a socket, and one that listens for `fork_client.py`. Each
message is a run: words, folder, environment, and whether the terminal that the streams are controls it, as JSON, with
the descriptors of a socket for the exit code (a client has one: where it asked) and of the three standard streams. A
run is a process of its own, with streams of its own; only the start of Python, the imports and the schemas as shipped
are those of the server.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

from days import follow
from kept_commands import keep_commands

import smartreg
from smartreg.cli.main import main
from smartreg.schema import bundled_files, read_schemas
from smartreg.tables.layout import layout_of

LIBRARIES = (
    *("encodings.utf_8_sig", "git", "jsonschema_rs", "prompt_toolkit.shortcuts", "rapidfuzz", "rich.console"),
    *("ruamel.yaml", "sqlite3", "stdnum.luhn", "typer", "xlsxwriter", "yaml"),
)
LONGEST = 1 << 20


def serve(requests: socket.socket, listening: socket.socket) -> None:
    """Fork for each message and answer with the exit code of each run that ends, until the tests close their end."""
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(wakes.fileno())
    answers: dict[int, int] = {}  # by the process of the run
    while True:
        ready, _writable, _failed = select.select([requests, listening, woken], [], [])
        if woken in ready:
            woken.recv(LONGEST)
            answer_ended(answers)
        if listening in ready:
            client, _address = listening.accept()
            message, streams, _flags, _address = socket.recv_fds(client, LONGEST, 3)
            answer = client.detach()
        elif requests in ready:
            message, descriptors, _flags, _address = socket.recv_fds(requests, LONGEST, 4)
            if not message:
                return
            answer, *streams = descriptors
        else:
            continue
        child = os.fork()
        if not child:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sockets = (requests, listening, woken, wakes)
            for descriptor in (*(each.detach() for each in sockets), answer, *answers.values()):
                os.close(descriptor)
            become(json.loads(message), streams)
            main()
        answers[child] = answer
        for descriptor in streams:
            os.close(descriptor)


def answer_ended(answers: dict[int, int]) -> None:
    """Write the exit codes of the runs that have ended, as `subprocess` tells them, and forget these runs."""
    while answers:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with open(answers.pop(child), "wb", buffering=0) as answer, suppress(BrokenPipeError):
            answer.write(str(os.waitstatus_to_exitcode(status)).encode())


def become(run: dict[str, object], streams: list[int]) -> None:
    """Take the folder, the environment, the words and the standard streams of the run, as a new Python would."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(str(run["cwd"]))
    os.environ.clear()
    os.environ.update(run["environ"])  # type: ignore[call-overload]
    time.tzset()
    follow(os.environ)
    sys.argv = [str(Path(smartreg.__file__).with_name("__main__.py")), *run["words"]]  # type: ignore[misc]
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if run.get("controlled"):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8", sys.stdin.errors)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8", sys.stdout.errors, line_buffering=os.isatty(1)
    )


def load() -> None:
    """Import the whole program and read its schemas, so that forks of this process need not."""
    modules = (module.name for module in pkgutil.walk_packages(smartreg.__path__, "smartreg."))
    for name in (*LIBRARIES, *(name for name in modules if not name.endswith("__main__"))):
        with suppress(ModuleNotFoundError):  # of an extra, or needs one
            importlib.import_module(name)
    schemas = read_schemas(bundled_files())
    for judge in schemas.judges.values():
        judge.faults({})  # compiles what refuses a record, and what says why
    for kind in schemas.kinds:
        layout_of(schemas).of_kind(kind)


if __name__ == "__main__":
    load()
    keep_commands(made=True)
    gc.freeze()
    sockets = [socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[1:]]
    address = Path(sockets[1].getsockname())
    sockets[0].send(b"ready")
    serve(*sockets)
    shutil.rmtree(address.parent)

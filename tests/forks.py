"""A process that has imported the program and forks for each run of it: what tests start a thousand times.

`program.start` starts it with one descriptor: its end of a socket. Each message is a run: words, folder and environment
as JSON, with the descriptors of a socket for the exit code and of the three standard streams. A run is a process of its
own, with streams of its own; only the start of Python and the imports are those of the server.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

import smartreg
from smartreg.cli.main import main

LIBRARIES = ("git", "jsonschema_rs", "rich.console", "ruamel.yaml", "sqlite3", "typer")
LONGEST = 1 << 20


def serve(requests: socket.socket) -> None:
    """Fork for each message until the tests close their end; the run goes on in `main` with what it was given."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for a run
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(requests, LONGEST, 4)
        if not message:
            return
        if not os.fork():
            requests.close()
            attend(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def attend(run: dict[str, object], answer: int, *streams: int) -> NoReturn:
    """Fork the run itself, wait for it, and write its exit code as `subprocess` tells it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if not child:
        os.close(answer)
        become(run, streams)
        main()
    for descriptor in streams:
        os.close(descriptor)
    _child, status = os.waitpid(child, 0)
    os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(run: dict[str, object], streams: tuple[int, ...]) -> None:
    """Take the folder, the environment, the words and the standard streams of the run, as a new Python would."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(str(run["cwd"]))
    os.environ.clear()
    os.environ.update(run["environ"])  # type: ignore[call-overload]
    sys.argv = [str(Path(smartreg.__file__).with_name("__main__.py")), *run["words"]]  # type: ignore[misc]
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8", sys.stdin.errors)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8", sys.stdout.errors)


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    for module in pkgutil.walk_packages(smartreg.__path__, "smartreg."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv.pop())))

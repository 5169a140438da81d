"""`smartreg web` as a process: where it listens, what it says, how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from program import ROOT, copy_example, start


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("desk") / "root")


@pytest.fixture
def process(root: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "smartreg", "web", "--no-browser"]
    with subprocess.Popen(command, cwd=root, env=environment, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_it_serves_and_stops_when_told(
    process: subprocess.Popen[str], root: Path, tmp_path: Path, how: signal.Signals
) -> None:
    assert process.stderr is not None
    first, second = process.stderr.readline(), process.stderr.readline()
    assert str(root) in first
    assert "to this computer only" in first
    address = re.search(r"http://127\.0\.0\.1:\d+/start\?token=\S+", second)
    assert address is not None
    with urlopen(address[0], timeout=30) as answer:
        assert answer.status == 200
    (entry,) = tmp_path.glob("smartreg-*.html")
    assert entry.stat().st_mode & 0o077 == 0
    assert address[0] not in entry.read_text("utf-8")  # that token is used up
    process.send_signal(how)
    assert process.wait(30) == 0
    assert process.stderr.read() == ""
    assert list(tmp_path.glob("smartreg-*.html")) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_it_is_served_to_this_computer_only(root: Path, host: str) -> None:
    done = start("web", "--host", host, "--no-browser", cwd=root)
    assert (done.returncode, "served to this computer only" in done.stderr) == (2, True)


def test_a_port_that_is_taken_or_none_is_refused(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = start("web", "--port", str(other.getsockname()[1]), "--no-browser", cwd=root)
        assert (done.returncode, "is taken" in done.stderr) == (3, True)
    for port in ("65536", "-1", "x"):
        assert start("web", "--port", port, "--no-browser", cwd=root).returncode == 2


def test_it_needs_a_registry_and_its_libraries(root: Path, tmp_path: Path) -> None:
    assert start("web", cwd=tmp_path).returncode == 3
    script = (
        "import importlib.util, sys\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'uvicorn' else find(name, *more)\n"
        "from smartreg.cli.run import run\nsys.exit(run(['web']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "uvicorn" in done.stderr, "install" in done.stderr) == (2, True, True)

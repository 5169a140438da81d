"""Nothing waits for a page that computes long, nor for a write that waits for a key to be touched."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import termios
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from desk import serving
from desk_forms import git, lay, post, review
from program import start

POLE = "/records/support/pole/edit"
LONG = ("/bilan/page", "/coverage")


def wait_until(happens: Callable[[], object]) -> None:
    give_up = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay(tmp_path / "root")


def test_no_page_waits_for_one_that_computes_long(root: Path) -> None:
    """The process of each is stopped while it has a page to compute: all other pages come, and forms are written. One
    that is ended is said, and begins anew."""
    with serving(root) as client, ThreadPoolExecutor(len(LONG)) as browsers:
        client.desk.many = 0
        for path in LONG:
            assert client.get(path).status == 200
            os.kill(client.desk.aside[path].process.pid or 0, signal.SIGSTOP)
        bilan, coverage = (browsers.submit(client.get, path) for path in LONG)
        assert client.get("/").status == 200
        written = post(client, POLE, review(client, POLE, {"address": "Quai"}), {}, "write")
        assert written.status == 303
        assert "Quai" in client.get("/records/support/pole").text
        assert not bilan.done()

        os.kill(client.desk.aside["/bilan/page"].process.pid or 0, signal.SIGCONT)
        assert "Quai" in bilan.result().text  # read when it is computed, not when it was asked for
        lost = client.desk.aside["/coverage"]
        wait_until(lambda: any(fcntl.ioctl(lost.connection.fileno(), termios.TIOCOUTQ, bytes(4))))
        lost.process.kill()
        assert coverage.result().status == 409
        assert "open the page again" in coverage.result().text
        assert client.get("/coverage").status == 200


def test_changes_are_looked_for_in_the_background_after_a_visit(root: Path) -> None:
    """However long the desk was served before somebody came."""
    with serving(root) as client:
        time.sleep(1.5)  # it has asked once whether somebody reads
        client.get("/")
        live = client.desk.reading.live
        wait_until(lambda: live.age > 1)
        wait_until(lambda: live.age < 1)


@pytest.fixture
def touched(root: Path, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Commits are signed by a program that waits until a key is touched; the function touches it."""
    key, asks = tmp_path / "touched", tmp_path / "asked"
    program = tmp_path / "sign"
    program.write_text(
        f"#!/bin/sh\ntouch {asks}\nwhile ! test -e {key}; do sleep 0.05; done\ncat >/dev/null\n"
        "echo '[GNUPG:] SIG_CREATED D 1 8 00 0 0' >&2\nprintf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n'\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    git(root, "config", "commit.gpgsign", "true")
    git(root, "config", "gpg.program", str(program))

    def wait() -> None:
        wait_until(asks.exists)
        asks.unlink()

    wait.touch = key.touch  # type: ignore[attr-defined]
    yield wait
    key.touch()


def test_a_key_that_is_not_touched_yet_holds_nobody(root: Path, touched: Callable[[], None]) -> None:
    """Pages are served as of before the write; other forms too, until they are sent."""
    with serving(root) as client, ThreadPoolExecutor(1) as browsers:
        shown = review(client, POLE, {"address": "Quai"})
        writing = browsers.submit(post, client, POLE, shown, {}, "write")
        touched()
        for path in ("/", "/records/support/pole", "/records/equipment/guest/edit"):
            page = client.get(path)
            assert page.status == 200
            assert "Quai" not in page.text
            assert "Not committed" not in page.text
        assert not writing.done()
        touched.touch()  # type: ignore[attr-defined]
        assert writing.result().status == 303
        assert "Quai" in client.get("/records/support/pole").text


@pytest.mark.promise("R1")
def test_a_key_that_is_never_touched_leaves_everything_as_it_was(
    root: Path, touched: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smartreg.web.app.WRITE_S", 1.0)
    head = git(root, "rev-parse", "HEAD")
    with serving(root) as client:
        late = post(client, POLE, review(client, POLE, {"address": "Quai"}), {}, "write")
        assert late.status == 409
        assert "nothing was written" in late.text
        assert "touch the key" in late.text
        assert "Quai" in late.text  # what was answered stays
        assert git(root, "rev-parse", "HEAD") == head
        assert git(root, "status", "--porcelain", "--", "registry") == ""
        assert not list((root / ".git").glob("*.lock"))
        git(root, "config", "commit.gpgsign", "false")
        assert start("set", "support/pole", "height_m=4", "-y", cwd=root).returncode == 0


def test_stopping_does_not_wait_for_a_key(root: Path, touched: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as browsers, serving(root) as client:
        shown = review(client, POLE, {"address": "Quai"})
        writing = browsers.submit(post, client, POLE, shown, {}, "write")
        touched()
        threading.Thread(target=client.desk.stop).start()
        assert writing.result().status == 409
    assert git(root, "status", "--porcelain", "--", "registry") == ""

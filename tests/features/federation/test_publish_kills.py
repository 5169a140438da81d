"""`publish` killed at any step: readers see the release before or the new one, whole; the next run finishes it.

A thin sample of the steps; `ALL_STEPS=1` goes through all of them.
"""

from __future__ import annotations

import os
import signal
from itertools import islice
from pathlib import Path

import forks
import pytest
from crashes import Fault, run
from publishing import NOW, Publisher, copy_publisher, make_publisher

from smartreg.release.reading import check_files, fetch_from

pytestmark = pytest.mark.day(NOW)
SAMPLE = 2
LINES = {
    "publish": "publish -o ../public --accept-new",
    "withdraw": "publish -o ../public --withdraw 1 --reason 'a name'",
}


@pytest.fixture(scope="module")
def base(neutral_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that has published once, and has changed since."""
    forks.load()
    folder = tmp_path_factory.mktemp("killed") / "all"
    folder.mkdir()
    publisher = make_publisher(folder)
    publisher.publishes()
    publisher.adds("c", pushed=True)
    return folder


def check(publisher: Publisher, label: str) -> int:
    """The release that a reader finds, all of which holds."""
    release = publisher.reads(now=NOW, whole=True)
    serial = release.manifest.serial
    assert [item.manifest.serial for item in release.chain] == list(range(1, serial + 1)), label
    if serial not in release.latest.withdrawn:
        faults = list(check_files(fetch_from(publisher.folder), release.manifest))
        assert faults == [] or (publisher.place / f"{serial:06}/withdrawn.json").exists(), f"{label}: {faults}"
    return serial


@pytest.mark.promise("R1")
@pytest.mark.parametrize("command", LINES)
def test_a_kill_leaves_nothing_half_visible(base: Path, tmp_path: Path, command: str) -> None:
    line, log = LINES[command], tmp_path / "steps"
    rehearsal = copy_publisher(base, tmp_path / "rehearsal")
    ended = run(rehearsal.root, line, Fault(log=log))
    assert ended.code == 0, ended.err
    last = check(rehearsal, command)
    steps = log.read_text("utf-8").splitlines()
    assert len(steps) > 20
    stride = 1 if os.environ.get("ALL_STEPS") else len(steps) // SAMPLE
    seen = set()
    for at in islice(range(1, len(steps) + 1), stride // 2, None, stride):
        label = f"{command}: killed at step {at} of {len(steps)} ({steps[at - 1]})"
        publisher = copy_publisher(base, tmp_path / f"kill-{at}")
        ended = run(publisher.root, line, Fault(at, "kill"))
        assert ended.code == -signal.SIGKILL, f"{label}: {ended}"
        seen.add(check(publisher, label))
        ended = run(publisher.root, line)
        assert ended.code == 0, f"{label}: {ended.err}"
        assert check(publisher, label) == last, label
        assert not list(publisher.place.glob(".*")), label
        assert publisher.git("status", "--porcelain") == "", label
    assert 1 in seen

"""A pseudo-terminal as somebody uses it, and a registry to answer questions in: what is shown, and what is typed."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pytest
from program import ROOT, begin_fork, number_ids, start

PATIENCE_S = 20
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>]|\r")


def plain(data: bytes) -> str:
    return ESCAPES.sub("", data.decode("utf-8", "replace"))


def talk(program: Sequence[str], cwd: Path, home: Path, exchange: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run this program (`python -m smartreg …`) on a pseudo-terminal; wait for each text, then type its answer. Exit
    code and all it showed."""
    parent, child = pty.openpty()
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "NO_COLOR": "1",
    }
    environ.pop("CI", None)
    assert (*program[:3],) == (sys.executable, "-m", "smartreg"), program
    ended = begin_fork(program[3:], cwd, environ, (child, child, child), controlled=True)
    os.close(child)
    shown, seen, sent = b"", 0, ""
    for wanted, answer in [*exchange, ("", "")]:
        expected = wanted.rstrip(" ")  # where a prompt ends with a blank, the cursor moves and nothing is written
        # What is expected may have come with the answer before: look before waiting for more.
        for data in chain((b"",), _read_output(parent)):
            shown += data
            if sent.endswith(("\n", "\r")):  # the prompt is drawn once more when it is answered
                line_end = plain(shown).find("\n", seen)
                if line_end < 0:
                    continue
                seen, sent = line_end, ""
            found = plain(shown).find(expected, seen) if expected else -1
            if found >= 0:
                seen, sent = found + len(expected), answer
                os.write(parent, answer.encode())
                break
        else:
            assert not expected, f"never asked {expected!r} after:\n{plain(shown)[seen:]}"
    os.close(parent)
    with ended:
        ended.settimeout(PATIENCE_S)
        return int(ended.recv(16)), plain(shown)


def _read_output(parent: int) -> Iterator[bytes]:
    """What comes from the terminal until the program ends."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if select.select([parent], [], [], 0.2)[0]:
            try:
                data = os.read(parent, 65536)
            except OSError:
                return
            if not data:
                return
            yield data


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with one party, one use case, one network and twelve supports."""
    place = tmp_path_factory.mktemp("prompts")
    (place / ".gitconfig").write_text(
        "[user]\n name = Service registre\n email = registre@example.org\n[init]\n defaultBranch = main\n", "utf-8"
    )
    folder = place / "registry"
    assert start("init", "registry", cwd=place, HOME=str(place)).returncode == 0
    number_ids(folder)
    records = folder / "registry"
    (records / "parties/lyon.yaml").write_text("id: lyon\nname: Lyon\ncategory: private\n", "utf-8")
    (records / "use-cases/noise.yaml").write_text(
        "id: noise\ntitle: Bruit\nowner: lyon\ndomain: noise\nstatus: idea\n", "utf-8"
    )
    (records / "networks/lyon-lora.yaml").write_text(
        "id: lyon-lora\nname: LoRaWAN\ntechnology: lorawan\noperator: lyon\naccess: own_use\n"
        "status: in_service\nstarted_on: 2023-01-01\nlorawan:\n  region: EU863-870\n",
        "utf-8",
    )
    (records / "supports/69383").mkdir(parents=True)
    for number in range(12):
        street = "93 rue de Créqui" if number == 7 else f"{number} cours Lafayette"
        (records / f"supports/69383/lyon-ep-{number:02}.yaml").write_text(
            f"id: lyon-ep-{number:02}\ntype: street_light\nowner: lyon\ninsee_code: '69383'\n"
            f"location: {{lon: 4.85{number:02}1, lat: 45.7501}}\nstatus: in_service\naddress: {street}\n",
            "utf-8",
        )
    for words in (("add", "--all"), ("commit", "--quiet", "--message", "supports")):
        subprocess.run(["git", *words], cwd=folder, env={**os.environ, "HOME": str(place)}, check=True)
    return folder


SENSOR = (
    "type: sensor\nowner: lyon\nuse_cases: [noise]\nstatus: active\nsupport: lyon-ep-03\nnetwork: lyon-lora\n"
    "installed_on: '2024-03-11'\nmeasures: [{property: noiseLevel, unit: 'dB[SPL]'}]\n"
)


def add_sensors(registry: Path, *numbers: int) -> None:
    for number in numbers:
        text = f"id: bruit-{number}\n{SENSOR}dev_eui: '70B3D57ED000000{number}'\n"
        (registry / f"registry/equipment/bruit-{number}.yaml").write_text(text, "utf-8")
    identity = ("-c", "user.name=SIG", "-c", "user.email=sig@example.org")
    for words in (("add", "--all"), (*identity, "commit", "--quiet", "--message", "sensors")):
        subprocess.run(["git", *words], cwd=registry, check=True)

"""Whole dialogues on a terminal as golden transcripts: questions in their order, `?`, `<`, refusals, the review."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import Git
from conventions import under_convention
from terminal import add_sensors, talk
from terminal import base as base  # a fixture

pytestmark = pytest.mark.day("2026-11-27")
GOLDEN = Path(__file__).parents[1] / "golden" / "dialogues"
CHANGING = (
    (re.compile(r"/tmp/\S*?/(?=registry|repo\b)"), "/"),
    (re.compile(r"\(commit [0-9a-f]{7,}\)"), "(commit …)"),
    (re.compile(r"smartreg undo [0-9a-f]{7,}"), "smartreg undo …"),
)

WITH_SENSORS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "move": (
        "move --lang en",
        [
            ("1–2: ", "1\n"),
            ("1–9, words or a position:", "?\r"),
            ("Example: sensor school", "lyon-ep-11\r"),
            ("Write this? [Y/n] ", "n\n"),
        ],
    ),
    "move-named-back": (
        "move bruit-1 --lang fr",
        [
            ("1–9, des mots ou une position", "<\r"),
            ("1–9, des mots ou une position", "45.7501, 4.85051\r"),
            ("1 support/lyon-ep-05  0 m", "1\r"),
            ("Écrire ? [O/n] ", "\n"),
        ],
    ),
    "retire-back": (
        "retire --lang en",
        [
            ("Record:", "bruit-1\r"),
            ("Write this? [Y/n] ", "<\n"),
            ("Record:", "\r"),
            ("choose a record", "bruit-2\r"),
            ("Write this? [Y/n] ", "\n"),
        ],
    ),
    "set-named": (
        "set bruit-1 --lang en",
        [
            ("Field:", "<\r"),
            ("this is the first question", "?\r"),
            ("Example: status", "\r"),
            ("choose a field", "captures\r"),
            ("Captures", "1\n"),
            ("Enter ends]", "\n"),
            ("Write this? [Y/n] ", "n\n"),
        ],
    ),
    "set-place": (
        "set support/lyon-ep-01 --lang fr",
        [
            ("Champ", "location\r"),
            ("Position (latitude, longitude)", "45,75010; 4,85200\n"),
            ("Écrire ? [O/n] ", "<\n"),
            ("Position (latitude, longitude)", "45.7501, 4.8530\n"),
            ("Écrire ? [O/n] ", "\n"),
        ],
    ),
    "set-unset": (
        "set bruit-1 --lang en",
        [
            ("Field:", "network\r"),
            ("1–2 [lyon-lora]: ", "-\n"),
            ("Write this? [Y/n] ", "n\n"),
        ],
    ),
    "show-picked": ("show --lang en", [("Record:", "bruit-2\r")]),
    "retire-explained": ("retire bruit-1 --lang en", [("Write this? [Y/n] ", "?\n"), ("Write this? [Y/n] ", "n\n")]),
    "add-interrupted": (
        "add-use-case --lang en",
        [("Title: ", "Air\n"), ("1 [lyon]: ", "\n"), ("Domain", "\x03")],
    ),
    "set-interrupted": (
        "set --lang fr",
        [
            ("Fiche", "bruit-1\r"),
            ("Entrée pour finir", "\r"),
            ("Champ", "serial_number\r"),
            ("Numéro de série", "\x03"),
        ],
    ),
    "add-use-case": (
        "add-use-case --lang en",
        [
            ("Title: ", "?\n"),
            ("Title: ", "Air\n"),
            ("1 [lyon]: ", "<\n"),
            ("Title [Air]: ", "Air quality\n"),
            ("1 [lyon]: ", "\n"),
            ("Domain", "air\r"),
            ("1–3 [idea]: ", "\n"),
            ("Identifier [air-quality]: ", "lyon/1\n"),
            ("Identifier [air-quality]: ", "noise\n"),
            ("exists already", ""),
            ("Identifier [air-quality]: ", "\n"),
            ("Write this? [Y/n] ", "3\n"),
            ("1 [lyon]: ", "\n"),
            ("Write this? [Y/n] ", "<\n"),
            ("Identifier [air-quality]: ", "\n"),
            ("Write this? [Y/n] ", "n\n"),
        ],
    ),
}

UNDER_CONVENTION: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "annex": (
        "annex c https://example.org/charte.pdf --lang en",
        [
            ("Kind of annex", "<\n"),
            ("this is the first question", "?\n"),
            ("1–", "1\n"),
            ("Title: ", "\n"),
            ("required", ""),
            ("Title: ", "?\n"),
            ("Title: ", "Charte\n"),
            ("SHA-256 of the file: ", "<\n"),
            ("Title [Charte]: ", "\n"),
            ("SHA-256 of the file: ", "?\n"),
            ("SHA-256 of the file: ", "abc\n"),
        ],
    ),
    "amend": (
        "amend removal_days=60 --lang fr",
        [
            ("Convention\n  1 convention/c  ", "1\n"),
            ("Signé le", "2024/11/02\n"),
            ("n'est pas une date", ""),
            ("[2024-11-02]", "\n"),
            ("1–3 : ", "+\n"),
            ("1–3 [+, Entrée pour finir] : ", "older\n"),
            ("Entrée pour finir]", "\n"),
            ("Numéro", "D-1\n"),
            ("Date", "<\n"),
            ("Numéro [D-1]", "<\n"),
            ("1–3 [+, older]", "older\n"),
            ("Entrée pour finir]", "\n"),
            ("Écrire ? [O/n] ", "n\n"),
        ],
    ),
    "terminate-notice": (
        "terminate c --notice-by istres --lang en",
        [("Notice given on", "2025-01-02\n"), ("Why", "letter\n")],
    ),
    "renew-interrupted": (
        "renew c --lang fr",
        [("nouveau dernier jour", "2001-12-31\n"), ("Signé le", "2001-11-02\n"), ("1–3", "\x03")],
    ),
    "renew-refused": (
        "renew c --lang en",
        [
            ("new last day of effect", "2001-12-31\n"),
            ("Signed on", "<\n"),
            ("new last day of effect (YYYY-MM-DD) [2001-12-31]: ", "\n"),
            ("Signed on", "2001-11-02\n"),
            ("1–3: ", "older\n"),
            ("Enter ends]: ", "\n"),
        ],
    ),
}


ON_THE_WAY = [
    ("There is no support yet. Add one now? [Y/n] ", "\n"),
    ("Location", "45.7501, 4.85031\n"),
    ("Type", "mast\r"),
    ("1 [lyon]: ", "\n"),
    ("Municipality code", "69383\n"),
    ("Local reference", "\n"),
    ("1–3 [planned]: ", "2\n"),
    ("Identifier [mast-001]: ", "\n"),
    ("Write this? [Y/n] ", "\n"),
    ("There is no use case yet. Add one now? [Y/n] ", "\n"),
    ("Title", "Noise\n"),
    ("1 [lyon]: ", "\n"),
    ("Domain", "noise\r"),
    ("1–3 [idea]: ", "\n"),
    ("Identifier [noise]: ", "\n"),
    ("Write this? [Y/n] ", "\n"),
    ("Owner", "\n"),
    ("Network", "\n"),
    ("Serial number", "\n"),
    ("Measures", "noiseLevel\r"),
    ("Enter ends]", "\r"),
    ("1–5 [installed]: ", "\n"),
    ("Installed on", "2024-03-11\n"),
    ("Identifier [sensor-001]: ", "\n"),
    ("Write this? [Y/n] ", "\n"),
]


def told(words: str, cwd: Path, home: Path, exchange: Sequence[tuple[str, str]]) -> str:
    """All that the terminal showed, each prompt once with its answer, and the exit code; without what changes from run
    to run, and without what the terminal itself echoes of keys that come before their prompt."""
    code, shown = talk([sys.executable, "-m", "smartreg", *shlex.split(words)], cwd, home, exchange)
    typed = sorted({answer.strip() for _, answer in exchange}, key=len, reverse=True)
    rows = [row for row in (_once(row.strip("\b "), typed) for row in shown.splitlines()) if row and row not in typed]
    text = "\n".join(row for row, after in zip(rows, [*rows[1:], ""], strict=True) if not after.startswith(row))
    for pattern, instead in CHANGING:
        text = pattern.sub(instead, text)
    return f"$ smartreg {words}\n{text}\n(exit code {code})\n"


def _once(row: str, typed: Sequence[str]) -> str:
    """A row in which a prompt stands once, with what was answered last."""
    for answer in typed:
        row = row.removeprefix(answer) if len(answer) > 3 else row
    while drawn := re.match(r".*?(\S.+[:\]] ?|^\S: ?).*\1(.*)$", row):
        row = drawn[1] + drawn[2]
    return row


def compare(name: str, text: str, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{name}.txt"
    if request.config.getoption("--update"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("name", WITH_SENSORS)
def test_a_dialogue_about_records(name: str, base: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    shutil.copytree(base, tmp_path / "registry")
    add_sensors(tmp_path / "registry", 1, 2)
    words, exchange = WITH_SENSORS[name]
    compare(name, told(words, tmp_path / "registry", base.parent, exchange), request)


@pytest.mark.parametrize("name", UNDER_CONVENTION)
def test_a_dialogue_about_a_convention(
    name: str, git_repo: Path, git: Git, home: Path, request: pytest.FixtureRequest
) -> None:
    under_convention(git_repo, git)
    words, exchange = UNDER_CONVENTION[name]
    compare(name, told(words, git_repo, home, exchange), request)


def test_what_a_sensor_names_is_added_on_the_way(
    base: Path, git: Git, home: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    root = tmp_path / "registry"
    shutil.copytree(base, root)
    for folder in ("supports", "use-cases"):
        shutil.rmtree(root / "registry" / folder)
    git("add", "-A", cwd=root)
    git("-c", "user.name=SIG", "-c", "user.email=sig@example.org", "commit", "-qm", "empty", cwd=root)
    compare("add-on-the-way", told("add-sensor --lang en", root, base.parent, ON_THE_WAY), request)

    added = (root / "registry/equipment/sensor-001.yaml").read_text("utf-8")
    assert ("support: mast-001" in added, "use_cases:\n  - noise\n" in added) == (True, True)
    subjects = git("log", "-3", "--format=%s", cwd=root).splitlines()
    assert [subject.split()[1].partition("/")[0] for subject in subjects] == ["equipment", "use_case", "support"]

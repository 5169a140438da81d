"""The tours of README.md and, in French, README.fr.md work as written: commands, exit codes, every line shown."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMIT = re.compile(r"\(commit [0-9a-f]{7,}\)")
EXIT = re.compile(r"\s+# exit (\d+)$")


def tour(page: str) -> list[tuple[str, int, list[str]]]:
    """Command, exit code, lines that must be shown; in the order of the page."""
    steps: list[tuple[str, int, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                code = EXIT.search(line)
                steps.append((EXIT.sub("", line[2:]), int(code[1]) if code else 0, []))
            else:
                steps[-1][2].append(COMMIT.sub("(commit)", line))
    return steps


def shows(candidate: str, line: str) -> bool:
    """Whether a line of output is what the README shows: the same, with dim words after it, or cut there by `…`."""
    if line.endswith("…"):
        return candidate.startswith(line.removesuffix("…"))
    return candidate == line or candidate.startswith(f"{line}  ")


@pytest.mark.parametrize(("page", "lang"), [("README.md", "en"), ("README.fr.md", "fr")])
def test_every_command_of_the_tour_does_what_the_page_shows(tmp_path: Path, page: str, lang: str) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SMARTREG_LANG": lang,
        "GIT_AUTHOR_NAME": "tour",
        "GIT_AUTHOR_EMAIL": "tour@example.org",
        "GIT_COMMITTER_NAME": "tour",
        "GIT_COMMITTER_EMAIL": "tour@example.org",
    }
    folder = tmp_path
    steps = tour(page)
    assert len(steps) > 10
    for command, code, shown in steps:
        if command.startswith("cd "):
            folder = folder / command[3:]
            continue
        done = subprocess.run(
            shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        output = COMMIT.sub("(commit)", done.stdout)
        assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
        lines = output.splitlines()
        for line in shown:
            found = any(shows(candidate, line) for candidate in lines)
            assert found, f"{command}\nshould show: {line}\nshows:\n{output}"


@pytest.mark.parametrize(
    "page", ["README.md", "README.fr.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md", "docs/python.md"]
)
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), f"{page}: {link}"


def test_pictures_are_light_ask_nobody_and_name_no_machine() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert {path.name for path in pictures} == {f"{name}.{lang}.{end}" for lang in ("en", "fr")
                                                for name, end in (("report", "webp"), ("terminal", "svg"))}  # fmt: skip
    assert max(path.stat().st_size for path in pictures) < 150_000
    for path in pictures[2:]:
        text = path.read_text("utf-8")
        assert ("REF201" in text, "sensor-001" in text) == (True, True)
        assert not re.search(r"url\((?!#)|/(?:home|root|tmp|Users)/", text)

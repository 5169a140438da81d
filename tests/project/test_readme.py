"""The tours of README.md and, in French, README.fr.md work as written: commands, exit codes, every line shown."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from program import Done, start
from readme_tour import PAGES, ROOT, play_tour, programs_of, read_tour


def run(words: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Done:
    """The program as tests start it, and other programs as they are."""
    if words[0] == "smartreg":
        return start(*words[1:], cwd=folder, **environ)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return programs_of({**os.environ, "PATH": path})(words, folder, environ)


@pytest.mark.parametrize("lang", PAGES)
def test_every_command_of_the_tour_does_what_the_page_shows(tmp_path: Path, lang: str) -> None:
    assert len(read_tour(PAGES[lang])) > 10
    assert next(play_tour(lang, tmp_path, run), None) is None


def test_pictures_are_light_ask_nobody_and_name_no_machine() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    shown = {"webp": ("changes", "desk", "import", "record", "report"), "svg": ("terminal",)}
    names = [f"{name}.{lang}.{end}" for end in shown for name in shown[end] for lang in ("en", "fr")]
    assert {path.name for path in pictures} == set(names)
    assert max(path.stat().st_size for path in pictures) < 150_000
    for path in (path for path in pictures if path.suffix == ".svg"):
        text = path.read_text("utf-8")
        assert ("REF201" in text, "sensor-001" in text) == (True, True)
        assert not re.search(r"url\((?!#)|/(?:home|root|tmp|Users)/", text)

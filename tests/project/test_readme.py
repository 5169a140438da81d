"""The tours of README.md and, in French, README.fr.md work as written: commands, exit codes, every line shown."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from readme_tour import PAGES, ROOT, play_tour, read_tour


@pytest.mark.parametrize("lang", PAGES)
def test_every_command_of_the_tour_does_what_the_page_shows(tmp_path: Path, lang: str) -> None:
    assert len(read_tour(PAGES[lang])) > 10
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert next(play_tour(lang, tmp_path, {**os.environ, "PATH": path}), None) is None


def test_pictures_are_light_ask_nobody_and_name_no_machine() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert {path.name for path in pictures} == {f"{name}.{lang}.{end}" for lang in ("en", "fr")
                                                for name, end in (("report", "webp"), ("terminal", "svg"))}  # fmt: skip
    assert max(path.stat().st_size for path in pictures) < 150_000
    for path in pictures[2:]:
        text = path.read_text("utf-8")
        assert ("REF201" in text, "sensor-001" in text) == (True, True)
        assert not re.search(r"url\((?!#)|/(?:home|root|tmp|Users)/", text)

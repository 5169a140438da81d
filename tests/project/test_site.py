"""The documentation site (scripts/build_site.py; `make trust` builds it strictly): which language a page begins in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from build_site import put_french_first

DOCS = Path(__file__).parents[2] / "docs"
BELOW = "*[Version française plus bas.]"
BOTH = sorted(file.stem for file in DOCS.glob("*.md") if BELOW in file.read_text("utf-8"))


def test_a_page_in_one_language_stays_as_it_is() -> None:
    text = "# Querying in SQL\n\nA table for each kind.\n\n---\n\nAnd more.\n"
    assert put_french_first(text) == text


@pytest.mark.parametrize("name", BOTH)
def test_a_page_in_both_languages_begins_in_french_and_loses_nothing(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text("utf-8")
    french = put_french_first(text)
    assert re.search(r"[éèêàô]", french.partition("\n## ")[0]), "the first section is not the French one"
    lines = [line for line in text.splitlines() if line and not line.startswith(BELOW)]
    assert sorted(lines) == sorted(line for line in french.splitlines() if line)

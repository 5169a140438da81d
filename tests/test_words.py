"""Every sentence for people, wherever it is written in the code, in both of its languages.

Types ensure that no text is in one language only: messages, hints and titles are `Words`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "smartreg"
COMMANDS = {file.stem.rstrip("_").replace("_", "-") for file in (PACKAGE / "cli").glob("*.py")}
# What is the same in French and English.
ALIKE = frozenset(
    [
        *(
            "annexes",
            "arguments",
            "bilan",
            "budget",
            "commit",
            "commits",
            "1 commit",
            "… commits",
            "commune",
            "communes",
            "conclusion",
            "convention",
        ),
        *("conventions", "date", "incidents", "index", "installation", "licence", "message", "mutualisation", "note"),
        *("options", "parties", "point", "points", "smartreg", "support", "supports"),
        *("creative commons attribution 4.0", "open database license 1.0 (odbl)"),  # as they are called everywhere
    ]
)
UNTRANSLATED = re.compile(r"(smartreg|git|pip|update-index|sqlite|table schema|commit|scdl)[ ,]", re.IGNORECASE)


class Sentence(NamedTuple):
    """The two texts of a `Words`, what is filled in as `…`."""

    where: str
    en: str
    fr: str


def text_of(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w+\}", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None


def sentences() -> Iterator[Sentence]:
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Words":
                named: dict[str | None, ast.expr] = {word.arg: word.value for word in node.keywords}
                en, fr = map(text_of, [*node.args, *(named.get(key) for key in ("en", "fr"))][:2])
                if en is not None and fr is not None:
                    yield Sentence(f"{file.relative_to(PACKAGE.parent)}:{node.lineno}", en, fr)


SENTENCES = list(sentences())


def test_the_catalogue_is_found() -> None:
    assert len(SENTENCES) > 2000
    assert len({sentence.where.split(":")[0] for sentence in SENTENCES}) > 200


def test_each_language_says_it_in_its_own_words() -> None:
    alike = [one for one in SENTENCES if one.en == one.fr and re.search("[a-z]{3}", one.en)]
    untranslated = [one for one in alike if one.en.lower() not in ALIKE and not UNTRANSLATED.match(one.en)]
    assert untranslated == []
    assert [one for one in SENTENCES if bool(one.en.strip()) != bool(one.fr.strip())] == []


def test_both_languages_name_the_same_commands() -> None:
    def commands(text: str) -> set[str]:
        return COMMANDS & set(re.findall(r"\bsmartreg ([a-z]+(?:-[a-z]+)*)", text))

    assert [one for one in SENTENCES if commands(one.en) != commands(one.fr)] == []


def test_both_languages_name_the_same_options_and_codes() -> None:
    def options(text: str) -> set[str]:
        return set(re.findall(r"(?<!\w)--[a-z][a-z-]+|\b[A-Z]{3}\d{3}\b", text))

    assert [one for one in SENTENCES if options(one.en) != options(one.fr)] == []


def test_french_sentences_are_set_as_french_is() -> None:
    """A space before ; ? ! where it is no code, and inside of « »."""
    faults = []
    for one in SENTENCES:
        prose = re.sub(r"`[^`]*`|\[[^\]]*\]|« [^»]* »|'[A-Z_]+!?=\S*", "", one.fr)
        if re.search(r"[\w…)][;?!](?=\s|$)|(?<=[a-zéè])[.](?=[A-ZÉ][a-z])|« \S+»|«\S", prose):
            faults.append(one)
    assert faults == []

"""The one look-ahead before Typer parses the command line: the language of the help, and which schemas to use."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smartreg.core.messages import SOURCE, Language, is_language

# What the context of the run keeps: the session, once it is open; how many words stand behind the name of the command.
SESSION, REST = "smartreg.session", "smartreg.rest"
LANG, DIRECTORY = ("--lang",), ("-C", "--directory")


class Ahead(NamedTuple):
    """The command line as typed, the language of the run, and the folder in which it works."""

    words: tuple[str, ...]
    lang: Language
    folder: str


def look_ahead(words: Sequence[str], environ: Mapping[str, str]) -> Ahead:
    """Read `--lang` and `-C` up to `--`, where the last one counts as it does for Typer; else the environment."""
    before = list(words[: words.index("--")]) if "--" in words else list(words)
    folder = _last_value(before, DIRECTORY) or environ.get("SMARTREG_DIRECTORY") or os.curdir
    return Ahead(tuple(words), _language(_last_value(before, LANG), environ), folder)


def _language(option: str | None, environ: Mapping[str, str]) -> Language:
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    region = locale.partition(".")[0].partition("@")[0]
    words = (option, environ.get("SMARTREG_LANG"), region, region.partition("_")[0])
    return next((word for word in words if word and is_language(word)), SOURCE)


def _last_value(words: Sequence[str], names: Sequence[str]) -> str | None:
    """The value of an option, as the next word, behind `=`, or behind a letter."""
    value, following = None, iter(words)
    for word in following:
        name, equals, rest = word.partition("=")
        if word in (*LANG, *DIRECTORY):
            text = next(following, None)
            value = text if word in names else value
        elif equals and name in names and name.startswith("--"):
            value = rest
        elif not word.startswith("--") and word[:2] in names:
            value = word[2:]
    return value

"""The language of messages: an option, `SMARTREG_LANG`, or the locale. No import: `-h` and Tab read this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def language(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """ "en" or "fr", by `--lang` in the command line, else SMARTREG_LANG, LC_ALL, LC_MESSAGES, LANG."""
    for word in (value_of("--lang", argv), environ.get("SMARTREG_LANG")):
        if word in ("en", "fr"):
            return word
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "fr" if locale.startswith("fr") else "en"


def value_of(option: str, argv: Sequence[str]) -> str | None:
    """The value of a long option in a command line that nobody has parsed yet; None when it is absent."""
    for position, word in enumerate(argv):
        if word == "--":
            return None
        if word == option and position + 1 < len(argv):
            return argv[position + 1]
        if word.startswith(f"{option}="):
            return word[len(option) + 1 :]
    return None

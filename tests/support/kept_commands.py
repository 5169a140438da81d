"""The commands of the program as Typer makes them, each made once: a test process runs thousands, a user one."""

from __future__ import annotations

import os
from functools import cache, wraps
from typing import Any

from smartreg.cli import app, run
from smartreg.cli.ahead import Ahead
from smartreg.cli.catalogue import COMMANDS
from smartreg.cli.help_page import HELP
from smartreg.core.messages import SOURCE, Language, english_said

HELPS = {"help", *HELP}


def keep_commands(*, made: bool = False) -> None:
    """Let later runs in this process use what Typer has made of a command, in its language, for an earlier one; or now
    (`made`), in English."""
    make_program, make_command = app.program, app.command_named

    @cache
    def program(lang: Language, _texts: tuple[str | None, ...]) -> Any:
        return _forgetful(make_program(lang))

    @cache
    def command(name: str, lang: Language, _texts: tuple[str | None, ...]) -> Any:
        return _forgetful(make_command(name, Ahead((), lang, ".")))

    def command_named(name: str, ahead: Ahead) -> Any:
        helps = not HELPS.isdisjoint(ahead.words)  # a page of help changes what it shows
        return make_command(name, ahead) if helps or name not in COMMANDS else command(name, ahead.lang, _texts())

    def program_in(lang: Language) -> Any:
        return program(lang, _texts())

    vars(run)["program"] = program_in
    app.command_named = command_named
    if made:
        for name in COMMANDS:
            command(name, SOURCE, _texts())


def _forgetful(command: Any) -> Any:
    """The same, and its sub-commands; Typer would keep the context of the last run, and with it an open index."""
    for each in (command, *getattr(command, "commands", {}).values()):
        each.callback = _forget(each.callback)
    return command


def _forget(callback: Any) -> Any:
    values = dict(zip(callback.__code__.co_freevars, callback.__closure__, strict=True))["use_params"].cell_contents
    usual = dict(values)

    @wraps(callback)
    def run_once(**given: Any) -> Any:
        try:
            return callback(**given)
        finally:
            values.clear()
            values.update(usual)

    return run_once


def _texts() -> tuple[str | None, ...]:
    """Which catalogues speak."""
    return english_said(), os.environ.get("SMARTREG_LOCALE")

"""How Typer's commands behave here: help in the language of the run, and wrong command lines refused in the user's
words, with the nearest option."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from copy import copy
from typing import Any

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from smartreg.cli.ahead import REST
from smartreg.cli.console import uses_color
from smartreg.cli.options import EVERYWHERE, in_language, t
from smartreg.core.errors import UsageFault
from smartreg.core.styled import visible
from smartreg.core.suggest import closest, did_you_mean
from smartreg.core.values import Words

HELP = ["-h", "--help"]
SHOW_HELP = t("show this help", "afficher cette aide")
REQUIRED = t("[required]", "[obligatoire]")
_BRACES = re.compile(r"{([^{}]*)}")  # Typer puts them around what is required


class HelpPage:
    """What commands and groups share: their help page in the language of the run. Nothing in it is read as markup, for
    titles and descriptions of fields come from schemas."""

    def get_usage(self, ctx: Any) -> str:
        usage: str = _BRACES.sub(r"\1", super().get_usage(ctx))  # type: ignore[misc]
        return usage.replace("Usage:", "Usage :", 1) if ctx.obj.lang == "fr" else usage

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.help = in_language(SHOW_HELP, ctx.obj.lang)
        option.rich_help_panel = in_language(EVERYWHERE, ctx.obj.lang)
        return option

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = list(args)  # Typer takes them from the list
        try:
            found: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except TyperException as refusal:
            # Typer does not say whose option lacks its value, nor which word is none of the choices
            refusal.cmd, refusal.ctx, refusal.words = self, ctx, words  # type: ignore[attr-defined]
            raise
        return found

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from rich.markup import escape
        from typer import rich_utils  # and with it Rich, for help alone

        rich_utils.STYLE_OPTIONS_TABLE_PADDING = (0, 1, 0, 0)  # type: ignore[assignment]  # any padding of Rich's
        rich_utils.REQUIRED_LONG_STRING = in_language(REQUIRED, ctx.obj.lang)
        command: Any = self
        command.help = escape(_inert(command.help or ""))
        for item in command.get_params(ctx):
            item.help, item.opts = escape(_inert(item.help or "")), [_inert(name) for name in item.opts]
            item.metavar = item.metavar and _inert(item.metavar)
            if item.param_type_name == "argument":
                item.type = copy(item.type)
                item.type.get_metavar = _no_type
        styled = uses_color(sys.stdout, "auto", os.environ)
        rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL = "auto" if styled else None, styled
        try:
            super().format_help(ctx, formatter)  # type: ignore[misc]
        except SystemExit:  # so Rich ends when nobody reads on
            raise BrokenPipeError from None


def _no_type(**_of: Any) -> str:
    """The placeholder of an argument, instead of `<str>`."""
    return ""


def _inert(text: str) -> str:
    """The text such that no line of it acts in a terminal or a CI log, however it is wrapped."""
    return visible(text).replace("::", "\\u003a:")


class Command(HelpPage, TyperCommand):
    """A command that reports a wrong command line in our words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[REST] = len(args)
        if any(word in HELP for word in _options_part(args)):
            args = ["--help"]
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        _refuse_swallowed_option(self, args)
        ctx.allow_extra_args = True
        extra = super().parse_args(ctx, args)
        if extra:
            name = ctx.command_path
            raise UsageFault(
                Words(f'"{extra[0]}" is an unexpected argument', f"« {extra[0]} » est de trop"),
                Words(
                    f"{name} -h shows what it takes; a value with spaces needs quotes",
                    f"{name} -h montre ce qu'il faut ; une valeur avec espaces demande des guillemets",
                ),
            )
        return extra


def _options_part(words: Sequence[str]) -> Sequence[str]:
    """The words before `--`: behind it, none is an option."""
    return words[: words.index("--")] if "--" in words else words


def _options(command: Any) -> dict[str, Any]:
    """The options of a command by their names."""
    return {name: item for item in command.params if item.param_type_name == "option" for name in item.opts}


def _refuse_swallowed_option(command: Any, words: Sequence[str]) -> None:
    """An option that is followed by another one lacks its value: Typer would take the other's name for it."""
    options = _options(command)
    before, is_value = _options_part(words), False
    for word, following in zip(before, [*words[1:], ""], strict=False):
        item = None if is_value else options.get(word)
        is_value = item is not None and not item.is_flag
        if is_value and (following == "--" or following.partition("=")[0] in options):
            raise _needs_value(word)


def in_our_words(refusal: TyperException) -> UsageFault:
    """What Typer refuses, from the attributes of the exception: a word that is none of the choices; a missing word; an
    option that is unknown, or that lacks or refuses a value."""
    command: Any = getattr(refusal, "cmd", None)
    param: Any = getattr(refusal, "param", None)
    word = str(getattr(refusal, "option_name", "") or "")
    if type(refusal) is typer.BadParameter:
        return _no_choice(command, param, refusal)
    if param is not None:
        name = refusal.ctx.command_path  # type: ignore[attr-defined]
        missing = param.human_readable_name.rstrip("…")
        return UsageFault(
            Words(f"{missing} is missing", f"il manque {missing}"),
            Words(f"{name} -h shows what it takes", f"{name} -h montre ce qu'il faut"),
        )
    options = _options(command) if command is not None else {}
    if not word:
        return UsageFault(Words("this command line cannot be parsed", "cette ligne de commande est illisible"))
    if word not in options:
        near = closest(word, (name for name in options if name.startswith("--")))
        return UsageFault(
            Words(f"no option {word}", f"il n'y a pas d'option {word}"),
            Words(f"did you mean {near}?", f"vouliez-vous dire {near} ?") if near else None,
        )
    if options[word].is_flag:
        return UsageFault(Words(f"{word} takes no value", f"{word} ne prend pas de valeur"))
    return _needs_value(word)


def _no_choice(command: Any, param: Any, refusal: Any) -> UsageFault:
    """A word that is none of those that an option or argument takes."""
    word = command.make_parser(refusal.ctx).parse_args(refusal.words)[0][param.name]
    listed = ", ".join(param.type.choices)
    name = max(param.opts, key=len) if param.param_type_name == "option" else param.metavar
    return UsageFault(
        Words(f'{name} "{word}" is none of {listed}', f"{name} « {word} » n'existe pas ; il y a {listed}"),
        did_you_mean(word, param.type.choices),
    )


def _needs_value(word: str) -> UsageFault:
    return UsageFault(Words(f"{word} needs a value", f"{word} demande une valeur"))

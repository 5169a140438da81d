"""The help page of a command, as Typer and Rich draw it. What is overridden, a user sees: the language, the labels that
Typer would leave in English, and that nothing is read as markup, for titles and descriptions come from schemas.

The one module that assigns to `typer.rich_utils`: Typer takes its titles and colours from there, and from nowhere else.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from copy import copy
from typing import Any

from typer.exceptions import TyperException

from smartreg.cli.console import uses_color
from smartreg.cli.examples import ELSEWHERE, EXAMPLES
from smartreg.cli.options import EVERYWHERE, in_language, t
from smartreg.cli.usage import translate_usage_error
from smartreg.core.messages import ELSEWHERE as OTHER_COUNTRIES
from smartreg.core.messages import Language, Message, english_said
from smartreg.core.styled import visible

HELP = ["-h", "--help"]
SHOW_HELP = t("show this help")
REQUIRED = t("[required]")
ARGUMENTS, OPTIONS, COMMANDS = t("Arguments"), t("Options"), t("Commands")
_BRACES = re.compile(r"{([^{}]*)}")


class HelpPage:
    """The common part of commands and groups. Mixed into Typer's classes, whose methods it calls."""

    def get_usage(self, ctx: Any) -> str:
        """An example, then the usage without the braces that Typer puts around what is required."""
        lang = ctx.obj.lang
        usage: str = _BRACES.sub(r"\1", super().get_usage(ctx))  # type: ignore[misc]
        usage = usage.replace("Usage:", Message("Usage:").in_(lang), 1)
        example = Message("Example: {command}", command=example_of(ctx))
        return usage if ctx.parent is None else f"{example.in_(lang)}\n{usage}"

    def get_help_option(self, ctx: Any) -> Any:
        """`-h` in the language of the run, with the options of every command."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.help = in_language(SHOW_HELP, ctx.obj.lang)
        option.rich_help_panel = in_language(EVERYWHERE, ctx.obj.lang)
        return option

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Tell in our words what Typer refuses."""
        words = list(args)  # Typer takes them from the list
        try:
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except TyperException as refusal:
            raise translate_usage_error(refusal, ctx, words) from refusal
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from rich.markup import escape
        from typer import rich_utils  # and with it Rich, for help alone

        rich_utils.STYLE_OPTIONS_TABLE_PADDING = (0, 1, 0, 0)  # type: ignore[assignment]  # so that no option is cut off
        rich_utils.REQUIRED_LONG_STRING = in_language(REQUIRED, ctx.obj.lang)
        rich_utils.ARGUMENTS_PANEL_TITLE = in_language(ARGUMENTS, ctx.obj.lang)
        rich_utils.OPTIONS_PANEL_TITLE = in_language(OPTIONS, ctx.obj.lang)
        rich_utils.COMMANDS_PANEL_TITLE = in_language(COMMANDS, ctx.obj.lang)
        styled = uses_color(sys.stdout, "auto", os.environ)  # Typer knows no NO_COLOR, and colours files on GitHub
        rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL = "auto" if styled else None, styled
        command: Any = self
        command.help = escape(_inert(command.help or ""))
        if ctx.parent is not None:  # the page of the program explains the common options
            command.epilog = _hide_common_options(command.get_params(ctx), ctx.obj.lang)
        for item in command.get_params(ctx):
            item.help, item.opts = escape(_inert(item.help or "")), [_inert(name) for name in item.opts]
            item.metavar = item.metavar and _inert(item.metavar)
            if item.param_type_name == "argument":  # its placeholder says more than the `<str>` beside it
                item.type = copy(item.type)
                item.type.get_metavar = _no_type
        try:
            super().format_help(ctx, formatter)  # type: ignore[misc]
        except SystemExit:  # so Rich ends when nobody reads on
            raise BrokenPipeError from None


def example_of(ctx: Any) -> str:
    """A command line that calls the command: `add-…` at a place, where its records have one by what carries them."""
    root, _, path = ctx.command_path.partition(" ")
    has_carrier = any(item.name == "near" for item in ctx.command.params)
    example = EXAMPLES.get(path) or (f"{path} --near 43.51345,4.98747" if has_carrier else path)
    for french, other in ELSEWHERE.items() if english_said() == OTHER_COUNTRIES else ():
        example = example.replace(french, other)
    return f"{root} {example}"


def _hide_common_options(params: Iterable[Any], lang: Language) -> str:
    """Hide the options of every command in the panels; the line that names them instead."""
    panel, names = in_language(EVERYWHERE, lang), []
    for item in params:
        if getattr(item, "rich_help_panel", None) == panel and not item.hidden:
            item.hidden = True
            names += [min(item.opts, key=len)] if "-h" not in item.opts else []
    return Message("Everywhere: {options}", options=" ".join(names)).in_(lang)


def _no_type(**_of: Any) -> str:
    return ""


def _inert(text: str) -> str:
    """The text such that no line of it acts in a terminal or a CI log, however it is wrapped."""
    return visible(text).replace("::", "\\u003a:")

"""The program: its commands by name, group and module, and how Typer makes each of them.

A module is imported when its command is called, or its help or a completion of its options is wanted.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial, update_wrapper
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from smartreg import __version__
from smartreg.cli import load
from smartreg.cli.ahead import REST, Ahead
from smartreg.cli.catalogue import ABOUT, COMMANDS, FURTHER, OTHER_NAMES, RECORDS, CommandEntry
from smartreg.cli.help_page import HELP, HelpPage
from smartreg.cli.options import Common, in_language, localize, parameters_of, t
from smartreg.cli.usage import before_dashes, refuse_swallowed_option
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Message, Text
from smartreg.core.spelling import did_you_mean, suggestion

COMMAND, MAYBE_COMMAND, OPTIONS = t("COMMAND …"), t("[COMMAND …]"), t("[OPTIONS]")


class Command(HelpPage, TyperCommand):
    """A command that reports a wrong command line in our words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[REST] = len(args)
        if any(word in HELP for word in before_dashes(args)):
            args = ["--help"]
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        refuse_swallowed_option(ctx, args)
        ctx.allow_extra_args = True
        extra = super().parse_args(ctx, args)
        if extra:
            name = ctx.command_path
            raise UsageFault(
                Message('"{extra}" is an unexpected argument', extra=extra[0]),
                Message("{name} -h shows what it takes; a value with spaces needs quotes", name=name),
            )
        return extra


class CommandGroup(HelpPage, TyperGroup):
    """A command that works alone, and has sub-commands. Only common options may stand before one of these."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[REST] = len(args)
        if not ctx.resilient_parsing:
            refuse_swallowed_option(ctx, args)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, path = args[0], ctx.command_path
        given = [item.opts[0] for item in self.params if ctx.params.get(item.name) and item.name not in Common._fields]
        if name not in self.commands and not ctx.resilient_parsing:
            raise _no_command(f"{path} {name}", did_you_mean(name, self.commands), path)
        if given:
            raise UsageFault(Message("{given} is not for {path} {name}", given=given[0], path=path, name=name))
        return super().resolve_command(ctx, args)


def _no_command(name: str, hint: Text | None, path: str) -> UsageFault:
    return UsageFault(
        Message('no command "{name}"', name=name),
        hint or Message("{path} -h lists them", path=path),
    )


PROGRAM = "smartreg"
_CODE = "[A-Za-z]{3}[0-9]{3}"  # of a rule
EXAMPLE = "sensor"  # the noun that represents all in the help


class Commands(HelpPage, TyperGroup):
    """The commands of the table, and an `add-…` for each noun of the schemas."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = list(COMMANDS)
        at = names.index("add") + 1
        return [*names[:at], *(f"add-{noun}" for noun in _nouns(ctx.obj)), *names[at:]]

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:
        """The command as lists show it, without its module. Help shows one `add-…` for all."""
        lang = ctx.obj.lang
        if cmd_name in COMMANDS:
            return _list_entry(cmd_name, COMMANDS[cmd_name], lang)
        if ctx.resilient_parsing:
            return _list_entry(cmd_name, CommandEntry(RECORDS, "", ""), lang)
        first, *others = sorted(_nouns(ctx.obj), key=lambda noun: noun != EXAMPLE)
        nouns = ", ".join(others)
        panel = RECORDS if cmd_name == f"add-{first}" else ""
        return _list_entry(cmd_name, CommandEntry(panel, "", t("likewise for: {nouns}", nouns=nouns)), lang)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        return args[0], command_named(args[0], ctx.obj), args[1:]


class Kinds(HelpPage, TyperGroup):
    """The kinds that `add` takes: the nouns of the schemas, listed; also every other name of a kind."""

    def list_commands(self, ctx: Any) -> list[str]:
        return _nouns(ctx.obj)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:
        about = "" if ctx.resilient_parsing else load("cli.adding.command").about(cmd_name, ctx.obj.folder)
        return _list_entry(cmd_name, CommandEntry(RECORDS, "", about), ctx.obj.lang)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        return args[0], _add_command(args[0], args[0], ctx.obj), args[1:]


class FirstScreen(Commands):
    """The commands, of which help shows the common ones."""

    def format_help(self, ctx: Any, _formatter: Any) -> None:
        lang = ctx.obj.lang
        load("cli.console").Console(lang).show(load("cli.first_screen").first_screen(lang))


def program(lang: Language, cls: type[Commands] = FirstScreen) -> Any:
    """The group of all commands, its help in one language."""
    return _make_group(cls, _without_command, ABOUT, lang, epilog=in_language(FURTHER, lang))


def _make_group(
    cls: type[TyperGroup],
    callback: Callable[..., object],
    about: str,
    lang: Language,
    commands: Iterable[Any] = (),
    epilog: str | None = None,
) -> Any:
    app = typer.Typer(
        cls=cls,
        add_completion=False,
        invoke_without_command=True,
        context_settings={"help_option_names": HELP},
        options_metavar=in_language(OPTIONS, lang),
        subcommand_metavar=in_language(MAYBE_COMMAND if commands else COMMAND, lang),
        help=in_language(about, lang),
        epilog=epilog,
    )
    app.callback()(_localize(callback, lang))
    for each in commands:
        text, options = in_language(each.help, lang), in_language(OPTIONS, lang)
        app.command(each.name, cls=Command, help=text, options_metavar=options)(_localize(each.callback, lang))
    return typer.main.get_command(app)


def _without_command(ctx: typer.Context, **values: Any) -> int:
    """Without a command: the version, or the help."""
    if values["version"]:
        typer.echo(f"smartreg {__version__}")
    elif ctx.invoked_subcommand is None:
        ctx.get_help()
    return 0


_without_command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
        *parameters_of(
            {
                "version": Annotated[bool, typer.Option("--version", help=COMMANDS["version"].help)],
                **get_type_hints(Common, include_extras=True),
            }
        ),
    ]
)


def _without_kind(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        raise UsageFault(
            Message("KIND is missing: smartreg add KIND …"),
            Message("smartreg add -h shows what it takes"),
        )


def _list_entry(name: str, entry: CommandEntry, lang: Language) -> TyperCommand:
    """A command as help and Tab list it."""
    text, panel = in_language(entry.help, lang), in_language(entry.panel, lang)
    return TyperCommand(name, help=text, short_help=text, rich_help_panel=panel, hidden=not panel)


def command_named(name: str, ahead: Ahead) -> Any:
    """The Typer command that people call `name`. UsageFault with a suggestion when there is none."""
    if name == "add":
        return _make_group(Kinds, _without_kind, COMMANDS[name].help, ahead.lang)
    if name in COMMANDS:
        entry = COMMANDS[name]
        app = load(entry.module).app
        if app.registered_callback is not None:
            callback = app.registered_callback.callback
            return _make_group(CommandGroup, callback, entry.help, ahead.lang, app.registered_commands)
        (info,) = [info for info in app.registered_commands if info.name == name]
        return make_command(name, info.callback, info.cls, entry.help, ahead.lang)
    if name.startswith("add-"):
        with suppress(load("schema").UnknownKind):
            return _add_command(name, name[4:], ahead)
    names = [*COMMANDS, *(f"add-{noun}" for noun in _nouns(ahead))]
    if re.fullmatch(_CODE, name):
        raise _no_command(
            name, Message("the manual page of a rule: smartreg explain {code}", code=name.upper()), PROGRAM
        )
    meant = next((command for command, words in OTHER_NAMES.items() if name.casefold() in words.split()), None)
    raise _no_command(name, suggestion(meant) or did_you_mean(name, names), PROGRAM)


def _add_command(name: str, word: str, ahead: Ahead) -> Any:
    """The command that adds a record of the kind or preset that people call `word`. UnknownKind when there is none."""
    callback, about = load("cli.adding.command").command_for(word, ahead.folder)
    return make_command(name, callback, TyperCommand, about, ahead.lang)


def make_command(name: str, callback: Any, cls: type[TyperCommand], about: str, lang: Language) -> Any:
    """The Typer command that calls a function, in one language."""
    app = typer.Typer(add_completion=False, context_settings={"help_option_names": HELP})
    cls, options = Command if cls is TyperCommand else cls, in_language(OPTIONS, lang)
    app.command(name, cls=cls, help=in_language(about, lang), options_metavar=options)(_localize(callback, lang))
    return typer.main.get_command(app)


def _localize(callback: Callable[..., Any], lang: Language) -> Any:
    """The same function, its help texts in one language."""
    localized: Any = update_wrapper(partial(callback), callback)
    parameters = inspect.signature(callback, eval_str=True).parameters.values()
    localized.__signature__ = inspect.Signature([localize(item, lang) for item in parameters])
    localized.__annotations__ = {}
    return localized


def _nouns(ahead: Ahead) -> list[str]:
    nouns: list[str] = load("cli.completion").nouns(ahead.folder)
    return nouns

"""The program: its commands by name, group and module. A module is imported when its command is called, or its help or
a completion of its options is wanted."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from smartreg import __version__
from smartreg.cli import load
from smartreg.cli.ahead import Ahead
from smartreg.cli.catalogue import ABOUT, COMMANDS, FURTHER, RECORDS, CommandEntry
from smartreg.cli.nouns import nouns, root_above
from smartreg.cli.options import Common, in_language, localize, parameters_of, t
from smartreg.cli.usage import HELP, Command, HelpPage
from smartreg.core.errors import UsageFault
from smartreg.core.suggest import did_you_mean
from smartreg.core.values import Language, Words

PROGRAM = "smartreg"
EXAMPLE = "sensor"  # the noun that represents all in the help


class Commands(HelpPage, TyperGroup):
    """The commands of the table, and an `add-…` for each noun of the schemas."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = list(COMMANDS)
        at = names.index("add") + 1
        return [*names[:at], *(f"add-{noun}" for noun in _nouns(ctx)), *names[at:]]

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:
        """The command as lists show it, without its module. Help shows one `add-…` for all."""
        lang = ctx.obj.lang
        if cmd_name in COMMANDS:
            return _list_entry(cmd_name, COMMANDS[cmd_name], lang)
        if ctx.resilient_parsing:
            return _list_entry(cmd_name, CommandEntry(RECORDS, "", ""), lang)
        first, *others = sorted(_nouns(ctx), key=lambda noun: noun != EXAMPLE)
        nouns = ", ".join(others)
        panel = RECORDS if cmd_name == f"add-{first}" else ""
        return _list_entry(cmd_name, CommandEntry(panel, "", t(f"likewise for: {nouns}", f"idem pour : {nouns}")), lang)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        return args[0], command_named(args[0], ctx.obj), args[1:]


class Kinds(HelpPage, TyperGroup):
    """What `add` takes: the nouns of the schemas, listed; also every other name of a kind."""

    def list_commands(self, ctx: Any) -> list[str]:
        return _nouns(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:
        about = "" if ctx.resilient_parsing else load("cli.adding.command").about(cmd_name, ctx.obj.folder)
        return _list_entry(cmd_name, CommandEntry(RECORDS, "", about), ctx.obj.lang)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        return args[0], _add_command(args[0], args[0], ctx.obj), args[1:]


def program(lang: Language, cls: type[Commands] = Commands) -> Any:
    """The group of all commands, its help in one language."""
    return _group(cls, _without_command, ABOUT, FURTHER, lang)


def _group(cls: type[TyperGroup], callback: Callable[..., object], about: str, further: str, lang: Language) -> Any:
    app = typer.Typer(
        cls=cls,
        add_completion=False,
        invoke_without_command=True,
        context_settings={"help_option_names": HELP},
        subcommand_metavar=in_language(t("COMMAND …", "COMMANDE …"), lang),
        help=in_language(about, lang),
        epilog=in_language(further, lang),
    )
    app.callback()(_localize(callback, lang))
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
            Words("KIND is missing: smartreg add KIND …", "il manque le type : smartreg add KIND …"),
            Words("smartreg add -h shows what it takes", "smartreg add -h montre ce qu'il faut"),
        )


def _list_entry(name: str, entry: CommandEntry, lang: Language) -> TyperCommand:
    """A command as help and Tab list it."""
    text, panel = in_language(entry.help, lang), in_language(entry.panel, lang)
    return TyperCommand(name, help=text, short_help=text, rich_help_panel=panel, hidden=not panel)


def command_named(name: str, ahead: Ahead) -> Any:
    """The Typer command that people call `name`. UsageFault with a suggestion when there is none."""
    if name == "add":
        return _group(Kinds, _without_kind, COMMANDS[name].help, "", ahead.lang)
    if name in COMMANDS:
        entry = COMMANDS[name]
        (info,) = [info for info in load(f"cli.{entry.module}").app.registered_commands if info.name == name]
        return _make_command(name, info.callback, info.cls, entry.help, ahead.lang)
    if name.startswith("add-") and load("cli.adding.command").is_kind(name[4:], ahead.folder):
        return _add_command(name, name[4:], ahead)
    known = [*COMMANDS, *(f"add-{noun}" for noun in nouns(root_above(ahead.folder)))]
    raise UsageFault(
        Words(f'no command "{name}"', f"il n'y a pas de commande « {name} »"),
        did_you_mean(name, known, Words("smartreg -h lists them", "smartreg -h les liste")),
    )


def _add_command(name: str, word: str, ahead: Ahead) -> Any:
    """The command that adds a record of the kind or preset that people call `word`. UnknownKind when there is none."""
    callback, about = load("cli.adding.command").command_for(word, ahead.folder)
    return _make_command(name, callback, TyperCommand, about, ahead.lang)


def _make_command(name: str, callback: Any, cls: type[TyperCommand], about: str, lang: Language) -> Any:
    app = typer.Typer(add_completion=False, context_settings={"help_option_names": HELP})
    app.command(name, cls=Command if cls is TyperCommand else cls, help=in_language(about, lang))(
        _localize(callback, lang)
    )
    return typer.main.get_command(app)


def _localize(callback: Callable[..., Any], lang: Language) -> Any:
    """The same function, its help texts in one language."""
    found: Any = update_wrapper(partial(callback), callback)
    parameters = inspect.signature(callback, eval_str=True).parameters.values()
    found.__signature__ = inspect.Signature([localize(item, lang) for item in parameters])
    found.__annotations__ = {}
    return found


def _nouns(ctx: Any) -> list[str]:
    return nouns(root_above(ctx.obj.folder))

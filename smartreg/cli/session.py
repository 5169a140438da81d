"""The state of one run besides its own options: where, in which language and format, whether it may ask; the options
common to all commands, from which it is opened."""

from __future__ import annotations

import inspect
import io
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import typer

from smartreg.cli.ahead import REST, SESSION
from smartreg.cli.ci import NO, is_job
from smartreg.cli.console import Console
from smartreg.cli.options import Common, option_names, parameters_of, t
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Language, Message, Text, is_language, languages, verbatim
from smartreg.core.spelling import did_you_mean
from smartreg.core.typed import count
from smartreg.gitio import Git, PendingReads
from smartreg.trees.folders import find_root
from smartreg.trees.refresh import has_index
from smartreg.workspace.output import Output, output, save
from smartreg.workspace.workspace import Workspace, for_writing, open_workspace, today_in, zone_named

FOR_PEOPLE = "full"  # what findings call the format that other commands call text
USUAL_LIMIT = 200  # rows that a terminal gets unless asked for more
BY_OTHER_NAME = {"text": FOR_PEOPLE, "md": "markdown", "mmd": "mermaid"}  # also the endings of files


@dataclass(frozen=True)
class Session:
    """`command` and `words` are the command line as typed, for lines that are ready to be typed again; `common` what it
    says for every command. `asked`: what Git was asked about the working tree. `writes`: records are changed, and
    nothing else is reported of what is there. `recovers`: an interrupted write is finished or undone first.
    `indexed`: whether the index may be used: not in a job of a CI service, whose disk is thrown away."""

    command: str
    words: tuple[str, ...]
    directory: Path
    format: str
    output: Output | None
    console: Console
    interactive: bool
    common: Common = field(default_factory=Common)
    asked: PendingReads | None = None
    writes: bool = False
    recovers: bool = False
    indexed: bool = True

    @property
    def lang(self) -> Language:
        return self.console.lang

    @property
    def verbose(self) -> bool:
        return self.common.verbose

    @property
    def why_not(self) -> Text:
        """The reason why the user cannot be asked."""
        if sys.stdin.isatty() and sys.stderr.isatty():
            return Message("prompts are switched off")
        return Message("not a terminal")

    @cached_property
    def workspace(self) -> Workspace:
        """The registry at or above the directory. StateFault when there is none."""
        opened = open_workspace(self.directory, self.asked, recovers=self.recovers)
        opened = replace(opened, note=self.console.note, indexed=self.indexed)
        if opened.notice:
            self.console.note(opened.notice)
        if self.verbose and opened.repo is not None and opened.index.in_memory:
            why = opened.index.why or verbatim("")
            self.console.note(Message("nothing is cached for the next run: {why}", why=why))
        if not self.writes:
            return opened
        planned, notice = for_writing(opened)
        if notice:
            self.console.note(notice)
        return planned

    def row_limit(self, limit: str | None) -> int | None:
        """The number of rows to show: as many as `--limit` says, else `USUAL_LIMIT` on a terminal. None: all."""
        if limit is not None:
            return count("--limit", limit) or None
        return USUAL_LIMIT if self.format in ("table", "text") and self.console.out.isatty() else None

    def from_root(self, word: str) -> str:
        """An existing path, relative to the user's folder, as a path from the root; any other word unchanged."""
        path = self.directory / word
        if not os.path.lexists(path):
            return word
        try:
            inside = Path(os.path.abspath(path)).relative_to(self.workspace.root.absolute())
        except ValueError:
            return word
        return inside.as_posix()

    @cached_property
    def today(self) -> date:
        """Today where the registry is."""
        return today_in(self.workspace.config.timezone)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone of the registry, in which everything tells times."""
        return zone_named(self.workspace.config.timezone)


def choice(value: str, choices: tuple[str, ...], what: Text) -> str:
    """`value` when it is one of the choices; UsageFault with a suggestion otherwise."""
    if value in choices:
        return value
    listed = ", ".join(choices)
    raise UsageFault(
        Message('{what} "{value}" does not exist; there are {listed}', what=what, value=value, listed=listed),
        did_you_mean(value, choices),
    )


def format_of(common: Common, formats: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """The output format: the one on the command line, else that of SMARTREG_FORMAT where the command has it, else its
    first."""
    word = "json" if common.json else common.format
    if word:
        return format_named(word, formats)
    usual = environ.get("SMARTREG_FORMAT", "")
    return usual if usual in formats else formats[0]


def format_named(word: str, formats: tuple[str, ...]) -> str:
    """The format of this name, or whose files end so; UsageFault with a suggestion otherwise. `text` is what people
    read, also where that has another name."""
    name = word if word in formats else BY_OTHER_NAME.get(word, word)
    return name if name in formats else choice(word, formats, Message("format"))


def change_to(folder: Path) -> str:
    """The prefix of a command for this folder: `cd FOLDER && `, empty if the shell is there already."""
    return "" if os.path.samefile(folder, os.curdir) else f"cd {shlex.quote(str(folder))} && "


class RunOptions(NamedTuple):
    """The way in which a command is run: the formats that it writes, whether it sees to `--output` itself, whether it
    changes records (and plans that by the settings in force), whether it begins with the state of the working tree;
    whether it finishes or undoes an interrupted write if it does not change records (or the option that has it do
    so)."""

    formats: tuple[str, ...] = ("text",)
    own_output: bool = False
    writes: bool = False
    prefetch: bool = False
    recovers: bool | str = False


def with_session(**how: Any) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Make a Typer command of a function `run(session, …)`: adds the common options to its signature, opens the session
    from them, and saves what it printed where `--output` wants it.

    A parameter annotated with a class adds the options that its fields declare. `how`: the fields of
    `RunOptions`.
    """

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        hints = get_type_hints(function, include_extras=True)
        own = {name: hint for name, hint in hints.items() if name not in ("session", "return")}
        return session_command(function, own, RunOptions(**how))

    return decorate


def session_command(function: Callable[..., int], own: Mapping[str, Any], how: RunOptions) -> Callable[..., int]:
    """The Typer command of `function(session, **own)`; `own`: annotations by parameter, see `with_session`."""
    common = parameters_of(_common_hints(how.formats), option_names(own.values()))
    groups = {name: hint for name, hint in own.items() if get_origin(hint) is not Annotated}

    @wraps(function)
    def run_command(ctx: typer.Context, **values: Any) -> int:
        if ctx.invoked_subcommand is not None:  # it opens the session, with what stands before it
            return 0
        reads_past = values.get("at") or values.get("staged")
        session = open_session(ctx, _common(ctx), how, prefetch=how.prefetch and not reads_past)
        recovers = values[how.recovers] if isinstance(how.recovers, str) else how.recovers
        session = replace(session, recovers=how.writes or bool(recovers))
        ctx.meta[SESSION] = session
        options = {name: values[name] for name in own if name not in groups}
        for name, group in groups.items():
            options[name] = group(**{field: values[field] for field in group._fields})
        code = function(session, **options)
        if session.output is not None and isinstance(session.console.out, io.StringIO):
            save(session.output, session.console.out.getvalue().encode("utf-8", "backslashreplace"))
        return code

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    run_command.__signature__ = inspect.Signature([context, *parameters_of(own), *common])  # type: ignore[attr-defined]
    run_command.__annotations__ = {}
    run_command.formats = how.formats  # type: ignore[attr-defined]
    return run_command


def _common_hints(formats: tuple[str, ...]) -> dict[str, Any]:
    """The common options, with the formats that there are; hidden where there is nothing to choose, and among the
    command's own where there is more than text and JSON."""
    hints = get_type_hints(Common, include_extras=True)
    overrides: Mapping[str, Mapping[str, Any]] = {
        "format": {
            "hidden": len(formats) < 2,
            "help": t("output format", choices=formats),
            **({} if set(formats) <= {"text", "json"} else {"rich_help_panel": None}),
        },
        "json": {"hidden": "json" not in formats},
    }
    for name, changes in overrides.items():
        kind, info = get_args(hints[name])
        info = copy(info)
        for attribute, value in changes.items():
            setattr(info, attribute, value)
        hints[name] = Annotated[kind, info]
    return hints


def _common(ctx: typer.Context) -> Common:
    """The common options of the command, else as given before the command."""
    values: dict[str, Any] = {}
    here: Any = ctx
    while here is not None:
        values |= {name: here.params[name] for name in Common._fields if not values.get(name) and name in here.params}
        here = here.parent
    return Common(**values)


def open_session(ctx: typer.Context, common: Common, how: RunOptions, *, prefetch: bool) -> Session:
    """The session of a command. UsageFault for an option that cannot be meant."""
    lang: Language = ctx.obj.lang
    if not os.path.isdir(ctx.obj.folder):
        raise UsageFault(Message("there is no folder {folder}", folder=ctx.obj.folder))
    directory = Path(ctx.obj.folder)
    target = _target(common.output, directory, how.own_output)
    collects = target is not None and not how.own_output
    console = Console(lang, common.color or "auto", common.quiet, io.StringIO() if collects else sys.stdout)
    usual = os.environ.get("SMARTREG_LANG", "")
    if usual and not is_language(usual):
        listed = ", ".join(languages())
        console.note(Message('SMARTREG_LANG must be one of {listed}, not "{usual}"', usual=usual, listed=listed))
    indexed = not common.no_index and not is_job(os.environ)
    return Session(
        ctx.command_path.partition(" ")[2],
        words_of(ctx),
        directory,
        format_of(common, how.formats, os.environ),
        target,
        console,
        may_ask(common, os.environ),
        common,
        _prefetch(directory, indexed) if prefetch else None,
        how.writes,
        indexed=indexed,
    )


def words_of(ctx: typer.Context) -> tuple[str, ...]:
    """The command line as typed, without the name of the command."""
    words: tuple[str, ...] = ctx.obj.words
    start = len(words) - int(ctx.meta[REST])
    return (*words[: start - len(ctx.command_path.split(" ")) + 1], *words[start:])


def _prefetch(directory: Path, indexed: bool) -> PendingReads | None:
    """Ask Git about the working tree while the registry is opened. A fault is reported when the answer is needed."""
    try:
        root = find_root(directory)
        pending = PendingReads(Git(root))
        if not (indexed and has_index(root / ".git")):
            pending.ask_listing()
        return pending
    except (StateFault, OSError):
        return None


def _target(word: str | None, directory: Path, own_output: bool) -> Output | None:
    """The destination of `--output`; None for standard output. UsageFault when nothing may or can be written there."""
    if not word or word == "-":
        return None
    target = output(word, directory)
    if not own_output:
        target.refuse_folder()
    return target


def may_ask(common: Common, environ: Mapping[str, str]) -> bool:
    """Whether the user can be asked: stdin and stderr are terminals, and prompts are not switched off."""
    off = common.no_input or any(environ.get(name, "").lower() not in NO for name in ("CI", "SMARTREG_NO_INPUT"))
    return not off and sys.stdin.isatty() and sys.stderr.isatty()

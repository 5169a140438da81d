"""Run one command: find it, parse its words, open a session, and tell every failure in one place."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from smartreg import __version__
from smartreg.cli.ahead import folder_of
from smartreg.cli.console import Console
from smartreg.cli.failing import failed, trace
from smartreg.cli.language import language, value_of
from smartreg.cli.main import discard
from smartreg.cli.nouns import nouns, root_above
from smartreg.cli.parameters import Command, Values
from smartreg.cli.parse import parse
from smartreg.cli.session import Session, choice, directory_of, format_of, may_ask
from smartreg.cli.table import COMMANDS
from smartreg.core.errors import Cancelled, SmartregError, StateFault, UsageFault
from smartreg.core.suggest import did_you_mean
from smartreg.core.values import Language, Words
from smartreg.gitio import PendingReads
from smartreg.schema import UnknownKind

if TYPE_CHECKING:
    from smartreg.commands.output import Output

INTERNAL = 70
LANGUAGES = ("fr", "en")
# Writers that tell about the whole of what is there, its settings included, or write those.
OF_SETTINGS_TOO = ("validate", "format", "resolve", "doctor", "init", "schema")


def run(name: str, leading: Sequence[str], rest: Sequence[str], asked: PendingReads | None = None) -> int:
    """Run the command `name` with the words before it (common options) and after it; the exit code. `asked`: what Git
    was asked at the start."""
    everything = [*leading, *rest]
    lang = cast(Language, language(everything, os.environ))
    color = value_of("--color", everything)
    console = Console(lang, color if color in ("always", "never") else "auto")
    try:
        code = _run(name, list(leading), list(rest), lang, asked)
        sys.stdout.flush()
        return code
    except Cancelled as fault:
        console.note(fault.message)
        return fault.exit_code
    except SmartregError as fault:
        return failed(fault, console, everything)
    except BrokenPipeError:
        raise
    except OSError as fault:
        console.fault(_system(fault))
        discard()
        trace(fault, everything)
        return StateFault.exit_code
    except (EOFError, KeyboardInterrupt):
        console.note(Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié"))
        return Cancelled.exit_code
    except Exception as fault:
        console.fault(_internal(fault))
        trace(fault, everything)
        return INTERNAL


def command_named(name: str, folder: str) -> Command:
    """The command that people call `name`, from its module alone. `add-<noun>` and `add KIND` are made from the schemas
    of the registry at or above `folder`. UsageFault with a suggestion for any other name."""
    if name in COMMANDS:
        _group, module, synopsis, english, french = COMMANDS[name]
        found: Command = (
            importlib.import_module("smartreg.cli.add").general(folder)
            if name == "add"
            else importlib.import_module(f"smartreg.cli.{module}").COMMAND
        )
        return replace(found, synopsis=synopsis, summary=Words(english, french))
    if name.startswith(("add-", "add ")):
        from smartreg.cli import add

        try:
            return add.command_for(name, folder)
        except UnknownKind:
            if name.startswith("add "):
                raise
    known = [*COMMANDS, *(f"add-{noun}" for noun in nouns(root_above(folder)))]
    raise UsageFault(
        Words(f'no command "{name}"', f"il n'y a pas de commande « {name} »"),
        did_you_mean(name, known, Words("smartreg -h lists them", "smartreg -h les liste")),
    )


def _run(name: str, leading: list[str], rest: list[str], lang: Language, asked: PendingReads | None) -> int:
    words = [*leading, *rest]
    if name == "add" and rest and not rest[0].startswith("-"):  # the kind decides which options there are
        name, rest = f"add {rest[0]}", rest[1:]
    command = command_named(name, folder_of(words))
    if _wants_help(rest):
        from smartreg.cli.manual import manual

        sys.stdout.write(manual(command, name, lang))
        return 0
    values = parse(command, name, [*leading, *rest])
    session = replace(_session(name, [*leading, *rest], command, values), asked=asked)
    own = {item.name: values[item.name] for item in command.parameters}
    if command.writes:
        from smartreg.cli.writing import Writing

        own["writing"] = Writing.of(values)
    code = command.run(session, **own)
    if session.output is not None and not command.own_output:
        from smartreg.commands.output import save

        save(session.output, cast(io.StringIO, session.console.out).getvalue().encode("utf-8", "backslashreplace"))
    return code


def _wants_help(words: Sequence[str]) -> bool:
    before = words[: words.index("--")] if "--" in words else words
    return "-h" in before or "--help" in before


def _target(word: str | None, directory: Path, command: Command) -> Output | None:
    """Where `--output` wants it; None for standard output. UsageFault when nothing may or can be written there."""
    if not word or word == "-":
        return None
    from smartreg.commands.output import output

    target = output(word, directory)
    if not command.own_output:
        target.refuse_folder()
    return target


def _session(name: str, words: list[str], command: Command, values: Values) -> Session:
    lang = values.get("lang")
    if lang:
        choice(lang, LANGUAGES, Words("language", "la langue"))
    color = choice(values.get("color") or "auto", ("auto", "always", "never"), Words("colour", "la couleur"))
    directory = directory_of(values, os.environ)
    target = _target(values.get("output"), directory, command)
    console = Console(
        cast(Language, language(words, os.environ)),
        color,
        bool(values.get("quiet")),
        io.StringIO() if target is not None and not command.own_output else sys.stdout,
    )
    usual = os.environ.get("SMARTREG_LANG", "")
    if usual not in ("", *LANGUAGES):
        console.note(
            Words(f'SMARTREG_LANG "{usual}" is neither fr nor en', f"SMARTREG_LANG « {usual} » n'est ni fr ni en")
        )
    return Session(
        name,
        tuple(words),
        directory,
        format_of(values, command.formats, os.environ),
        target,
        console,
        may_ask(values, os.environ),
        bool(values.get("verbose")),
        writes=command.writes and name not in OF_SETTINGS_TOO,
    )


_SYSTEM = {
    errno.EACCES: Words("no permission", "accès refusé"),
    errno.EPERM: Words("no permission", "accès refusé"),
    errno.EROFS: Words("the disk is read-only", "le disque est en lecture seule"),
    errno.ENOSPC: Words("the disk is full", "le disque est plein"),
    errno.EDQUOT: Words("the disk quota is used up", "le quota disque est épuisé"),
    errno.EBADF: Words("a standard stream is closed", "un flux standard est fermé"),
    errno.ENOENT: Words("it is not there", "introuvable"),
    errno.EISDIR: Words("it is a folder", "c'est un dossier"),
    errno.ENOTDIR: Words("a part of its path is not a folder", "une partie du chemin n'est pas un dossier"),
    errno.ENAMETOOLONG: Words("the name is too long", "le nom est trop long"),
}


def _system(fault: OSError) -> StateFault:
    why = _SYSTEM.get(fault.errno or 0)
    code = errno.errorcode.get(fault.errno or 0, "?")
    what = f"{fault.filename}: " if fault.filename else ""
    english, french = (why.en, why.fr) if why else (f"the system refused ({code})", f"refus du système ({code})")
    return StateFault(Words(f"{what}{english}", f"{what.replace(': ', ' : ')}{french}"))


def _internal(fault: Exception) -> SmartregError:
    return SmartregError(
        Words(
            f"internal error in smartreg {__version__} ({type(fault).__name__})",
            f"erreur interne de smartreg {__version__} ({type(fault).__name__})",
        ),
        Words(
            "run it again with --debug and send the maintainers what it prints; leave out what is confidential",
            "relancez avec --debug et envoyez aux mainteneurs ce qui s'affiche, sans rien de confidentiel",
        ),
    )

"""What one run knows besides its own options: where, in which language and format, and whether it may ask."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartreg.cli.ci import NO
from smartreg.cli.console import Console
from smartreg.cli.parameters import Values
from smartreg.commands.workspace import Workspace, for_writing, open_workspace
from smartreg.core.errors import UsageFault
from smartreg.core.suggest import did_you_mean
from smartreg.core.values import Language, Location, Words
from smartreg.gitio import PendingReads
from smartreg.schema.settings import FILE

if TYPE_CHECKING:
    from smartreg.commands.output import Output

FOR_PEOPLE = "full"  # what findings call the format that other commands call text


@dataclass(frozen=True)
class Session:
    """`command` and `words` are the command line as typed, for lines that are ready to be typed again. `asked`: what
    Git was asked about the working tree at the start of the run. `writes`: records are changed, and nothing else is
    told of what is there."""

    command: str
    words: tuple[str, ...]
    directory: Path
    format: str
    output: Output | None
    console: Console
    interactive: bool
    verbose: bool
    asked: PendingReads | None = None
    writes: bool = False

    @property
    def lang(self) -> Language:
        return self.console.lang

    @property
    def why_not(self) -> Words:
        """Why nothing can be asked."""
        if sys.stdin.isatty() and sys.stderr.isatty():
            return Words("prompts are switched off", "les questions sont désactivées")
        return Words("not a terminal", "pas de terminal")

    @cached_property
    def workspace(self) -> Workspace:
        """The registry at or above the directory. StateFault when there is none."""
        found = replace(open_workspace(self.directory, self.asked), note=self.console.note)
        if found.notice:
            self.console.note(found.notice)
        if self.verbose and found.repo is not None and found.index.in_memory:
            why = found.index.why or Words("", "")
            self.console.note(
                Words(
                    f"nothing is kept for the next run: {why.en}",
                    f"rien n'est conservé pour la prochaine exécution : {why.fr}",
                )
            )
        if not self.writes:
            return found
        planned, notice = for_writing(found)
        if notice:
            self.console.note(notice)
        return planned

    def from_root(self, word: str) -> str:
        """A path that exists from where the user stands, as a path from the root; any other word as it is."""
        path = self.directory / word
        if not os.path.lexists(path):
            return word
        try:
            found = Path(os.path.abspath(path)).relative_to(self.workspace.root.absolute())
        except ValueError:
            return word
        return found.as_posix()

    @cached_property
    def today(self) -> date:
        """Today where the registry is."""
        return today_in(self.workspace.config.timezone)


def today_in(timezone: str) -> date:
    """Today in a time zone, wherever the machine is; UsageFault when there is no such zone."""
    try:
        return datetime.now(ZoneInfo(timezone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageFault(
            Words(
                f'smartreg.toml: timezone: there is no time zone "{timezone}"',
                f"smartreg.toml : timezone : il n'y a pas de fuseau horaire « {timezone} »",
            ),
            Words("write it like Europe/Paris", "écrivez-le comme Europe/Paris"),
            Location(FILE, ("timezone",)),
        ) from None


def choice(value: str, choices: tuple[str, ...], what: Words) -> str:
    """`value` when it is one of the choices; UsageFault with a suggestion otherwise."""
    if value in choices:
        return value
    listed = ", ".join(choices)
    raise UsageFault(
        Words(
            f'{what.en} "{value}" does not exist; there are {listed}',
            f"{what.fr} « {value} » n'existe pas ; il y a {listed}",
        ),
        did_you_mean(value, choices),
    )


def format_of(values: Values, formats: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """The output format: asked for and known, else that of SMARTREG_FORMAT where the command has it, else its first.
    `text` is what people read, also where that has another name."""
    asked = "json" if values.get("json") else values.get("format")
    if asked == "text" and asked not in formats and FOR_PEOPLE in formats:
        return FOR_PEOPLE
    if asked:
        return choice(asked, formats, Words("format", "le format"))
    usual = environ.get("SMARTREG_FORMAT", "")
    return usual if usual in formats else formats[0]


def directory_of(values: Values, environ: Mapping[str, str]) -> Path:
    """Where to work. UsageFault when it is no folder."""
    word = values.get("directory") or environ.get("SMARTREG_DIRECTORY") or os.curdir
    if not os.path.isdir(word):
        raise UsageFault(Words(f"there is no folder {word}", f"il n'y a pas de dossier {word}"))
    return Path(word)


def change_to(folder: Path) -> str:
    """What a shell is told before a command in this folder: `cd FOLDER && `, nothing where it stands there already."""
    return "" if os.path.samefile(folder, os.curdir) else f"cd {shlex.quote(str(folder))} && "


def may_ask(values: Values, environ: Mapping[str, str]) -> bool:
    """Whether somebody is there to answer: terminals on both sides, and prompts are not switched off."""
    off = values.get("no_input") or any(environ.get(name, "").lower() not in NO for name in ("CI", "SMARTREG_NO_INPUT"))
    return not off and sys.stdin.isatty() and sys.stderr.isatty()

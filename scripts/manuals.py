"""Write share/: a manual page (section 1) for each command in both languages (for `add-…` from the bundled schemas),
and the completion scripts.

    python scripts/manuals.py      the wheel contains share/; a test fails if it is out of date

Manual pages say what `-h` shows, because both come from the commands themselves.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from smartreg.cli.ahead import Ahead
from smartreg.cli.app import PROGRAM, command_named, program
from smartreg.cli.catalogue import ABOUT, COMMANDS
from smartreg.cli.help_page import example_of
from smartreg.cli.options import in_language, t
from smartreg.cli.shell import SCRIPTS
from smartreg.core.messages import LANGUAGES, Language, Message

SHARE = Path(__file__).parents[1] / "share"


COMPLETIONS = {
    "bash": "bash-completion/completions/smartreg",
    "zsh": "zsh/site-functions/_smartreg",
    "fish": "fish/vendor_completions.d/smartreg.fish",
}
NAME, SYNOPSIS, DESCRIPTION = t("NAME"), t("SYNOPSIS"), t("DESCRIPTION")
EXAMPLE = t("EXAMPLE")
ARGUMENTS, OPTIONS, KINDS = t("ARGUMENTS"), t("OPTIONS"), t("KINDS")
SUBCOMMANDS = t("COMMANDS")
COMMON = t("COMMON OPTIONS")
SEE, EXIT_STATUS = t("SEE ALSO"), t("EXIT STATUS")
ENVIRONMENT, FILES = t("ENVIRONMENT"), t("FILES")
ALSO_COMMON = t("The common options are in smartreg(1).")
EXITS = {
    "0": t("done, or sound"),
    "1": t("findings, or refused"),
    "2": t("wrong command line or settings"),
    "3": t("state of the registry or of Git"),
    "70": t("internal error"),
    "130": t("cancelled by Ctrl-C"),
    "141": t("the reader of the output has gone"),
}
VARIABLES = {
    "SMARTREG_LANG": t("as --lang"),
    "SMARTREG_DIRECTORY": t("as --directory"),
    "NO_COLOR": t("no colours"),
}
PLACES = {
    "smartreg.toml": t("the settings of the registry"),
    "registry/": t("one YAML file for each record"),
    "schemas/": t("what a record may say"),
}


@dataclass(frozen=True)
class Manual:
    """The help of a command. `panels`: by title (empty: the command's own options), how each option is written and what
    it does. `commands`: its sub-commands, the kinds that `add` takes."""

    name: str
    summary: str
    synopsis: str
    example: str
    arguments: list[tuple[str, str]]
    panels: dict[str, list[tuple[str, str]]]
    commands: list[tuple[str, str]]

    @property
    def file(self) -> str:
        """Its name in names of files: `audit-seal` of `audit seal`."""
        return self.name.replace(" ", "-")


def manuals(lang: Language) -> Iterator[Manual]:
    """The manual of the program, then of each command in its help, and of each `add-…` of the bundled schemas."""
    with tempfile.TemporaryDirectory() as folder:
        ahead = Ahead((), lang, folder)
        root = program(lang).make_context(PROGRAM, [], obj=ahead)
        common = list(_options(root))
        listed = [name for name in root.command.list_commands(root) if name not in COMMANDS or COMMANDS[name].panel]
        yield Manual(PROGRAM, in_language(ABOUT, lang), _synopsis(root), "", [], _panels(common), [])
        for name in listed:
            command = command_named(name, ahead)
            context = typer.Context(command, info_name=name, parent=root, obj=ahead)
            yield _manual(context, common)
            for word, inner in getattr(command, "commands", {}).items():
                yield _manual(typer.Context(inner, info_name=word, parent=context, obj=ahead), common)


def _manual(context: Any, common: Iterable[tuple[str, tuple[str, str]]]) -> Manual:
    command, name = context.command, context.command_path.removeprefix(f"{PROGRAM} ")
    arguments = [param.get_help_record(context) for param in command.params if _is_argument(param)]
    own = [option for option in _options(context) if option not in common]
    inner = command.list_commands(context) if hasattr(command, "list_commands") else []
    about = [(word, command.get_command(context, word).help) for word in inner]
    return Manual(name, command.help, _synopsis(context), example_of(context), arguments, _panels(own), about)


def _options(context: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """Panel, names and help of the options of a command."""
    for param in context.command.get_params(context):
        record = None if _is_argument(param) else param.get_help_record(context)
        if record:
            yield getattr(param, "rich_help_panel", None) or "", record


def _panels(options: Iterable[tuple[str, tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for panel, record in options:
        found.setdefault(panel, []).append(record)
    return found


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _synopsis(context: Any) -> str:
    words = " ".join(context.command.collect_usage_pieces(context))
    return f"{context.command_path} {re.sub('[{}]', '', words)}"


def page(manual: Manual, lang: Language, others: list[Manual]) -> str:
    """A manual page in the macros of man(7). `others`: the commands, for the page of the program."""
    whole = manual.name == PROGRAM
    title = PROGRAM if whole else f"{PROGRAM}-{manual.file}"
    summary = manual.summary.partition(": ")[2] if whole else manual.summary
    lines = [f'.TH "{title.upper()}" "1" "" "{PROGRAM}" ""']
    lines += [_heading(NAME, lang), f"{_plain(title)} \\- {_plain(summary)}"]
    lines += [_heading(SYNOPSIS, lang), f"\\fB{_plain(manual.synopsis)}\\fR"]
    lines += [_heading(EXAMPLE, lang), _plain(manual.example)] if manual.example else []
    lines += _section(ARGUMENTS, manual.arguments, lang)
    lines += _section(KINDS if manual.name == "add" else SUBCOMMANDS, manual.commands, lang)
    if not whole:
        lines += [_heading(OPTIONS, lang)]
        for panel, records in manual.panels.items():
            lines += ([f".SS {_plain(panel)}"] if panel else []) + _entries(records)
        if manual.name.startswith("add-"):
            command = f"{PROGRAM} {manual.name}"
            own = Message(
                "The options are those of the schemas of this release; {command} -h shows those of your registry.",
                command=command,
            )
            lines += [".PP", _plain(own.in_(lang))]
        lines += [".PP", _plain(in_language(ALSO_COMMON, lang)), _heading(SEE, lang), "\\fBsmartreg\\fR(1)"]
        return "\n".join(lines) + "\n"
    lines += [_heading(SUBCOMMANDS, lang)]
    for panel in dict.fromkeys(entry.panel for entry in COMMANDS.values() if entry.panel):
        named = [
            (one.name, one.summary) for one in others if one.name in COMMANDS and COMMANDS[one.name].panel == panel
        ]
        lines += [f".SS {_plain(in_language(panel, lang))}", *_entries(named)]
    lines += _section(COMMON, [record for records in manual.panels.values() for record in records], lang)
    for heading, table in ((EXIT_STATUS, EXITS), (ENVIRONMENT, VARIABLES), (FILES, PLACES)):
        lines += _section(heading, [(name, in_language(text, lang)) for name, text in table.items()], lang)
    lines += [_heading(SEE, lang), ",\n".join(f"\\fBsmartreg\\-{_plain(one.file)}\\fR(1)" for one in others)]
    return "\n".join(lines) + "\n"


def _heading(text: str, lang: Language) -> str:
    return f".SH {in_language(text, lang)}"


def _section(heading: str, records: list[tuple[str, str]], lang: Language) -> list[str]:
    return [_heading(heading, lang), *_entries(records)] if records else []


def _entries(records: Iterable[tuple[str, str]]) -> list[str]:
    return [line for name, text in records for line in (".TP", f"\\fB{_plain(name)}\\fR", _plain(text))]


def _plain(text: str) -> str:
    """The text, escaped so that roff reads no request in it."""
    escaped = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def share() -> dict[str, str]:
    """Texts of all files of share/, keyed by path."""
    found = {COMPLETIONS[shell]: script.replace("@smartreg@", PROGRAM) for shell, script in SCRIPTS.items()}
    zsh = COMPLETIONS["zsh"]  # a file in fpath is the body of the function that the first Tab calls
    found[zsh] = found[zsh].replace("\ncompdef _smartreg smartreg\n", '\n_smartreg "$@"\n')
    for lang in LANGUAGES:
        first, *commands = manuals(lang)
        folder = "man/man1" if lang == "en" else f"man/{lang}/man1"
        for manual in (first, *commands):
            name = PROGRAM if manual is first else f"{PROGRAM}-{manual.file}"
            found[f"{folder}/{name}.1"] = page(manual, lang, commands)
    return found


def main() -> None:
    shutil.rmtree(SHARE, ignore_errors=True)
    for path, text in share().items():
        file = SHARE / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    print(f"{len(share())} files in share/")


if __name__ == "__main__":
    main()

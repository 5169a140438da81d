"""Options that several commands share, and help texts in the language of the run."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

import typer

from smartreg.cli import load
from smartreg.core.messages import SOURCE, Language, Message, Text, languages, message_in, verbatim

if TYPE_CHECKING:
    Spoken: TypeAlias = Language
else:
    Spoken = Literal[languages()]


class _Help(str):
    """A help text in English, for Typer, with the text that other languages say."""

    said: Text


def t(template: str | Text, /, choices: Sequence[str] = (), **values: object) -> str:
    """A help text: its English, which keeps the rest for `in_language`. Choices that it lacks are appended."""
    text = template if isinstance(template, Text) else Message(template, **values)
    english = text.in_(SOURCE)
    if not all(re.search(rf"\b{re.escape(choice)}\b", english) for choice in choices):
        text = Message("{text}: {choices}", text=text, choices=", ".join(choices))
    made = _Help(text.in_(SOURCE))
    made.said = text
    return made


MOST = 500  # a shell that is handed more asks whether to show them, and nobody reads them
FILE, DIRECTORY = "<file>", "<directory>"  # the answer of a completion that is left to the shell
Completion: TypeAlias = Callable[..., Sequence[tuple[str, str]]]


def offer(name: str, *about: object) -> Completion:
    """The completion of this name in `cli/completion.py`, which is loaded when Tab asks; `about`: what it is to
    offer."""

    def complete(ctx: typer.Context, incomplete: str) -> Sequence[tuple[str, str]]:
        completion: Completion = getattr(load("cli.completion"), name)
        return completion(ctx, incomplete, *about)

    complete.__annotations__.clear()  # Typer goes by the names, and would evaluate the types of each of fifty options
    return complete


REPEATABLE = t(" (repeatable)")
EVERYWHERE = t("Common options")
WRITING = t("Writing")
_common = partial(typer.Option, rich_help_panel=EVERYWHERE)

_PLACEHOLDER = re.compile("[A-Z]+(?:-[A-Z]+)*")
PLACEHOLDERS = {
    text.in_(SOURCE): text
    for text in (
        message_in("placeholder", "RECORD"),
        message_in("placeholder", "KIND"),
        message_in("placeholder", "FILE"),
        message_in("placeholder", "DIR"),
        message_in("placeholder", "PATH"),
        message_in("placeholder", "FIELD"),
        message_in("placeholder", "FIELDS"),
        message_in("placeholder", "VALUE"),
        message_in("placeholder", "KEY"),
        message_in("placeholder", "NAME"),
        message_in("placeholder", "TEXT"),
        message_in("placeholder", "WORD"),
        message_in("placeholder", "NUMBER"),
        message_in("placeholder", "YYYY-MM-DD"),
        message_in("placeholder", "DD"),
        message_in("placeholder", "YYYY"),
        message_in("placeholder", "PARTY"),
        message_in("placeholder", "EQUIPMENT"),
        message_in("placeholder", "OLD"),
        message_in("placeholder", "NEW-ID"),
        message_in("placeholder", "DIGEST"),
        message_in("placeholder", "SEVERITY"),
        message_in("placeholder", "GRADE"),
        message_in("placeholder", "SECONDS"),
        message_in("placeholder", "METRES"),
        message_in("placeholder", "SEAL"),
        message_in("placeholder", "LINE"),
        message_in("placeholder", "TEMPLATE"),
        message_in("placeholder", "LANG"),
        message_in("placeholder", "LIST"),
        message_in("placeholder", "AUDIENCE"),
        message_in("placeholder", "WHEN"),
        message_in("placeholder", "WHAT"),
        message_in("placeholder", "WHICH"),
        message_in("placeholder", "DAY"),
        message_in("placeholder", "DIALECT"),
        message_in("placeholder", "PACKAGE"),
        message_in("placeholder", "SIZE"),
        message_in("placeholder", "COMMAND"),
        message_in("placeholder", "DATE"),
        message_in("placeholder", "CODE"),
        message_in("placeholder", "CODES"),
        message_in("placeholder", "COMMIT"),
        message_in("placeholder", "CONVENTION"),
        message_in("placeholder", "SUPPORT"),
        message_in("placeholder", "SOURCE"),
        message_in("placeholder", "URL"),
        message_in("placeholder", "COLUMN"),
    )
}
"""The words of placeholders in help that are translated."""

COMPLETIONS: dict[str, Completion] = {
    "RECORD": offer("records"),
    "RECORD|KIND": offer("records"),
    "PATH|RECORD": offer("records"),
    "KIND": offer("kinds"),
    "KIND|FILE": offer("kinds"),
    "WORD": offer("records"),
    "ALIAS|ALIAS:ID": offer("aliases"),
    "EQUIPMENT": offer("records", "equipment"),
    "OLD": offer("records", "equipment"),
    "SUPPORT": offer("records", "support"),
    "PARTY": offer("records", "party"),
    "CONVENTION": offer("records", "convention"),
    "FILE": offer("files"),
    "FILE|URL": offer("files"),
    "NAME|FILE": offer("files"),
    "PACKAGE": offer("files"),
    "DIR": offer("directories"),
    "YYYY-MM-DD": offer("days"),
    "DATE": offer("days"),
    "REV": offer("revisions"),
    "REV|SEAL": offer("revisions"),
    "REV|DATE": offer("revisions_or_days"),
    "COMMIT": offer("commits"),
    "CODE": offer("rule_codes"),
    "CODES": offer("rule_codes"),
    "PATH=VALUE": offer("fields"),
    "[NEW-ID] PATH=VALUE": offer("fields"),
    "FIELD=VALUE": offer("fields"),
    "PATH={COL} {COL}": offer("fields"),
    "COL=PATH": offer("column_mappings"),
    "COL:A=x,B=y": offer("meanings"),
    "PATH": offer("field_names"),
    "FIELD": offer("field_names"),
    "FIELDS": offer("field_names"),
    "COL|PATH": offer("field_names"),
}
"""Completions by placeholder; a parameter may have a completion of its own."""


def placeholder_in(text: str, lang: Language) -> str:
    """The placeholder of a value in one language."""
    return _PLACEHOLDER.sub(lambda match: PLACEHOLDERS.get(match[0], verbatim(match[0])).in_(lang), text)


def in_language(text: str, lang: Language) -> str:
    """The text in one language."""
    return text.said.in_(lang) if isinstance(text, _Help) else str(text)


def localize(parameter: inspect.Parameter, lang: Language) -> inspect.Parameter:
    """The parameter with its help and panel in one language. The help ends with the words that it accepts,
    if these are fixed."""
    if get_origin(parameter.annotation) is not Annotated:
        return parameter
    kind, info = get_args(parameter.annotation)
    info = copy(info)
    words = choices(kind)
    info.help = in_language(t(info.help.said, choices=words) if words else info.help or "", lang)
    info.rich_help_panel = in_language(info.rich_help_panel or "", lang) or None
    if info.autocompletion is None:
        info.autocompletion = COMPLETIONS.get(info.metavar)
    info.metavar = placeholder_in(info.metavar or "", lang) or None
    if get_origin(kind) is list:
        is_option = isinstance(info, OPTION)
        info.help += in_language(REPEATABLE, lang) if is_option else ""
        info.metavar += "" if is_option else "…"
    return parameter.replace(annotation=Annotated[kind, info])


OPTION = type(typer.Option())


def choices(kind: Any) -> tuple[str, ...]:
    """The words of a `Literal`, also where it is optional; none of other types."""
    return next((get_args(each) for each in (kind, *get_args(kind)) if get_origin(each) is Literal), ())


class Common(NamedTuple):
    """The options of every command, after it or before it."""

    directory: Annotated[
        str | None,
        _common(
            "-C",
            "--directory",
            metavar="DIR",
            help=t("run as if started in this folder"),
        ),
    ] = None
    format: Annotated[
        str | None,
        _common(
            "-f",
            "--format",
            metavar="FMT",
            help=t("output format"),
            autocompletion=offer("formats"),
        ),
    ] = None
    json: Annotated[bool, _common("--json", help=t("same as --format json"))] = False
    output: Annotated[
        str | None,
        _common(
            "-o",
            "--output",
            metavar="FILE",
            help=t("write to this file (-: stdout)"),
        ),
    ] = None
    lang: Annotated[
        Spoken | None,
        _common(
            "--lang",
            metavar="LANG",
            help=t("language of messages and headings"),
        ),
    ] = None
    color: Annotated[
        Literal["auto", "always", "never"] | None,
        _common("--color", metavar="WHEN", help=t("when to use colour")),
    ] = None
    no_input: Annotated[bool, _common("--no-input", help=t("never prompt"))] = False
    no_index: Annotated[bool, _common("--no-index", help=t("read everything, without the index"))] = False
    quiet: Annotated[bool, _common("-q", "--quiet", help=t("print results only"))] = False
    verbose: Annotated[bool, _common("-v", "--verbose", help=t("report what was read"))] = False
    debug: Annotated[bool, _common("--debug", help=t("show tracebacks of internal errors"))] = False


At: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="REV|DATE",
        help=t("read the registry as it was at a revision or date"),
    ),
]

Where: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--where",
        metavar="FIELD=VALUE",
        help=t("only records with this value; all conditions must hold"),
    ),
]

Columns: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="FIELDS",
        help=t("only these fields, comma-separated"),
    ),
]

Limit: TypeAlias = Annotated[
    str | None,
    typer.Option("--limit", metavar="NUMBER", help=t("maximum number of rows (0: all)")),
]

Reason: TypeAlias = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help=t("reason, for the history")),
]

RecordWord: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RECORD",
        help=t("kind/id, id, name or path"),
    ),
]

RecordToPick: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="RECORD",
        help=t("kind/id, id or path (default: pick from a list)"),
    ),
]

KindWord: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="KIND", help=t("a kind, by any of its names")),
]


def split_list(text: str | None) -> tuple[str, ...]:
    """The words of a comma-separated list; none for no text."""
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def fields_of(hints: Mapping[str, Any]) -> dict[str, Any]:
    """Annotated options by parameter; a class adds those that its fields declare, after the others."""
    groups = [hint for hint in hints.values() if get_origin(hint) is not Annotated]
    fields = {name: hint for name, hint in hints.items() if hint not in groups}
    for group in groups:
        fields |= get_type_hints(group, include_extras=True)
    return fields


def option_names(hints: Iterable[Any], more: Iterable[str] = ()) -> list[str]:
    """The names of options as people type them, of annotations and of classes whose fields are annotated."""
    fields = fields_of(dict(enumerate(hints)))  # type: ignore[arg-type]
    return [*more, *(name for hint in fields.values() for name in _names(get_args(hint)[1]))]


def _names(info: Any) -> list[str]:
    return [str(info.default), *(info.param_decls or ())] if isinstance(info, OPTION) else []


def parameters_of(hints: Mapping[str, Any], taken: Sequence[str] = ()) -> list[inspect.Parameter]:
    """Keyword parameters with the defaults that their types imply: False, an empty list, None; a word is required.
    Leaves out the names of options that are `taken`, and an option without a name left."""
    parameters = []
    for parameter, hint in fields_of(hints).items():
        kind, info = get_args(hint)
        names = [name for name in _names(info) if name not in taken]
        if isinstance(info, OPTION) and not names:
            continue
        if names:
            info = copy(info)
            info.default, info.param_decls = names[0], tuple(names[1:])
        default = inspect.Parameter.empty if kind is str or get_origin(kind) is Literal else _default(kind)
        keyword = inspect.Parameter(parameter, inspect.Parameter.KEYWORD_ONLY, default=default)
        parameters.append(keyword.replace(annotation=Annotated[kind, info]))
    return parameters


def _default(kind: Any) -> Any:
    return [] if get_origin(kind) is list else False if kind is bool else None

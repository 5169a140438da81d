"""Options that several commands share, and help texts in two languages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Annotated, Any, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

import typer

from smartreg.cli.candidates import any_of, directories, files, formats, kinds, records
from smartreg.core.values import Language


class _Bilingual(str):
    """An English text that carries its French."""

    french: str


def t(english: str, french: str, choices: Sequence[str] = ()) -> str:
    """A text for people: English, which carries its French for `in_language`. At its end, choices that it lacks."""
    listed = ", ".join(choices)
    if all(re.search(rf"\b{re.escape(one)}\b", english) for one in choices):
        listed = ""
    text = _Bilingual(f"{english}: {listed}" if listed else english)
    text.french = f"{french} : {listed}" if listed else french
    return text


REPEATABLE = t(" (repeatable)", " (répétable)")
EVERYWHERE = t("Common options", "Options communes")
WRITING = t("Writing", "Écriture")
_common = partial(typer.Option, rich_help_panel=EVERYWHERE)


def in_language(text: str, lang: Language) -> str:
    """The text in one language."""
    return text.french if lang == "fr" and isinstance(text, _Bilingual) else str(text)


def localize(parameter: inspect.Parameter, lang: Language) -> inspect.Parameter:
    """The parameter with its help and its panel in one language."""
    if get_origin(parameter.annotation) is not Annotated:
        return parameter
    kind, info = get_args(parameter.annotation)
    info = copy(info)
    info.help = in_language(info.help or "", lang)
    info.rich_help_panel = in_language(info.rich_help_panel or "", lang) or None
    if get_origin(kind) is list:
        is_option = isinstance(info, OPTION)
        info.help += in_language(REPEATABLE, lang) if is_option else ""
        info.metavar += "" if is_option else "…"
    return parameter.replace(annotation=Annotated[kind, info])


OPTION = type(typer.Option())


class Common(NamedTuple):
    """The options of every command, after it or before it."""

    directory: Annotated[
        str | None,
        _common(
            "-C",
            "--directory",
            metavar="DIR",
            help=t("run as if started there", "agir comme depuis ce dossier"),
            autocompletion=directories,
        ),
    ] = None
    format: Annotated[
        str | None,
        _common("-f", "--format", metavar="FMT", help=t("output format", "format de sortie"), autocompletion=formats),
    ] = None
    json: Annotated[bool, _common("--json", help=t("same as --format json", "équivaut à --format json"))] = False
    output: Annotated[
        str | None,
        _common(
            "-o",
            "--output",
            metavar="FILE",
            help=t(
                "write there instead of stdout; - is stdout",
                "écrire là au lieu de la sortie standard ; - pour celle-ci",
            ),
            autocompletion=files,
        ),
    ] = None
    lang: Annotated[
        str | None,
        _common(
            "--lang",
            metavar="LANG",
            help=t("language of messages and headings", "langue des messages et des intitulés", ("fr", "en")),
            autocompletion=any_of("fr", "en"),
        ),
    ] = None
    color: Annotated[
        str | None,
        _common(
            "--color",
            metavar="WHEN",
            help=t("when to colour", "quand mettre en couleur", ("auto", "always", "never")),
            autocompletion=any_of("auto", "always", "never"),
        ),
    ] = None
    no_input: Annotated[bool, _common("--no-input", help=t("never prompt", "ne rien demander"))] = False
    quiet: Annotated[bool, _common("-q", "--quiet", help=t("results only", "les résultats seulement"))] = False
    verbose: Annotated[bool, _common("-v", "--verbose", help=t("say what was read", "dire ce qui a été lu"))] = False
    debug: Annotated[
        bool, _common("--debug", help=t("tracebacks of internal errors", "trace des erreurs internes"))
    ] = False


At: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="REV|DATE",
        help=t("the registry as it was at a revision or date", "le registre tel qu'à une révision ou une date"),
    ),
]

Where: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--where",
        metavar="FIELD=VALUE",
        help=t("only with this value; all must hold", "seulement avec cette valeur ; toutes à la fois"),
    ),
]

Columns: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="FIELDS",
        help=t("these fields only, with commas", "seulement ces champs, avec des virgules"),
    ),
]

Limit: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--limit", metavar="NUMBER", help=t("maximum number of rows (0: all)", "nombre maximal de lignes (0 : toutes)")
    ),
]

Reason: TypeAlias = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help=t("why, for the history", "pourquoi, pour l'historique"))
]

RecordWord: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RECORD", help=t("kind/id, an id, or a path", "type/id, un id ou un chemin"), autocompletion=records
    ),
]

RecordToPick: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="RECORD",
        help=t("kind/id, an id, or a path; else picked from a list", "type/id, un id ou un chemin ; sinon à choisir"),
        autocompletion=records,
    ),
]

KindWord: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="KIND", help=t("a kind, by any of its names", "un type, par l'un de ses noms"), autocompletion=kinds
    ),
]


def fields_of(hints: Mapping[str, Any]) -> dict[str, Any]:
    """Annotated options by parameter; a class stands for those that its fields declare, behind the others."""
    groups = [hint for hint in hints.values() if get_origin(hint) is not Annotated]
    found = {name: hint for name, hint in hints.items() if hint not in groups}
    for group in groups:
        found |= get_type_hints(group, include_extras=True)
    return found


def option_names(hints: Iterable[Any], more: Iterable[str] = ()) -> list[str]:
    """The names of options as people type them, of annotations and of classes whose fields are annotated."""
    found = fields_of(dict(enumerate(hints)))  # type: ignore[arg-type]
    return [*more, *(name for hint in found.values() for name in _names(get_args(hint)[1]))]


def _names(info: Any) -> list[str]:
    return [str(info.default), *(info.param_decls or ())] if isinstance(info, OPTION) else []


def parameters_of(hints: Mapping[str, Any], taken: Sequence[str] = ()) -> list[inspect.Parameter]:
    """Keyword parameters with the defaults that their types imply: False, an empty list, None; a `str` is required.
    Leaves out the names of options that are `taken`, and an option without a name left."""
    found = []
    for name, hint in fields_of(hints).items():
        kind, info = get_args(hint)
        names = [one for one in _names(info) if one not in taken]
        if isinstance(info, OPTION) and not names:
            continue
        if names:
            info = copy(info)
            info.default, info.param_decls = names[0], tuple(names[1:])
        default = inspect.Parameter.empty if kind is str else _DEFAULTS.get(kind)
        found.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info])
        )
    return found


_DEFAULTS: dict[Any, Any] = {bool: False, list[str]: []}

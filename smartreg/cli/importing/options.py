"""The options of `import` on the command line, as `smartreg.importing.options` declares them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeAlias

import typer

from smartreg.cli.answers import day, metres
from smartreg.cli.options import t
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.importing.options import MOST_M, DeclaredOption, ImportRequest, declared_options

KindOf: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="KIND", help=t("kind of the rows", "dont relèvent les lignes")),
]
File: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help=t("CSV, workbook, JSON, shapefile, GeoPackage…", "CSV, classeur, JSON, shapefile, GeoPackage…"),
    ),
]


def option_annotations() -> dict[str, Any]:
    """The Typer option of each field of an `ImportRequest` that somebody can type."""
    return {declared.field: _annotation(declared) for declared in declared_options()}


def _annotation(declared: DeclaredOption) -> Any:
    option = declared.option
    typed = str if declared.type in (date, float) else declared.type
    kind = list[str] if declared.repeated else bool if typed is bool else typed | None
    help_ = t(option.help.in_("en"), option.help.in_("fr"))
    return Annotated[kind, typer.Option(*option.names, metavar=option.metavar, help=help_)]


def read_request(typed: Mapping[str, Any]) -> ImportRequest:
    """What was typed. UsageFault for a day or a distance that is none, and for `--gone retire` without its day."""
    values = {declared.field: _read(declared, typed[declared.field]) for declared in declared_options()}
    request = ImportRequest(**values)
    if (request.gone == "retire") != (request.on is not None):
        raise UsageFault(
            Words("--gone retire and --on DAY go together", "--gone retire et --on JOUR vont ensemble"),
            Words("such as --gone retire --on 2026-01-31", "par exemple --gone retire --on 2026-01-31"),
        )
    return request


def _read(declared: DeclaredOption, value: Any) -> Any:
    if declared.repeated:
        return tuple(value)
    name = declared.option.names[0]
    if declared.type is date:
        return day(name, value) if value else None
    if declared.type is float:
        return metres(name, value, MOST_M) if value else None
    return value

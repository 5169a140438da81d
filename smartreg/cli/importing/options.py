"""The options of `import` on the command line, as `smartreg.importing.options` declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeAlias

import typer

from smartreg.cli.options import t
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.typed import day, metres
from smartreg.importing.options import MOST_M, DeclaredOption, ImportRequest, declared_options

KindOf: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="KIND|FILE", help=t("kind of the rows; the file alone, and smartreg finds the kind")),
]
File: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        help=t("CSV, workbook, JSON, shapefile, GeoPackage…"),
    ),
]


def option_annotations() -> dict[str, Any]:
    """The Typer option of each field of an `ImportRequest` that somebody can type; then the former names, hidden."""
    options = declared_options()
    former = {declared.option.formerly: declared for declared in options if declared.option.formerly}
    return {
        **{declared.field: _annotation(declared, declared.names) for declared in options},
        **{name: _annotation(declared, (f"--{name}",), hidden=True) for name, declared in former.items()},
    }


def _annotation(declared: DeclaredOption, names: Sequence[str], *, hidden: bool = False) -> Any:
    option = declared.option
    typed = str if declared.type in (date, float) else declared.type
    kind = list[str] if declared.repeated else bool if typed is bool else typed | None
    return Annotated[kind, typer.Option(*names, metavar=option.metavar, help=t(option.help), hidden=hidden)]


def read_request(typed: Mapping[str, Any]) -> ImportRequest:
    """The request that was typed. UsageFault for a day or a distance that is none, and `--missing-rows retire` without
    a day."""
    request = ImportRequest(**{declared.field: _read(declared, typed) for declared in declared_options()})
    if (request.missing_rows == "retire") != (request.on is not None):
        raise UsageFault(
            Message("--missing-rows retire and --on DAY go together"),
            Message("such as --missing-rows retire --on 2026-01-31"),
        )
    return request


def _read(declared: DeclaredOption, typed: Mapping[str, Any]) -> Any:
    value = typed[declared.field] or typed.get(declared.option.formerly or "")
    if declared.repeated:
        return tuple(value or ())
    name = declared.names[0]
    if declared.type is date:
        return day(name, value) if value else None
    if declared.type is float:
        return metres(name, value, MOST_M) if value else None
    return value

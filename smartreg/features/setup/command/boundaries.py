"""`boundaries FILE`"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.console import Console
from smartreg.cli.options import t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.core.messages import Message
from smartreg.edit import Outcome
from smartreg.features.setup.boundaries import Outlines, OutlinesSource, boundaries

PLACES = "GEO702,GEO703,GEO711"
File: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help=t("a GeoPackage, shapefile or GeoJSON of communes, such as IGN's Admin Express"),
    ),
]
Layer: TypeAlias = Annotated[
    str | None,
    typer.Option("--layer", metavar="NAME", help=t("the layer of communes")),
]
Crs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--crs",
        metavar="EPSG:…",
        help=t("coordinate system, if the file names none"),
    ),
]
Owner: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="TEXT",
        help=t("publisher and year of the file"),
    ),
]
Licence: TypeAlias = Annotated[
    str | None,
    typer.Option("--licence", metavar="TEXT", help=t("its licence, such as etalab-2.0")),
]


app = typer.Typer()


@app.command("boundaries")
@with_session(formats=FORMATS, recovers=True)
def boundaries_command(
    session: Session, writing: Writing, file: File, layer: Layer, crs: Crs, owner: Owner, licence: Licence
) -> int:
    source = OutlinesSource(session.directory / file, layer, crs, owner, licence)
    options = writing.options(session, session.today)
    with attempt(session):
        outcome, outlines = boundaries(session.workspace, source, options)
    code = report_write(session, replace(outcome, introduced=()))
    note_outlines(session.console, outlines)
    _note_places(session.console, outcome)
    return code


def note_outlines(console: Console, kept: Outlines) -> None:
    """Note how many communes came from the file, which ones it lacks, and whether its licence is missing."""
    communes = "communes" if kept.count > 1 else "commune"
    console.note(Message("{count} {communes} from {source}", count=kept.count, communes=communes, source=kept.source))
    if kept.missing:
        listed, more = ", ".join(kept.missing[:5]), len(kept.missing) - 5
        rest = f" (+ {more})" if more > 0 else ""
        console.note(
            Message(
                "{file} lacks {missing} communes of the territory: {listed}{rest}",
                file=kept.file,
                missing=len(kept.missing),
                listed=listed,
                rest=rest,
            )
        )
    if kept.licence is None:
        console.note(
            Message(
                "the licence of the outlines is not recorded; smartreg boundaries FILE --licence etalab-2.0 records it"
            )
        )


def _note_places(console: Console, outcome: Outcome) -> None:
    """The findings on places now."""
    if outcome.introduced:
        count = len(outcome.introduced)
        console.note(
            Message(
                "places called into question: {count}; smartreg validate --select {places} shows them",
                count=count,
                places=PLACES,
            )
        )

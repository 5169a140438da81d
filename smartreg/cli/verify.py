"""`verify FILE`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg import __version__
from smartreg.cli.options import offer, t
from smartreg.cli.progress import show_progress
from smartreg.cli.report import Conclusion, Deliveries, text_of
from smartreg.cli.session import Session, with_session
from smartreg.commands.verify import VerifiedExport, verify
from smartreg.core.escape import json_text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Words, short_id
from smartreg.importing.comparing import Difference
from smartreg.reporters.summing import count
from smartreg.tables.view import AUDIENCES

SHOWN = 50  # most differences shown to people
DIFFERS = 1

File: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="FILE", help=t("an exported file or a report", "un fichier exporté ou un rapport")),
]
In: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="PACKAGE",
        help=t("the datapackage.json that came with it", "le datapackage.json qui l'accompagnait"),
        autocompletion=offer("files"),
    ),
]
AtCommit: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="REV|DATE", help=t("the commit that it should match", "le commit qu'il devrait montrer")
    ),
]


app = typer.Typer()


@app.command("verify")
@with_session(formats=("text", "json"))
def verify_command(
    session: Session, file: File, package: In, conclusion: Conclusion, delivered: Deliveries, at: AtCommit
) -> int:
    given = {"conclusion": ("--conclusion", conclusion), "deliveries": ("--deliveries", delivered)}
    texts = {name: text_of(option, path) for name, (option, path) in given.items() if path}
    with show_progress(session, Words("exporting again", "nouvel export")):
        found = verify(session.workspace, Path(file), Path(package) if package else None, at, texts)
    if session.format == "json":
        session.console.write(json_text(_document(found)))
    else:
        session.console.show(_lines(session, found))
    return DIFFERS if found.same == "no" else 0


def _document(found: VerifiedExport) -> dict[str, object]:
    origin = found.origin
    return {
        "version": 1,
        "file": found.file,
        "format": found.form,
        "same": found.same,
        "commit": found.commit,
        "reference_date": found.day,
        "audience": origin.audience,
        "kinds": list(origin.kinds),
        "where": list(origin.where),
        "columns": list(origin.columns),
        **({"crs": origin.crs} if origin.crs else {}),
        **({"labels": origin.labels} if origin.labels else {}),
        "differences": [asdict(item) for item in found.differences],
    }


def _lines(session: Session, found: VerifiedExport) -> Iterator[Line]:
    lang = session.lang
    state = Words(f"commit {short_id(found.commit)} ({found.day})", f"commit {short_id(found.commit)} ({found.day})")
    outcome, style = {
        "bytes": (
            Words(
                f"matches the registry at {state.en}, byte for byte",
                f"est ce que disait le registre au {state.fr}, octet pour octet",
            ),
            "added",
        ),
        "values": (
            Words(
                f"has the content of the registry at {state.en}; only its formatting differs",
                f"dit ce que disait le registre au {state.fr} ; seule l'écriture diffère",
            ),
            "added",
        ),
        "no": (
            Words(f"does not match the registry at {state.en}", f"n'est pas ce que disait le registre au {state.fr}"),
            "error",
        ),
    }[found.same]
    yield line(Span(found.file, "name"), " ", Span(outcome.in_(lang), style))
    chosen = _describe_choice(found).in_(lang)
    if chosen:
        yield line(Span(chosen, "dim"))
    for item in found.differences[:SHOWN]:
        yield from _difference(session, item)
    if len(found.differences) > SHOWN:
        more = count(len(found.differences) - SHOWN)
        yield line(Span(Words(f"… {more} more: --json", f"… encore {more} : --json").in_(lang), "dim"))
    made_by = dict(found.origin.said).get("smartreg")
    if found.same == "no" and isinstance(made_by, str) and made_by != __version__:
        other = Words(
            f"made by smartreg {made_by}, checked by {__version__}: wording may differ for that reason alone",
            f"produit par smartreg {made_by}, comparé par {__version__} : les mots peuvent différer pour cela seul",
        )
        yield line(Span(other.in_(lang), "warning"))


def _describe_choice(found: VerifiedExport) -> Words:
    """The selection that it was made with, if any."""
    origin = found.origin
    parts = [Words(f"for {origin.audience}", f"pour {origin.audience}")] if origin.audience != AUDIENCES[-1] else []
    listed = (
        (Words("kind: ", "type : "), " ".join(origin.kinds)),
        (Words("where ", "où "), " ".join(origin.where)),
        (Words("columns: ", "colonnes : "), ", ".join(origin.columns)),
        (Words("", ""), origin.crs),
        (Words("labels: ", "libellés : "), origin.labels),
    )
    parts += [Words(f"{name.en}{text}", f"{name.fr}{text}") for name, text in listed if text]
    return Words("; ".join(part.en for part in parts), " ; ".join(part.fr for part in parts))


def _difference(session: Session, item: Difference) -> Iterator[Line]:
    lang = session.lang
    row = Words(f"row {item.row}", f"ligne {item.row}").in_(lang) if item.row is not None else ""
    place = " ".join(part for part in (item.table, row, item.key) if part)
    if item.what in ("cell", "origin"):
        nothing = Words("nothing", "rien").in_(lang)
        sides = (item.exported or nothing, item.present or nothing)
        what = Words(f"registry: {sides[0]}   file: {sides[1]}", f"registre : {sides[0]}   fichier : {sides[1]}")
        yield line(f"  {place}  ", Span(item.column, "bold"), f"  {what.in_(lang)}")
        return
    what = _WHAT[item.what]
    yield line(f"  {place}  ", Span(f"{item.column}  " if item.column else "", "bold"), what.in_(lang))


_WHAT = {
    "row missing": Words("is missing in the file", "manque dans le fichier"),
    "row added": Words("the registry had no such row", "le registre n'avait pas cette ligne"),
    "column missing": Words("the column is missing in the file", "la colonne manque dans le fichier"),
    "column added": Words("the registry had no such column", "le registre n'avait pas cette colonne"),
    "table added": Words("the registry had no such table", "le registre n'avait pas cette table"),
    "content": Words(
        "differs from what the commit gives here; this format is compared byte for byte: another version may be why",
        "n'est pas ce que donne ici le commit ; ce format se compare octet par octet : une autre version peut suffire",
    ),
    "table missing": Words("the table is missing in the file", "la table manque dans le fichier"),
}

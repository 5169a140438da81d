"""`export [KIND…]`"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias, cast

from smartreg.cli.language import language
from smartreg.cli.parameters import Argument, At, Option, command
from smartreg.cli.progress import working
from smartreg.cli.save import save
from smartreg.cli.session import Session
from smartreg.commands.export import FORMATS, Exported, export_tables, others_in, write_files
from smartreg.errors import UsageFault
from smartreg.reporters.summing import count
from smartreg.styled import Line, Span, line
from smartreg.values import Language, Words

NAMED = 4  # so many tables of other exports are named
DIALECTS = ("standard", "excel-fr")
ALTERED = Words(
    "Excel alters DevEUI and INSEE codes in CSV files: open them by Data > From Text, columns as text",
    "Excel altère les DevEUI et codes INSEE des fichiers CSV : passez par Données > À partir d'un texte, "
    "colonnes en texte",
)


Kinds: TypeAlias = Annotated[
    list[str], Argument("KIND", Words("all kinds by default", "tous par défaut"), required=False, completes="kind")
]
DialectName: TypeAlias = Annotated[
    str | None,
    Option(("--dialect",), Words("how values are written", "comment s'écrivent les valeurs"), "DIALECT", DIALECTS),
]
AllTables: TypeAlias = Annotated[
    bool, Option(("--all-tables",), Words("lists without a row too", "aussi les listes sans ligne"))
]


def run(session: Session, kinds: Kinds, dialect: DialectName, all_tables: AllTables, at: At) -> int:
    with working(session, Words("exporting", "export")):
        made = export_tables(
            session.workspace,
            kinds,
            form=session.format,
            dialect=dialect or DIALECTS[0],
            lang=_headings(session),
            at=at,
            all_tables=all_tables,
        )
    if made.unreadable:
        session.console.note(_missing(made.unreadable))
    if session.output is None or session.output == "-":
        session.console.write(_only(session, made))
    elif session.output.endswith(f".{session.format}"):
        save(Path(session.output), _only(session, made))
    else:
        target = Path(session.output)
        write_files(made, target)
        session.console.show(_lines(session, made, target))
        if dialect == "excel-fr":
            session.console.note(ALTERED)
        others = others_in(made, target)
        if others:
            listed = ", ".join(others[:NAMED]) + (f" … ({len(others)})" if len(others) > NAMED else "")
            session.console.note(
                Words(
                    f"also there, not of this export: {listed}",
                    f"également là, mais d'ailleurs que de cet export : {listed}",
                )
            )
    return 0


def _headings(session: Session) -> Language:
    """The language of the headings, where somebody has said it. The locale does not count: the same commit gives the
    same bytes on every machine."""
    said = {"SMARTREG_LANG": os.environ.get("SMARTREG_LANG", "")}
    return cast(Language, language(session.words, said))


def _missing(files: Sequence[str]) -> Words:
    more = f" (+ {len(files) - 1})" if len(files) > 1 else ""
    return Words(
        f"left out, because it cannot be read: {files[0]}{more}; smartreg validate says why",
        f"laissé de côté, car illisible : {files[0]}{more} ; smartreg validate dit pourquoi",
    )


def _only(session: Session, made: Exported) -> bytes:
    """The one table that a stream or a single file can hold; the tables of its lists need a folder."""
    records = [item for item in made.files if item.main]
    if len(records) != 1:
        raise UsageFault(
            Words("several tables need a folder", "plusieurs tables demandent un dossier"),
            Words("add -o exports/, or name one kind", "ajoutez -o exports/, ou citez un seul type"),
        )
    if any(item.rows and not item.main for item in made.files):
        session.console.note(
            Words(
                "its lists are tables of their own: -o exports/ writes them too",
                "ses listes sont des tables à part : -o exports/ les écrit aussi",
            )
        )
    return records[0].content


def _lines(session: Session, made: Exported, target: Path) -> Iterator[Line]:
    told = [item for item in made.files if item.rows is not None or item.note]
    names = [(target / item.name).as_posix() for item in told]
    rows = [_rows(item.rows, session.lang == "fr") for item in told]
    width, wide = max(map(len, names), default=0), max(map(len, rows), default=0)
    for name, number, item in zip(names, rows, told, strict=True):
        text = f"{name:<{width}}  {number:>{wide}}" if number else f"{name:<{width}}"
        yield line(text, *([Span(f"  {item.note.in_(session.lang)}", "dim")] if item.note else []))


def _rows(rows: int | None, french: bool) -> str:
    return "" if rows is None else f"{count(rows)} {_unit(rows, french)}"


def _unit(rows: int, french: bool) -> str:
    if french:
        return "ligne " if rows < 2 else "lignes"
    return "row " if rows == 1 else "rows"


COMMAND = command(run, formats=FORMATS, own_output=True)

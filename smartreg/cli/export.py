"""`export [KIND…]`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Argument, At, Option, command
from smartreg.cli.progress import working
from smartreg.cli.save import save
from smartreg.cli.session import Session
from smartreg.commands.export import FORMATS, Exported, export_tables, write_files
from smartreg.errors import UsageFault
from smartreg.reporters.summing import count
from smartreg.styled import Line, Span, line
from smartreg.values import Words

DIALECTS = ("standard", "excel-fr")


Kinds: TypeAlias = Annotated[
    list[str], Argument("KIND", Words("all kinds by default", "tous par défaut"), required=False, completes="kind")
]
DialectName: TypeAlias = Annotated[
    str | None,
    Option(("--dialect",), Words("how values are written", "comment s'écrivent les valeurs"), "DIALECT", DIALECTS),
]


def run(session: Session, kinds: Kinds, dialect: DialectName, at: At) -> int:
    with working(session, Words("exporting", "export")):
        made = export_tables(
            session.workspace,
            kinds,
            form=session.format,
            dialect=dialect or DIALECTS[0],
            lang=session.lang,
            at=at,
        )
    if session.output is None or session.output == "-":
        session.console.write(_only(made))
    elif session.output.endswith(f".{session.format}"):
        save(Path(session.output), _only(made))
    else:
        target = Path(session.output)
        write_files(made, target)
        session.console.show(_lines(session, made, target))
        if session.format == "csv":
            session.console.note(
                Words(
                    "Excel alters DevEUI and INSEE codes in CSV files: open them by Data > From Text, columns as text",
                    "Excel altère les DevEUI et codes INSEE des fichiers CSV : passez par Données > À partir d'un "
                    "texte, colonnes en texte",
                )
            )
    return 0


def _only(made: Exported) -> bytes:
    """The one table that a stream or a single file can hold: the first; its child tables need a folder."""
    tables = [item for item in made.files if item.rows is not None]
    parents = [item for item in tables if not any(_child(item.name, other.name) for other in tables)]
    if len(parents) != 1:
        raise UsageFault(
            Words("several tables need a folder", "plusieurs tables demandent un dossier"),
            Words("add -o exports/, or name one kind", "ajoutez -o exports/, ou citez un seul type"),
        )
    return parents[0].content


def _child(name: str, other: str) -> bool:
    return name != other and name.startswith(f"{other.rpartition('.')[0]}_")


def _lines(session: Session, made: Exported, target: Path) -> list[Line]:
    french = session.lang == "fr"
    names = [(target / item.name).as_posix() for item in made.files]
    width = max(map(len, names), default=0)
    lines = []
    for name, item in zip(names, made.files, strict=True):
        unit = (
            ("ligne" if item.rows is not None and item.rows < 2 else "lignes")
            if french
            else "row"
            if item.rows == 1
            else "rows"
        )
        rows = f"{count(item.rows):>8} {unit}" if item.rows is not None else ""
        lines.append(line(f"{name:<{width}}  {rows}".rstrip(), Span(f"   {item.note.in_(session.lang)}", "dim")))
    if made.commit:
        lines.append(line(Span(f"commit {session.workspace.git.short(made.commit)}", "dim")))
    return lines


def _unit(rows: int, french: bool) -> str:
    if french:
        return "ligne" if rows < 2 else "lignes"
    return "row" if rows == 1 else "rows"


COMMAND = command(run, formats=FORMATS, own_output=True)

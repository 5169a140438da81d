"""`export [KIND…]`"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.options import At, Columns, Where, split_list, t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.commands.destination import refuse_others, refuse_others_in
from smartreg.commands.export import (
    WORKBOOK,
    Exported,
    ExportOptions,
    export_each,
    export_tables,
    others_in,
    partition_of,
    write_files,
)
from smartreg.commands.workbooks import record_sent, refuse_uncommitted
from smartreg.core.errors import UsageFault
from smartreg.core.messages import (
    SOURCE,
    Language,
    Message,
    Text,
    is_language,
    joined,
    plural,
    verbatim,
)
from smartreg.core.styled import Grid, Span, cells
from smartreg.core.values import RecordId, short_id
from smartreg.edit import WriteOptions
from smartreg.exporters import FORMATS, Format, csv, scdl
from smartreg.gitio import preflight
from smartreg.registry import WORKBOOKS
from smartreg.tables.view import AUDIENCES, Audience
from smartreg.wording.summing import count
from smartreg.workspace.output import Output, is_written_through, save

DEVICES = ("/", "dev")  # /dev/stdout is a file when somebody redirects it
PRJ = ".prj"
NAMED = 4  # most tables of other exports that are named
CONTACTS = 20  # most records that are named
_LIKE_A_FILE = re.compile(r"[^/]*[.][a-z][a-z0-9]{1,4}")
ALTERED = Message(
    "Excel alters DevEUI and INSEE codes in CSV files: -f xlsx keeps them; or open these by Data > From Text, as text"
)


Kinds: TypeAlias = Annotated[list[str], typer.Argument(metavar="KIND", help=t("kinds to export (default: all)"))]
ForAudience: TypeAlias = Annotated[
    Audience | None,
    typer.Option(
        "--audience",
        metavar="AUDIENCE",
        help=t("who may read it (default: internal, everything)"),
    ),
]
DialectName: TypeAlias = Annotated[
    Literal["standard", "excel-fr"] | None,
    typer.Option("--dialect", metavar="DIALECT", help=t("CSV dialect")),
]
AllTables: TypeAlias = Annotated[bool, typer.Option("--all-tables", help=t("also write lists without rows"))]
Crs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--crs",
        metavar="EPSG",
        help=t("also write coordinates in this system, such as EPSG:2154"),
    ),
]
Labels: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--labels",
        help=t("CSV and workbooks: labels in --lang instead of codes"),
    ),
]
All: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--all",
        help=t("parquet: write the registry as a partition registry=…/kind=… of a data set"),
    ),
]
Each: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--each",
        metavar="FIELD",
        help=t("a workbook to be filled in for each commune (or owner, …), into -o FOLDER/"),
    ),
]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help=t("overwrite existing files"))]


app = typer.Typer()


@app.command("export")
@with_session(formats=tuple(FORMATS), own_output=True, recovers="each")
def export_command(
    session: Session,
    kinds: Kinds,
    where: Where,
    columns: Columns,
    audience: ForAudience,
    dialect: DialectName,
    crs: Crs,
    labels: Labels,
    all_tables: AllTables,
    whole: All,
    each: Each,
    force: Force,
    at: At,
) -> int:
    names = split_list(columns)
    if each is not None:
        refuse_with_each({"--all": whole, "--all-tables": all_tables, "--dialect": dialect, "--at": at})
        lang = headings(session)
        request = ExportOptions(kinds, where, names, audience or AUDIENCES[1], crs=crs, labels=lang)
        return export_workbooks(session, request, each, lang, force=force)
    name = _format(session)
    form = FORMATS[name]
    target = session.output.path if session.output else None
    if target is None and form.binary and sys.stdout.isatty():
        raise UsageFault(
            Message("{name} is not for a terminal", name=name),
            Message("add -o registry{suffix}", suffix=form.suffix),
        )
    called = headings(session) if labels else None
    usual = AUDIENCES[0] if form.public else AUDIENCES[-1]
    request = ExportOptions(kinds, where, names, audience or usual, at, all_tables, whole, crs, called)
    single = session.output is not None and _is_file(session.output, form)
    if session.output is not None and single:
        session.output.refuse_folder()
        if not force:
            refuse_existing([session.output.path])
    with show_progress(session, Message("exporting")):
        made = export_tables(session.workspace, request, form=name, lang=headings(session), dialect=dialect)
    if whole and (target is None or single):
        raise UsageFault(
            Message("a data set needs a folder"),
            Message("add -o dataset/"),
        )
    if target is not None and not single and not force:
        refuse_partition(made, target)
        refuse_existing([target / item.name for item in made.files])
    if target is not None:
        if single:
            refuse_others_in(session.workspace, [target], at)
        else:
            refuse_others(session.workspace, made, target, at)
    if session.output is None:
        _print(session, _only(session, made), name, dialect)
    elif single:
        _save_file(session, made, session.output, force=force, crs=crs)
    else:
        write_folder(session, made, session.output, dialect)
    _report(session, made, request, chosen=audience is not None)
    return 0


def refuse_with_each(options: Mapping[str, object]) -> None:
    """UsageFault for an option that makes no sense for workbooks that come back."""
    for option, given in options.items():
        if given:
            raise UsageFault(Message("--each and {option} cannot be used together", option=option))


def export_workbooks(session: Session, request: ExportOptions, each: str, lang: Language, *, force: bool) -> int:
    """Write a workbook for each value, and commit the list of those that went out."""
    explicit = session.common.json or session.common.format
    if explicit and session.format != WORKBOOK:
        raise UsageFault(Message("--each writes workbooks (-f xlsx)"), Message("leave -f out"))
    if session.output is None or _is_file(session.output, FORMATS[WORKBOOK]):
        raise UsageFault(Message("workbooks need a folder"), Message("add -o workbooks/"))
    preflight(session.workspace.git, [WORKBOOKS])
    with show_progress(session, Message("exporting")):
        made = export_each(session.workspace, request, each, lang)
    refuse_uncommitted(made)
    target = session.output.path
    files = [file for part in made.parts for file in part.exported.files]
    if not force:
        refuse_existing([target / file.name for file in files])
    every = replace(made.parts[0].exported, files=tuple(files), left_out=())
    refuse_others(session.workspace, every, target)
    write_files(every, session.output)
    done = record_sent(session.workspace, made, WriteOptions(on=session.today))
    rows = [
        cells(part.name, (target / file.name).as_posix(), _rows(part.rows, session.lang))
        for part in made.parts
        for file in part.exported.files
    ]
    session.console.show([Grid(rows, right=(2,))])
    console = session.console
    if made.without:
        console.note(Message("records without a {field}, in no workbook: {count}", field=each, count=made.without))
    _report(session, every, request, chosen=True)
    commit = short_id(done.commit or "")
    console.note(
        Message("listed in {list} (commit {commit}); smartreg status --returns", list=WORKBOOKS, commit=commit)
    )
    return 0


def _format(session: Session) -> str:
    """The requested format, else the one of the file's ending, else the default."""
    explicit = session.common.json or session.common.format
    ending = session.output.path.suffix if session.output else ""
    matching = [name for name, form in FORMATS.items() if form.suffix == ending]
    if not explicit and not matching and session.output and _names_a_file(session.output):
        raise UsageFault(
            Message("no format writes files that end with {ending}", ending=ending),
            Message("name the format with -f, or a folder with / at its end"),
        )
    if explicit or not matching:
        return session.format
    own = [name for name in matching if f".{name}" == ending]
    if not own and len(matching) > 1:
        formats, choice = joined(matching, Message(" or ")), " | ".join(matching)
        raise UsageFault(
            Message("{ending} may be {formats}", ending=ending, formats=formats),
            Message("add -f {choice}", choice=choice),
        )
    return (own or matching)[0]


def _names_a_file(output: Output) -> bool:
    like_a_file = not output.as_folder and _LIKE_A_FILE.fullmatch(output.path.name) is not None
    return like_a_file and not output.path.exists()


def _is_file(output: Output, form: Format) -> bool:
    """Whether a destination is one file: it ends as the format does, or is there and no folder (a pipe, a device); a
    format that writes one file takes any name with an ending."""
    target = output.path
    if target.is_dir() or output.as_folder:
        return False
    ending = target.suffix
    return ending in (form.suffix, *form.also) or target.exists() or (form.single and ending != "")


def refuse_existing(paths: Sequence[Path]) -> None:
    """UsageFault if a file would be replaced without --force."""
    there = [path for path in paths if path.is_file() and path.parts[:2] != DEVICES]
    if there:
        more = f" (+ {len(there) - 1})" if len(there) > 1 else ""
        raise UsageFault(
            Message("{there} already exists{more}", there=there[0], more=more),
            Message("--force replaces it; nothing was written"),
        )


def refuse_partition(made: Exported, target: Path) -> None:
    """UsageFault if a partition would be replaced without --force."""
    top = partition_of(item.name for item in made.files)
    if top is not None and (target / top).exists():
        raise UsageFault(
            Message("{target} already exists", target=target / top),
            Message("--force replaces all of it; nothing was written"),
        )


def _report(session: Session, made: Exported, request: ExportOptions, chosen: bool) -> None:
    """Report for whom it is, and what it leaves out."""
    if made.unreadable:
        session.console.note(describe_unreadable(made.unreadable))
    if made.outside:
        session.console.note(
            Message(
                "{crs} is not meant for {outside} of the points: they have no x and y",
                crs=request.crs,
                outside=made.outside,
            )
        )
    for words in (words for item in made.files for words in item.without):
        session.console.note(words)
    if made.contacts:
        session.console.note(without_contacts(made.contacts))
    if request.audience != AUDIENCES[-1]:
        session.console.note(_describe_withheld(made, request.audience))
    elif not chosen:
        session.console.note(Message("complete, for internal use; for others: --audience public or partners"))


def without_contacts(lost: Mapping[RecordId, int]) -> Text:
    """Report how many contacts of people are withheld, and of which records."""
    number = sum(lost.values())
    listed = ", ".join(map(str, [*lost][:CONTACTS])) + (f" … ({len(lost)})" if len(lost) > CONTACTS else "")
    return Message(
        "contacts of people withheld ({number}): {listed}; smartreg validate --select REC121 shows them",
        number=number,
        listed=listed,
    )


def _describe_withheld(made: Exported, audience: str) -> Text:
    """Name what the audience does not get."""
    parts = [verbatim(", ".join(made.hidden))] if made.hidden else []
    if made.withheld:
        parts.append(plural("{n} record of the registry", "{n} records of the registry", n=made.withheld))
    if not parts:
        return Message("for {audience}: nothing is left out", audience=audience)
    return Message("for {audience}, without {withheld}", audience=audience, withheld=joined(parts, " · "))


def write_folder(session: Session, made: Exported, output: Output, dialect: str | None) -> None:
    """Write the files, and list each with its rows or what it is."""
    target = output.path
    write_files(made, output)
    shown = [item for item in made.files if item.rows is not None or item.note]
    names = [(target / item.name).as_posix() for item in shown]
    rows = [_rows(item.rows, session.lang) for item in shown]
    notes = [Span(item.note.in_(session.lang) if item.note else "", "dim") for item in shown]
    session.console.show([Grid(list(map(cells, names, rows, notes)), right=(1,))])
    if dialect == "excel-fr":
        session.console.note(ALTERED)
    others = others_in(made, target)
    if others:
        listed = ", ".join(others[:NAMED]) + (f" … ({len(others)})" if len(others) > NAMED else "")
        session.console.note(Message("left in the folder, not from this export: {listed}", listed=listed))


def headings(session: Session) -> Language:
    """The language of the headings, if the user chose one. The locale does not count: the same commit gives the
    same bytes on every machine."""
    return headings_said(session) or SOURCE


def headings_said(session: Session) -> Language | None:
    """The language chosen by an option or by SMARTREG_LANG."""
    words = (session.common.lang, os.environ.get("SMARTREG_LANG"))
    return next((word for word in words if word and is_language(word)), None)


def describe_unreadable(files: Sequence[str]) -> Text:
    more = f" (+ {len(files) - 1})" if len(files) > 1 else ""
    return Message(
        "left out, because it cannot be read: {file}{more}; smartreg validate says why", file=files[0], more=more
    )


def _only(session: Session, made: Exported) -> bytes:
    """The one table that a stream or a single file can hold; the tables of its lists need a folder."""
    records = [item for item in made.files if item.main]
    if len(records) != 1:
        raise UsageFault(
            Message("several tables need a folder"),
            Message("add -o exports/, or name one kind"),
        )
    if any(item.rows and not item.main for item in made.files):
        session.console.note(Message("its lists are tables of their own: -o exports/ writes them too"))
    return records[0].content


def _save_file(session: Session, made: Exported, target: Output, *, force: bool, crs: str | None) -> None:
    """Write the one table, and beside it the system that was asked for."""
    content = _only(session, made)
    stems = {Path(item.name).stem for item in made.files if item.main}
    system = next((item for item in made.files if item.name in {f"{name}{PRJ}" for name in stems}), None)
    is_file = not is_written_through(target.path) and target.path.parts[:2] != DEVICES
    if crs is not None and system is not None and is_file:
        prj = target.with_suffix(PRJ)
        if not force:
            refuse_existing([prj.path])
        save(prj, system.content)
    save(target, content)


def _print(session: Session, content: bytes, name: str, dialect: str | None) -> None:
    if name == csv.FORMAT.name:
        session.console.write(
            content, place=cell_at(lambda _row, id: id, csv.DIALECTS[dialect or "standard"].delimiter)
        )
    elif name == scdl.FORMAT.name:
        session.console.write(content, place=cell_at())
    else:
        session.console.write(content, may_act=FORMATS[name].binary)


def _rows(rows: int | None, lang: Language) -> str:
    if rows is None:
        return ""
    unit = plural("row ", "rows", n=rows)
    return f"{count(rows)} {unit.in_(lang)}"

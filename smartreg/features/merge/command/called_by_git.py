"""The commands that Git runs: `merge-driver`, `textconv`; and how others start this program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.options import t
from smartreg.cli.session import Session, with_session
from smartreg.core.messages import Message
from smartreg.core.styled import line, plain
from smartreg.edit.merge import Versions
from smartreg.features.merge.merge_driver import Driven, canonical, merge_driver, merge_lines
from smartreg.gitio.merge_file import LineMerger
from smartreg.schema import bundled_files, read_schemas
from smartreg.yamlio import MARKER

MERGED, CONFLICT, FAILED = 0, 1, 129
"""Exit code for Git. Above 128 it stops the merge and leaves the working tree as it was."""

Base: TypeAlias = Annotated[str, typer.Argument(metavar="BASE", help=t("%O: the common ancestor"))]
Ours: TypeAlias = Annotated[str, typer.Argument(metavar="OURS", help=t("%A: our version; the result"))]
Theirs: TypeAlias = Annotated[str, typer.Argument(metavar="THEIRS", help=t("%B: their version"))]
RecordPath: TypeAlias = Annotated[str, typer.Argument(metavar="PATH", help=t("%P: the record"))]
Size: TypeAlias = Annotated[str | None, typer.Argument(metavar="SIZE", help=t("%L: size of a conflict marker"))]
LabelBase: TypeAlias = Annotated[str | None, typer.Argument(metavar="BASE-NAME", help=t("%S"))]
LabelOurs: TypeAlias = Annotated[str | None, typer.Argument(metavar="OUR-NAME", help=t("%X"))]
LabelTheirs: TypeAlias = Annotated[str | None, typer.Argument(metavar="THEIR-NAME", help=t("%Y"))]


app = typer.Typer()


@app.command("merge-driver")
@with_session()
def merge_driver_command(
    session: Session,
    base: Base,
    ours: Ours,
    theirs: Theirs,
    path: RecordPath,
    size: Size,
    label_base: LabelBase,
    label_ours: LabelOurs,
    label_theirs: LabelTheirs,
) -> int:
    top = Path()  # Git calls its drivers at the top of the working tree, whatever -C says
    files = Versions(*(top / name for name in (base, ours, theirs)))
    labels = (_label(label_ours, "ours"), _label(label_base, "base"), _label(label_theirs, "theirs"))
    merger = LineMerger(top, labels, int(size) if size and size.isdigit() else MARKER)
    try:
        driven = merge_driver(top, files, path, merger)
    except Exception:  # for a code up to 128, Git would take our version as the merge
        return _last_resort(files, merger)
    if driven.merge.clean:
        return MERGED
    _report(session, driven, path)
    return CONFLICT


def _label(label: str | None, usual: str) -> str:
    """A label from Git; versions before 2.44 leave `%X` as it is."""
    return usual if not label or label.startswith("%") else label


def _last_resort(files: Versions[Path], merger: LineMerger) -> int:
    try:
        return MERGED if merge_lines(files, merger) else CONFLICT
    except Exception:
        return FAILED


def _report(session: Session, driven: Driven, path: str) -> None:
    fields, record, console = driven.merge.fields, driven.record, session.console
    if driven.apart:
        listed = ", ".join(driven.apart)
        console.note(
            Message(
                "{path}: two records under one id, {record}: {listed} differ", path=path, record=record, listed=listed
            )
        )
        console.hint(
            Message("  keep both: smartreg rename {record} NEW-ID, or smartreg resolve {record}", record=record)
        )
    elif driven.merge.twice:
        console.note(Message("{path}: both branches added {record}, with different contents", path=path, record=record))
        console.hint(Message("  two of them? smartreg rename {record} NEW-ID", record=record))
        console.hint(Message("  the same? smartreg resolve {record} --ours", record=record))
    elif fields:
        listed = ", ".join(fields)
        console.note(Message("{path}: both branches changed {listed}", path=path, listed=listed))
        console.hint(
            Message(
                "  smartreg resolve {record} {field} --ours, --theirs or --value VALUE", record=record, field=fields[0]
            )
        )


File: TypeAlias = Annotated[str, typer.Argument(metavar="FILE", help=t("a record"))]


@app.command("textconv")
@with_session()
def textconv_command(session: Session, file: File) -> int:
    text = canonical(Path(file), read_schemas(bundled_files())).decode("utf-8", "surrogateescape")
    rows = text.removesuffix("\n").split("\n") if text else []
    session.console.write(plain(line(row.removesuffix("\r")) for row in rows))
    return 0

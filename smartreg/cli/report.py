"""`report`"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.export import (
    ForAudience,
    Force,
    describe_unreadable,
    headings,
    headings_said,
    refuse_existing,
    without_contacts,
    write_folder,
)
from smartreg.cli.options import At, t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.commands.choice import INTERNAL
from smartreg.commands.destination import refuse_others, refuse_others_in
from smartreg.commands.page import ChangesShown, page, tiles
from smartreg.commands.report import BilanOptions, bilan, render_files, with_stale
from smartreg.core.errors import UsageFault
from smartreg.core.files import read_regular
from smartreg.core.messages import Message
from smartreg.core.typed import day
from smartreg.core.webpage import ours
from smartreg.reports import FORMATS, Form
from smartreg.workspace.documents import content_of
from smartreg.workspace.output import save

From: TypeAlias = Annotated[
    str | None,
    typer.Option("--from", metavar="YYYY-MM-DD", help=t("first day of the period")),
]
Until: TypeAlias = Annotated[
    str | None,
    typer.Option("--until", metavar="YYYY-MM-DD", help=t("last day of the period")),
]
Conclusion: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--conclusion",
        metavar="FILE",
        help=t("your conclusion, a Markdown file"),
    ),
]
Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV|DATE",
        help=t("html: show changes since then (default: 90 days)"),
    ),
]
TileServer: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--tiles",
        metavar="URL",
        help=t("html: tile server for the background map"),
    ),
]
TileCredit: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--tiles-credit",
        metavar="TEXT",
        help=t("html: attribution of the background map"),
    ),
]

Deliveries: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--deliveries",
        metavar="FILE",
        help=t("messages received: a CSV equipment_id,expected,received"),
    ),
]


app = typer.Typer()


@app.command("report")
@with_session(formats=tuple(FORMATS), own_output=True)
def report_command(
    session: Session,
    start: From,
    until: Until,
    audience: ForAudience,
    conclusion: Conclusion,
    delivered: Deliveries,
    since: Since,
    tiles_url: TileServer,
    tiles_credit: TileCredit,
    force: Force,
    at: At,
) -> int:
    name = chosen_format(session, FORMATS)
    target = session.output.path if session.output else None
    if target is None and FORMATS[name].folder:
        raise UsageFault(
            Message("{name} is several files and needs a folder", name=name),
            Message("add -o bilan/"),
        )
    if session.output is not None and target is not None and not FORMATS[name].folder:
        session.output.refuse_folder()
        if not force and not (FORMATS[name].page and is_page(target)):
            refuse_existing([target])
    request = BilanOptions(
        at,
        day("--from", start) if start else None,
        day("--until", until) if until else None,
        audience or INTERNAL,
        text_of("--conclusion", conclusion) if conclusion else None,
        text_of("--deliveries", delivered) if delivered else None,
    )
    shown = _page_content(name, since, tiles_url, tiles_credit)
    with show_progress(session, Message("computing the report")):
        report = bilan(session.workspace, request, today=session.today)
        if shown is None:
            made = render_files(report, name, headings(session))
        else:
            made = page(session.workspace, report, replace(shown, at=at, lang=headings_said(session)))
    if lost := report.origin.get("unreadable"):
        session.console.note(describe_unreadable(lost))
    if report.material.view.contacts:
        session.console.note(without_contacts(report.material.view.contacts))
    if session.output is None or target is None:
        session.console.write(made.files[0].content)
    elif FORMATS[name].folder:
        if not force:
            refuse_existing([target / item.name for item in made.files])
        refuse_others(session.workspace, made, target, at)
        write_folder(session, with_stale(made, target), session.output, None)
    else:
        refuse_others_in(session.workspace, [target], at)
        save(session.output, made.files[0].content)
    return 0


def _page_content(name: str, since: str | None, tiles_url: str | None, credit: str | None) -> ChangesShown | None:
    """The parts that the page shows; None for a format that is no page. UsageFault for an option that only the page
    has."""
    options = {"--since": since, "--tiles": tiles_url, "--tiles-credit": credit}
    given = [option for option, value in options.items() if value is not None]
    if not FORMATS[name].page and given:
        raise UsageFault(
            Message("{given} is for html, not for {name}", given=given[0], name=name),
            Message("add -f html; the period of the bilan begins with --from DAY")
            if since is not None
            else Message("add -f html, or leave it out"),
        )
    if credit is not None and tiles_url is None:
        raise UsageFault(
            Message("--tiles-credit without --tiles"),
            Message("add --tiles URL, or leave it out"),
        )
    ground = tiles(tiles_url, credit) if tiles_url is not None else None
    return ChangesShown(since=since, tiles=ground) if FORMATS[name].page else None


def is_page(target: Path) -> bool:
    """Whether a file is an earlier page of ours, which is replaced without --force."""
    try:
        return ours(read_regular(target, 4096, follow=True))
    except OSError:
        return False


def chosen_format(session: Session, forms: Mapping[str, Form]) -> str:
    """The requested format, else the one of the file's ending, else the default."""
    explicit = session.common.json or session.common.format
    ending = session.output.path.suffix if session.output else ""
    matching = [name for name, form in forms.items() if form.suffix == ending and not form.folder]
    if ending and not matching and not explicit:
        raise UsageFault(
            Message("no format writes one file that ends with {ending}", ending=ending),
            Message("name it .md or .html, or the format with -f"),
        )
    return matching[0] if matching and not explicit else session.format


LONGEST = 1 << 26  # bytes of a text that an option names


def text_of(option: str, path: str) -> str:
    """The text of a file that an option names; UsageFault when it cannot be read or is no text."""
    content = sys.stdin.buffer.read(LONGEST + 1) if path == "-" else content_of(Path(path), LONGEST)
    try:
        if len(content) <= LONGEST:
            return content.decode("utf-8-sig")
        why = "64 MiB"
    except UnicodeDecodeError:
        why = "UTF-8"
    raise UsageFault(
        Message("{option}: {path} cannot be read ({why})", option=option, path=path, why=why),
        Message("name a text file in UTF-8"),
    )

"""`init [DIR]`"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.asking.choices import Choice, Choices
from smartreg.asking.question import Back
from smartreg.cli.ask import Prompt, choose, confirm, text
from smartreg.cli.options import offer, split_list, t
from smartreg.cli.session import Session, change_to, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write
from smartreg.commands.pipelines import services_named, source_for_pipelines
from smartreg.core.clock import today_here
from smartreg.core.errors import Cancelled, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.installation import invocation
from smartreg.core.messages import Message
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.edit import WriteOptions
from smartreg.features.setup.boundaries import OutlinesSource as OutlinesFile
from smartreg.features.setup.command.boundaries import note_outlines
from smartreg.features.setup.command.doctor import may_register
from smartreg.features.setup.doctor import register
from smartreg.features.setup.init import Created, group_named, groups_like, init, may_become_one
from smartreg.gitio import open_repo, refuse_our_trailers
from smartreg.schema.countries import FRANCE, Country, country_named
from smartreg.workspace.output import output

Folder: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="DIR", help=t("folder (default: the current one)")),
]
EpciSiren: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--epci",
        metavar="SIREN",
        help=t("create the parties of this grouping of communes, by SIREN or name"),
    ),
]
CountryCode: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--country",
        metavar="CODE",
        help=t("country whose codes, time zone and law apply (ISO 3166-1, default: FR)"),
        autocompletion=offer("words", "FR", "DE", "IT"),
    ),
]
Municipalities: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--municipalities",
        "--communes",
        metavar="FILE",
        help=t("CSV list of the municipalities to create as parties, in other countries than France"),
    ),
]
Name: TypeAlias = Annotated[str | None, typer.Option("--name", metavar="TEXT", help=t("name of the registry"))]
Pipelines: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ci",
        metavar="LIST",
        help=t("pipelines to write, comma-separated", choices=("github", "gitlab", "none")),
        autocompletion=offer("words", "github", "gitlab", "none"),
    ),
]
Source: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help=t("pip requirement from which pipelines install smartreg (default: as this one was installed)"),
    ),
]


Outlines: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--boundaries",
        metavar="FILE",
        help=t("official file with the outlines of its communes (GeoPackage, shapefile, GeoJSON)"),
    ),
]
OutlinesOwner: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--boundaries-source",
        metavar="TEXT",
        help=t("publisher and year of the outlines"),
    ),
]
OutlinesLicence: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--boundaries-licence",
        metavar="TEXT",
        help=t("licence of the outlines, such as etalab-2.0"),
    ),
]


MOST_SHOWN = 8  # columns of a list


app = typer.Typer()


@app.command("init")
@with_session(formats=FORMATS, recovers=True)
def init_command(
    session: Session,
    writing: Writing,
    folder: Folder,
    country: CountryCode,
    epci: EpciSiren,
    municipalities: Municipalities,
    name: Name,
    ci: Pipelines,
    source: Source,
    outlines: Outlines,
    outlines_owner: OutlinesOwner,
    outlines_licence: OutlinesLicence,
) -> int:
    refuse_our_trailers("-m", writing.message)
    options = WriteOptions(
        on=today_here(),
        dry_run=writing.dry_run,
        commit=not writing.no_commit,
        message=writing.message,
    )
    pipelines = split_list(ci)
    directory = output(str(session.directory / (folder or "")), session.directory).path
    if services_named(pipelines):  # refused before anything is asked
        source = source_for_pipelines(source)
    asks = session.interactive and not (writing.yes or writing.dry_run)
    place = country_named(country.upper() if country and len(country) == 2 else country or FRANCE)
    listed = session.directory / municipalities if municipalities is not None else None
    if asks and place.french and epci is None and listed is None and may_become_one(directory):
        epci = _epci(session)
    if asks and _is_used(directory):
        dry = replace(options, dry_run=True)
        planned = init(
            directory,
            epci_siren=epci,
            name=name,
            ci=pipelines,
            options=dry,
            source=source,
            lang=session.lang,
            country=country and place.code,
            municipalities=listed,
        )
        _ask(session, directory, planned)
    # Git's configuration of the clone is the user's own: it is changed with his word only.
    registers = not writing.dry_run and may_register(session, writing)
    created = init(
        directory,
        epci_siren=epci,
        name=name,
        ci=pipelines,
        options=options,
        source=source,
        boundaries=_outlines(session, outlines, outlines_owner, outlines_licence),
        lang=session.lang,
        country=country and place.code,
        municipalities=listed,
    )
    if registers:
        register(open_repo(created.root), invocation())
    elif not writing.dry_run:
        session.console.hint(Message("smartreg doctor --fix lets this clone merge records field by field"))
    with after_write(session, not writing.dry_run):
        if session.format == "json":
            session.console.write(_json(created, writing.dry_run))
        else:
            session.console.show(_lines(session, created, writing.dry_run))
    if created.outlines is not None:
        note_outlines(session.console, created.outlines)
    if created.new and not place.french:
        _note_list(session, created, place)
    return 0


def _note_list(session: Session, created: Created, country: Country) -> None:
    """What the list of municipalities did not give, or where there is one."""
    listed = created.listed
    if listed is None:
        session.console.hint(
            Message(
                "no municipality is in the registry yet: smartreg add-party adds one; to begin with a list, run init "
                "again in another folder, with --municipalities FILE.csv ({publisher})",
                publisher=country.publisher,
            )
        )
        return
    if listed.unused:
        shown, more = ", ".join(listed.unused[:MOST_SHOWN]), len(listed.unused) - MOST_SHOWN
        columns = Message("{shown} and {more} more", shown=shown, more=more) if more > 0 else shown
        session.console.note(Message("columns of the list that were not used: {columns}", columns=columns))
    if created.metropole is None:
        session.console.note(
            Message(
                'no municipality of the list, or several, are called as the registry: write lead_party = "{example}", '
                "the one that keeps it, into smartreg.toml",
                example=str(listed.records[0]["id"]),
            )
        )


def _outlines(session: Session, file: str | None, owner: str | None, licence: str | None) -> OutlinesFile | None:
    """The file of outlines with its options. UsageFault for options without the file."""
    if file is not None:
        return OutlinesFile(session.directory / file, source=owner, licence=licence)
    if owner is not None or licence is not None:
        option = "--boundaries-licence" if owner is None else "--boundaries-source"
        raise UsageFault(
            Message("{option} requires --boundaries", option=option),
            Message("name the file: --boundaries FILE"),
        )
    return None


def _epci(session: Session) -> str | None:
    """The SIREN of the grouping of communes whose parties the registry begins with; None for Enter alone."""
    question = Message("Grouping of communes (EPCI) whose parties to create, by name or SIREN (Enter: none)")
    explanation = Message(
        "The registry begins with the communes of this grouping as parties. Example: nantes metropole, or 244400404"
    )
    prompt = Prompt(question.in_(session.lang), explanation.in_(session.lang))
    while True:
        answer = text(session.console, prompt, None, _refuse_unknown)
        if answer is None:
            return None
        try:
            return group_named(answer).siren
        except UsageFault:
            choices = Choices([Choice(item.siren, item.name) for item in groups_like(answer)])
        try:
            which = Prompt(Message("Which one").in_(session.lang), prompt.explanation, back=True)
            return choose(session.console, which, choices)
        except Back:
            continue


def _refuse_unknown(answer: str) -> None:
    """UsageFault for an answer that resembles no grouping."""
    if not groups_like(answer):
        group_named(answer)


def _is_used(directory: Path) -> bool:
    """Whether something is in the folder already, besides Git's own."""
    return directory.is_dir() and any(path.name != ".git" for path in directory.iterdir())


def _ask(session: Session, directory: Path, planned: Created) -> None:
    """Show what would be added to the folder; Cancelled unless the user agrees. An empty folder, and a
    run without a terminal, are not asked about: nothing is ever overwritten."""
    tops = Counter(f"{top}/" if below else top for top, _, below in (file.partition("/") for file in planned.files))
    contents = ", ".join(f"{top} ({number})" if top.endswith("/") else top for top, number in sorted(tops.items()))
    where = directory.resolve()
    session.console.ask(
        [
            line(Message("{where} is not empty. This would be added:", where=where).in_(session.lang)),
            line(f"  {contents}"),
        ]
    )
    if not confirm(session.console, Message("Write this?")):
        raise Cancelled(Message("cancelled; nothing was changed"))


def _lines(session: Session, created: Created, dry_run: bool) -> list[Line]:
    if dry_run:
        session.console.note(Message("dry run: nothing was written"))
        return [line(path) for path in created.files]
    mark = (
        f"  (commit {short_id(created.commit)})" if created.commit else Message("  (not committed)").in_(session.lang)
    )
    if not created.new:
        files = ", ".join(created.files)
        return [line(Message("Wrote {files}", files=files).in_(session.lang), Span(mark, "dim"))]
    first = Message("Created a registry in {root}", root=created.root)
    lines = [line(first.in_(session.lang), Span(mark, "dim"))]
    if created.parties:
        head = f" ({created.metropole})" if created.metropole else ""
        lines.append(line(Message("{parties} parties{head}", parties=created.parties, head=head).in_(session.lang)))
    status = f"{change_to(created.root)}smartreg status"
    session.console.hint(Message("Next: {status}", status=status))
    return lines


def _json(created: Created, dry_run: bool) -> str:
    content = {
        "version": 1,
        "op": "init",
        "written": not dry_run,
        "commit": created.commit,
        "parties": created.parties,
        "metropole": created.metropole,
        "files": list(created.files),
    }
    return json_text(content)

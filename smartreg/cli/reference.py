"""Show rules, schemas and scripts: `explain`, `schema`; `completion`, by which a shell asks `complete` at Tab."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from smartreg.cli.autofix import report, with_question
from smartreg.cli.options import KindWord, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.shell import SCRIPTS
from smartreg.cli.writing import Writing, after_write, attempt, json_of
from smartreg.commands.reference import all_pages, explain, page_of, pages_json, refresh, schema, schemas_of
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.installation import invocation
from smartreg.core.messages import SOURCE, Message
from smartreg.core.styled import Span, line, plain
from smartreg.rules import all_rules
from smartreg.trees import root_above
from smartreg.wording.full import blocks
from smartreg.workspace.locating import locator
from smartreg.workspace.workspace import Workspace

Code: TypeAlias = Annotated[str | None, typer.Argument(metavar="CODE", help=t("rule code, such as REF201"))]
Every: TypeAlias = Annotated[
    bool,
    typer.Option("--all", help=t("print the page of all rules, as Markdown")),
]

Shell: TypeAlias = Annotated[Literal["bash", "zsh", "fish"], typer.Argument(metavar="SHELL", help=t("your shell"))]

app = typer.Typer()


@app.command("completion")
@with_session()
def completion_command(session: Session, shell: Shell) -> int:
    session.console.write(SCRIPTS[shell].replace("@smartreg@", invocation()))
    return 0


@app.command("explain")
@with_session(formats=("text", "markdown", "json"))
def explain_command(session: Session, code: Code, every: Every) -> int:
    if every:
        rules = all_rules(*_plugins(session)).values()
        if session.format == "json":
            session.console.write(pages_json(rules, session.lang))
        else:
            session.console.write(_inert(all_pages(rules, session.lang)))
        return 0
    if code is None:
        raise UsageFault(
            Message("CODE is missing"),
            Message("smartreg explain --all shows every rule"),
        )
    rule = explain(code, lambda: _plugins(session))
    if session.format == "json":
        session.console.write(pages_json([rule], session.lang))
        return 0
    if session.format == "markdown":
        session.console.write(_inert(page_of(rule, session.lang)))
        return 0
    session.console.show(
        line(Span(text, "bold") if text.startswith("#") else text) for text in page_of(rule, session.lang).splitlines()
    )
    return 0


def _inert(page: str) -> str:
    """The lines of a page: that of a plug-in's rule is somebody else's text."""
    return plain(map(line, page.splitlines()))


def _plugins(session: Session) -> tuple[str, ...]:
    """The plug-ins of the registry, if there is one: pages can be read anywhere."""
    return session.workspace.config.plugins if root_above(session.directory) is not None else ()


Refresh: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--refresh",
        help=t("update the registry's schemas to this release"),
    ),
]


@app.command("schema")
@with_session(formats=("text", "json"), recovers="update")
def schema_command(session: Session, writing: Writing, kind: KindWord, update: Refresh) -> int:
    if update:
        return _refresh(session, writing)
    if kind is not None:
        session.console.write(json_text(schema(_workspace(session), kind).schema))
        return 0
    kinds = schemas_of(_workspace(session)).kinds.values()
    if session.format == "json":
        rows = [
            {"kind": item.name, "noun": item.noun, "folder": item.folder, "title": item.title.in_(SOURCE)}
            for item in kinds
        ]
        session.console.write(json_text({"version": 1, "kinds": rows}))
        return 0
    headings = (*(text.in_(session.lang) for text in (Message("kind"), Message("folder"), Message("commands"))), "")
    session.console.table(
        headings,
        [
            (
                item.name,
                item.folder,
                ", ".join(f"add-{noun}" for noun in (item.noun, *item.presets)),
                item.title.in_(session.lang),
            )
            for item in kinds
        ],
    )
    return 0


def _refresh(session: Session, writing: Writing) -> int:
    """Replace the registry's schemas by those of this release; show the differences first."""
    options = with_question(session, writing.options(session, session.today), ())
    with attempt(session):
        outcome = refresh(session.workspace, options)
    with after_write(session, outcome.written):
        if session.format == "json" and (outcome.written or not outcome.edit.writes):
            session.console.write(json_of(outcome))
        else:
            after = session.workspace.current.with_writes(outcome.edit.writes)
            refused = () if outcome.written else tuple(blocks(outcome.introduced, locator(after), session.lang))
            report(session, outcome, session.format, (), refused)
    return 0


def _workspace(session: Session) -> Workspace | None:
    """The registry, or None outside of one: then the schemas of this release are meant."""
    try:
        return session.workspace
    except StateFault:
        return None

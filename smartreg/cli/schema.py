"""`schema [KIND]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.findings import finding_lines
from smartreg.cli.fixing import asking, report
from smartreg.cli.parameters import KindWord, Option, command
from smartreg.cli.session import Session
from smartreg.cli.writing import Writing, after_write, attempted, json_of
from smartreg.commands.schema import refresh, schema, schemas_of
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import StateFault
from smartreg.core.escape import json_text
from smartreg.core.values import Words

Refresh: TypeAlias = Annotated[
    bool,
    Option(
        ("--refresh",),
        Words("bring the registry's schemas to this release", "mettre les schémas du registre à cette version"),
    ),
]


def run(session: Session, writing: Writing, kind: KindWord, update: Refresh) -> int:
    if update:
        return _refreshed(session, writing)
    if kind is not None:
        found = schema(_workspace(session), kind)
        session.console.write(json_text(found.schema))
        return 0
    kinds = schemas_of(_workspace(session)).kinds.values()
    if session.format == "json":
        rows = [{"kind": item.name, "noun": item.noun, "folder": item.folder, "title": item.title.en} for item in kinds]
        session.console.write(json_text({"version": 1, "kinds": rows}))
        return 0
    headings = ("type", "dossier", "commandes", "") if session.lang == "fr" else ("kind", "folder", "commands", "")
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


def _refreshed(session: Session, writing: Writing) -> int:
    """The schemas of this release in place of those of the registry; before that, what differs, line by line."""
    options = asking(session, writing.options(session, session.today), ())
    outcome = attempted(session, lambda: refresh(session.workspace, options))
    with after_write(session, outcome.written):
        if session.format == "json" and (outcome.written or not outcome.edit.writes):
            session.console.write(json_of(outcome))
        else:
            after = session.workspace.current.edited(outcome.edit.writes)
            found = () if outcome.written else tuple(finding_lines(session, outcome.introduced, after))
            report(session, outcome, session.format, (), found)
    return 0


def _workspace(session: Session) -> Workspace | None:
    """The registry, or None outside of one: then the schemas of this release are meant."""
    try:
        return session.workspace
    except StateFault:
        return None


COMMAND = command(run, writes=True, formats=("text", "json"))

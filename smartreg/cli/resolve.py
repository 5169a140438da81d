"""`resolve RECORD [FIELD] --ours|--theirs|--value V`"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.options import RecordWord, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, json_of, tell
from smartreg.commands.locating import locator
from smartreg.commands.resolve import (
    Conflict,
    Halved,
    Resolved,
    conflict_of,
    decide,
    fields_named,
    find_halved,
    resolve,
    resolve_to,
)
from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json, Words
from smartreg.diff import ABSENT, FieldChange, place_text
from smartreg.edit.merge import Choice
from smartreg.registry import SIDES
from smartreg.reporters.full import blocks

LEFT = 1
MOST_ERRORS = 3
SHOWN = 60  # characters of a value

Field: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="FIELD", help=t("all that conflict by default", "tous ceux en conflit par défaut")),
]
Ours: TypeAlias = Annotated[
    bool, typer.Option("--ours", help=t("as on the branch that is merged into", "comme sur la branche courante"))
]
Theirs: TypeAlias = Annotated[
    bool, typer.Option("--theirs", help=t("as on the branch that is merged", "comme sur la branche fusionnée"))
]
Value: TypeAlias = Annotated[
    str | None, typer.Option("--value", metavar="VALUE", help=t("another value", "une autre valeur"))
]


app = typer.Typer()


@app.command("resolve")
@with_session(formats=FORMATS)
def resolve_command(
    session: Session, writing: Writing, record: RecordWord, field: Field, ours: Ours, theirs: Theirs, value: Value
) -> int:
    if ours + theirs + (value is not None) > 1:
        raise UsageFault(
            Words("--ours, --theirs and --value exclude each other", "--ours, --theirs et --value s'excluent"),
            Words("give one of them", "donnez-en un seul"),
        )
    if value is not None and field is None:
        raise UsageFault(
            Words("--value needs a field", "--value demande un champ"),
            Words(f"smartreg resolve {record} FIELD --value …", f"smartreg resolve {record} CHAMP --value …"),
        )
    workspace = session.workspace
    choice: Choice | None = "ours" if ours else "theirs" if theirs else None
    halved = find_halved(workspace, session.from_root(record))
    if halved is not None:
        if field is not None:
            raise UsageFault(
                Words(
                    f"{halved.rid} was deleted on one branch: it is kept or deleted as a whole",
                    f"{halved.rid} a été supprimé sur une branche : il est gardé ou supprimé en entier",
                ),
                _whole_or_not(halved),
            )
        return _decided(session, writing, halved, choice)
    conflict = conflict_of(workspace, session.from_root(record))
    fields = fields_named(conflict, field) if field is not None else []
    if choice is None and value is None and not conflict.settling.agrees:
        return _shown(session, conflict, fields or conflict.settling.fields)
    options = writing.options(session, session.today)
    if value is not None and field is not None:
        done = resolve_to(workspace, conflict, field, value, options)
    else:
        done = resolve(workspace, conflict, fields, choice or "ours", options)
    with after_write(session, done.outcome.written):
        _tell(session, done)
    return 0


def _decided(session: Session, writing: Writing, halved: Halved, choice: Choice | None) -> int:
    """Show, or settle, that one branch deleted the record and the other changed it."""
    facts: dict[str, Json] = {"file": halved.file, "changed_by": halved.keeper}
    if choice is None:
        if session.format == "json":
            content = {"version": 1, "record": str(halved.rid), **facts, "conflicts": []}
            session.console.write(json_text(content))
            return LEFT
        changed = SIDES[halved.keeper]
        deleted = SIDES["theirs" if halved.keeper == "ours" else "ours"]
        told = Words(
            f"{halved.rid}: {changed.en} changed it, {deleted.en} deleted it",
            f"{halved.rid} : {changed.fr} l'a modifié, {deleted.fr} l'a supprimé",
        )
        session.console.show([line(told.in_(session.lang))])
        session.console.hint(_whole_or_not(halved))
        return LEFT
    outcome = decide(session.workspace, halved, choice, writing.options(session, session.today))
    with after_write(session, outcome.written):
        if session.format == "json":
            session.console.write(json_of(outcome, {**facts, "left": []}))
            return 0
        if outcome.edit.writes:
            tell(session, outcome)
    if outcome.written or not outcome.edit.writes:
        kept = choice == halved.keeper
        session.console.hint(
            Words(
                f"{halved.file} {'stays' if kept else 'is gone'}. Then: git add {halved.file}",
                f"{halved.file} {'reste' if kept else 'est supprimé'}. Ensuite : git add {halved.file}",
            )
        )
    return 0


def _whole_or_not(halved: Halved) -> Words:
    keep, delete = ("--ours", "--theirs") if halved.keeper == "ours" else ("--theirs", "--ours")
    command = f"smartreg resolve {halved.rid}"
    return Words(
        f"keep it: {command} {keep}; or delete it: {command} {delete}",
        f"gardez-le : {command} {keep} ; ou supprimez-le : {command} {delete}",
    )


def _shown(session: Session, conflict: Conflict, fields: Sequence[FieldChange]) -> int:
    """What conflicts, and how to settle it."""
    if session.format == "json":
        rows = [
            {"field": place_text(change.path), "ours": _json(change.before), "theirs": _json(change.after)}
            for change in fields
        ]
        content = {"version": 1, "record": str(conflict.rid), "file": conflict.file, "conflicts": rows}
        session.console.write(json_text(content))
        return LEFT
    labels = conflict.settling.labels
    headings = (
        Words("field", "champ").in_(session.lang),
        f"--ours ({labels[0]})" if labels[0] else "--ours",
        f"--theirs ({labels[1]})" if labels[1] else "--theirs",
    )
    rows_of_text = [(place_text(change.path), _text(change.before), _text(change.after)) for change in fields]
    session.console.table(headings, rows_of_text)
    first = f" {place_text(fields[0].path)}" if fields else ""
    session.console.hint(
        Words(
            f"smartreg resolve {conflict.rid}{first} --ours, --theirs or --value VALUE",
            f"smartreg resolve {conflict.rid}{first} --ours, --theirs ou --value VALEUR",
        )
    )
    return LEFT


def _tell(session: Session, done: Resolved) -> None:
    if session.format == "json":
        left = [place_text(change.path) for change in done.left]
        session.console.write(json_of(done.outcome, {"file": done.conflict.file, "left": left}))
        return
    tell(session, done.outcome)
    session.console.ask(_errors(session, done))
    if not done.outcome.written:
        return
    if done.left:
        listed = ", ".join(place_text(change.path) for change in done.left)
        session.console.hint(Words(f"Still in conflict: {listed}", f"Encore en conflit : {listed}"))
    elif done.conflict.in_merge:
        file = done.conflict.file
        session.console.hint(
            Words(
                f"Nothing conflicts here any more. Then: smartreg validate {file} && git add {file}",
                f"Plus de conflit ici. Ensuite : smartreg validate {file} && git add {file}",
            )
        )


def _errors(session: Session, done: Resolved) -> list[Line]:
    """What the record breaks, now that it can be read: the first few."""
    found = [finding for finding in done.outcome.introduced if finding.severity == "error"]
    if not found or done.left:
        return []
    after = session.workspace.current.with_writes(done.outcome.edit.writes)
    more = len(found) - MOST_ERRORS
    rest = Words(f"… and {more} more errors", f"… et {more} autres erreurs").in_(session.lang)
    return [
        *blocks(found[:MOST_ERRORS], locator(after), session.lang),
        *([line(Span(rest, "dim"))] if more > 0 else []),
    ]


def _json(value: Json) -> Json:
    return None if value is ABSENT else value


def _text(value: Json) -> str:
    if value is ABSENT:
        return "—"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"

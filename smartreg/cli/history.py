"""The history of records: `log`, `blame`, `undo`."""

from __future__ import annotations

import json
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.options import At, Limit, Reason, RecordToPick, offer, t
from smartreg.cli.picker import choose_record
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.commands.history import blame_record, log, undo
from smartreg.core.escape import csv_text
from smartreg.core.messages import LANGUAGES, Language, Message
from smartreg.core.typed import day
from smartreg.core.values import Json, short_id
from smartreg.diff import place_text
from smartreg.edit import Outcome
from smartreg.gitio import UNDOES
from smartreg.history import OPERATIONS
from smartreg.history.blame import Blame, BlamedValue
from smartreg.history.entries import LogOptions
from smartreg.reporters import blame_report
from smartreg.wording import log_report
from smartreg.wording.log_report import find_op, op_word
from smartreg.wording.log_subjects import translate_unknown

OPERATION_WORDS: dict[Language, dict[str, str]] = {
    lang: {op: op_word(op, False, lang) for op in OPERATIONS} for lang in LANGUAGES
}
OfRecord: TypeAlias = Annotated[str | None, typer.Argument(metavar="RECORD", help=t("a record (default: all)"))]
Since: TypeAlias = Annotated[str | None, typer.Option("--since", metavar="YYYY-MM-DD", help=t("since this day"))]
Until: TypeAlias = Annotated[
    str | None, typer.Option("--until", metavar="YYYY-MM-DD", help=t("until this day, included"))
]
Author: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--author",
        metavar="TEXT",
        help=t("author whose name or address contains this"),
    ),
]
Op: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--op",
        metavar="OP",
        help=t("only this operation", choices=OPERATIONS),
        autocompletion=offer("labelled", OPERATION_WORDS),
    ),
]
OfConvention: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--convention",
        metavar="ID",
        help=t("only this convention and what names it"),
        autocompletion=offer("records", "convention"),
    ),
]


app = typer.Typer()


@app.command("log")
@with_session(formats=("text", "json"))
def log_command(
    session: Session,
    record: OfRecord,
    since: Since,
    until: Until,
    author: Author,
    op: Op,
    convention: OfConvention,
    limit: Limit,
) -> int:
    options = LogOptions(
        day("--since", since) if since else None,
        day("--until", until) if until else None,
        author,
        find_op(op) if op else None,
        convention,
        session.row_limit(limit or None),
    )
    with show_progress(session, Message("reading the history")):
        listed = log(session.workspace, record=session.from_root(record) if record else None, wanted=options)
    if listed.note:
        session.console.note(listed.note)
    if session.format == "json":
        session.console.write(log_report.render_log_json(listed.entries, record=listed.record, lang=session.lang))
    else:
        kinds = session.workspace.current.schemas.kinds if any(entry.counts for entry in listed.entries) else {}
        lines = log_report.render_log(
            listed.entries, record=listed.record, lang=session.lang, zone=session.zone, kinds=kinds
        )
        session.console.show(lines)
    if limit is None and len(listed.entries) == options.limit:
        session.console.note(Message("there may be more: --limit 0"))
    return 0


@app.command("blame")
@with_session(formats=("text", "json", "csv"))
def blame_command(session: Session, record: RecordToPick, at: At) -> int:
    word = choose_record(session, record)
    with show_progress(session, Message("reading the history")):
        blamed, note = blame_record(session.workspace, record=word, at=at)
    if note:
        session.console.note(note)
    if session.format == "json":
        session.console.write(blame_report.render_blame_json(blamed))
    elif session.format == "csv":
        session.console.write(csv_of(blamed), place=cell_at(lambda _row, field: f"{blamed.rid}, {field}"))
    else:
        session.console.show(blame_report.render_blame(blamed, lang=session.lang, zone=session.zone))
    return 0


COLUMNS = (
    *("field", "value", "date", "author", "email", "op", "manual"),
    *("conventions", "reason", "commit", "signed"),
)


def csv_of(blame: Blame) -> str:
    """A row per field, in the order of the record; of a value that is not committed, field and value alone."""
    return csv_text(COLUMNS, map(_row, blame.values))


def _row(blamed: BlamedValue) -> tuple[Json, ...]:
    value = (
        blamed.value if isinstance(blamed.value, (str, int, float)) else json.dumps(blamed.value, ensure_ascii=False)
    )
    setting = blamed.setting
    if setting is None:
        return (place_text(blamed.path), value, *("" for _ in COLUMNS[2:]))
    return (
        *(
            place_text(blamed.path),
            value,
            setting.date.isoformat() if setting.date else "",
            setting.author,
            setting.email,
            setting.op,
        ),
        *("true" if setting.manual else "false", "|".join(setting.conventions), setting.reason or ""),
        *(setting.commit, "true" if setting.signed else "false"),
    )


CommitWord: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="COMMIT", help=t("the commit to take back (default: the last one)")),
]


@app.command("undo")
@with_session(writes=True, formats=FORMATS)
def undo_command(session: Session, writing: Writing, commit: CommitWord, reason: Reason) -> int:
    options = writing.options(session, session.today, reason)
    with attempt(session), show_progress(session, Message("undoing")):
        outcome = undo(session.workspace, commit=commit, options=options)
    return report_write(session, outcome, _describe_undo(session, outcome) if outcome.written else "")


def _describe_undo(session: Session, outcome: Outcome) -> str:
    """The subject and id of the commit that was undone, or reapplied if that was an undo itself."""
    verb, _space, quoted = outcome.edit.subject.partition(" ")
    values = {
        "subject": translate_unknown(quoted[1:-1], session.workspace.current.schemas.kinds, session.lang),
        "commit": short_id(dict(outcome.edit.trailers).get(UNDOES, "")),
    }
    if verb == "Reapply":
        return Message('Reapplied: "{subject}" ({commit})', **values).in_(session.lang)
    return Message('Undone: "{subject}" ({commit})', **values).in_(session.lang)

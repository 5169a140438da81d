"""`blame RECORD`"""

from __future__ import annotations

from smartreg.cli.blame_csv import csv_of
from smartreg.cli.ci import cell_at
from smartreg.cli.parameters import At, RecordWord, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.commands.blame import blame_record
from smartreg.core.values import Words
from smartreg.reporters import blame_json, blame_text


def run(session: Session, record: RecordWord, at: At) -> int:
    with working(session, Words("reading the history", "lecture de l'historique")):
        found, note = blame_record(session.workspace, record=session.from_root(record), at=at)
    if note:
        session.console.note(note)
    if session.format == "json":
        session.console.write(blame_json.report(found))
    elif session.format == "csv":
        session.console.write(csv_of(found), place=cell_at(lambda _row, field: f"{found.rid}, {field}"))
    else:
        session.console.show(blame_text.report(found, lang=session.lang))
    return 0


COMMAND = command(run, formats=("text", "json", "csv"))

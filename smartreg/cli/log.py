"""`log [RECORD]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.dates import count, day
from smartreg.cli.parameters import Argument, Limit, Option, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.commands.log import log
from smartreg.core.values import Words
from smartreg.history import OPERATIONS, LogOptions
from smartreg.reporters import log_json, log_text

USUAL_LIMIT = 200  # entries that a terminal gets unless asked for more


OfRecord: TypeAlias = Annotated[
    str | None,
    Argument("RECORD", Words("all by default", "tous par défaut"), required=False, completes="record"),
]
Since: TypeAlias = Annotated[
    str | None, Option(("--since",), Words("from this day on", "à partir de ce jour"), "YYYY-MM-DD")
]
Until: TypeAlias = Annotated[str | None, Option(("--until",), Words("up to this day", "jusqu'à ce jour"), "YYYY-MM-DD")]
Author: TypeAlias = Annotated[
    str | None, Option(("--author",), Words("a part of a name or address", "une partie d'un nom ou d'une adresse"))
]
Op: TypeAlias = Annotated[
    str | None,
    Option(("--op",), Words("one operation", "une opération"), "OP", choices=OPERATIONS),
]
OfConvention: TypeAlias = Annotated[
    str | None,
    Option(
        ("--convention",),
        Words("under this convention", "au titre de cette convention"),
        "ID",
        completes="ref:convention",
    ),
]


def run(
    session: Session,
    record: OfRecord,
    since: Since,
    until: Until,
    author: Author,
    op: Op,
    convention: OfConvention,
    limit: Limit,
) -> int:
    wanted = LogOptions(
        day("--since", since) if since else None,
        day("--until", until) if until else None,
        author,
        op,
        convention,
        (count("--limit", limit) if limit else _usual_limit(session)) or None,
    )
    with working(session, Words("reading the history", "lecture de l'historique")):
        found = log(session.workspace, record=session.from_root(record) if record else None, wanted=wanted)
    if found.note:
        session.console.note(found.note)
    if session.format == "json":
        session.console.write(log_json.report(found.entries, record=found.record, lang=session.lang))
    else:
        kinds = session.workspace.current.schemas.kinds if any(entry.counts for entry in found.entries) else {}
        lines = log_text.report(found.entries, record=found.record, lang=session.lang, kinds=kinds)
        session.console.show(lines)
    if limit is None and len(found.entries) == wanted.limit:
        session.console.note(Words("there may be more: --limit 0", "il peut y en avoir d'autres : --limit 0"))
    return 0


def _usual_limit(session: Session) -> int:
    return USUAL_LIMIT if session.format == "text" and session.console.out.isatty() else 0


COMMAND = command(run, formats=("text", "json"))

"""Commands on the life of a record: `retire`, `rename`, `remove`, `move`, `transfer`, `replace`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from smartreg.asking.question import Answers, Questions
from smartreg.asking.records import RECORD_PATH
from smartreg.cli.answers import ask_and_write
from smartreg.cli.options import Reason, RecordToPick, RecordWord, t
from smartreg.cli.picker import refuse_missing
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, attempt, hint_staging, report_write
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, verbatim
from smartreg.core.typed import day
from smartreg.features.lifecycle.move import move, transfer
from smartreg.features.lifecycle.rename import rename
from smartreg.features.lifecycle.replace import replace
from smartreg.features.lifecycle.retire import remove, retire
from smartreg.forms import changing as forms
from smartreg.registry import Point, point

On: TypeAlias = Annotated[
    str | None,
    typer.Option("--on", metavar="YYYY-MM-DD", help=t("day (default: today)")),
]
ReplacedBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--replaced-by",
        metavar="RECORD",
        help=t("the record that takes its place"),
    ),
]


app = typer.Typer()


@app.command("retire")
@with_session(writes=True, formats=FORMATS, prefetch=True)
def retire_command(
    session: Session, writing: Writing, record: RecordToPick, on: On, reason: Reason, replaced_by: ReplacedBy
) -> int:
    if record is None:
        refuse_missing(session, "RECORD")
    when = day("--on", on) if on else session.today
    options = writing.options(session, session.today, reason, back=record is None)

    def write(session: Session, word: str) -> int:
        with attempt(session):
            outcome = retire(session.workspace, word, on=when, replaced_by=replaced_by, options=options)
        return report_write(session, outcome)

    if record is not None:
        return write(session, session.from_root(record))
    return ask_and_write(session, forms.retirement, write, lambda word, _reached: [("", word)])


NewId: TypeAlias = Annotated[str, typer.Argument(metavar="NEW-ID", help=t("the new id"))]


@app.command("rename")
@with_session(writes=True, formats=FORMATS, prefetch=True)
def rename_command(session: Session, writing: Writing, record: RecordWord, new_id: NewId, reason: Reason) -> int:
    options = writing.options(session, session.today, reason)
    with attempt(session):
        outcome = rename(session.workspace, session.from_root(record), new_id, options)
    code = report_write(session, outcome)
    if outcome.written and outcome.edit.settles and session.format != "json":
        hint_staging(session, outcome.edit.writes)
    return code


@app.command("remove")
@with_session(writes=True, formats=FORMATS, prefetch=True)
def remove_command(session: Session, writing: Writing, record: RecordWord, reason: Reason) -> int:
    options = writing.options(session, session.today, reason)
    with attempt(session):
        outcome = remove(session.workspace, session.from_root(record), options)
    return report_write(session, outcome)


Equipment: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="EQUIPMENT",
        help=t("an installed device (default: pick from a list)"),
    ),
]
Support: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="SUPPORT", help=t("the support it is on now (default: pick from a list)")),
]
OnMove: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="YYYY-MM-DD",
        help=t("first day at the new place (default: today)"),
    ),
]
Lon: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--location-lon",
        metavar="NUMBER",
        help=t("longitude, if it is not where its support is"),
    ),
]
Lat: TypeAlias = Annotated[str | None, typer.Option("--location-lat", metavar="NUMBER", help=t("latitude, likewise"))]


@app.command("move")
@with_session(writes=True, formats=FORMATS)
def move_command(
    session: Session,
    writing: Writing,
    equipment: Equipment,
    support: Support,
    on: OnMove,
    location_lon: Lon,
    location_lat: Lat,
    reason: Reason,
) -> int:
    when = day("--on", on) if on else session.today
    location = _location(location_lon, location_lat)
    if equipment is None:
        refuse_missing(session, "EQUIPMENT", *([] if support or location else ["SUPPORT"]))
    elif support is None and location is None and not session.interactive:
        raise UsageFault(
            Message("the new place is missing"),
            Message("smartreg move {equipment} SUPPORT, or --location-lon and --location-lat", equipment=equipment),
        )
    asks = equipment is None or (support is None and location is None)
    options = writing.options(session, session.today, reason, back=asks)

    def write(session: Session, move_: forms.Move) -> int:
        device, place = session.from_root(move_.equipment), move_.support and session.from_root(move_.support)
        with attempt(session):
            outcome = move(session.workspace, device, place, location, on=when, options=options)
        return report_write(session, outcome)

    if equipment is not None and not asks:
        return write(session, forms.Move(equipment, support))

    def form(session: Session, answers: Answers) -> Questions[forms.Move]:
        device = equipment and session.from_root(equipment)
        return forms.move(session, device, support, answers, has_place=location is not None)

    def typed(move_: forms.Move, _reached: object) -> list[tuple[str, str]]:
        picked = ((move_.equipment, equipment), (move_.support, support))
        return [("", word) for word, given in picked if word and not given]

    return ask_and_write(session, form, write, typed)


def _location(lon: str | None, lat: str | None) -> Point | None:
    if lon is None and lat is None:
        return None
    try:
        place = point({"lon": float(lon or ""), "lat": float(lat or "")})
    except ValueError:
        place = None
    if place is None:
        raise UsageFault(
            Message("longitude {lon} and latitude {lat} are not a place on Earth", lon=lon or "–", lat=lat or "–"),
            Message("write both like --location-lon 4.98747 --location-lat 43.51345"),
        )
    return place


Party: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="PARTY", help=t("the new owner")),
]
OnTransfer: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="YYYY-MM-DD",
        help=t("first day of the new owner (default: today)"),
    ),
]


@app.command("transfer")
@with_session(writes=True, formats=FORMATS)
def transfer_command(
    session: Session, writing: Writing, record: RecordWord, party: Party, on: OnTransfer, reason: Reason
) -> int:
    when = day("--on", on) if on else session.today
    options = writing.options(session, session.today, reason)
    word, owner = session.from_root(record), session.from_root(party)
    with attempt(session):
        outcome = transfer(session.workspace, word, owner, on=when, options=options)
    return report_write(session, outcome)


Old: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="OLD",
        help=t("the device taken down (default: pick from a list)"),
    ),
]
New: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="[NEW-ID] PATH=VALUE",
        help=t("the new id (default: made from the old one), and the fields that differ: serial_number=SN-2 dev_eui=…"),
    ),
]
OnReplace: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="YYYY-MM-DD",
        help=t("day of the exchange (default: today)"),
    ),
]


@app.command("replace")
@with_session(writes=True, formats=FORMATS)
def replace_command(session: Session, writing: Writing, old: Old, new: New, on: OnReplace, reason: Reason) -> int:
    if old is not None and "=" in old:
        new, old = [old, *new], None
    ids = [word for word in new if "=" not in word]
    if len(ids) > 1:
        raise UsageFault(
            Message("{id} is not of the form PATH=VALUE", id=ids[1]),
            verbatim(f"smartreg replace {old} {ids[0]} serial_number=…"),
        )
    when = day("--on", on) if on else session.today
    asks = session.interactive and not writing.yes
    options = writing.options(session, session.today, reason, back=asks)
    assignments = [word for word in new if "=" in word]
    id = ids[0] if ids else None

    def write(session: Session, exchange: forms.Replacement) -> int:
        changes = [*assignments, *exchange.changes]
        with attempt(session):
            outcome = replace(session.workspace, exchange.old, id, changes, on=when, options=options)
        return report_write(session, outcome)

    if old is None:
        refuse_missing(session, "OLD")
    elif not asks:
        return write(session, forms.Replacement(session.from_root(old), ()))

    def form(session: Session, answers: Answers) -> Questions[forms.Replacement]:
        return forms.replacement(session, old and session.from_root(old), assignments, answers)

    return ask_and_write(
        session,
        form,
        write,
        lambda exchange, _reached: [("", change) for change in exchange.changes],
        first=lambda exchange: [] if old else [exchange.old],  # another id that comes first is the old device's
        again=lambda asked: [path for path in asked if path != RECORD_PATH],
    )

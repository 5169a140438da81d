"""`move EQUIPMENT [SUPPORT]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.dates import day
from smartreg.cli.parameters import Argument, Option, Reason, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.move import move
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.registry import Point, point

Equipment: TypeAlias = Annotated[
    str,
    Argument("EQUIPMENT", Words("a device that was installed", "un équipement installé"), completes="ref:equipment"),
]
Support: TypeAlias = Annotated[
    str | None,
    Argument(
        "SUPPORT", Words("where it hangs now", "où il se trouve désormais"), required=False, completes="ref:support"
    ),
]
On: TypeAlias = Annotated[
    str | None,
    Option(
        ("--on",),
        Words("first day at the new place; today by default", "premier jour à la nouvelle place ; aujourd'hui sinon"),
        "YYYY-MM-DD",
    ),
]
Lon: TypeAlias = Annotated[
    str | None,
    Option(
        ("--location-lon",),
        Words("longitude, where it is not at the point of its support", "longitude, hors du point de son support"),
        "NUMBER",
    ),
]
Lat: TypeAlias = Annotated[
    str | None, Option(("--location-lat",), Words("latitude, likewise", "latitude, de même"), "NUMBER")
]


def run(
    session: Session,
    writing: Writing,
    equipment: Equipment,
    support: Support,
    on: On,
    location_lon: Lon,
    location_lat: Lat,
    reason: Reason,
) -> int:
    when = day("--on", on) if on else session.today
    location = _location(location_lon, location_lat)
    if support is None and location is None:
        raise UsageFault(
            Words("nothing says where it is moved to", "rien ne dit où il est déplacé"),
            Words(
                f"smartreg move {equipment} SUPPORT, or --location-lon and --location-lat",
                f"smartreg move {equipment} SUPPORT, ou --location-lon et --location-lat",
            ),
        )
    options = writing.options(session, session.today, reason)
    word, target = session.from_root(equipment), support and session.from_root(support)
    return written(session, lambda: move(session.workspace, word, target, location, on=when, options=options))


def _location(lon: str | None, lat: str | None) -> Point | None:
    if lon is None and lat is None:
        return None
    try:
        found = point({"lon": float(lon or ""), "lat": float(lat or "")})
    except ValueError:
        found = None
    if found is None:
        raise UsageFault(
            Words(
                f"longitude {lon or '–'} and latitude {lat or '–'} are no place on Earth",
                f"longitude {lon or '–'} et latitude {lat or '–'} ne sont pas un point du globe",
            ),
            Words(
                "write both like --location-lon 4.98747 --location-lat 43.51345",
                "écrivez les deux comme --location-lon 4.98747 --location-lat 43.51345",
            ),
        )
    return found


COMMAND = command(run, writes=True, formats=FORMATS)

"""Positions as people write and copy them: two numbers, degrees with minutes and seconds (`43°30'48.4"N 4°59'14.9"E`),
`geo:` (RFC 5870) and links of maps, WKT (OGC 06-103r4), JSON and GeoJSON (RFC 7946).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json

_LONGEST = 4096  # characters of a link
_DECIMALS = 6  # of degrees that are computed: 0.1 m
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u200e": None, "\ufeff": None})
_POINT = r"[-+]?[0-9]{1,10}(?:\.[0-9]{1,20})?"
_NUMBER = r"[-+]?[0-9]{1,10}(?:[.,][0-9]{1,20})?"
# As texts, which `re` compiles and keeps when one is first used: every command loads this module, few read a position.
_PAIR = rf"({_NUMBER})(\s*;\s*|\s*,\s+|\s+,?|,)({_NUMBER})"
_ONE_NUMBER = r"[-+]?[0-9]+,[0-9]+"  # 43,5 may be a latitude alone
_SIDE = "[NSEWO]"
_ANGLE = (
    rf"(?P<before_#>{_SIDE})?\s*(?P<degrees_#>{_NUMBER})\s*(?P<sign_#>[°º˚])?\s*"
    r"(?:(?P<minutes_#>[0-9]{1,2}(?:[.,][0-9]{1,9})?)\s*['′’ʹ´]\s*)?"
    r"(?:(?P<seconds_#>[0-9]{1,2}(?:[.,][0-9]{1,9})?)\s*(?:[\"″”“]|''|′′|’’)\s*)?"
    rf"(?(before_#)|(?P<after_#>{_SIDE})?)"
)  # one angle; "#" stands for its number
_ANGLES = rf"(?i){_ANGLE.replace('#', '1')}\s*[,;/]?\s*{_ANGLE.replace('#', '2')}"
_SPOKEN = rf"(?i)\(?(lat|lon)[a-z]*\.?\s*[:=]?\s*({_NUMBER})\s*[,;]?\s*(lat|lon|lng)[a-z]*\.?\s*[:=]?\s*({_NUMBER})\)?"
_GEO = rf"(?i)geo:({_POINT}),({_POINT})(?:,{_POINT})?(?:[;?].*)?"
_ASKED = rf"[?&]q=({_POINT}),\s*({_POINT})"  # Android: geo:0,0?q=43.51345,4.98747(Istres)
_WKT = rf"(?i)(?:SRID=[0-9]+;)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*({_POINT})\s+({_POINT})(?:\s+{_POINT})*\s*\)"
_LINK = r"(?i)(?:[a-z][a-z0-9+.-]*:)?//|www\.|maps?\.|[a-z0-9.-]{1,250}\.[a-z]{2,20}/"
_LAT_LON, _LON_LAT = ("lat", "lon"), ("lon", "lat")
_BETWEEN = r"(?:,|~|;)\s*"
# The place that a link marks comes before the middle of the map that it shows.
_IN_LINKS = (
    (rf"!3d({_POINT})!4d({_POINT})", _LAT_LON),  # Google: the pin
    (rf"[?&#]mlat=({_POINT})&mlon=({_POINT})", _LAT_LON),  # OpenStreetMap: the marker
    (rf"[?&#](?:q|query|destination|daddr|coordinate)=(?:loc:)?({_POINT}){_BETWEEN}({_POINT})", _LAT_LON),
    (rf"[?&#]lat(?:itude)?=({_POINT})&(?:lon|lng|long|longitude)=({_POINT})", _LAT_LON),
    (rf"[?&#](?:lon|lng|long|longitude)=({_POINT})&lat(?:itude)?=({_POINT})", _LON_LAT),
    (rf"[?&#](?:ll|sll|cp|center|viewpoint)=({_POINT}){_BETWEEN}({_POINT})", _LAT_LON),
    (rf"[?&#]c=({_POINT}),({_POINT})", _LON_LAT),  # Géoportail, cartes.gouv.fr
    (rf"[?&#]map=[0-9.]+/({_POINT})/({_POINT})", _LAT_LON),
    (rf"@({_POINT}),({_POINT})", _LAT_LON),  # Google: the middle of the map
    (rf"[?&#]map=({_POINT}),({_POINT})", _LAT_LON),  # HERE
    (rf"/({_POINT}),\s*({_POINT})(?=[/?#&,]|$)", _LAT_LON),
)
_NAMES = {"lat": "lat", "latitude": "lat", "y": "lat", "lon": "lon", "lng": "lon", "long": "lon", "longitude": "lon"}
_NAMES |= {"x": "lon"}


class Coordinates(NamedTuple):
    """The two numbers of a position, as decimal texts. `explicit`: the text says which of them is which; else they are
    taken in the usual order of its form: latitude first in a pair, longitude first in a list of JSON. They may be in
    another system than degrees (`POINT(767686.39 6274321.01)`), which no form says."""

    lon: str
    lat: str
    explicit: bool = False

    @property
    def swapped(self) -> Coordinates:
        return Coordinates(self.lat, self.lon, self.explicit)


def read_coordinates(text: str) -> Coordinates | None:
    """The position that a text says; None for a text that says none, or more than one."""
    text = " ".join(text[:_LONGEST].translate(_BLANKS).split())
    if text[:1] in ("{", "["):
        return _in_json(text)
    if text[:4].casefold() == "geo:":
        match = (re.search(_ASKED, text) if text[4:].startswith("0,0?") else None) or re.fullmatch(_GEO, text)
        return Coordinates(match[2], match[1], explicit=True) if match else None
    if match := re.fullmatch(_WKT, text):
        return Coordinates(match[1], match[2], explicit=True)
    if is_link(text):
        return _in_link(text)
    return _as_pair(text) or _as_angles(text) or _as_spoken(text)


def is_link(text: str) -> bool:
    """Whether a text is the address of a page, such as a map."""
    return re.match(_LINK, text.strip()) is not None


def _as_pair(text: str) -> Coordinates | None:
    """`43.51345, 4.98747`; decimal commas where that can mean one thing only."""
    match = re.fullmatch(_PAIR, text.removeprefix("(").removesuffix(")").strip())
    if match is None or re.fullmatch(_ONE_NUMBER, text):
        return None
    if match[2] == "," and ("," in match[1]) != ("," in match[3]):  # 43,5,4: where are the decimals?
        return None
    return Coordinates(_plain(match[3]), _plain(match[1]))


def _as_angles(text: str) -> Coordinates | None:
    """Degrees with their sides, or with their signs; latitude first where no side says it (`O` is the French west)."""
    match = re.fullmatch(_ANGLES, text)
    if match is None:
        return None
    angles = [_angle(match.groupdict(), place) for place in "12"]
    first, second = angles
    if first is None or second is None:
        return None
    if not first[1] and not second[1]:
        return Coordinates(second[0], first[0]) if match["sign_1"] and match["sign_2"] else None
    if {first[1] in "NS", second[1] in "NS"} != {True, False} or not (first[1] and second[1]):
        return None
    lat, lon = (first, second) if first[1] in "NS" else (second, first)
    return Coordinates(lon[0], lat[0], explicit=True)


def _angle(parts: Mapping[str, str | None], place: str) -> tuple[str, str] | None:
    """Degrees as decimal text, and their side; None where minutes or seconds are none."""
    degrees, minutes, seconds = (parts[f"{name}_{place}"] for name in ("degrees", "minutes", "seconds"))
    side = (parts[f"before_{place}"] or parts[f"after_{place}"] or "").upper()
    number = _plain(degrees or "")
    if minutes is not None or seconds is not None:
        rest = float(_plain(minutes or "0")) / 60 + float(_plain(seconds or "0")) / 3600
        if "." in number or rest >= 1 or not parts[f"sign_{place}"]:
            return None
        whole = f"{abs(int(number)) + rest:.{_DECIMALS}f}"
        number = f"-{whole}" if number.startswith("-") else whole
    if side and side in "SWO" and not number.startswith("-"):
        number = f"-{number}"
    return number, side


def _as_spoken(text: str) -> Coordinates | None:
    """`lat: 43.51345, lon: 4.98747`."""
    match = re.fullmatch(_SPOKEN, text)
    if match is None:
        return None
    numbers = {_NAMES[match[place].casefold()]: _plain(match[place + 1]) for place in (1, 3)}
    return Coordinates(numbers["lon"], numbers["lat"], explicit=True) if len(numbers) == 2 else None


def _in_link(link: str) -> Coordinates | None:
    from urllib.parse import unquote_plus

    address = unquote_plus(link)
    for pattern, order in _IN_LINKS:
        if match := re.search(pattern, address, re.IGNORECASE):
            numbers = dict(zip(order, match.groups(), strict=True))
            return Coordinates(_plain(numbers["lon"]), _plain(numbers["lat"]), explicit=True)
    return None


def _in_json(text: str) -> Coordinates | None:
    """`{"lat": …, "lon": …}`, a GeoJSON point, or `[lon, lat]`; quotation marks as in JSON or Python."""
    try:
        value = read_json(text if '"' in text else text.replace("'", '"'))
    except Unreadable:
        return None
    return coordinates_of(value)


def coordinates_of(value: Json) -> Coordinates | None:
    """The position that a value of JSON says, as `read_coordinates` of its text."""
    if isinstance(value, list):
        numbers = list(_numbers(value))
        return Coordinates(numbers[0], numbers[1]) if len(numbers) == len(value) and len(value) in (2, 3) else None
    if not isinstance(value, Mapping):
        return None
    if value.get("type") == "Point":
        inner = coordinates_of(value.get("coordinates"))
        return None if inner is None else inner._replace(explicit=True)
    named = {_NAMES[name.casefold()]: item for name, item in value.items() if name.casefold() in _NAMES}
    numbers = list(_numbers([named.get("lon"), named.get("lat")]))
    return Coordinates(numbers[0], numbers[1], explicit=True) if len(numbers) == 2 else None


def _numbers(values: list[Json]) -> Iterator[str]:
    for value in values:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{value:.12f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        elif isinstance(value, str) and re.fullmatch(_NUMBER, value.strip()):
            yield _plain(value.strip())


def _plain(number: str) -> str:
    return number.replace(",", ".").removeprefix("+")

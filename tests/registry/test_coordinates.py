"""Positions as people write and copy them, and those that say none."""

from __future__ import annotations

import pytest

from smartreg.core.coordinates import Coordinates, read_coordinates
from smartreg.core.errors import UsageFault
from smartreg.registry import typed_point

ISTRES = ("4.98747", "43.51345")
SURE = [
    "geo:43.51345,4.98747",
    "geo:43.51345,4.98747,12;crs=wgs84;u=10",
    "geo:0,0?q=43.51345,4.98747(Istres)",
    "GEO:43.51345,4.98747?z=17",
    "POINT(4.98747 43.51345)",
    "point z (4.98747 43.51345 12)",
    "SRID=4326;POINT(4.98747 43.51345)",
    '{"lat": 43.51345, "lon": 4.98747}',
    '{"longitude": "4,98747", "latitude": "43,51345"}',
    "{'lon': 4.98747, 'lat': 43.51345}",
    '{"type": "Point", "coordinates": [4.98747, 43.51345]}',
    "43.51345° N, 4.98747° E",
    "N 43.51345 E 4.98747",
    "4,98747 E 43,51345 N",
    "lat: 43.51345, lon: 4.98747",
    "https://www.google.com/maps/place/Istres/@43.5,4.9,17z/data=!3m1!4b1!8m2!3d43.51345!4d4.98747?hl=fr",
    "https://www.google.com/maps/@43.51345,4.98747,17z",
    "https://www.google.com/maps/search/43.51345,+4.98747?entry=tts",
    "https://maps.google.com/maps?q=43.51345%2C4.98747&z=17",
    "https://maps.apple.com/?ll=43.51345,4.98747&q=Rep%C3%A8re",
    "https://www.openstreetmap.org/?mlat=43.51345&mlon=4.98747#map=17/43.5/4.9",
    "https://www.openstreetmap.org/#map=17/43.51345/4.98747",
    "https://www.geoportail.gouv.fr/carte?c=4.98747,43.51345&z=17",
    "waze.com/ul?ll=43.51345,4.98747",
    "www.bing.com/maps?cp=43.51345~4.98747",
]
UNSURE = [
    "43.51345, 4.98747",
    "(43,51345; 4,98747)",
    "43.51345°, 4.98747°",
    "\ufeff43.51345\u00a04.98747",
    "[4.98747, 43.51345]",
]


@pytest.mark.parametrize("text", SURE)
def test_a_text_that_names_its_numbers_is_a_position(text: str) -> None:
    assert read_coordinates(text) == Coordinates(*ISTRES, explicit=True)


@pytest.mark.parametrize("text", UNSURE)
def test_two_plain_numbers_are_a_position_in_the_usual_order(text: str) -> None:
    assert read_coordinates(text) == Coordinates(*ISTRES)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("43°30'48.4\"N 4°59'14.9\"E", (4.987472, 43.513444)),
        ("43° 30′ 48,4″ N, 4° 59′ 14,9″ E", (4.987472, 43.513444)),
        ("N43º30.807' E4º59.248'", (4.987467, 43.51345)),
        ("4°59'14.9''E / 43°30'48.4''N", (4.987472, 43.513444)),
        ("21°06'54.0\"S 55°32'11.0\"E", (55.536389, -21.115)),
        ("48°23'10\"N 4°29'10\"O", (-4.486111, 48.386111)),  # ouest
        ("-0°30' S", None),
    ],
)
def test_degrees_have_minutes_and_seconds(text: str, place: tuple[float, float] | None) -> None:
    found = read_coordinates(text)
    assert (found and (float(found.lon), float(found.lat))) == place


@pytest.mark.parametrize(
    "text",
    [
        *("", "north", "43.5", "43,51345", "43,5,4", "1, 2, 3", "12/03/2024", "13047", "12 rue Y", "istres-ep-00412"),
        *("[1]", "{}", "[true, 2]", '{"lat": 43.5}', "POINT EMPTY", "geo:", "43°61'0\"N 4°59'14.9\"E", "43.5 N 4.9 N"),
        *("https://maps.app.goo.gl/Ab12Cd", "43.51345/4.98747", "N" * 5000, " " * 5000 + "1"),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_coordinates(text) is None


def test_numbers_of_another_system_are_taken_as_they_are() -> None:
    assert read_coordinates("POINT(767686.39 6274321.01)") == Coordinates("767686.39", "6274321.01", explicit=True)
    with pytest.raises(UsageFault, match="is not a latitude and a longitude"):
        typed_point("POINT(767686.39 6274321.01)")


def test_a_short_link_says_no_position_and_what_to_do() -> None:
    with pytest.raises(UsageFault) as fault:
        typed_point("https://maps.app.goo.gl/Ab12Cd")
    assert fault.value.message.in_("en") == '"https://maps.app.goo.gl/Ab12Cd" holds no position'
    assert fault.value.hint is not None
    assert fault.value.hint.in_("en").startswith("open the link")

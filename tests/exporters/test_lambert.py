"""Lambert-93 by its formula, against PROJ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smartreg.domain.crs import projection
from smartreg.domain.lambert import degrees, in_lambert

SYSTEM = projection("EPSG:2154")


@given(st.floats(-5.2, 9.6), st.floats(41.3, 51.1))
def test_the_formula_agrees_with_proj(lon: float, lat: float) -> None:
    ((x, y),) = (place for place in SYSTEM.from_wgs84([(lon, lat)]) if place)
    found = degrees(x, y)
    assert not in_lambert(*found)
    assert abs(found.lon - lon) < 1e-6
    assert abs(found.lat - lat) < 1e-6

"""Values that no field expects, put into records in place of what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.values import Json, KeyPath

JUNK: Sequence[Json] = (
    *(None, True, "", " ", "x", 0, -1, 1.5, 10**17, 1e300, "9" * 40, "2024-02-30", "é\u2028"),
    *("0001-01-01", "9999-12-31", "P99999999999Y", "..", "/etc/passwd", "https://["),
    *({"lon": 1e300, "lat": -1e300}, {"lon": 180, "lat": 90}, ["x", "x"]),
    *([], {}, [[]], [None], [{}], {"x": None}, {"lon": "a", "lat": None}, [{"party": [], "date": 7}, 3]),
)


def paths_of(value: Json, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The key path of everything inside of a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from paths_of(item, (*path, key))


def replace_value(data: Json, path: KeyPath, value: Json) -> Json:
    """The data with another value at the path."""
    if not path:
        return value
    first, *rest = path
    old = data[first]
    new = replace_value(old, tuple(rest), value)
    if isinstance(data, list):
        return [*data[: int(first)], new, *data[int(first) + 1 :]]
    return {**data, first: new}

"""Where findings are in their texts: by line and column, looked up only for what is shown."""

from __future__ import annotations

from functools import lru_cache

from smartreg import yamlio
from smartreg.core.findings import Locate, Spot
from smartreg.core.values import KeyPath, Location, Mark
from smartreg.registry import Registry

SPOTS = 1 << 16


def locator(registry: Registry) -> Locate:
    """Line and column of a finding, looked up in the text of its file, which is read again only for this."""

    @lru_cache(maxsize=64)
    def text_of(file: str) -> tuple[bytes, list[str]] | None:
        try:
            text = registry.tree.read(file)
        except (OSError, KeyError):
            return None
        return text, text.decode("utf-8", "replace").splitlines()

    @lru_cache(maxsize=64)
    def marks_of(file: str) -> dict[KeyPath, yamlio.Marks]:
        found = text_of(file)
        return dict(yamlio.marks(found[0])) if found else {}

    @lru_cache(maxsize=SPOTS)  # several reports ask for the same places
    def locate(where: Location) -> Spot | None:
        found = text_of(where.file) if where.row is None else None
        if found is None:
            return None
        start, end, key = (where.mark, where.mark, None) if where.mark else _place(marks_of(where.file), where)
        lines = found[1]
        text = lines[start.line - 1] if start.line <= len(lines) else ""
        return Spot(start, end if key is None else _end_of_key(text, start, key), text)

    return locate


def _place(marks: dict[KeyPath, yamlio.Marks], where: Location) -> tuple[Mark, Mark, str | None]:
    """The value at the key path, or the key (which is then returned, too); for a field that is absent, the nearest
    thing that is there."""
    path = where.path
    while path and path not in marks:
        path = path[:-1]
    place = marks.get(path)
    if place is None:
        return Mark(1, 1), Mark(1, 1), None
    if place.key is not None and (where.on_key or path != where.path):
        return place.key, place.key, str(path[-1])
    return place.value, place.end, None


def _end_of_key(text: str, start: Mark, key: str) -> Mark:
    """After the key as it is written; its beginning when it is written with escapes."""
    rest = text[start.column - 1 :]
    written = next((form for form in (key, f'"{key}"', f"'{key}'") if rest.startswith(form)), "")
    return Mark(start.line, start.column + len(written))

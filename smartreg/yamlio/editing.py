"""Edit a record so that only the lines of the changed fields change, and prove it.

What surgery gives is read again: the data must be the old data with the change, exactly; `proof` compares the lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.errors import StateFault
from smartreg.core.values import Json, KeyPath, Words, path_text
from smartreg.yamlio import surgery
from smartreg.yamlio.changes import Change, apply_change, equal_ends, same
from smartreg.yamlio.characters import BOM
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.page import Order, Page
from smartreg.yamlio.proof import keeps_lines
from smartreg.yamlio.reader import read
from smartreg.yamlio.roundtrip import round_trip
from smartreg.yamlio.writer import Quoted, dump


def _no_order(_: KeyPath) -> Sequence[str]:
    return ()


def edit(text: bytes, changes: Sequence[Change], *, order: Order = _no_order, quoted: Quoted = ()) -> bytes:
    """The text with the changes made, one after the other. Raises `StateFault` when the text cannot be read or a
    change cannot be made without touching other lines, and `UsageFault` for an impossible path or value."""
    data = read(text, "").data
    if data is None:
        raise StateFault(Words(en="this record cannot be read", fr="cette fiche n'est pas lisible"), _VALIDATE)
    mark = BOM if text.startswith(BOM) else b""
    body = text.removeprefix(BOM).decode()
    page = Page(body, "\r\n" if "\r\n" in body else "\n", order, quoted)
    for change in changes:
        expected = apply_change(data, change)
        if not same(data, expected):
            page = _prove(page, change, data, expected)
        data = expected
    return mark + page.text.encode()


_VALIDATE = Words(en="smartreg validate says why", fr="smartreg validate dit pourquoi")


def _prove(page: Page, change: Change, data: Json, expected: Json) -> Page:
    """The page after one change. Raises `StateFault` when the proof fails."""
    for attempt in (_operate, _round_tripped):
        after = attempt(page, change, data, expected)
        if after is not None and _holds(page, after, data, expected):
            return after
    shown = path_text(change.path)
    raise StateFault(
        Words(
            en=f"{shown} cannot be changed here without touching other lines",
            fr=f"{shown} ne peut pas être changé ici sans toucher d'autres lignes",
        ),
        Words(en="change it by hand in the file", fr="changez-le à la main dans le fichier"),
    )


def _holds(page: Page, after: Page, data: Json, expected: Json) -> bool:
    found = read(after.text.encode(), "").data
    return found is not None and same(found, expected) and keeps_lines(page, after, data, expected)


def _operate(page: Page, _: Change, data: Json, expected: Json) -> Page | None:
    try:
        return _reconcile(page, (), data, expected)
    except (LookupError, ValueError, libyaml().error):
        return None


def _round_tripped(page: Page, change: Change, _data: Json, _expected: Json) -> Page | None:
    text = round_trip(page, change)
    return None if text is None else page.with_text(text)


def _reconcile(page: Page, path: KeyPath, old: Json, new: Json) -> Page:
    """The page whose value at `path` was `old` and becomes `new`, by the smallest cuts."""
    if same(old, new):
        return page
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key, value in new.items():
            page = (
                _reconcile(page, (*path, key), old[key], value)
                if key in old
                else surgery.add_entry(page, (*path, key), value)
            )
        for key in old:
            page = page if key in new else surgery.remove_entry(page, (*path, key))
        return page
    if isinstance(old, list) and isinstance(new, list) and old and new:
        return _reconcile_list(page, path, old, new)
    if not path:
        return page.with_text(dump(new, quoted=page.quoted).decode().replace("\n", page.eol))
    return surgery.replace_value(page, path, new)


def _reconcile_list(page: Page, path: KeyPath, old: list[Json], new: list[Json]) -> Page:
    head, tail = equal_ends(old, new)
    shorter = min(len(old), len(new))
    for index in range(head, shorter - tail):
        page = _reconcile(page, (*path, index), old[index], new[index])
    for index in reversed(range(shorter - tail, len(old) - tail)):
        page = surgery.remove_entry(page, (*path, index))
    for index in range(shorter - tail, len(new) - tail):
        put = surgery.insert_item if index < len(page.spans[path].children) else surgery.add_entry
        page = put(page, (*path, index), new[index])
    return page

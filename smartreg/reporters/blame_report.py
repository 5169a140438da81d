"""Who last set each field of a record: for people, and as JSON, version 1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.messages import Language, Message
from smartreg.core.styled import Block, Grid, GridRow, Span, cells, line
from smartreg.core.values import short_id
from smartreg.diff import place_text
from smartreg.history.blame import Blame, BlamedValue, FieldSetting
from smartreg.schema import literal
from smartreg.wording.changes_json import path_json
from smartreg.wording.log_report import (
    VERSION,
    WHY,
    according_to,
    commit_json,
    moment_text,
    op_word,
    record_day,
    recorded_before,
    shorten,
    zone_line,
)

LONG_VALUE = 40  # characters of a value
UNCOMMITTED = Message("not committed")
UNDER = Message("under ")
SIGNED = Message("signed")


def render_blame(blame: Blame, *, lang: Language, zone: tzinfo) -> Iterator[Block]:
    """The record, then a grid of its fields; times are in the zone of the registry."""
    yield line(Span(str(blame.rid), "name"))
    yield Grid(list(_blame_rows(blame, lang, zone)))
    yield zone_line(zone, lang)


def _blame_rows(blame: Blame, lang: Language, zone: tzinfo) -> Iterator[GridRow]:
    above = None
    for blamed in blame.values:
        setting = blamed.setting
        if setting is None:
            yield cells(place_text(blamed.path), _value(blamed), Span(UNCOMMITTED.in_(lang), "warning"))
        else:
            yield cells(
                place_text(blamed.path),
                _value(blamed),
                Span(moment_text(setting.date, lang, zone), "dim"),
                Span(op_word(setting.op, setting.manual, lang), "warning" if setting.manual else ""),
                setting.author,
                Span(short_id(setting.commit), "code"),
                Span(SIGNED.in_(lang) if setting.signed else "", "added"),
                Span("  ".join(_grounds(setting, lang, zone, setting.commit != above)), "dim"),
            )
        above = setting.commit if setting else None


def _grounds(setting: FieldSetting, lang: Language, zone: tzinfo, anew: bool) -> Iterator[str]:
    """When it was recorded, if the author says otherwise; under which conventions, and why: a reason shared by
    consecutive fields of one commit is shown once."""
    if recorded := recorded_before(setting, lang) or record_day(setting.date, setting.day, lang, zone):
        yield recorded
    if setting.conventions:
        yield UNDER.in_(lang) + ", ".join(setting.conventions)
    if setting.on_behalf_of:
        yield according_to(setting.on_behalf_of, lang)
    if setting.reason and anew:
        yield WHY.in_(lang) + setting.reason


def _value(blamed: BlamedValue) -> str:
    text = blamed.value if isinstance(blamed.value, str) and blamed.value.strip() else literal(blamed.value)
    return shorten(text, LONG_VALUE)


def render_blame_json(blame: Blame) -> str:
    """The text of the object, ended by a line feed."""
    fields = [_field(blamed) for blamed in blame.values]
    return json_text({"version": VERSION, "smartreg": __version__, "record": str(blame.rid), "fields": fields})


def _field(blamed: BlamedValue) -> dict[str, Any]:
    """One value; `set` is null where it is not committed. An item of a list is named by its key."""
    return {
        "path": path_json(blamed.path),
        "name": place_text(blamed.path),
        "value": blamed.value,
        "set": _set(blamed.setting) if blamed.setting else None,
    }


def _set(setting: FieldSetting) -> dict[str, Any]:
    return {
        **commit_json(setting),
        "subject": setting.subject,
        "conventions": list(setting.conventions),
        "reason": setting.reason,
        "on_behalf_of": setting.on_behalf_of,
    }

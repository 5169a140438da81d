"""Who set which field, for people: a line per field, in the order of the record."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.styled import Block, Grid, Row, Span, cells, line
from smartreg.core.values import Language, Words, short_id
from smartreg.diff import place_text
from smartreg.history.blame import Blame, FieldSetting, Held
from smartreg.reporters.log_text import WHY, op_word
from smartreg.schema import literal

LONG = 40  # characters of a value
UNCOMMITTED = Words("not committed", "pas encore commité")
UNDER = Words("under ", "au titre de ")
SIGNED = Words("signed", "signé")


def report(found: Blame, *, lang: Language) -> Iterator[Block]:
    """The record, then a grid of its fields."""
    yield line(Span(str(found.rid), "name"))
    yield Grid(list(_rows(found, lang)))


def _rows(found: Blame, lang: Language) -> Iterator[Row]:
    above = None
    for held in found.values:
        setting = held.setting
        if setting is None:
            yield cells(place_text(held.path), _value(held), Span(UNCOMMITTED.in_(lang), "warning"))
        else:
            yield cells(
                place_text(held.path),
                _value(held),
                Span(f"{setting.date:%Y-%m-%d %H:%M}", "dim"),
                Span(op_word(setting.op, setting.manual, lang), "warning" if setting.manual else ""),
                setting.author,
                Span(short_id(setting.commit), "code"),
                Span(SIGNED.in_(lang) if setting.signed else "", "added"),
                Span("  ".join(_grounds(setting, lang, setting.commit != above)), "dim"),
            )
        above = setting.commit if setting else None


def _grounds(setting: FieldSetting, lang: Language, anew: bool) -> Iterator[str]:
    """Under which conventions, and why; a reason shared by consecutive fields of one commit is shown once."""
    if setting.conventions:
        yield UNDER.in_(lang) + ", ".join(setting.conventions)
    if setting.reason and anew:
        yield WHY.in_(lang) + setting.reason


def _value(held: Held) -> str:
    text = held.value if isinstance(held.value, str) and held.value.strip() else literal(held.value)
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"

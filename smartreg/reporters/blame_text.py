"""Who set which field, for people: a line per field, in the order of the record."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.styled import Line, Span, line, visible
from smartreg.core.values import Language, Words, short_id
from smartreg.diff import place_text
from smartreg.history import Blame, Held
from smartreg.reporters.log_text import MINUTE, WHY, op_word
from smartreg.schema import literal

LONG = 40  # characters of a value
UNCOMMITTED = Words("not committed", "pas encore commité")
UNDER = Words("under ", "au titre de ")
SIGNED = Words("signed", "signé")


def report(found: Blame, *, lang: Language) -> Iterator[Line]:
    """The lines; below a field whose commit gives a reason, that reason, once in a row of fields of one commit."""
    columns = [
        [visible(tell(held)) for held in found.values]
        for tell in (
            lambda held: place_text(held.path),
            _value,
            lambda held: _when(held, lang),
            lambda held: _op(held, lang),
            lambda held: held.setting.author if held.setting else "",
        )
    ]
    widths = [max(map(len, texts), default=0) for texts in columns]
    yield line(Span(str(found.rid), "name"))
    said = None
    for held, name, value, when, op, author in zip(found.values, *columns, strict=True):
        setting = held.setting
        yield line(
            f"{name:<{widths[0]}}  {value:<{widths[1]}}  ",
            Span(f"{when:<{widths[2]}}", "dim" if setting else "warning"),
            Span(f"  {op:<{widths[3]}}", "warning" if setting and setting.manual else ""),
            f"  {author:<{widths[4]}}",
            Span(f"  {short_id(setting.commit)}" if setting else "", "code"),
            Span(f"  {SIGNED.in_(lang)}" if setting and setting.signed else "", "added"),
            Span(f"  {_under(held, lang)}" if setting and setting.conventions else "", "dim"),
        )
        if setting and setting.reason and setting.commit != said:
            yield line(Span(f"{'':<{widths[0] + widths[1] + 2}}  {WHY.in_(lang)}{setting.reason}", "dim"))
        said = setting.commit if setting else None


def _value(held: Held) -> str:
    text = held.value if isinstance(held.value, str) and held.value.strip() else literal(held.value)
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def _when(held: Held, lang: Language) -> str:
    return f"{held.setting.date:%Y-%m-%d %H:%M}" if held.setting else f"{UNCOMMITTED.in_(lang):<{len(MINUTE)}}"


def _op(held: Held, lang: Language) -> str:
    return op_word(held.setting.op, held.setting.manual, lang) if held.setting else ""


def _under(held: Held, lang: Language) -> str:
    assert held.setting is not None
    return UNDER.in_(lang) + ", ".join(held.setting.conventions)

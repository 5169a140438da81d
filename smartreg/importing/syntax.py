"""The syntax of `--map`, `--values` and `--set-from`: which field a column fills, what its values mean, texts made from
several columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import path_text
from smartreg.schema import Kind, field_path

NOTHING = "-"  # `--map COLUMN=-`: the column fills nothing
ARROW = "->"
HOLE = re.compile(r"\{([^{}]+)\}")


def field_named(kind: Kind, name: str) -> str:
    """The key path as text. UsageFault for a field that the kind does not have."""
    return path_text(field_path(kind, name.strip()))


def read_map(kind: Kind, text: str) -> tuple[str, str]:
    """Field (`NOTHING` for none) and heading of `COLUMN=FIELD`. UsageFault if it names no column or field."""
    word, equals, name = text.rpartition("=")
    if not equals or not word.strip() or not name.strip():
        raise UsageFault(
            Message('--map "{text}" is not of the form COLUMN=FIELD', text=text),
            Message("such as --map CAR_LIEU=address"),
        )
    return NOTHING if name.strip() == NOTHING else field_named(kind, name), word.strip()


def left_out(maps: Iterable[str]) -> tuple[str, ...]:
    """The columns that `--map COLUMN=-` leaves out."""
    return tuple(text.rpartition("=")[0].strip() for text in maps if text.rpartition("=")[2].strip() == NOTHING)


def read_template(kind: Kind, text: str) -> tuple[str, str]:
    """Field and template of `FIELD=TEMPLATE`. UsageFault if it names no field or column."""
    name, equals, template = text.partition("=")
    if not equals or not HOLE.search(template):
        raise UsageFault(
            Message("--set-from \"{text}\" is not of the form FIELD='{{COLUMN}} …'", text=text),
            Message("such as --set-from address='{NUM} {VOIE}'"),
        )
    return field_named(kind, name), template.strip()


def read_values(text: str) -> tuple[str, Mapping[str, str]]:
    """Column and pairs of `COLUMN:A=x,B=y`; a value with a comma is in quotes. UsageFault otherwise."""
    word, colon, rest = text.partition(":")
    pairs = [pair.rpartition("=") for pair in _split(rest)]
    if not word.strip() or not colon or not pairs or not all(equals and value.strip() for _, equals, value in pairs):
        raise UsageFault(
            Message('--values "{text}" is not of the form COLUMN:A=x,B=y', text=text),
            Message("such as --values 'type:Immeuble=building,Mât=mast'; 'COLUMN->FIELD:…' fills another field"),
        )
    return word.strip(), {name.strip().strip('"'): value.strip() for name, _, value in pairs}


def _split(text: str) -> list[str]:
    """The parts between commas outside of quotes."""
    return [part for part in re.findall(r'(?:"[^"]*"|[^,"])+', text) if part.strip()]


def merge_values(before: Mapping[str, Mapping[str, str]], texts: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """The pairs by column, with those that somebody typed now in their place."""
    merged = dict(before)
    for word, pairs in map(read_values, texts):
        merged[word] = {**merged.get(word, {}), **pairs}
    return merged


def values_option(word: str, value: str, meant: str) -> str:
    """The text that gives `--values` the meaning of a value of a column."""
    text = f'"{value}"' if "," in value else value
    return f"{word}:{text}={meant}"

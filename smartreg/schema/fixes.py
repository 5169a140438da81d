"""Automatic fixes of faults that a schema finds: safe, or (not `safe`) the most likely ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from smartreg.core.findings import Drop, Fix, Put, Rename
from smartreg.core.slug import fold
from smartreg.core.suggest import all_close
from smartreg.core.values import Json, KeyPath
from smartreg.schema.kinds import Kind
from smartreg.schema.meant import values_called
from smartreg.schema.wording import day_in, respelt

_SEPARATORS = re.compile(r"[\s:.-]")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:([.,])[0-9]{1,8})?")
_TRUTH = {"true": True, "false": False}


def fix_of(word: str, kind: Kind, path: KeyPath, value: Json, wanted: Json) -> Fix | None:
    """The automatic fix of a fault of the keyword `word`, which requires `wanted`."""
    if word == "enum":
        return _choice(kind, path, value, [item for item in wanted if isinstance(item, str)])
    if word == "type":
        return _of_type(path, value, wanted)
    if word == "format":
        return _day(path, value) if wanted == "date" else None
    return _twice(path, value) if word == "uniqueItems" else None


def respelt_fix(path: KeyPath, value: Json, accepts: Callable[[Json], bool]) -> Fix | None:
    """The value in the form that `accepts` wants: safe when only its case and its separators are other ones."""
    way = respelt(value, accepts)
    if way is None or path == ("id",):  # the file bears the id: one cannot change without the other
        return None
    compact, meant = (_SEPARATORS.sub("", text).casefold() for text in (str(value), way))
    return Fix(Put(path, way), safe=compact == meant)


def _choice(kind: Kind, path: KeyPath, value: Json, choices: list[str]) -> Fix | None:
    if not isinstance(value, str) or len(value) > 200:
        return None
    alike = [item for item in choices if fold(item) == fold(value)]
    if len(alike) == 1:
        return Fix(Put(path, alike[0]))
    field = kind.field_at(path)
    called = [str(item) for item in values_called(field, value)] if field else []
    return _only([item for item in called if item in choices] or all_close(value, choices), path)


def _only(choices: Iterable[str], path: KeyPath) -> Fix | None:
    found = list(choices)
    return Fix(Put(path, found[0]), safe=False) if len(found) == 1 else None


def key_fix(path: KeyPath, names: Sequence[str]) -> Fix | None:
    """Another name, of those that are free, for the unknown key in which `path` ends."""
    name = str(path[-1])
    alike = [other for other in names if _plain(other) == _plain(name)]
    if len(alike) == 1:
        return Fix(Rename(path, alike[0]))
    near = all_close(name, names) if len(name) <= 200 else ()
    return Fix(Rename(path, near[0]), safe=False) if len(near) == 1 else None


def _plain(name: str) -> str:
    return fold(name).replace("-", "")


def _of_type(path: KeyPath, value: Json, wanted: Json) -> Fix | None:
    """A number or boolean in quotes; with a decimal comma it may have been another number."""
    if not isinstance(value, str):
        return None
    if wanted == "boolean" and value in _TRUTH:
        return Fix(Put(path, _TRUTH[value]))
    text = value.strip()
    if wanted == "integer" and _WHOLE.fullmatch(text):
        return Fix(Put(path, int(text)))
    found = _DECIMAL.fullmatch(text) if wanted == "number" else None
    return Fix(Put(path, json.loads(text.replace(",", "."))), safe=found[1] != ",") if found else None


def _day(path: KeyPath, value: Json) -> Fix | None:
    """The day that a text means: safe when the year comes first, or when no month has that number."""
    day = day_in(value)
    if day is None:
        return None
    first, found = re.match(r"\s*([0-9]+)", value), date.fromisoformat(day)
    return Fix(Put(path, day), safe=first is not None and (len(first[1]) >= 4 or found.day > 12))


def _twice(path: KeyPath, value: Json) -> Fix | None:
    """All but the first of the items that are one text."""
    texts = [json.dumps(item, sort_keys=True, default=str) for item in value]
    first = {text: index for index, text in reversed(list(enumerate(texts)))}
    again = tuple(index for index, text in enumerate(texts) if first[text] < index)
    return Fix(Drop(path, again)) if again else None

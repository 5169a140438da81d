"""The field that a name means, when no field has that name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.slug import fold, slug
from smartreg.core.suggest import all_close, closest
from smartreg.core.values import Json
from smartreg.schema.kinds import Field


def meant(name: str, fields: Iterable[Field]) -> str | None:
    """The name of the only field that is called `name` elsewhere (its option, its column, its title), else of the one
    that is spelled most like it, else of the only one that begins with it."""
    known = {field.name: field for field in fields}
    called = [other for other, field in known.items() if slug(name) in _names_of(field)]
    if len(called) == 1:
        return called[0]
    begun = [other for other in known if other.startswith(f"{name}_")]
    return closest(name, known) or (begun[0] if len(begun) == 1 else None)


def fields_under(name: str, fields: Iterable[Field]) -> list[str]:
    """The names of the fields whose columns people read under this heading, in any language and case; where there are
    none, of those that have it as their title."""
    word, known = slug(name), list(fields)
    headings = [field.name for field in known if word in map(slug, _headings(field))]
    titles = [field.name for field in known if word in (slug(field.title.en), slug(field.title.fr))]
    return list(dict.fromkeys(headings or titles)) if word else []


def values_called(field: Field, text: str) -> list[Json]:
    """The allowed values that people call so: by the value itself, else by it in other letters or by its French label,
    the whole or a part of it."""
    if text in field.enum:
        return [text]
    word = fold(text)
    found = [value for value in field.enum if word in {fold(str(value)), *_parts(field, value)}]
    return found if word else []


def values_near(field: Field, text: str) -> list[Json]:
    """The allowed values that people call so, else those whose names or French labels are spelled most like `text`, the
    nearest first; at most three."""
    names = {name: value for value in field.enum for name in (fold(str(value)), *sorted(_parts(field, value)))}
    found = values_called(field, text) or [names[name] for name in all_close(fold(text), names, 3)]
    return list(dict.fromkeys(found))[:3]


def _parts(field: Field, value: Json) -> set[str]:
    """What a label says, folded: `candélabre (lampadaire)` is both, and the whole."""
    label = field.labels[value].fr if value in field.labels else ""
    short, _, other = label.removesuffix(")").partition("(")
    return {fold(name) for name in (label, short, other) if fold(name)}


def _headings(field: Field) -> Iterator[str]:
    if field.column:
        yield field.column
    if field.heading:
        yield from (field.heading.en, field.heading.fr)


def _names_of(field: Field) -> Iterator[str]:
    heading = field.heading.fr if field.heading else None
    for word in (field.option, field.column, heading, field.title.en, field.title.fr):
        if word:
            yield slug(word)

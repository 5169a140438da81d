"""The field that a name means, if no field has exactly that name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from smartreg.core.slug import fold, slug
from smartreg.core.suggest import all_close, closest
from smartreg.core.values import Json, Words
from smartreg.schema.kinds import Field

LONG_WORD = 4  # shorter words of a label are spelled like too many others


def suggest_name(name: str, fields: Iterable[Field]) -> str | None:
    """The name of the only field called `name` elsewhere (its option, its column, its title), else of the one spelled
    most like it, else of the only one that begins with it."""
    known = {field.name: field for field in fields}
    called = [other for other, field in known.items() if slug(name) in _names_of(field)]
    if len(called) == 1:
        return called[0]
    begun = [other for other in known if other.startswith(f"{name}_")]
    return closest(name, known) or (begun[0] if len(begun) == 1 else None)


def fields_under(name: str, fields: Iterable[Field]) -> list[str]:
    """The names of the fields called this in any language and case: by their names, options and column headings; if
    there are none, by their titles."""
    word, known = slug(name), list(fields)
    headings = [field.name for field in known if word in map(slug, (field.name, field.option or "", *_headings(field)))]
    titles = [field.name for field in known if word in (slug(field.title.en), slug(field.title.fr))]
    return list(dict.fromkeys(headings or titles)) if word else []


def values_called(field: Field, text: str) -> list[Json]:
    """The allowed values that people call this: by the value itself, else by another spelling of it or by its label in
    either language, whole or in part."""
    if text in field.enum:
        return [text]
    word = fold(text)
    found = [value for value in field.enum if word in {fold(str(value)), *_parts(field, value)}]
    return found if word else []


def values_near(field: Field, text: str) -> list[Json]:
    """The allowed values that people call this, else those in whose labels each word of `text` begins a word, else
    those spelled most like it, nearest first; at most three."""
    names = {name: value for value in field.enum for name in (fold(str(value)), *sorted(_parts(field, value)))}
    words = {word: value for name, value in names.items() for word in name.split("-") if len(word) >= LONG_WORD}
    spelled = words | names
    found = (
        values_called(field, text)
        or [value for name, value in names.items() if _begins_in(text, name)]
        or [spelled[name] for name in all_close(fold(text), spelled, 3)]
    )
    return list(dict.fromkeys(found))[:3]


def value_hint(field: Field, text: str, choices: Collection[Json] | None = None) -> Words | None:
    """A hint with the allowed value (one of `choices`) that was most likely meant, and its label."""
    near = [value for value in values_near(field, text) if choices is None or value in choices]
    if not near:
        return None
    code, _equals, label = field.choice(near[0]).fr.partition(" = ")
    return Words(f'did you mean "{code}"?', f"vouliez-vous dire « {code} »{f' ({label})' if label else ''} ?")


def _begins_in(text: str, name: str) -> bool:
    """Whether each word of `text` begins a word of a folded name."""
    words = [word for word in fold(text).split("-") if word]
    return bool(words) and all(f"-{word}" in f"-{name}" for word in words)


def _parts(field: Field, value: Json) -> set[str]:
    """The folded parts of a label: `candélabre (lampadaire)` gives both words, and the whole."""
    found = field.labels.get(value)
    labels = {found.en, found.fr} if found else ()
    names = {name for label in labels for name in (label, *label.removesuffix(")").partition("(")[::2])}
    return {fold(name) for name in names if fold(name)}


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

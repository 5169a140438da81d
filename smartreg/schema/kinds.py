"""Kinds and fields, as declared by the schemas; everything generated (commands, columns, checks) is based on them.
A name that no field has exactly means the field that comes nearest."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from string import Formatter
from typing import Any, NamedTuple

from smartreg.core.messages import LANGUAGES, SOURCE, Language, Localized, Message, Text, computed, message_in, verbatim
from smartreg.core.secret import mask
from smartreg.core.spelling import all_close, closest, fold, slug
from smartreg.core.values import Data, Json, KeyPath, Link, Record
from smartreg.schema.bundle import Schema, flat
from smartreg.schema.countries import called_elsewhere

ITEM = "[]"
RECORDS = "registry"
ABROAD = ":"
"""Between the alias of another registry and the id of a record there."""
FieldPath = tuple[str, ...]  # ("measures", "[]", "unit")


@dataclass(frozen=True)
class Field:
    """One field of a kind: its path, its allowed values, its names for people and exports.

    `kind` is one of string, number, integer, boolean, object, array; `refs` the kinds that a reference may name;
    `labels` the words for each allowed value; `option` the name of its command-line option, or None when it has none.
    """

    path: FieldPath
    kind: str
    title: Text
    description: Text
    required: bool = False
    enum: tuple[Json, ...] = ()
    refs: tuple[str, ...] = ()
    labels: Mapping[Json, Text] = field(default_factory=dict)
    option: str | None = None
    short: str | None = None
    column: str | None = None
    heading: Text | None = None
    unit: str | None = None
    maps: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def name(self) -> str:
        """`measures[].unit`, as written in overlays and messages."""
        return ".".join(self.path).replace(f".{ITEM}", ITEM)

    @cached_property
    def values_by_name(self) -> Mapping[str, Sequence[Json]]:
        """The allowed values by what people call them, folded: another spelling, the label in either language, whole or
        in part."""
        values: dict[str, list[Json]] = {}
        for value in self.enum:
            for name in {fold(str(value)), *_parts(self, value)} - {""}:
                values.setdefault(name, []).append(value)
        return values

    @cached_property
    def headings(self) -> frozenset[str]:
        """What heads its column or names its option, folded, in either language."""
        return frozenset(map(slug, (self.name, self.option or "", *_headings(self))))

    @cached_property
    def titles(self) -> frozenset[str]:
        """Its title in either language, folded."""
        return frozenset(slug(self.title.in_(lang)) for lang in LANGUAGES)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The word with which its description begins, in each language, folded."""
        texts = (self.description.in_(lang) for lang in LANGUAGES)
        return frozenset(slug(text.split()[0]) for text in texts if text.split()) - {""}

    def choice(self, value: Json) -> Text:
        """An allowed value as offered: the code, and its label if different: `mast = mât`."""
        code = value if isinstance(value, str) else json.dumps(value)
        label = self.labels.get(value, verbatim(code))
        en, fr = (
            code if fold(text) == fold(code) else f"{code} = {text}" for text in (label.in_("en"), label.in_("fr"))
        )
        return Localized.of(en=en, fr=fr)

    @property
    def in_list(self) -> bool:
        """Whether it is, or is in, an item of a list."""
        return ITEM in self.path

    @property
    def may_refer_abroad(self) -> bool:
        """Whether it may name a record of another registry: its form allows `alias:id`."""
        return bool(self.refs) and ABROAD in str(self.schema.get("pattern", "")).replace("(?:", "")

    @property
    def identifier(self) -> bool:
        """Text that a YAML reader could read as a number (codes, EUI, SIREN): always written in double quotes."""
        return self.kind == "string" and "pattern" in self.schema and not self.refs and self.path != ("id",)


class Lifecycle(NamedTuple):
    """The status field of a kind, its transitions, which states count as in service, which end it, and the date that
    each state needs."""

    field: str
    transitions: Mapping[str, tuple[str, ...]]
    in_service: frozenset[str]
    ends: frozenset[str]
    dates: Mapping[str, str]

    @property
    def served(self) -> frozenset[str]:
        """The statuses of a record that is, or was, in service: one of these, or a later end with a date of its own
        (removed equipment, a terminated convention; not a cancelled one)."""
        return self.in_service | (self.ends & self.dates.keys())

    def route(self, start: str, goals: frozenset[str]) -> tuple[str, ...] | None:
        """The shortest legal route from `start` to one of `goals`, excluding `start`; None if there is none."""
        ways: list[tuple[str, ...]] = [(start,)]
        seen = {start}
        while ways:
            way = ways.pop(0)
            for state in self.transitions.get(way[-1], ()):
                if state in goals:
                    return (*way[1:], state)
                if state not in seen:
                    seen.add(state)
                    ways.append((*way, state))
        return None


@dataclass(frozen=True)
class Kind:
    """One kind of record: its names, its folder, its fields. `folder` is a name, `place` the path of its records from
    the root of the registry: `registry/<folder>`, unless the settings say otherwise."""

    name: str
    noun: str
    french_noun: str
    presets: Mapping[str, Mapping[str, Json]]
    folder: str
    place: str
    template: str
    label: tuple[str, ...]
    position: tuple[str, ...]
    order: int
    title: Localized
    plural: Localized
    description: Text
    fields: tuple[Field, ...]
    lifecycle: Lifecycle | None
    schema: Schema

    def title_with(self, values: Mapping[str, Json]) -> Text:
        """The name of its records; with the values of a preset, the label of the first of them, or the word itself."""
        for name, value in values.items():
            word = str(value)
            return self.by_path[(name,)].labels.get(word) or verbatim(word.replace("_", " ").capitalize())
        return self.title

    @property
    def is_foreign(self) -> bool:
        """Whether the settings give the folder of its records."""
        return not self.place.startswith(f"{RECORDS}/")

    @cached_property
    def by_path(self) -> Mapping[FieldPath, Field]:
        return {item.path: item for item in self.fields}

    @cached_property
    def references(self) -> tuple[Field, ...]:
        return tuple(item for item in self.fields if item.refs)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The top-level fields with a role in the schema: references, label, position, life cycle."""
        life = self.lifecycle
        lived = (life.field, *life.dates.values()) if life else ()
        return frozenset(("id", *self.label, *self.position, *lived, *(item.path[0] for item in self.references)))

    @cached_property
    def orders(self) -> Mapping[FieldPath, tuple[str, ...]]:
        """The names of the fields in the group at each path, in the order of the schema."""
        names_below: dict[FieldPath, list[str]] = {}
        for item in self.fields:
            names_below.setdefault(item.path[:-1], []).append(item.path[-1])
        return {path: tuple(names) for path, names in names_below.items()}

    @cached_property
    def whole(self) -> frozenset[str]:
        """The names of the fields whose value is one cell of a sheet: those without sub-fields, and objects whose
        schema allows further names."""
        outer = [item for item in self.fields if ITEM not in item.path]
        own = {item.path: set(self.orders.get(item.path, ())) for item in outer}
        return frozenset(
            item.name
            for item in outer
            if not own[item.path] or _allows_beyond(self.schema, item.schema, own[item.path])
        )

    @cached_property
    def key_order(self) -> tuple[str, ...]:
        return tuple(item.path[0] for item in self.fields if len(item.path) == 1)

    def state(self, value: str) -> Text:
        """The name of a status of its life cycle, for people."""
        field = self.by_path.get((self.lifecycle.field,)) if self.lifecycle else None
        return field.labels.get(value, verbatim(value)) if field else verbatim(value)

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        """The field at a key path of a record; a list index matches any item."""
        return self.by_path.get(tuple(ITEM if isinstance(part, int) else part for part in path))

    @property
    def title_in_a_sentence(self) -> Text:
        """Its title as it stands in the middle of a sentence: in English without a capital."""
        return computed(lambda lang: self.title.in_(lang).lower() if lang == SOURCE else self.title.in_(lang))

    def item_of(self, field: Field) -> Field:
        """The field itself, or the items of a list."""
        return self.by_path.get((*field.path, ITEM), field)

    def is_place(self, field: Field) -> bool:
        """Whether a field is a group with a longitude and a latitude: a position is one answer."""
        return all((*field.path, name) in self.by_path for name in ("lon", "lat"))

    @cached_property
    def folder_fields(self) -> tuple[str, ...]:
        """The fields from which the folder and the file name of a record are made."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.template) if name)

    def path_of(self, data: Data) -> str:
        """The path where a record of this kind belongs. Raises KeyError if the template names an absent field."""
        return f"{self.place}/{self.template.format_map(data)}"

    def links(self, record: Record) -> list[Link]:
        """Every reference in a record, in the order of the schema."""
        links: list[Link] = []
        rid, data = record.rid, record.data
        for name, path, refs, deep in self._link_plan:
            if name not in data:
                continue
            value = data[name]
            if deep is not None:
                links.extend(Link(rid, one_path(at), text, refs) for at, text in texts_at(value, deep, path))
            elif isinstance(value, str):
                links.append(Link(rid, path, value, refs))
        return links

    def links_abroad(self, record: Record) -> Iterator[Link]:
        """The references to records of other registries, where the schema allows them."""
        rid, data = record.rid, record.data
        for item in self._fields_abroad:
            name = item.path[0]
            for path, text in texts_at(data[name], item.path[1:], item.path[:1]) if name in data else ():
                if ABROAD in text:
                    yield Link(rid, one_path(path), text, item.refs)

    def targets(self, data: Data) -> set[str]:
        """The ids that a record names: `links` without their places."""
        ids: set[str] = set()
        for name, path, _, deep in self._link_plan:
            if name in data:
                value = data[name]
                if deep is not None:
                    ids.update([text for _, text in texts_at(value, deep, path)])
                elif isinstance(value, str):
                    ids.add(value)
        return ids

    @cached_property
    def _fields_abroad(self) -> tuple[Field, ...]:
        """The references that may name a record of another registry."""
        return tuple(item for item in self.references if item.may_refer_abroad)

    @cached_property
    def _link_plan(self) -> tuple[tuple[str, KeyPath, tuple[str, ...], FieldPath | None], ...]:
        """Top-level name, its key path, kinds, and the rest of the path, if any: plain fields are by far the most
        common."""
        return tuple((item.path[0], item.path[:1], item.refs, item.path[1:] or None) for item in self.references)

    def label_of(self, data: Data, lang: Language) -> str:
        """The name of the record for people: the values of the label fields, enumerations in their language."""
        words = []
        for name in self.label:
            value = data.get(name)
            if isinstance(value, str) and value:
                field = self.by_path.get((name,))
                words.append(field.labels[value].in_(lang) if field and value in field.labels else mask(value, name))
        return " · ".join(words)


@lru_cache(maxsize=4096)
def one_path(path: KeyPath) -> KeyPath:
    """Intern a path: hundreds of thousands of links share a few dozen."""
    return path


def texts_at(data: Json, path: FieldPath, done: KeyPath) -> list[tuple[KeyPath, str]]:
    """Every text at a field path below `data`, with its key path; `done` is the key path of `data` itself."""
    for position, part in enumerate(path):
        if part == ITEM:
            if not isinstance(data, list):
                return []
            rest = path[position + 1 :]
            if not rest:
                return [((*done, index), item) for index, item in enumerate(data) if isinstance(item, str)]
            return [text for index, item in enumerate(data) for text in texts_at(item, rest, (*done, index))]
        if not isinstance(data, dict) or part not in data:
            return []
        data, done = data[part], (*done, part)
    return [(done, data)] if isinstance(data, str) else []


def _allows_beyond(root: Schema, schema: Mapping[str, Any], own: set[str]) -> bool:
    """Whether an object may have names other than its `own` fields: any, or those added by alternative schemas."""
    if schema.get("patternProperties") or schema.get("additionalProperties"):
        return True
    choices = [flat(root, branch) for word in ("oneOf", "anyOf", "allOf") for branch in schema.get(word, ())]
    choices += [
        flat(root, branch[word]) for branch in (schema, *choices) for word in ("then", "else") if word in branch
    ]
    return any(branch.get("properties", {}).keys() - own for branch in choices)


LONG_WORD = 4  # shorter words of a label are spelled like too many others


def suggest_name(name: str, fields: Iterable[Field]) -> str | None:
    """The name of the field that has `name` in another country, else of the only field called so elsewhere (its option,
    its column, its title), else of the one spelled most like it, else of the only one that begins with it."""
    by_name = {field.name: field for field in fields}
    if (meant := called_elsewhere(name, by_name)) is not None:
        return meant
    called = [other for other, field in by_name.items() if slug(name) in _names_of(field)]
    if len(called) == 1:
        return called[0]
    begun = [other for other in by_name if other.startswith(f"{name}_")]
    return closest(name, by_name) or (begun[0] if len(begun) == 1 else None)


def fields_under(name: str, fields: Iterable[Field]) -> list[str]:
    """The names of the fields called this in any language and case: by their names, options and column headings; if
    there are none, by their titles."""
    word, candidates = slug(name), list(fields)
    headings = [field.name for field in candidates if word in field.headings]
    titles = [field.name for field in candidates if word in field.titles]
    return list(dict.fromkeys(headings or titles)) if word else []


def key_meant(kind: Kind, group: tuple[str, ...], word: str) -> str | None:
    """The key in a group of fields that somebody means who writes its title or heading in another language
    (`observations`, `propriétaire`), or the noun with which its description begins (`état`); None if several do."""
    inside = [field for field in kind.fields if field.path[:-1] == group and field.path[-1] != ITEM]
    described = [field for field in inside if "format" not in field.schema]  # "address" begins each web address
    folded = slug(word)
    called = fields_under(word, inside) or [field.name for field in described if folded in field.first_words]
    keys = {field.name: field.path[-1] for field in inside}
    return keys[called[0]] if len(called) == 1 else None


def values_called(field: Field, text: str) -> list[Json]:
    """The allowed values that people call this: by the value itself, else by another spelling of it or by its label in
    either language, whole or in part."""
    return [text] if text in field.enum else list(field.values_by_name.get(fold(text), ()))


def values_near(field: Field, text: str) -> list[Json]:
    """The allowed values that people call this, else those in whose labels each word of `text` begins a word, else
    those spelled most like it, nearest first; at most three."""
    names = {name: value for value in field.enum for name in (fold(str(value)), *sorted(_parts(field, value)))}
    words = {word: value for name, value in names.items() for word in name.split("-") if len(word) >= LONG_WORD}
    spelled = words | names
    near = (
        values_called(field, text)
        or [value for name, value in names.items() if _begins_in(text, name)]
        or [spelled[name] for name in all_close(fold(text), spelled, 3)]
    )
    return list(dict.fromkeys(near))[:3]


def value_hint(field: Field, text: str, choices: Collection[Json] | None = None) -> Text | None:
    """A hint with the allowed value (one of `choices`) that was most likely meant, and its label."""
    near = [value for value in values_near(field, text) if choices is None or value in choices]
    if not near:
        return None
    code = near[0] if isinstance(near[0], str) else json.dumps(near[0])
    label = field.labels.get(near[0])
    if label is None or fold(label.in_("fr")) == fold(code):
        return message_in("kinds", 'did you mean "{code}"?', code=code)
    return Message('did you mean "{code}"?', code=code, label=label)


def _begins_in(text: str, name: str) -> bool:
    """Whether each word of `text` begins a word of a folded name."""
    words = [word for word in fold(text).split("-") if word]
    return bool(words) and all(f"-{word}" in f"-{name}" for word in words)


def _parts(field: Field, value: Json) -> set[str]:
    """The folded parts of a label: `candélabre (lampadaire)` gives both words, and the whole."""
    words = field.labels.get(value)
    labels = {words.in_("en"), words.in_("fr")} if words else ()
    names = {name for label in labels for name in (label, *label.removesuffix(")").partition("(")[::2])}
    return {fold(name) for name in names if fold(name)}


def _headings(field: Field) -> Iterator[str]:
    if field.column:
        yield field.column
    if field.heading:
        yield from (field.heading.in_("en"), field.heading.in_("fr"))


def _names_of(field: Field) -> Iterator[str]:
    heading = field.heading.in_("fr") if field.heading else None
    for word in (field.option, field.column, heading, field.title.in_("en"), field.title.in_("fr")):
        if word:
            yield slug(word)

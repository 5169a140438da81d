"""Completions from the schemas, the rules and the history: fields with their values, codes of rules, revisions, days.
Loaded when Tab asks for one of these (`candidates.by_schema`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import typer

from smartreg.cli.candidates import MOST, Candidates, Completion, days, ids, kinds_of, root_above
from smartreg.cli.meant_words import OTHER, Meant, find_named, near_labels
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.spelling import fold
from smartreg.core.values import Language, short_id
from smartreg.edit import field_path
from smartreg.gitio import open_repo, ref_names
from smartreg.reporters.log_subjects import subject_of
from smartreg.rules import all_rules
from smartreg.schema import (
    ITEM,
    PROPERTY,
    Field,
    Kind,
    Schemas,
    UnknownKind,
    bundled_files,
    read_schemas,
)
from smartreg.trees import schema_texts

RECENT = 20  # commits that are offered


class CommandSubject(NamedTuple):
    """What a command line is about: the root of its registry, the schemas, the kinds of its record or its KIND (none
    given: all), and the language of the run."""

    root: str | None
    schemas: Schemas
    kinds: Sequence[Kind]
    lang: Language

    def plain_fields(self) -> dict[str, tuple[Kind, Field]]:
        """The fields that take one value or a list, by name; of kinds that share one, the first."""
        found: dict[str, tuple[Kind, Field]] = {}
        for kind in self.kinds:
            for field in kind.fields:
                if not field.in_list and field.kind != "object" and field.path != ("id",):
                    found.setdefault(field.name, (kind, field))
        return found

    def values(self, kind: Kind, field: Field, start: str) -> Iterator[tuple[str, str]]:
        """What the field, or an item of its list, can be, each with what people call it."""
        item = kind.by_path.get((*field.path, ITEM), field)
        places = kinds_of(self.root) if item.refs and self.root else {}
        for ref in item.refs:
            if ref in places:
                yield from ((id, "") for id in islice(ids(str(self.root), places[ref]["place"], start), MOST))
        for value in item.enum:
            label = item.labels[value].in_(self.lang) if value in item.labels else ""
            yield str(value), "" if fold(label) == fold(str(value)) else label
        if item.kind == "boolean":
            yield from (("true", "oui" if self.lang == "fr" else ""), ("false", "non" if self.lang == "fr" else ""))
        if item.path == PROPERTY:
            yield from ((key, known.label.in_(self.lang)) for key, known in self.schemas.properties.items())
        if item.schema.get("format") == "date":
            yield from days(self.lang)

    def find_meant(self, kind: Kind, field: Field, text: str) -> Iterator[tuple[str, str]]:
        """The values that people mean by a text: by their labels, of references by the names of records."""
        item = kind.by_path.get((*field.path, ITEM), field)
        if item.refs and self.root:
            kinds = [self.schemas.kinds[ref] for ref in item.refs if ref in self.schemas.kinds]
            yield from find_named(self.root, kinds, text, self.lang)
        else:
            others = dict(self._replace(lang=OTHER[self.lang]).values(kind, field, ""))
            yield from near_labels(dict(self.values(kind, field, "")), others, text)


def read_subject(ctx: typer.Context) -> CommandSubject:
    """The scope of the words typed so far."""
    root = root_above(ctx.obj.folder)
    schemas = read_schemas((schema_texts(Path(root)) if root else None) or bundled_files())
    kinds = list(_kinds_named(root, schemas, _first_argument(ctx)))
    return CommandSubject(root, schemas, kinds or list(schemas.kinds.values()), ctx.obj.lang)


def _first_argument(ctx: typer.Context) -> str:
    """The first word behind the command that is no option and no value of one; an option that still lacks its value
    keeps Typer from reading arguments."""
    words: list[str] = list(ctx.obj.words[:-1])
    parameters: list[Any] = list(ctx.command.params)
    options = {name: item for item in parameters if item.param_type_name == "option" for name in item.opts}
    start = words.index(str(ctx.info_name)) + 1 if ctx.info_name in words else len(words)
    following = iter(words[start:])
    for word in following:
        if not word.startswith("-"):
            return word
        if word in options and not options[word].is_flag:
            next(following, None)
    return ""


def _kinds_named(root: str | None, schemas: Schemas, word: str) -> Iterator[Kind]:
    """The kind that a word names, or of the records that it names; `add-sensor` has no such word."""
    head, slash, _id = word.partition("/")
    if slash and head in schemas.names:
        yield schemas.kinds[schemas.names[head]]
        return
    with suppress(UnknownKind):
        yield schemas.kind_or_preset(word)[0]
        return
    if root is None or not word:
        return
    for name, about in kinds_of(root).items():
        if name in schemas.kinds and word in ids(root, about["place"], word):
            yield schemas.kinds[name]


# -- fields and values -------------------------------------------------------------------------------------------


def fields(ctx: typer.Context, incomplete: str) -> Candidates:
    """`FIELD=` of the record or kind that the command names; behind it (or `+=`, `-=`, `!=`) the field's values."""
    return list(_assignments(read_subject(ctx), incomplete))


def fields_of(kind: str) -> Completion:
    """`FIELD=VALUE` of a kind."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        known = read_subject(ctx)
        return list(_assignments(known._replace(kinds=[known.schemas.kinds[kind]]), incomplete))

    return complete


def _assignments(known: CommandSubject, incomplete: str) -> Iterator[tuple[str, str]]:
    start, equals, value = incomplete.partition("=")
    if not equals:
        yield from ((type(name)(f"{name}="), title) for name, title in _names(known, start))
        return
    found: dict[str, str] = {}
    for kind in known.kinds:
        with suppress(UsageFault):
            field = kind.field_at(field_path(kind, start.rstrip("+-!")))
            for text, about in _values(known, kind, field, value) if field is not None else ():
                found.setdefault(type(text)(f"{start}={text}"), about)
    yield from found.items()


def _names(known: CommandSubject, start: str) -> Iterator[tuple[str, str]]:
    """The names of fields, each with its title; where none begins so, those whose title does; of items in a list,
    those of the item."""
    item, _dot, _last = start.rpartition(".")
    group = re.sub(r"\[[0-9]+\]", ITEM, item) + "."
    if ITEM in group:
        inside = {field.name: field for kind in known.kinds for field in kind.fields if field.name.startswith(group)}
        named = {name.removeprefix(group): field.title.in_(known.lang) for name, field in inside.items()}
        yield from ((f"{item}.{name}", title) for name, title in named.items() if ITEM not in name)
        return
    plain = {name: field.title.in_(known.lang) for name, (_kind, field) in known.plain_fields().items()}
    if any(name.startswith(start) for name in plain):
        yield from plain.items()
        return
    yield from ((Meant(name), title) for name, title in plain.items() if _matches_title(start, title))


def _matches_title(start: str, title: str) -> bool:
    return fold(title).startswith(fold(start))


def _values(known: CommandSubject, kind: Kind, field: Field, start: str) -> Sequence[tuple[str, str]]:
    """Values, in a list the last one; where none begins as it is typed, those that are meant by it."""
    done, comma, last = start.rpartition(",") if field.kind == "array" else ("", "", start)
    found = list(known.values(kind, field, last))
    if not any(value.startswith(last) for value, _ in found):
        found = [(Meant(value), label) for value, label in known.find_meant(kind, field, last)]
    return [(type(value)(f"{done}{comma}{value}"), label) for value, label in found]


def field_names(ctx: typer.Context, incomplete: str) -> Candidates:
    """The names of fields, of several with commas the last one; behind the minus of a descending order too."""
    done, comma, last = incomplete.rpartition(",")
    minus = "-" if last.startswith("-") and not comma else ""
    names = _names(read_subject(ctx), last.removeprefix(minus))
    return [(type(name)(f"{done}{comma}{minus}{name}"), title) for name, title in names]


def values_of(kind: str, path: tuple[str, ...]) -> Completion:
    """The values of one field of a kind."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        known = read_subject(ctx)
        schema = known.schemas.kinds[kind]
        return list(_values(known, schema, schema.by_path[path], incomplete))

    return complete


def pairs_of(kind: str, first: tuple[str, ...], second: tuple[str, ...]) -> Completion:
    """`A:B` of two fields of a kind: the first, behind the colon the second; of an observed property its units."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        known = read_subject(ctx)
        schema = known.schemas.kinds[kind]
        left, colon, _right = incomplete.partition(":")
        if not colon:
            return list(_values(known, schema, schema.by_path[first], left))
        key = known.schemas.property_called(left)
        if first == PROPERTY and key in known.schemas.properties:
            return [(f"{left}:{unit}", "") for unit in known.schemas.properties[key].ucum]
        return [(f"{left}:{value}", label) for value, label in known.values(schema, schema.by_path[second], "")]

    return complete


# -- import ------------------------------------------------------------------------------------------------------


def meanings(ctx: typer.Context, incomplete: str) -> Candidates:
    """`COLUMN:A=x,B=y`: behind each `=` a value of the field that the column, or what follows `->`, fills."""
    known = read_subject(ctx)
    column, colon, pairs = incomplete.partition(":")
    if not colon:
        fields = {name: field for name, (kind, field) in known.plain_fields().items() if field.enum}
        return [(f"{name}:", field.title.in_(known.lang)) for name, field in fields.items()]
    last = pairs.rpartition(",")[2].rpartition("=")[2]
    name = column.rpartition("->")[2]
    if "=" not in pairs.rpartition(",")[2]:
        return []
    found = _assignments(known, f"{name}={last}")
    before = incomplete[: len(incomplete) - len(last)]
    return [(f"{before}{text.partition('=')[2]}", label) for text, label in found]


def column_mappings(ctx: typer.Context, incomplete: str) -> Candidates:
    """`COLUMN=FIELD`: behind the last `=` the names of fields."""
    column, equals, start = incomplete.rpartition("=")
    if not equals:
        return []
    return [(f"{column}={name}", title) for name, title in _names(read_subject(ctx), start)]


# -- rules and history ---------------------------------------------------------------------------------------------


def rule_codes(ctx: typer.Context, _incomplete: str = "") -> Candidates:
    """The codes of all rules, with their titles."""
    return [(code, rule.title.in_(ctx.obj.lang)) for code, rule in all_rules().items()]


def commits(ctx: typer.Context, _incomplete: str = "") -> Candidates:
    """The last commits that changed something of the registry, with their subjects."""
    root = root_above(ctx.obj.folder)
    if root is None:
        return []
    kinds = read_subject(ctx).schemas.kinds if ctx.obj.lang == "fr" else {}
    found = islice(open_repo(Path(root)).history(), RECENT)
    return [(short_id(commit.oid), subject_of(commit, kinds, ctx.obj.lang)) for commit in found]


def revisions(ctx: typer.Context, _incomplete: str = "") -> Candidates:
    """Branches, tags and the last commits."""
    root = root_above(ctx.obj.folder)
    if root is None:
        return []
    with suppress(SmartregError):
        return [*ref_names(open_repo(Path(root)).git), *commits(ctx)]
    return []


def revisions_or_days(ctx: typer.Context, _incomplete: str = "") -> Candidates:
    """Revisions, and days."""
    return [*revisions(ctx), *days(ctx.obj.lang)]

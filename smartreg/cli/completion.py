"""The completions that Tab offers for a word: a function for each sort of word, which Typer calls with what is typed
(see `offer`).

Each opens the schemas of the registry, lists the values that there are, and keeps those that begin as typed; where none
does, those that are meant by it: by their labels, in either language, and by the names of records. Ids are the names of
files: Git would take longer to say what changed than Tab may. What loads half of the program (rules, history, the
index) is loaded by the function that needs it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import typer

from smartreg.cli import load
from smartreg.cli.options import DIRECTORY, FILE, MOST
from smartreg.core.clock import today_here
from smartreg.core.errors import SmartregError, StateFault, UsageFault
from smartreg.core.files import may_be_sparse, read_regular
from smartreg.core.messages import SOURCE, Language, Message, Text
from smartreg.core.spelling import closest, fold
from smartreg.core.strict import Unreadable
from smartreg.core.values import short_id
from smartreg.gitio import open_repo, ref_names
from smartreg.schema import (
    ABROAD,
    ITEM,
    PROPERTY,
    Field,
    Kind,
    Schemas,
    UnknownKind,
    bundled_files,
    field_path,
    read_schemas,
    schemas_in,
)
from smartreg.schema.cells import NO, YES
from smartreg.schema.settings import FOREIGN
from smartreg.schema.settings_file import country_in, folders_in, further_folders, read_config
from smartreg.trees import RECORD_ENDS, OddSchema, WorkingTree, index_of, root_above, schema_texts, settings_text

if TYPE_CHECKING:
    from smartreg.registry import Registry

Candidates: TypeAlias = Sequence[tuple[str, str]]  # values, each with what people call it

LARGEST = 64 * 1024 * 1024  # bytes of what is kept of another registry
RECENT = 20  # commits that are offered
ENOUGH_TO_SEARCH = 2  # letters by which records are searched by name
LONG_WORD = 4  # shorter words of a label are spelled like too many others
OTHER: Mapping[Language, Language] = {"en": "fr", "fr": "en"}


class LooseMatch(str):
    """A candidate for the typed text although it does not begin with it, which Typer would refuse."""

    __slots__ = ()

    def startswith(self, *_typed: Any) -> bool:
        return True


def begun_or_meant(labels: Mapping[str, str], others: Mapping[str, str], text: str) -> Candidates:
    """The values, if one of them begins with the text. Else those in which, or in whose labels (in `others` those of
    the other language), each word of it begins a word; else the one that is spelled most like it, or of which a word
    is."""
    shown = {value: "" if fold(label) == fold(value) else label for value, label in labels.items()}
    if any(value.startswith(text) for value in labels):
        return list(shown.items())
    words = [f"-{word}" for word in fold(text).split("-") if word]
    folded = {value: fold(f"{value} {label} {others.get(value, '')}") for value, label in labels.items()}
    meant = [value for value, name in folded.items() if words and all(word in f"-{name}" for word in words)]
    if words and not meant:
        spelled = {word: value for value, name in folded.items() for word in name.split("-") if len(word) >= LONG_WORD}
        near = closest(fold(text), spelled)
        meant = [spelled[near]] if near else []
    return [(LooseMatch(value), shown[value]) for value in meant]


def words(_ctx: typer.Context, _incomplete: str, *values: str) -> Candidates:
    """These words."""
    return [(value, "") for value in values]


def labelled(ctx: typer.Context, incomplete: str, values: Mapping[Language, Mapping[str, str]]) -> Candidates:
    """These values, with what people call them in each language."""
    return begun_or_meant(values.get(ctx.obj.lang, values[SOURCE]), values[OTHER.get(ctx.obj.lang, SOURCE)], incomplete)


def days(ctx: typer.Context, _incomplete: str) -> Candidates:
    """Days that people often need, each once: today may be the first of the month."""
    lang: Language = ctx.obj.lang
    today = today_here()
    named = {
        today.replace(month=1, day=1): Message("first of the year"),
        today.replace(day=1): Message("first of the month"),
        today - timedelta(days=1): Message("yesterday"),
        today: Message("today"),
    }
    return [(day.isoformat(), named[day].in_(lang)) for day in sorted(named, reverse=True)]


def files(_ctx: typer.Context, incomplete: str) -> Candidates:
    """The files that the shell knows."""
    return [(incomplete, FILE)]


def directories(_ctx: typer.Context, incomplete: str) -> Candidates:
    """The folders that the shell knows."""
    return [(incomplete, DIRECTORY)]


def formats(ctx: typer.Context, _incomplete: str) -> Candidates:
    """The formats that the command writes."""
    return [(name, "") for name in getattr(ctx.command.callback, "formats", ())]


def figures(ctx: typer.Context, incomplete: str) -> Candidates:
    """The figures of an observatory."""
    lang: Language = ctx.obj.lang
    titles = {name: figure.title for name, figure in load("features.observatory.figures").FIGURES.items()}
    labels = {name: title.in_(lang) for name, title in titles.items()}
    others = {name: title.in_(OTHER.get(lang, SOURCE)) for name, title in titles.items()}
    return begun_or_meant(labels, others, incomplete)


def aliases(ctx: typer.Context, _incomplete: str) -> Candidates:
    """The sources of the registry."""
    root = root_above(Path(ctx.obj.folder))
    return [(alias, "") for alias in sorted(read_config(settings_text(root)).sources)] if root is not None else []


# -- kinds ---------------------------------------------------------------------------------------------------------


def open_schemas(root: Path | None) -> Schemas:
    """The schemas of a registry, or those of this release."""
    if root is None:
        return read_schemas(bundled_files())
    settings = settings_text(root)
    texts = schema_texts(root) or schemas_in(country_in(settings))
    return read_schemas(texts).with_folders(folders_in(settings))


def kinds(ctx: typer.Context, incomplete: str) -> Candidates:
    """The kinds of the registry, and the presets of each, which people may call by any name."""
    return _near_names(open_schemas(root_above(Path(ctx.obj.folder))), ctx.obj.lang, incomplete, lambda kind: kind.name)


def nouns(folder: str) -> list[str]:
    """The words that `add-…` takes in a folder: the presets and the noun of each kind. Schemas that cannot be used are
    refused by the command itself, which help and Tab offer meanwhile."""
    try:
        schemas = open_schemas(root_above(Path(folder)))
    except (SmartregError, OddSchema):
        schemas = open_schemas(None)
    return [word for kind in schemas.kinds.values() for word in (*kind.presets, kind.noun)]


def nouns_meant(folder: str, lang: Language, text: str) -> Candidates:
    """The nouns that `add` takes for a word that people use, in either language."""
    return _near_names(open_schemas(root_above(Path(folder))), lang, text, lambda kind: kind.noun)


def _near_names(schemas: Schemas, lang: Language, text: str, name_of: Callable[[Kind], str]) -> Candidates:
    titles: dict[str, Text] = {name_of(kind): kind.title for kind in schemas.kinds.values()}
    french = {name_of(kind): kind.french_noun for kind in schemas.kinds.values()}
    for kind in schemas.kinds.values():
        titles |= {name: kind.title_with(values) for name, values in kind.presets.items()}
    others = {name: f"{title.in_(OTHER.get(lang, SOURCE))} {french.get(name, '')}" for name, title in titles.items()}
    return begun_or_meant({name: title.in_(lang) for name, title in titles.items()}, others, text)


# -- records -------------------------------------------------------------------------------------------------------


def records(ctx: typer.Context, incomplete: str, *names: str) -> Candidates:
    """The ids of records of these kinds. Without kinds, `kind/id` of every record; after a first letter also ids, which
    need not begin with their kind."""
    root = root_above(Path(ctx.obj.folder))
    if root is None:
        return []
    schemas = open_schemas(root)
    among = [schemas.kinds[name] for name in names or schemas.kinds if name in schemas.kinds]
    by_id = (id for kind in among for id in ids(root, kind.place, incomplete))
    begun = by_id if names else _names_of_records(root, among, incomplete)
    if " " in incomplete:  # words: no id begins so
        begun = iter(())
    offered = [(name, "") for name in islice(begun, MOST)]
    return offered or list(find_named(root, among, incomplete, ctx.obj.lang))


def _names_of_records(root: Path, kinds: Iterable[Kind], word: str) -> Iterator[str]:
    for kind in kinds:
        before = f"{kind.name}/"
        if word.startswith(before) or before.startswith(word):
            yield from (before + id for id in ids(root, kind.place, word[len(before) :]))
        if word and "/" not in word:
            yield from ids(root, kind.place, word)


def ids(root: Path, place: str, start: str = "") -> Iterator[str]:
    """The ids of the records in a kind's folder (from the root) that begin with `start`, sorted, by their files."""
    names: Iterable[str]
    if may_be_sparse(os.fspath(root)):
        tree = WorkingTree(root, replace(open_repo(root), folders=(place,)))
        names = (path.rpartition("/")[2] for path in tree.files().below(place))
    else:
        tops = [] if os.path.islink(root / place) else os.walk(root / place)
        names = (name for _top, _folders, inside in tops for name in inside)
    begun = sorted(name for name in names if name.startswith(start) and name.endswith(RECORD_ENDS))
    return (name.rpartition(".")[0] for name in begun)


def ids_abroad(root: Path, start: str, kinds: Collection[str]) -> Iterator[tuple[str, str]]:
    """The records of other registries that are kept here and begin with `start`."""
    for file in sorted((root / FOREIGN).glob("*.jsonl")):
        with suppress(OSError, Unreadable):
            for line in load("registry").read_lines(read_regular(file, LARGEST)):
                reference = f"{file.stem}{ABROAD}{line['id']}"
                if line["kind"] in kinds and "gone" not in line and reference.startswith(start):
                    yield reference, ""


def find_named(root: Path, kinds: Iterable[Kind], text: str, lang: Language) -> Iterator[tuple[str, str]]:
    """The records of these kinds that are found by the words of a text, with their labels."""
    if len(text) < ENOUGH_TO_SEARCH:
        return
    registry = _open_as_described(root) or load("workspace.workspace").open_workspace(root).current
    by_name = {kind.name: kind for kind in kinds}
    rids = load("domain.search").find_records(registry, by_name, text, MOST)
    registry.load_records(rids)
    for record in filter(None, map(registry.get, rids)):
        if os.path.lexists(root / record.file):
            yield LooseMatch(record.rid.id), by_name[record.rid.kind].label_of(record.data, lang)


def _open_as_described(root: Path) -> Registry | None:
    """The registry as the last command saw it: Git would take longer to say what changed since than Tab may. None if
    the index does not tell."""
    with suppress(StateFault):
        repo = replace(open_repo(root), folders=further_folders(settings_text(root)))
        index = index_of(repo)
        tree = WorkingTree(root, repo, index=index).as_described()
        if tree is not None:
            rules = load("rules")
            indexed = rules.indexed_fields(rules.all_rules(*read_config(settings_text(root)).plugins).values())
            registry: Registry = load("registry").open_registry(tree, index, indexed)
            return registry
    return None


def records_in_conflict(ctx: typer.Context, incomplete: str) -> Candidates:
    """The records for which Git waits in a merge; without any, every record."""
    root, record_at = root_above(Path(ctx.obj.folder)), load("registry").record_at
    with suppress(SmartregError):
        schemas = open_schemas(root)
        unmerged = open_repo(root).status().unmerged if root else ()
        waiting = [rid for file in sorted(unmerged) if (rid := record_at(file, schemas)) is not None]
        if waiting:
            return [(str(rid), "") for rid in waiting] + [(rid.id, "") for rid in waiting if incomplete]
    return records(ctx, incomplete)


# -- fields and their values ---------------------------------------------------------------------------------------


class CommandSubject(NamedTuple):
    """The subject of a command line: its registry, the schemas, the kinds of its record or its KIND (none given: all),
    and the context of Typer."""

    root: Path | None
    schemas: Schemas
    kinds: Sequence[Kind]
    ctx: typer.Context

    @property
    def lang(self) -> Language:
        lang: Language = self.ctx.obj.lang
        return lang

    def plain_fields(self) -> dict[str, tuple[Kind, Field]]:
        """The fields that take one value or a list, by name; of kinds that share one, the first."""
        fields_by_name: dict[str, tuple[Kind, Field]] = {}
        for kind in self.kinds:
            for field in kind.fields:
                if not field.in_list and field.kind != "object" and field.path != ("id",):
                    fields_by_name.setdefault(field.name, (kind, field))
        return fields_by_name

    def values(self, kind: Kind, field: Field, start: str) -> Candidates:
        """The values of a field; of a list, for the last one."""
        done, comma, last = start.rpartition(",") if field.kind == "array" else ("", "", start)
        item = kind.by_path.get((*field.path, ITEM), field)
        if item.refs:
            values = records(self.ctx, last, *item.refs)
            if item.may_refer_abroad and self.root is not None:
                values = [*values, *ids_abroad(self.root, last, item.refs)]
        elif item.schema.get("format") == "date":
            values = days(self.ctx, last)
        else:
            values = begun_or_meant(
                self._labels(item, self.lang), self._labels(item, OTHER.get(self.lang, SOURCE)), last
            )
        return [(type(value)(f"{done}{comma}{value}"), label) for value, label in values]

    def _labels(self, item: Field, lang: Language) -> dict[str, str]:
        """The values that a schema lists, with what people call them."""
        if item.kind == "boolean":
            return {"true": YES.in_(lang), "false": NO.in_(lang)}
        if item.path == PROPERTY:
            return {key: item.label.in_(lang) for key, item in self.schemas.properties.items()}
        labels = {value: item.labels[value].in_(lang) if value in item.labels else "" for value in item.enum}
        return {str(value): label for value, label in labels.items()}


def read_subject(ctx: typer.Context) -> CommandSubject:
    """The subject of the words typed so far."""
    root = root_above(Path(ctx.obj.folder))
    schemas = open_schemas(root)
    kinds = list(_kinds_named(root, schemas, _first_argument(ctx)))
    return CommandSubject(root, schemas, kinds or list(schemas.kinds.values()), ctx)


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


def _kinds_named(root: Path | None, schemas: Schemas, word: str) -> Iterator[Kind]:
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
    yield from (kind for kind in schemas.kinds.values() if word in ids(root, kind.place, word))


def fields(ctx: typer.Context, incomplete: str) -> Candidates:
    """`FIELD=` of the record or kind that the command names; behind it (or `+=`, `-=`, `!=`) the field's values."""
    return list(_assignments(read_subject(ctx), incomplete))


def fields_of(ctx: typer.Context, incomplete: str, kind: str) -> Candidates:
    """`FIELD=VALUE` of a kind."""
    subject = read_subject(ctx)
    return list(_assignments(subject._replace(kinds=[subject.schemas.kinds[kind]]), incomplete))


def _assignments(subject: CommandSubject, incomplete: str) -> Iterator[tuple[str, str]]:
    start, equals, value = incomplete.partition("=")
    if not equals:
        yield from ((type(name)(f"{name}="), title) for name, title in _names(subject, start))
        return
    completions: dict[str, str] = {}
    for kind in subject.kinds:
        with suppress(UsageFault):
            field = kind.field_at(field_path(kind, start.rstrip("+-!")))
            for text, about in subject.values(kind, field, value) if field is not None else ():
                completions.setdefault(type(text)(f"{start}={text}"), about)
    yield from completions.items()


def _names(subject: CommandSubject, start: str) -> Iterator[tuple[str, str]]:
    """The names of fields, each with its title; where none begins so, those whose title does; of items in a list,
    those of the item."""
    item, _dot, _last = start.rpartition(".")
    group = re.sub(r"\[[0-9]+\]", ITEM, item) + "."
    if ITEM in group:
        inside = {field.name: field for kind in subject.kinds for field in kind.fields if field.name.startswith(group)}
        titles = {name.removeprefix(group): field.title.in_(subject.lang) for name, field in inside.items()}
        yield from ((f"{item}.{name}", title) for name, title in titles.items() if ITEM not in name)
        return
    plain = {name: field.title.in_(subject.lang) for name, (_kind, field) in subject.plain_fields().items()}
    if any(name.startswith(start) for name in plain):
        yield from plain.items()
        return
    begun = fold(start)
    yield from ((LooseMatch(name), title) for name, title in plain.items() if fold(title).startswith(begun))


def field_names(ctx: typer.Context, incomplete: str) -> Candidates:
    """The names of fields, of several with commas the last one; behind the minus of a descending order too."""
    done, comma, last = incomplete.rpartition(",")
    minus = "-" if last.startswith("-") and not comma else ""
    names = _names(read_subject(ctx), last.removeprefix(minus))
    return [(type(name)(f"{done}{comma}{minus}{name}"), title) for name, title in names]


def values_of(ctx: typer.Context, incomplete: str, kind: str, path: tuple[str, ...]) -> Candidates:
    """The values of one field of a kind."""
    subject = read_subject(ctx)
    schema = subject.schemas.kinds[kind]
    return subject.values(schema, schema.by_path[path], incomplete)


def pairs_of(
    ctx: typer.Context, incomplete: str, kind: str, first: tuple[str, ...], second: tuple[str, ...]
) -> Candidates:
    """`A:B` of two fields of a kind: the first, behind the colon the second; of an observed property its units."""
    left, colon, _right = incomplete.partition(":")
    if not colon:
        return values_of(ctx, left, kind, first)
    schemas = read_subject(ctx).schemas
    key = schemas.property_called(left)
    if first == PROPERTY and key in schemas.properties:
        return [(f"{left}:{unit}", "") for unit in schemas.properties[key].ucum]
    return [(f"{left}:{value}", label) for value, label in values_of(ctx, "", kind, second)]


# -- import -----------------------------------------------------------------------------------------------------


def meanings(ctx: typer.Context, incomplete: str) -> Candidates:
    """`COLUMN:A=x,B=y`: behind each `=` a value of the field that the column, or what follows `->`, fills."""
    subject = read_subject(ctx)
    column, colon, pairs = incomplete.partition(":")
    if not colon:
        fields = {name: field for name, (kind, field) in subject.plain_fields().items() if field.enum}
        return [(f"{name}:", field.title.in_(subject.lang)) for name, field in fields.items()]
    last = pairs.rpartition(",")[2].rpartition("=")[2]
    name = column.rpartition("->")[2]
    if "=" not in pairs.rpartition(",")[2]:
        return []
    values = _assignments(subject, f"{name}={last}")
    before = incomplete[: len(incomplete) - len(last)]
    return [(f"{before}{text.partition('=')[2]}", label) for text, label in values]


def column_mappings(ctx: typer.Context, incomplete: str) -> Candidates:
    """`COLUMN=FIELD`: behind the last `=` the names of fields."""
    column, equals, start = incomplete.rpartition("=")
    if not equals:
        return []
    return [(f"{column}={name}", title) for name, title in _names(read_subject(ctx), start)]


# -- rules and history ---------------------------------------------------------------------------------------------


def rule_codes(ctx: typer.Context, _incomplete: str) -> Candidates:
    """The codes of all rules, with their titles."""
    return [(code, rule.title.in_(ctx.obj.lang)) for code, rule in load("rules").all_rules().items()]


def commits(ctx: typer.Context, _incomplete: str) -> Candidates:
    """The last commits that changed something of the registry, with their subjects."""
    root = root_above(Path(ctx.obj.folder))
    if root is None:
        return []
    kinds = open_schemas(root).kinds if ctx.obj.lang != SOURCE else {}
    latest = islice(open_repo(root).history(), RECENT)
    subject_of = load("wording.log_subjects").subject_of
    return [(short_id(commit.oid), subject_of(commit, kinds, ctx.obj.lang)) for commit in latest]


def revisions(ctx: typer.Context, incomplete: str) -> Candidates:
    """Branches, tags and the last commits."""
    root = root_above(Path(ctx.obj.folder))
    with suppress(SmartregError):
        return [*ref_names(open_repo(root).git), *commits(ctx, incomplete)] if root else []
    return []


def revisions_or_days(ctx: typer.Context, incomplete: str) -> Candidates:
    """Revisions, and days."""
    return [*revisions(ctx, incomplete), *days(ctx, incomplete)]

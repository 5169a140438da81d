"""Completions by meaning, when nothing begins with what is typed: by labels and names. Loaded when
Tab finds nothing else (`candidates.by_meaning`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import typer

from smartreg.cli.candidates import Candidates, Completion, records, root_above
from smartreg.cli.picker import read_fields
from smartreg.commands.workspace import open_workspace
from smartreg.core.errors import SmartregError
from smartreg.core.spelling import bare, closest, fold
from smartreg.core.values import Json, Language, Words
from smartreg.gitio import open_repo
from smartreg.registry import record_at
from smartreg.schema import Kind, bundled_files, read_schemas
from smartreg.trees import schema_texts

ENOUGH_TO_SEARCH = 2  # letters by which records are searched by name
LONG_WORD = 4  # shorter words of a label are spelled like too many others


OTHER: Mapping[Language, Language] = {"en": "fr", "fr": "en"}


class Meant(str):
    """A candidate for the typed text although it does not begin with it, which Typer would refuse."""

    __slots__ = ()

    def startswith(self, *_typed: Any) -> bool:
        return True


def near_labels(labels: Mapping[str, str], others: Mapping[str, str], text: str) -> Candidates:
    """The values in which, or in whose labels (in `others` those of the other language), each word of a text begins a
    word; else the one that is spelled most like it, or of which a word is."""
    words = [f"-{word}" for word in fold(text).split("-") if word]
    folded = {value: fold(f"{value} {label} {others.get(value, '')}") for value, label in labels.items()}
    found = [value for value, name in folded.items() if words and all(word in f"-{name}" for word in words)]
    if words and not found:
        spelled = {word: value for value, name in folded.items() for word in name.split("-") if len(word) >= LONG_WORD}
        near = closest(fold(text), spelled)
        found = [spelled[near]] if near else []
    return [(Meant(value), labels[value]) for value in found]


def labels_meant(values: Mapping[Language, Mapping[str, str]]) -> Completion:
    """A completion with those of these values that are meant by what is typed."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        return near_labels(values[ctx.obj.lang], values[OTHER[ctx.obj.lang]], incomplete)

    return complete


def find_named(root: str, kinds: Iterable[Kind], text: str, lang: Language) -> Iterator[tuple[str, str]]:
    """The records of these kinds that have each word of a text in their id or label, those first in which it begins a
    word; from the stored tables."""
    folded = fold(text)
    if len(text) < ENOUGH_TO_SEARCH or not folded:
        return
    registry = open_workspace(Path(root)).current
    named = [
        (rid.id, kind.label_of(data, lang))
        for kind in kinds
        for rid, data in read_fields(registry, kind, kind.label).items()
    ]
    known = [(fold(f"{id} {label}"), (id, label)) for id, label in named]
    for words, before in product((folded.split("-"), bare(folded).split("-")), ("-", "")):
        found = [record for name, record in known if all(f"{before}{word}" in f"-{name}" for word in words)]
        if found:
            yield from found
            return


def kinds_meant(ctx: typer.Context, incomplete: str) -> Candidates:
    """The kinds and presets that people call so, in either language."""
    return _near_names(ctx.obj.folder, ctx.obj.lang, incomplete, lambda kind: kind.name)


def nouns_meant(folder: str, lang: Language, text: str) -> Candidates:
    """What `add` takes for a word that people use, in either language."""
    return _near_names(folder, lang, text, lambda kind: kind.noun)


def _near_names(folder: str, lang: Language, text: str, name_of: Callable[[Kind], str]) -> Candidates:
    root = root_above(folder)
    kinds = read_schemas((schema_texts(Path(root)) if root else None) or bundled_files()).kinds.values()
    titles = {name_of(kind): kind.title for kind in kinds}
    titles |= {name: _preset_title(kind, values) for kind in kinds for name, values in kind.presets.items()}
    french = {name_of(kind): kind.french_noun for kind in kinds}
    others = {name: f"{title.in_(OTHER[lang])} {french.get(name, '')}" for name, title in titles.items()}
    return near_labels({name: title.in_(lang) for name, title in titles.items()}, others, text)


def _preset_title(kind: Kind, values: Mapping[str, Json]) -> Words:
    """What people call a preset: the label of the first of its values that has one."""
    labels = (kind.by_path[(name,)].labels.get(value) for name, value in values.items())
    return next(filter(None, labels), kind.title)


def records_of(kinds: Sequence[str]) -> Completion:
    """A completion with the records of these kinds (of all where none is named) that people call so."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        root = root_above(ctx.obj.folder)
        if root is None:
            return []
        schemas = read_schemas(schema_texts(Path(root)) or bundled_files())
        found = [schemas.kinds[kind] for kind in kinds or schemas.kinds if kind in schemas.kinds]
        return [(Meant(id), label) for id, label in find_named(root, found, incomplete, ctx.obj.lang)]

    return complete


def records_in_conflict(ctx: typer.Context, incomplete: str) -> Candidates:
    """The records for which Git waits in a merge; without any, every record."""
    root = root_above(ctx.obj.folder)
    with suppress(SmartregError):
        schemas = read_schemas((schema_texts(Path(root)) if root else None) or bundled_files())
        unmerged = open_repo(Path(root)).status().unmerged if root else ()
        waiting = [rid for file in sorted(unmerged) if (rid := record_at(file, schemas)) is not None]
        found = [(str(rid), "") for rid in waiting] + [(rid.id, "") for rid in waiting if incomplete]
        if found:
            return found
    return records(ctx, incomplete)

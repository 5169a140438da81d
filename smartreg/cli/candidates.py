"""What Tab offers for a word: functions that Typer calls with what is typed so far, which load no schema library.

They know the names of files and the kinds, from `x-kind` of `schemas/*.schema.json`, of the registry at or above a
folder or of those that come with smartreg. Records are read if no id begins with what is typed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeAlias

import typer

from smartreg.cli import load
from smartreg.core.files import may_be_sparse, read_regular
from smartreg.core.values import Language

MARKS = ("smartreg.toml", "registry")
SUFFIX = ".schema.json"
NOT_KINDS = ("common", "meta")
_LIMIT = 1 << 20


def root_above(folder: str) -> str | None:
    """The root of the registry at or above `folder`, or None."""
    start = above = os.path.abspath(folder)
    while not any(os.path.exists(os.path.join(above, mark)) for mark in MARKS):
        above, below = os.path.dirname(above), above
        if above == below:
            return load("cli.sparse").root_by_git(start) if may_be_sparse(start) else None
    return above


def kinds_of(root: str | None) -> dict[str, Mapping[str, Any]]:
    """Name of each kind → its `x-kind`, and the `place` of its records, in their order. A schema that cannot
    be read or does not name its kind as it should is left out."""
    found: dict[str, Mapping[str, Any]] = {}
    folders = _folders(root)
    for name, text in _texts(root).items():
        stem = name.removesuffix(SUFFIX)
        if stem in NOT_KINDS:
            continue
        try:
            about = json.loads(text).get("x-kind", {})
            kind = about.get("name", stem)
            about = {"presets": {}, "order": 1000, "folder": stem, "noun": kind, **about}
            words = (kind, about["folder"], about["noun"], *about["presets"].keys())
            if all(map(_plain, words)) and isinstance(about["order"], int):
                found[kind] = {**about, "place": folders.get(kind, f"registry/{about['folder']}")}
        except (ValueError, AttributeError, TypeError, RecursionError):
            continue
    return dict(sorted(found.items(), key=lambda item: (item[1]["order"], item[0])))


def _folders(root: str | None) -> Mapping[str, str]:
    """Where the settings put the records of some kinds; settings are read only where they may do so."""
    try:
        text = read_regular(os.path.join(root, MARKS[0]), _LIMIT) if root else b""
    except OSError:
        return {}
    if b"folders" not in text:
        return {}
    found: Mapping[str, str] = load("schema.settings_file").folders_in(text)
    return found


def _plain(name: Any) -> bool:
    """Whether it is a name as kinds, folders and commands have: ASCII letters, digits, "-" and "_"."""
    return isinstance(name, str) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def nouns(root: str | None) -> list[str]:
    """Every word that `add-…` takes: nouns of kinds and presets."""
    words: list[str] = []
    for about in kinds_of(root).values():
        words += [*about["presets"], about["noun"]]
    return words


def _texts(root: str | None) -> dict[str, bytes]:
    """The schemas by the names of their files: the registry's own, else those that come with smartreg."""
    if root is not None and may_be_sparse(root):
        found: Mapping[str, bytes] = load("cli.sparse").schemas_by_git(root)
        return {name: text for name, text in found.items() if name.endswith(SUFFIX)}
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    places = [os.path.join(package, "_schemas"), os.path.join(os.path.dirname(package), "schemas")]
    if root is not None and not os.path.islink(os.path.join(root, "schemas")):
        places.insert(0, os.path.join(root, "schemas"))
    for place in places:
        names = sorted(os.listdir(place)) if os.path.isdir(place) else []
        texts: dict[str, bytes] = {}
        for name in names:
            if name.endswith(SUFFIX):
                with suppress(OSError):
                    texts[name] = read_regular(os.path.join(place, name), _LIMIT)
        if texts:
            return texts
    return {}


Candidates: TypeAlias = list[tuple[str, str]]
Completion: TypeAlias = Callable[..., Candidates]

MOST = 500  # a shell that is handed more asks whether to show them, and nobody reads them
FILE, DIRECTORY = "<file>", "<directory>"  # the answer is left to the shell
ENDS = (".yaml", ".yml")


def any_of(*values: str) -> Completion:
    """A completion with these values."""

    def complete() -> Candidates:
        return [(value, "") for value in values]

    return complete


def with_labels(values: Mapping[Language, Mapping[str, str]]) -> Completion:
    """A completion with these values, and what people call them in the language of the run."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        labels = values[ctx.obj.lang]
        begun = [(value, "" if label == value else label) for value, label in labels.items()]
        if any(value.startswith(incomplete) for value in labels):
            return begun
        return by_meaning("labels_meant", values)(ctx, incomplete)

    return complete


def by_schema(name: str, *about: object) -> Completion:
    """The completion of this name in `known_words` (`about`: what makes one there), which is loaded when Tab asks."""
    return _load_completion("cli.known_words", name, about)


def by_meaning(name: str, *about: object) -> Completion:
    """The completion of this name in `meant_words`, likewise."""
    return _load_completion("cli.meant_words", name, about)


def _load_completion(module: str, name: str, about: tuple[object, ...]) -> Completion:
    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        found = getattr(load(module), name)
        completion: Completion = found(*about) if about else found
        return completion(ctx, incomplete)

    return complete


def days(lang: Language) -> Candidates:
    """Days that people often need."""
    today = datetime.now().astimezone().date()
    return [
        (today.isoformat(), "aujourd'hui" if lang == "fr" else "today"),
        ((today - timedelta(days=1)).isoformat(), "hier" if lang == "fr" else "yesterday"),
        (today.replace(day=1).isoformat(), "début du mois" if lang == "fr" else "first of the month"),
        (today.replace(month=1, day=1).isoformat(), "début de l'année" if lang == "fr" else "first of the year"),
    ]


def some_days(ctx: typer.Context) -> Candidates:
    """Days that people often mean, in the language of the run."""
    return days(ctx.obj.lang)


def files(incomplete: str) -> Candidates:
    """The files that the shell knows."""
    return [(incomplete, FILE)]


def directories(incomplete: str) -> Candidates:
    """The folders that the shell knows."""
    return [(incomplete, DIRECTORY)]


def formats(ctx: typer.Context) -> Candidates:
    """The formats that the command writes."""
    return [(name, "") for name in getattr(ctx.command.callback, "formats", ())]


def kinds(ctx: typer.Context, incomplete: str) -> Candidates:
    """The kinds of the registry, and the presets of each."""
    found = kinds_of(root_above(ctx.obj.folder))
    names = [*found, *(word for about in found.values() for word in about["presets"])]
    if any(name.startswith(incomplete) for name in names):
        return [(name, "") for name in names]
    return by_meaning("kinds_meant")(ctx, incomplete)


def ids_of(*names: str) -> Completion:
    """A completion with the ids of these kinds."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        root = root_above(ctx.obj.folder)
        found = kinds_of(root)
        folders = [found[name]["place"] for name in names if name in found]
        begun = _first(id for folder in folders if root for id in ids(root, folder, incomplete))
        return begun or (by_meaning("records_of", names)(ctx, incomplete) if incomplete else [])

    return complete


def records(ctx: typer.Context, incomplete: str) -> Candidates:
    """`kind/id` of every record; after a first letter also ids, which need not begin with their kind."""
    root = root_above(ctx.obj.folder)
    begun = _first(_records(root, incomplete)) if root else []
    return begun or (by_meaning("records_of", ())(ctx, incomplete) if incomplete else [])


def _records(root: str, word: str) -> Iterator[str]:
    for kind, about in kinds_of(root).items():
        if word.startswith(f"{kind}/") or f"{kind}/".startswith(word):
            start = word.removeprefix(f"{kind}/") if "/" in word else ""
            yield from (f"{kind}/{id}" for id in ids(root, about["place"], start))
        if word:
            yield from ids(root, about["place"], word)


def _first(words: Iterator[str]) -> Candidates:
    return [(word, "") for word in islice(words, MOST)]


def ids(root: str, place: str, start: str = "") -> Iterator[str]:
    """The ids of the records in a kind's folder (from the root) that begin with `start`, sorted, by their files."""
    found = load("cli.sparse").names_by_git(root, place) if may_be_sparse(root) else _names_on_disk(f"{root}/{place}")
    return iter(sorted(name.rpartition(".")[0] for name in found if name.startswith(start) and name.endswith(ENDS)))


def _names_on_disk(top: str) -> Iterator[str]:
    """The names in the folder and all below it, symbolic links left out."""
    waiting = [top]
    while waiting:
        place = waiting.pop()
        if os.path.islink(place):
            continue
        try:
            names = os.listdir(place)
        except OSError:  # no folder
            continue
        yield from names
        waiting += [os.path.join(place, name) for name in names if not name.endswith(ENDS)]

"""`smartreg complete WORD…`: what Tab offers for the last word, one a line, a description after a tab.

Loads neither Typer nor Rich nor YAML: commands from the table, options from `declared.json`, fields and values from
the schemas, ids from file names. `<file>` and `<directory>` leave the answer to the shell. Never fails: no answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from smartreg.cli.declared import takes
from smartreg.cli.ids import ids
from smartreg.cli.language import language, value_of
from smartreg.cli.nouns import kinds, nouns, root_above
from smartreg.cli.table import COMMANDS
from smartreg.core.styled import line, plain, visible

if TYPE_CHECKING:
    from smartreg.core.values import Language

SHOWN = 500  # a shell that is handed more asks whether to show them, and nobody reads them


def complete(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The candidates for the last word of a command line."""
    words = list(words) or [""]
    try:
        rows = (row for row in _candidates(words, environ) if row[0].startswith((words[-1], "<")) and _typed(row[0]))
        found = list(islice(rows, SHOWN))
    except Exception:  # a broken schema must not spoil the user's prompt
        return ""
    return "".join(f"{value}\t{visible(text)}\n" if text else f"{value}\n" for value, text in found)


def _typed(value: str) -> bool:
    """Whether a value can be shown and typed as it is."""
    return plain([line(value)]) == f"{value}\n"


Rows = Iterable[tuple[str, str]]
Item = Mapping[str, Any]  # as `declared.spelled` makes it


def _candidates(words: list[str], environ: Mapping[str, str]) -> Rows:
    from smartreg.cli.main import LEADING, before_command

    folder = value_of("-C", words) or value_of("--directory", words) or environ.get("SMARTREG_DIRECTORY") or os.curdir
    root = root_above(folder)
    leading, rest = before_command(words[:-1])
    lang: Language = "fr" if language(words, environ) == "fr" else "en"
    if not rest and leading and LEADING.get(leading[-1]):
        return _leading_value(leading[-1])
    if not rest:
        return _commands(root, lang)
    name, typed = rest[0], rest[1:]
    if name == "add":
        if not typed:
            return _nouns(root)
        name, typed = f"add {typed[0]}", typed[1:]
    return _words(name, folder, typed, words[-1], lang)


def _leading_value(option: str) -> Rows:
    """What follows an option that stands before the command."""
    choices = {"--lang": ("fr", "en"), "--color": ("auto", "always", "never")}.get(option, ())
    places = {"-C": "directory", "--directory": "directory", "-o": "file", "--output": "file"}
    return _shell(places[option]) if option in places else [(value, "") for value in choices]


def _commands(root: str | None, lang: str) -> Iterator[tuple[str, str]]:
    for name, (_group, _module, _synopsis, english, french) in COMMANDS.items():
        yield name, french if lang == "fr" else english
    for noun in nouns(root):
        yield f"add-{noun}", ""


def _nouns(root: str | None) -> Iterator[tuple[str, str]]:
    yield from ((noun, "") for noun in nouns(root))


def _words(name: str, folder: str, typed: list[str], word: str, lang: Language) -> Rows:
    taken = takes(name, folder)
    options = {flag: item for item in taken["items"] for flag in item["names"]}
    flag, equals, value = word.partition("=")
    if equals and flag in options:
        return [(f"{flag}={choice}", text) for choice, text in _values(options[flag], taken, folder, value, lang)]
    last = typed[-1] if typed else ""
    if last in options and options[last]["shape"] != "flag":
        return _values(options[last], taken, folder, word, lang)
    if word.startswith("-"):
        return [
            (flag, item["help"][lang]) for flag, item in options.items() if flag.startswith("--") and item["useful"]
        ]
    arguments = [item for item in taken["items"] if not item["names"]]
    given = _positionals(typed, options)
    if not arguments or (given >= len(arguments) and arguments[-1]["shape"] != "many"):
        return ()
    item = arguments[min(given, len(arguments) - 1)]
    if item["completes"] == "field":
        return _fields(folder, typed, word, lang)
    return _values(item, taken, folder, word, lang)


def _positionals(typed: Sequence[str], options: Mapping[str, Item]) -> int:
    """How many words of the command line are arguments: neither options nor their values."""
    count, skip = 0, False
    for word in typed:
        item = None if skip else options.get(word)
        if not skip and item is None and not word.startswith("-"):
            count += 1
        skip = item is not None and item["shape"] != "flag"
    return count


def _fields(folder: str, typed: Sequence[str], word: str, lang: Language) -> Rows:
    """What `set RECORD` may change: the fields of the record's kind, and after `=` the values of an enumeration."""
    from smartreg.cli.add import schemas_at

    root, schemas = root_above(folder), schemas_at(folder)
    head, slash, _id = typed[0].partition("/")
    if root is None:
        return ()
    if slash and head in schemas.names:
        found = schemas.kinds[schemas.names[head]]
    else:
        holders = [kind for kind in schemas.kinds.values() if typed[0] in ids(root, kind.place, typed[0])]
        if len(holders) != 1:
            return ()
        found = holders[0]
    name, equals, _value = word.partition("=")
    plain = [item for item in found.fields if not item.in_list and item.kind != "object" and item.path != ("id",)]
    if equals:
        field = next((item for item in plain if item.name == name), None)
        labels = field.labels if field else {}
        values = field.enum if field else ()
        named = ((value, labels[value].in_(lang) if value in labels else "") for value in values)
        return [(f"{name}={value}", "" if label == value else label) for value, label in named]
    return [(f"{item.name}=", item.title.in_(lang)) for item in plain]


def _values(item: Item, taken: Mapping[str, Any], folder: str, word: str, lang: str) -> Rows:
    if item["choices"]:
        labels = item.get("labels", {})
        named = ((value, labels[value][lang] if value in labels else "") for value in item["choices"])
        return [(value, "" if label == value else label) for value, label in named]
    root = root_above(folder)
    what, _, names = item["completes"].partition(":")
    if what in ("file", "directory"):
        return _shell(what)
    if what == "kind":
        found = kinds(root)
        return [
            (name, "") for name in (*found, *(word for about in found.values() for word in about.get("presets", ())))
        ]
    if what == "rule":
        from smartreg.rules import all_rules

        return [(code, "") for code in all_rules()]
    if what == "format":
        return [(name, "") for name in taken["formats"]]
    if root is None or what not in ("record", "ref"):
        return ()
    return _ids(root, names.split(",") if names else (), word, full=what == "record")


def _ids(root: str, wanted: Sequence[str], word: str, *, full: bool) -> Iterator[tuple[str, str]]:
    """Ids, and `kind/id` too where any record may stand: after a first letter an id need not begin with its kind."""
    for kind, about in kinds(root).items():
        if wanted and kind not in wanted:
            continue
        if full and (word.startswith(f"{kind}/") or f"{kind}/".startswith(word)):
            for id in ids(root, about["place"], word.removeprefix(f"{kind}/") if "/" in word else ""):
                yield f"{kind}/{id}", ""
        if word or not full:
            for id in ids(root, about["place"], word):
                yield id, ""


def _shell(what: str) -> Rows:
    return [(f"<{what}>", "")]

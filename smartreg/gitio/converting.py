"""What makes Git convert files between the working tree and the repository: settings, filters, encodings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import starmap
from typing import NamedTuple

from smartreg.gitio.runner import Git, Running, text

ENCODING = "working-tree-encoding"
_SETTINGS = ("config", "-z", "--get-regexp", r"^(core\.(autocrlf|attributesfile)|filter\..+)$")
_OFF = frozenset({"", "false", "no", "off", "0"})
_NO_ENCODING = frozenset({"unspecified", "unset", "set", "", "utf-8", "utf8"})  # of `set` and `unset` Git complains


class Converting(NamedTuple):
    """Whether `core.autocrlf` is on, the files that `core.attributesFile` names, and the names of all filters."""

    autocrlf: bool
    attribute_files: tuple[str, ...]
    filters: tuple[str, ...]


def read_conversion(git: Git) -> Converting:
    """Ask Git's configuration."""
    autocrlf, files, filters = False, [], set()
    # Git exits with an error if there is no such setting.
    for setting in text(git.start(*_SETTINGS).process.communicate()[0]).split("\0")[:-1]:
        key, has_value, value = setting.partition("\n")
        if key == "core.autocrlf":
            autocrlf = not has_value or value.lower() not in _OFF
        elif key == "core.attributesfile":
            files.append(value)
        else:
            filters.add(key.partition(".")[2].rpartition(".")[0])
    return Converting(autocrlf, tuple(files), tuple(sorted(filters)))


class Attribute(NamedTuple):
    """What the attributes say about a path: `unspecified`, `unset`, `set`, or a value."""

    path: str
    name: str
    value: str


def ask_attributes(git: Git, paths: Sequence[str]) -> Running:
    """Start asking which conversions the attributes files name for these paths."""
    return git.about(("check-attr", "-z", "--stdin", "filter", "ident", ENCODING), paths)


def read_attributes(out: bytes) -> list[Attribute]:
    """Read the answer."""
    words = text(out).split("\0")[:-1]
    return list(starmap(Attribute, zip(words[::3], words[1::3], words[2::3], strict=True)))


def encodings(attributes: Iterable[Attribute]) -> dict[str, str]:
    """The encoding on disk of each path that is not UTF-8."""
    return {path: value for path, name, value in attributes if name == ENCODING and value.lower() not in _NO_ENCODING}


def encodings_of(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """Ask for `encodings` of these paths."""
    return encodings(read_attributes(ask_attributes(git, paths).result()))

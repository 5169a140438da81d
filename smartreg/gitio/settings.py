"""Git's settings in a repository: those that smartreg sets in this clone, and what makes Git convert files between
the working tree and the repository (settings, filters, encodings)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import starmap
from typing import NamedTuple

from smartreg.gitio.runner import Git, Running, text

DRIVER = "smartreg"
"""What .gitattributes calls our way to merge and to compare."""

# A top-level field, or an item of a list: what Git prints after the @@ of a diff.
HUNK_HEADER = "^([A-Za-z_][A-Za-z0-9_]*:.*|[ ]*- .*)$"


def settings(git: Git) -> dict[str, str]:
    """Every user setting in force; names in lower case."""
    return dict(read_settings(git.read(*LIST)))


LIST = ("config", "-z", "--list", "--show-scope")


def read_settings(out: bytes) -> Iterable[tuple[str, str]]:
    """Name and value from what `LIST` prints, the last of a name in force; those of scope `command` are ours."""
    words = text(out).split("\0")
    for scope, line in zip(words[::2], words[1::2], strict=False):
        key, _, value = line.partition("\n")
        if scope != "command":
            yield key.lower(), value


def configure(git: Git, values: Mapping[str, str]) -> None:
    """Set these in the configuration of this clone, each once. Raises GitFailed if it cannot be written."""
    for key, value in values.items():
        git.read("config", "--local", "--replace-all", key, value)


def driver_settings(program: str) -> dict[str, str]:
    """The settings that make Git merge records with `program` (shell words). If it cannot start, or crashes, Git's own
    line merge takes over; otherwise our side alone, without markers, would pass for the merge."""
    literal = program.replace("%", "%%")  # Git puts something in the place of %A
    return {
        f"merge.{DRIVER}.name": "smartreg: field by field",
        f"merge.{DRIVER}.driver": (
            f"{literal} merge-driver -- %O %A %B %P %L %S %X %Y && exit; s=$?; test $s -gt 128 && exit $s; "
            'grep -q "^<<<<<<<" %A && exit 1; git merge-file -q --marker-size=%L %A %O %B || exit 1'
        ),
        f"diff.{DRIVER}.xfuncname": HUNK_HEADER,
    }


def textconv_settings(program: str) -> dict[str, str]:
    """The settings that make Git compare records by content."""
    return {f"diff.{DRIVER}.textconv": f"{program} textconv"}


def attributes(git: Git, path: str, names: Iterable[str]) -> dict[str, str]:
    """The attributes of a path; `unspecified` if nothing."""
    out = git.start("check-attr", "-z", *names, "--", path, attributes=True).result()
    words = text(out).split("\0")[:-1]
    return dict(zip(words[1::3], words[2::3], strict=True))


def editor(git: Git) -> str | None:
    """The shell words that start the user's editor, as Git finds it (core.editor, VISUAL, EDITOR, its default); None if
    there is none."""
    return git.line("var", "GIT_EDITOR")


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
    """An attribute of a path: `unspecified`, `unset`, `set`, or a value."""

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

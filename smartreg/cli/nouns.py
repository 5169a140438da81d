"""The kinds of a registry by their schema files alone: for help and Tab, which load no schema library.

Reads `x-kind` of `schemas/*.schema.json`, of the registry at or above a folder, or of those that come with smartreg.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from smartreg.cli import load
from smartreg.core.files import may_be_sparse, read_regular

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


def kinds(root: str | None) -> dict[str, Mapping[str, Any]]:
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
    for about in kinds(root).values():
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

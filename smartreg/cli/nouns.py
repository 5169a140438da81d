"""The kinds of a registry by their schema files alone: for help and Tab, which load no schema library.

Reads `x-kind` of `schemas/*.schema.json`, of the registry at or above a folder, or of those that come with smartreg.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

MARKS = ("smartreg.toml", "registry")
SUFFIX = ".schema.json"
NOT_KINDS = ("common", "meta")


def root_above(folder: str) -> str | None:
    """The root of the registry at or above `folder`, or None."""
    folder = os.path.abspath(folder)
    while True:
        if any(os.path.exists(os.path.join(folder, mark)) for mark in MARKS):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def kinds(root: str | None) -> dict[str, Mapping[str, Any]]:
    """Name of each kind → its `x-kind`, in their order. A schema that cannot be read or does not name its kind as it
    should is left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in _files(root):
        stem = os.path.basename(path).removesuffix(SUFFIX)
        if stem in NOT_KINDS:
            continue
        try:
            with open(path, "rb") as file:
                about = json.load(file).get("x-kind", {})
            name = about.get("name", stem)
            about = {"presets": {}, "order": 1000, "folder": stem, "noun": name, **about}
            words = (name, about["folder"], about["noun"], *about["presets"].keys())
            if all(map(_plain, words)) and isinstance(about["order"], int):
                found[name] = about
        except (OSError, ValueError, AttributeError, TypeError, RecursionError):
            continue
    return dict(sorted(found.items(), key=lambda item: (item[1]["order"], item[0])))


def _plain(name: Any) -> bool:
    """Whether it is a name as kinds, folders and commands have: ASCII letters, digits, "-" and "_"."""
    return isinstance(name, str) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def nouns(root: str | None) -> list[str]:
    """Every word that `add-…` takes: nouns of kinds and presets."""
    words: list[str] = []
    for about in kinds(root).values():
        words += [*about["presets"], about["noun"]]
    return words


def _files(root: str | None) -> list[str]:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    places = [os.path.join(package, "_schemas"), os.path.join(os.path.dirname(package), "schemas")]
    if root is not None:
        places.insert(0, os.path.join(root, "schemas"))
    for place in places:
        names = sorted(os.listdir(place)) if os.path.isdir(place) else []
        found = [os.path.join(place, name) for name in names if name.endswith(SUFFIX)]
        if found:
            return found
    return []

"""File names that some computer cannot hold: there the registry could not be checked out completely.

Windows: reserved device names, characters that paths cannot have, dots and spaces at the end. macOS and Windows: names
that differ only by case, or by how accents are composed, are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from smartreg.core.findings import Finding, Related
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location
from smartreg.trees import LONGEST, Listing

_ONE = re.compile(r"[^a-z0-9/_.\-]|\.(?:/|\Z)|/(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:[./]|\Z)")
_SIGNS = r'[<>:"|?*\\]'
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³])(?:\..*)?", re.IGNORECASE)


def odd_names(paths: Iterable[str]) -> list[Finding]:
    """YML011 for each path that some computer cannot hold, YML012 for each that collides with another one there."""
    if isinstance(paths, Listing) and paths.usual:
        return []
    every = list(paths)
    unusual = [path for path in every if _ONE.search(path) or len(path) > LONGEST]
    return [*_impossible(unusual), *_find_clashes(every, unusual)]


def _impossible(paths: Iterable[str]) -> Iterator[Finding]:
    for path in paths:
        why = next((why for part in path.split("/") if (why := _why_impossible(part)) is not None), None)
        if why is None and len(path) > LONGEST:
            why = Message("the path is longer than {longest} characters", longest=LONGEST)
        if why is not None:
            yield Finding(
                "YML011",
                "error",
                Message("not every computer can hold this file: {why}", why=why),
                Location(path),
                Message("give it a name of small letters, digits and hyphens"),
            )


def _why_impossible(part: str) -> Text | None:
    """The reason why some computer cannot hold one step of a path."""
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in part if not sign.isascii() or sign < " "):
        return Message("its name has invisible characters")
    if "\x7f" in part:
        return Message("its name has invisible characters")
    if re.search(_SIGNS, part):
        return Message('Windows takes none of < > : " | ? * \\')
    if part.endswith((".", " ")):
        return Message("Windows cuts dots and spaces at the end")
    if _DEVICE.fullmatch(part):
        device = part.partition(".")[0]
        return Message('"{device}" is a device on Windows', device=device)
    if not unicodedata.is_normalized("NFC", part):
        return Message("its accents are composed in an unusual way")
    return None


def _find_clashes(paths: list[str], unusual: Iterable[str]) -> Iterator[Finding]:
    """Of two names that differ by case, one is unusual: only names similar to an unusual one are compared."""
    alike: dict[str, list[str]] = {_fold(step): [] for path in unusual for step in _steps(path)}
    folders = sorted({path.rpartition("/")[0] for path in paths})
    for step in dict.fromkeys((*(step for folder in folders for step in _steps(folder)), *paths)):
        names = alike.get(_fold(step))
        if names is not None:
            names.append(step)
    reported: set[str] = set()
    for names in (names for names in alike.values() if len(names) > 1):
        for name in names:
            others = [other for other in names if other != name]
            files = [path for path in paths if path == name or path.startswith(f"{name}/")]
            yield from (_clash(path, name, others) for path in files if path not in reported)
            reported.update(files)


def _steps(path: str) -> Iterator[str]:
    """A path and its parent folders, without the top one."""
    parts = path.split("/")
    yield from ("/".join(parts[:depth]) for depth in range(2, len(parts) + 1))


def _fold(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def _clash(path: str, name: str, others: list[str]) -> Finding:
    listed = ", ".join(others)
    return Finding(
        "YML012",
        "error",
        Message("on Windows and macOS {name} is the same as {listed}", name=name, listed=listed),
        Location(path),
        Message("rename one of them"),
        tuple(Related(Location(other), Message("the other one")) for other in others),
    )

"""What `doctor` looks at on a computer: Git, who commits, optional parts, the encoding of the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import metadata

from smartreg.commands.doctor_check import Check, State
from smartreg.core.errors import SmartregError
from smartreg.core.values import Words
from smartreg.gitio import refuse_stranger

OLDEST = (2, 38)
PACKAGE = "smartreg"
OWN_EXTRA = "dev"  # for those who build smartreg, not for those who use it


def version(said: str) -> Check:
    """Of what `git version` said."""
    found = re.search(r"(\d+)\.(\d+)[.\d]*", said)
    shown = found[0] if found else said.strip()
    if found and (int(found[1]), int(found[2])) < OLDEST:
        return Check(
            "git",
            "mend",
            Words(f"Git {shown} is too old", f"Git {shown} est trop ancien"),
            Words("install Git 2.38 or newer", "installez Git 2.38 ou plus récent"),
        )
    return Check("git", "ok", Words(f"Git {shown}", f"Git {shown}"))


def identity(there: Mapping[str, str]) -> Check:
    """Who commits, by the settings of Git."""
    try:
        refuse_stranger(there)
    except SmartregError as fault:
        return Check("identity", "mend", fault.message, fault.hint)
    return Check("identity", "ok", Words("Git knows who you are", "Git sait qui vous êtes"))


def extras() -> Iterator[Check]:
    """The optional parts of this installation that are not there."""
    needs: dict[str, list[str]] = {}
    for line in metadata.requires(PACKAGE) or ():
        found = re.search(r"extra == ['\"]([a-z0-9-]+)['\"]", line)
        if found and found[1] != OWN_EXTRA:
            needs.setdefault(found[1], []).append(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0])
    for extra, names in needs.items():
        missing = [name for name in names if not _is_installed(name)]
        state: State = "note" if missing else "ok"
        listed = ", ".join(missing or names)
        message = (
            Words(f"extra {extra} is not installed: {listed}", f"l'option {extra} n'est pas installée : {listed}")
            if missing
            else Words(f"extra {extra}: {listed}", f"option {extra} : {listed}")
        )
        yield Check("extras", state, message, _install(extra) if missing else None)


def _install(extra: str) -> Words:
    command = f"pip install 'smartreg[{extra}]'"
    return Words(command, command)


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def encoding(name: str) -> Check:
    """What the terminal takes."""
    if name.lower().replace("-", "") == "utf8":
        return Check("locale", "ok", Words("the terminal takes UTF-8", "le terminal accepte l'UTF-8"))
    return Check(
        "locale",
        "mend",
        Words(f"the terminal takes {name}, not UTF-8", f"le terminal accepte {name}, pas l'UTF-8"),
        Words("set LC_ALL=C.UTF-8 or PYTHONUTF8=1", "posez LC_ALL=C.UTF-8 ou PYTHONUTF8=1"),
    )

"""How smartreg was installed and is started: its extras (optional libraries), how to install what is missing, and
how Git (merge driver, `textconv`), shells at Tab, hooks and pipelines start it.

By the names of the libraries, never by our own: as long as the project has published no package, whoever registers
its name would run code here. For the interpreter that runs smartreg, wherever that is installed (pipx, uv, an
environment).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from smartreg.core.messages import Message, Text, verbatim

if TYPE_CHECKING:
    from importlib.metadata import Distribution

DISTRIBUTION = "smartreg"
OWN_EXTRAS = ("dev", "docs")  # for those who build smartreg, not for those who use it


def site_folders() -> list[str]:
    """The folders that this interpreter's installers put packages into: what lies in others names no plug-in, no
    library and no address of ours, neither the current folder, which Python searches for `-m` and `-c`, nor PYTHONPATH,
    nor folders that a `.pth` file adds."""
    import site

    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [*site.getsitepackages(), *user]


def find_distributions(name: str | None = None) -> Iterable[Distribution]:
    """The installed distributions, or those of this name. `importlib.metadata` costs 28 ms, so only on demand."""
    from importlib import metadata

    return metadata.distributions(name=name, path=site_folders())


@contextmanager
def only_installed_modules() -> Iterator[None]:
    """Python finds no module in the current folder or on PYTHONPATH: what is before its own library on its path."""
    before, library = sys.path, os.path.dirname(os.__file__)
    sys.path = before[before.index(library) if library in before else 0 :]
    try:
        yield
    finally:
        sys.path = before


def requirements_by_extra() -> dict[str, list[str]]:
    """The requirements of each extra that users may want, such as `duckdb>=1.1`; empty where nothing is installed."""
    by_extra: dict[str, list[str]] = {}
    for line in next((about.requires or [] for about in find_distributions(name=DISTRIBUTION)), []):
        requirement, _, condition = line.partition(";")
        extra = re.search(r"extra == ['\"]([a-z0-9-]+)['\"]", condition)
        if extra and extra[1] not in OWN_EXTRAS:
            by_extra.setdefault(extra[1], []).append(requirement.strip())
    return by_extra


def install_command(extra: str) -> Text:
    """The command that installs the libraries of an extra beside this smartreg."""
    requirements = requirements_by_extra().get(extra)
    if not requirements:
        return Message("install smartreg with its extra {extra}", extra=extra)
    python = shlex.quote(Path(sys.executable).as_posix())
    # An environment of `uv tool install` has no pip.
    has_pip = importlib.util.find_spec("pip") is not None
    start = f"{python} -m pip install" if has_pip else f"uv pip install --python {python}"
    command = " ".join([start, *(f'"{requirement}"' for requirement in requirements)])
    return verbatim(command)


# With `-m` alone, Python would look for modules in the current folder first: a file `json.py` of somebody's branch
# would run. `-P` leaves that folder out, `-E` leaves out PYTHONPATH, which may name it. (`-I` would leave out the
# user's own installed packages, too.)
SAFELY = "-E -P -m"


def invocation() -> str:
    """The shell words that start smartreg by the path of its interpreter, whatever is in the current folder. Uses
    slashes on Windows too, where Git has its own shell."""
    return f"{shlex.quote(Path(sys.executable).as_posix())} {SAFELY} smartreg"

"""How others start this program: Git (merge driver, `textconv`), shells at Tab, hooks, pipelines."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

# By `-m` alone, Python would look for modules in the current folder first: a file `json.py` of somebody's branch would
# run. `-P` leaves that folder out, `-E` leaves out PYTHONPATH, which may name it. (`-I` would leave out what a user
# installed for himself, too.)
SAFELY = "-E -P -m"


def invocation() -> str:
    """The words of a shell that start this program by the path of its interpreter, whatever lies in the current folder.
    With slashes on Windows too, where Git has a shell of its own."""
    return f"{shlex.quote(Path(sys.executable).as_posix())} {SAFELY} smartreg"

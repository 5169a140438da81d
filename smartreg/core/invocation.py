"""How other programs start smartreg: Git (merge driver, `textconv`), shells at Tab, hooks, pipelines."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

# With `-m` alone, Python would look for modules in the current folder first: a file `json.py` of somebody's branch
# would run. `-P` leaves that folder out, `-E` leaves out PYTHONPATH, which may name it. (`-I` would leave out the
# user's own installed packages, too.)
SAFELY = "-E -P -m"


def invocation() -> str:
    """The shell words that start smartreg by the path of its interpreter, whatever is in the current folder. Uses
    slashes on Windows too, where Git has its own shell."""
    return f"{shlex.quote(Path(sys.executable).as_posix())} {SAFELY} smartreg"

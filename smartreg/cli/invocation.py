"""How others start this program: Git, shells, pipelines."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from smartreg.commands.pipelines import SAFELY


def invocation() -> str:
    """The words of a shell that start this program by the path of its interpreter, whatever lies in the current folder
    (see `SAFELY`). With slashes on Windows too, where Git has a shell of its own."""
    return f"{shlex.quote(Path(sys.executable).as_posix())} {SAFELY} smartreg"

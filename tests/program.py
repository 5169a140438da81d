"""The real program as tests start it, and the Git settings of who starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

Done: TypeAlias = subprocess.CompletedProcess[str]

GIT_CONFIG = (
    "[user]\n name = Service registre\n email = registre@example.org\n[init]\n defaultBranch = main\n"
    "[commit]\n gpgSign = false\n[gc]\n auto = 0\n"
)


def start(*words: str, cwd: Path, input: str = "", **environ: str) -> Done:  # noqa: A002
    """Run the program without a terminal; standard input holds `input` and ends."""
    return subprocess.run(
        [sys.executable, "-m", "smartreg", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **environ},
        input=input,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

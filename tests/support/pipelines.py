"""A pipeline's shell, in which `smartreg` and `python` are on PATH, as in an environment of Python."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from program import ROOT, Done, write_program


def put_programs(folder: Path) -> None:
    """Write `smartreg` and `python` into a new folder. The program, where pipelines start it, is a fork."""
    folder.mkdir()
    write_program(folder / "smartreg")
    smartreg, python = (shlex.quote(os.fspath(path)) for path in (folder / "smartreg", sys.executable))
    forked = f'case "$*" in "-E -P -m smartreg "*) shift 4; exec {smartreg} "$@";; esac'
    (folder / "python").write_text(f'#!/bin/sh\n{forked}\nexec {python} "$@"\n', encoding="utf-8")
    (folder / "python").chmod(0o755)


def shell(clone: Path, script: str, **environ: str) -> Done:
    """Run a script as a pipeline's shell does, in the clone, with the programs of the folder `bin` beside it."""
    path = f"{clone.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    outside = {"PATH": path, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(clone.parent / "summary.md")}
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=clone,
        env={**os.environ, **outside, **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

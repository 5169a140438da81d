"""The worked example of docs/observatory.md works as written: commands, exit codes, every line shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from readme_tour import COMMIT, read_tour, shows

PAGE, SECTION = "docs/observatory.md", "A worked example"


@pytest.mark.long
def test_the_worked_example_does_what_the_page_shows(tmp_path: Path, home: Path) -> None:
    steps = read_tour(PAGE, SECTION)
    assert len(steps) > 50
    roles = {f"GIT_{role}_{what}": "tour@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, **roles, "PATH": path, "HOME": str(home), "SMARTREG_LANG": "en"}
    for command, code, shown in steps:
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environ, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
        lines = COMMIT.sub("(commit)", done.stdout).splitlines()
        missing = [line for line in shown if not any(shows(candidate, line) for candidate in lines)]
        assert not missing, f"{command}\n{done.stdout}{done.stderr}"

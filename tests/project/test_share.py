"""The wheel: share/, with manual pages that say what `-h` says, and completion scripts where shells look for them; and
every file of the package."""

from __future__ import annotations

import tomllib

import pytest
from manuals import SHARE, main, share


def test_manual_pages_and_completions_are_up_to_date(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        main()
    held = {file.relative_to(SHARE).as_posix(): file.read_text("utf-8") for file in SHARE.rglob("*") if file.is_file()}
    assert held == share(), "run scripts/manuals.py"
    assert "smartreg set [OPTIONS] [RECORD|KIND]" in held["man/man1/smartreg-set.1"]
    assert held["man/fr/man1/smartreg-set.1"].startswith('.TH "SMARTREG-SET" "1"')


def test_the_wheel_has_every_file_of_the_package() -> None:
    """Files that are listed one folder at a time are forgotten, and what needs them fails where it is installed."""
    settings = tomllib.loads((SHARE.parent / "pyproject.toml").read_text("utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "/smartreg" in wheel["include"]
    assert wheel["exclude"] == ["*.po"], "which the wheel has compiled"

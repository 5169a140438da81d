"""What an installation lacks is named by its libraries, for the interpreter that runs."""

from __future__ import annotations

import re
import sys

import pytest

from smartreg.core.installation import install_command, requirements_by_extra


def test_the_extras_of_developers_are_not_for_users() -> None:
    assert set(requirements_by_extra()) == {"geo", "labels", "pandas", "parquet", "spark", "web", "xlsx"}


def test_pip_installs_the_libraries_and_uv_where_there_is_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pip")
    command = install_command("parquet")
    assert re.search(r' -m pip install "duckdb>=[\d.]+"$', command.in_("en"))
    assert (command.in_("fr"), "smartreg" in command.in_("en").partition(" -m ")[2]) == (command.in_("en"), False)
    monkeypatch.setitem(sys.modules, "pip", None)
    assert re.match(
        r"uv pip install --python \S+ .*\"pandas>=[\d.]+\" \"pyarrow>=", install_command("pandas").in_("en")
    )


def test_without_metadata_the_extra_is_named() -> None:
    assert install_command("none").in_("en") == "install smartreg with its extra none"

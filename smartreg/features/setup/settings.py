"""`doctor --settings`: the settings in force, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

from smartreg.schema.settings import FILE
from smartreg.schema.settings_file import effective
from smartreg.trees import WorkingTree
from smartreg.workspace.workspace import Workspace

DEFAULT = "default"
VARIABLES = (
    "SMARTREG_DIRECTORY",
    "SMARTREG_FORMAT",
    "SMARTREG_LANG",
    "SMARTREG_NO_INPUT",
    "CI",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "NO_COLOR",
    "FORCE_COLOR",
    "GITHUB_STEP_SUMMARY",
)
"""The variables of the environment that the program reads, besides Git's own."""


class InForce(NamedTuple):
    """A setting in force: its value as JSON has it, and its source: smartreg.toml, environment or default."""

    name: str
    value: Any
    source: str


def settings_in_force(workspace: Workspace | None, environ: Mapping[str, str]) -> Iterator[InForce]:
    """The settings of the registry (none outside of one), then what the environment says."""
    if workspace is not None:
        try:
            text = WorkingTree(workspace.root, workspace.repo).read(FILE)
        except FileNotFoundError:
            text = None
        for setting in effective(text):
            yield InForce(
                setting.name,
                json.loads(json.dumps(setting.value, default=_setting_text)),
                FILE if setting.given else DEFAULT,
            )
    for name in VARIABLES:
        if name in environ:
            yield InForce(name, environ[name], "environment")


def _setting_text(value: Any) -> Any:
    """A date, or one of the waivers."""
    return value.isoformat() if isinstance(value, date) else asdict(value)

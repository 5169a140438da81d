"""Compiles the catalogues of translations when a wheel is built, or smartreg installed from its source."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook of `[tool.hatch.build.targets.wheel.hooks.custom]`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write each `.mo` file beside its `.po` file; the wheel takes them as artifacts."""
        runpy.run_path(str(Path(self.root, "scripts", "catalogues.py")))["compile_all"]()

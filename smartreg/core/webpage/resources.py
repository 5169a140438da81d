"""Files that the wheel ships with the code: styles, scripts, licences."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def resource(package: str, name: str) -> str:
    """The text of a file in the folder of `package`."""
    return files(package).joinpath(name).read_text(encoding="utf-8")

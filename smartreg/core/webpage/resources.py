"""Files that the wheel carries beside the code: styles, scripts, licences."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def resource(package: str, name: str) -> str:
    """The text of a file beside the modules of `package`."""
    return files(package).joinpath(name).read_text(encoding="utf-8")

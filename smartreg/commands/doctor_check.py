"""One thing that `doctor` looked at, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from smartreg.core.values import Words

State: TypeAlias = Literal["ok", "note", "mend"]
Mending: TypeAlias = Literal["driver", "attributes", ""]


@dataclass(frozen=True)
class Check:
    """One thing looked at. `note` is worth knowing, `mend` stands in the way; `mending` is what `--fix` does of it."""

    name: str
    state: State
    message: Words
    hint: Words | None = None
    mending: Mending = ""

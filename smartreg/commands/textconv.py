"""`textconv`: a record in one order and one writing, so that `git diff` shows only what it says otherwise."""

from __future__ import annotations

import re
from pathlib import Path

from smartreg.core.regular_file import read_regular
from smartreg.edit import in_order
from smartreg.schema import Schemas
from smartreg.yamlio import dump, read

_LONGEST = 1 << 28
_SCHEMA = re.compile(rb"\A# yaml-language-server: \$schema=\S*?([a-z0-9_-]+)\.schema\.json")


def canonical(file: Path, schemas: Schemas) -> bytes:
    """The text of a record as smartreg would write it, comments aside; what cannot be read, as it is. Git gives old
    versions under names that tell nothing: the kind is that of the first line."""
    text = read_regular(file, _LONGEST, follow=True)
    data = read(text, file.name).data
    if data is None:
        return text
    named = _SCHEMA.match(text)
    kind = schemas.kinds.get(named[1].decode()) if named else None
    return dump(in_order(kind, data) if kind else data)

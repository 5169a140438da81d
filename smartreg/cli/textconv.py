"""`textconv FILE`, called by Git."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Argument, command
from smartreg.cli.session import Session
from smartreg.commands.textconv import canonical
from smartreg.core.styled import line, plain
from smartreg.core.values import Words
from smartreg.schema import bundled_files, read_schemas

File: TypeAlias = Annotated[str, Argument("FILE", Words("a record", "un enregistrement"), completes="file")]


def run(session: Session, file: File) -> int:
    text = canonical(Path(file), read_schemas(bundled_files())).decode("utf-8", "surrogateescape")
    rows = text.removesuffix("\n").split("\n") if text else []
    session.console.write(plain(line(row.removesuffix("\r")) for row in rows))
    return 0


COMMAND = command(run)

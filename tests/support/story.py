"""A small registry in the making, commit by commit, for tests of its history."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Git

from smartreg.commands.history import log
from smartreg.history.entries import LogEntry, LogOptions
from smartreg.workspace.workspace import open_workspace


class Story:
    """A registry in the making: `commit({path: text or None}, message, …)`."""

    def __init__(self, root: Path, git: Git) -> None:
        self.root, self.git = root, git
        self.hours = 0
        (root / "smartreg.toml").write_text("", "utf-8")

    def put(self, files: dict[str, str | None]) -> None:
        for name, text in files.items():
            path = self.root / "registry" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(f"id: {path.stem}\n{text}\n", "utf-8")

    def commit(self, files: dict[str, str | None], *message: str, author: str = "SIG Istres") -> str:
        """One commit an hour later than the last; each further part of the message is a paragraph."""
        self.put(files)
        self.git("add", "-A")
        self.hours += 1
        when = f"2026-09-{self.hours:02}T10:00:00+02:00"
        paragraphs = [word for part in message or ("by hand",) for word in ("-m", part)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GIT_COMMITTER_DATE", when)
            self.git("commit", "-q", f"--date={when}", f"--author={author} <sig@example.org>", *paragraphs)
        return self.git("rev-parse", "HEAD").strip()

    def log(self, record: str | None = None, **wanted: object) -> tuple[LogEntry, ...]:
        return log(open_workspace(self.root), record=record, wanted=LogOptions(**wanted)).entries  # type: ignore[arg-type]


def trailers(op: str, *more: str) -> str:
    return "\n".join((f"Smartreg-Op: {op}", *more))

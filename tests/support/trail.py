"""A registry under one convention whose history tests write: by hand, by smartreg's own commands, on branches."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Git
from conventions import ON, place, under_convention

from smartreg.edit import WriteOptions
from smartreg.features.proofs.audit import AuditOptions, audit
from smartreg.features.proofs.trail import Audited
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import Workspace, open_workspace

HOSTED = "registry/equipment/hosted.yaml"
GUEST = "registry/equipment/guest.yaml"
BUREAU = "registry/parties/bureau.yaml"


class Trail:
    """`edit(path, old, new)`, `write(path, text)`, `delete(path)`, then `commit(…)`; a day passes with each commit."""

    def __init__(self, root: Path, git: Git, patch: pytest.MonkeyPatch) -> None:
        self.root, self.git, self._patch = root, git, patch
        self._days = 0
        self._pass()
        under_convention(root, git)
        self.first = self.head

    def _pass(self) -> None:
        self._days += 1
        self.date(f"2026-01-{self._days:02}T10:00:00+01:00")

    def date(self, when: str) -> None:
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            self._patch.setenv(name, when)

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def write(self, path: str, text: str) -> None:
        place(self.root, path, text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def delete(self, path: str) -> None:
        (self.root / path).unlink()

    def commit(self, *message: str, options: tuple[str, ...] = ()) -> str:
        """Everything that changed, a day after the last commit; each part of the message is a paragraph."""
        self._pass()
        self.git("add", "-A")
        paragraphs = [word for part in message or ("by hand",) for word in ("-m", part)]
        self.git("commit", "-q", *options, *paragraphs)
        return self.head

    def set(self, record: str, *assignments: str) -> str:
        """By smartreg, a day after the last commit."""
        self._pass()
        set_fields(self.workspace, record, assignments, (), WriteOptions(on=ON))
        return self.head

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.root)

    def audit(self, since: str | None = None, anchor: str | None = None, *, everything: bool = False) -> Audited:
        return audit(self.workspace, AuditOptions(since, anchor, everything))

    def codes_by_commit(self, since: str | None = None, anchor: str | None = None) -> dict[str, list[str]]:
        """The codes by commit, the newest first; what concerns the whole under the empty name."""
        audit = self.audit(since or self.first, anchor)
        whole = {"": [finding.code for finding in audit.general]} if audit.general else {}
        return whole | {trace.commit.oid: [finding.code for finding in trace.findings] for trace in audit.traces}

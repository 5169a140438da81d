"""Questions to Git before a write, asked in the background."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from smartreg.gitio import direct, refusals
from smartreg.gitio.direct import Direct, PendingChecks
from smartreg.gitio.refusals import Examination
from smartreg.gitio.repo import Repo, Write
from smartreg.gitio.settings import encodings, read_attributes


class PendingWriteChecks(NamedTuple):
    """Pending questions about `paths`. The answers are valid until Git's index is written: see `holds`."""

    paths: frozenset[str]
    examination: Examination
    short_way: PendingChecks

    def holds(self, repo: Repo, paths: Collection[str]) -> bool:
        """Whether the answers are about these paths and the present index."""
        return self.paths.issuperset(paths) and self.examination.index_then == refusals.index_state(repo)

    def check(self, repo: Repo, writes: Sequence[Write], present: Collection[str]) -> tuple[str | None, Direct | None]:
        """Refuse what no commit can take (StateFault); returns the commit of HEAD, and the short way to the next one,
        if any. `present`: the paths that already have a file."""
        worktree = refusals.examine(repo, self.examination, [write.path for write in writes], present)
        attributes = read_attributes(self.short_way.attributes.answer() or b"")
        refusals.refuse_encodings(encodings(attributes))
        return worktree.status.head, direct.short_way(repo, self.short_way, attributes, worktree, writes)

    def end(self) -> None:
        """Wait for the end of questions whose answers were not needed."""
        for running in (*self.examination[:3], *self.short_way):
            if running is not None and running.process.returncode is None:
                running.answer()


def ask_before_write(repo: Repo, expected: Mapping[str, bytes | None]) -> PendingWriteChecks:
    """Start asking. `expected`: the content of each path that may be written, None for no file."""
    paths = frozenset(expected)
    present = {path for path, content in expected.items() if content is not None}
    pending = direct.ask(repo, sorted(paths), sorted(paths - present))
    return PendingWriteChecks(paths, refusals.begin(repo, paths, present), pending)

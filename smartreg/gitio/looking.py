"""What a write needs from Git before it begins, read while other work goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from smartreg.gitio import direct, refusals
from smartreg.gitio.converting import encodings, read_attributes
from smartreg.gitio.direct import Direct, PendingChecks
from smartreg.gitio.refusals import Examination
from smartreg.gitio.repo import Repo, Write


class PendingStatus(NamedTuple):
    """Pending questions about `paths`. The answers are valid as long as Git's index is not written: see `holds`."""

    paths: frozenset[str]
    examination: Examination
    asked: PendingChecks

    def holds(self, repo: Repo, paths: Collection[str]) -> bool:
        """Whether the answers are about these paths, and about the present index."""
        return self.paths.issuperset(paths) and self.examination.index_then == refusals.index_state(repo)

    def check(self, repo: Repo, writes: Sequence[Write], present: Collection[str]) -> tuple[str | None, Direct | None]:
        """Refuse what no commit can take (StateFault); the commit that HEAD is at, and the short way to the next one
        where there is one. `present`: the paths that have a file already."""
        found = refusals.examine(repo, self.examination, [write.path for write in writes], present)
        attributes = read_attributes(self.asked.attributes.answer() or b"")
        refusals.refuse_encodings(encodings(attributes))
        return found.status.head, direct.short_way(repo, self.asked, attributes, found, writes)

    def end(self) -> None:
        """Wait for the end of questions whose answers were not needed."""
        for running in (*self.examination[:3], *self.asked):
            if running is not None and running.process.returncode is None:
                running.answer()


def look(repo: Repo, expected: Mapping[str, bytes | None]) -> PendingStatus:
    """Start asking. `expected`: the content of each path that may be written, None for no file."""
    paths = frozenset(expected)
    present = {path for path, content in expected.items() if content is not None}
    return PendingStatus(paths, refusals.begin(repo, paths, present), direct.ask(repo, sorted(paths)))

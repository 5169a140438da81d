"""Git's own merge of three texts, line by line. Only the texts matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from smartreg.gitio.runner import Git, GitFailed, words_of

_MOST_CONFLICTS = 127  # maximum number of conflicts in Git's exit code; larger codes are its errors


class Woven(NamedTuple):
    """A merged text, and whether it contains conflict markers."""

    text: bytes
    clean: bool


@dataclass(frozen=True, slots=True)
class Loom:
    """How texts are merged: in the repository at `folder` (whose `merge.conflictStyle` applies), the names of the sides
    (ours, base, theirs) and the length of markers."""

    folder: Path
    labels: tuple[str, str, str] = ("ours", "base", "theirs")
    marker: int = 7

    def merge(self, base: bytes, ours: bytes, theirs: bytes) -> Woven:
        """The three-way merge. Raises GitFailed if Git treats a text as binary data, or fails."""
        return self._woven((ours, base, theirs), ())

    def compare(self, ours: bytes, theirs: bytes) -> Woven:
        """Combine two texts: shared parts once, differences as conflicts."""
        return self._woven((ours, b"", theirs), ("-c", "merge.conflictStyle=merge"))

    def _woven(self, texts: tuple[bytes, bytes, bytes], config: Sequence[str]) -> Woven:
        from tempfile import TemporaryDirectory  # most runs need none, and it loads a lot

        labels = [part for label in self.labels for part in ("-L", label)]
        with TemporaryDirectory(prefix="smartreg-") as made:
            paths = [Path(made) / name for name in ("ours", "base", "theirs")]
            for path, text in zip(paths, texts, strict=True):
                path.write_bytes(text)
            size = f"--marker-size={self.marker}"
            words = (*config, "merge-file", "-p", "-q", size, *labels, "--", *map(str, paths))
            process = Git(self.folder).start(*words, attributes=True).process
            out, err = process.communicate()
        if process.returncode > _MOST_CONFLICTS:
            raise GitFailed(process.returncode, words_of(err))
        return Woven(out, process.returncode == 0)

"""Git's own merge of three texts, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from smartreg.gitio.runner import Git, GitFailed, words_of

_MOST_CONFLICTS = 127  # maximum number of conflicts in Git's exit code; larger codes are its errors


class MergeOutput(NamedTuple):
    """A merged text, and whether it contains conflict markers."""

    text: bytes
    clean: bool


@dataclass(frozen=True, slots=True)
class LineMerger:
    """Merges texts with `git merge-file`, in the repository at `folder` (its `merge.conflictStyle` applies);
    `labels` name the sides (ours, base, theirs), `marker` is the length of conflict markers."""

    folder: Path
    labels: tuple[str, str, str] = ("ours", "base", "theirs")
    marker: int = 7

    def merge(self, base: bytes, ours: bytes, theirs: bytes) -> MergeOutput:
        """The three-way merge. Raises GitFailed if Git treats a text as binary data, or fails."""
        return self._merge_files((ours, base, theirs), ())

    def compare(self, ours: bytes, theirs: bytes) -> MergeOutput:
        """Combine two texts: shared parts once, differences as conflicts."""
        return self._merge_files((ours, b"", theirs), ("-c", "merge.conflictStyle=merge"))

    def _merge_files(self, texts: tuple[bytes, bytes, bytes], config: Sequence[str]) -> MergeOutput:
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
        return MergeOutput(out, process.returncode == 0)

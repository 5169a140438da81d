"""The releases that a reader keeps: a folder for each, below which its files lie as they were published. Everything is
compared with its manifest before it is used, so the folders may be deleted at any time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from smartreg.release.format import Manifest, RefusedRelease
from smartreg.release.reading import fetch_from, read_file

PLACE = "smartreg/releases"
"""Below the Git directory."""


class Store:
    """The store in a folder: `<id>/<digest of the manifest>/records.jsonl`, `…/kind=…/data.parquet`."""

    def __init__(self, git_dir: Path) -> None:
        self._folder = git_dir / PLACE

    def folder(self, manifest: Manifest) -> Path:
        """Where the files of a release are, or would be."""
        return self._folder / manifest.registry / _name(manifest.digest)

    def read(self, manifest: Manifest, path: str) -> bytes | None:
        """A file of a release; None unless it is there with the bytes that the manifest states."""
        folder = fetch_from(self.folder(manifest))
        try:
            return read_file(lambda _place, limit: folder(path, limit), manifest, path)
        except RefusedRelease:
            return None

    def keep(self, manifest: Manifest, files: Mapping[str, bytes | Path]) -> None:
        """Keep a release with these files, in one step; a path names a file with the same bytes, in this store."""
        place = self.folder(manifest)
        draft = place.with_suffix(f".{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        for path, content in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                target.write_bytes(content)
            else:
                _link(content, target)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)

    def drop_others(self, registry: str, stay: Collection[str]) -> None:
        """Drop what is kept of a registry, but the releases whose manifests have these digests."""
        folder, names = self._folder / registry, {_name(digest) for digest in stay}
        for other in folder.iterdir() if folder.is_dir() else ():
            if other.name not in names:
                if other.is_dir() and not other.is_symlink():
                    shutil.rmtree(other)
                else:
                    other.unlink(missing_ok=True)


def _name(digest: str) -> str:
    return digest.partition(":")[2]


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)

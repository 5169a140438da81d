"""Files from Git's own objects, for the index and for commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.gitio import Repo, TreeEntry
from smartreg.trees.file import File, Special
from smartreg.trees.listing import Listing, Plain
from smartreg.trees.tree import FOLDERS, READ_LIMIT, SETTINGS, impossible, name_fault

READABLE = ("", "undecodable name")
SYMLINK, SUBMODULE = "120000", "160000"


def files_of(entries: Mapping[str, TreeEntry]) -> Listing:
    """The files that Git's entries under the registry's paths make, by path."""
    files = [File(path, entry.blob, special_of(path, entry)) for path, entry in entries.items()]
    inside = SETTINGS + "/"
    if any(file.path.startswith(inside) for file in files):
        files = [file for file in files if not file.path.startswith(inside)]
        files.append(File(SETTINGS, None, "directory"))
    return Plain.of(files)


def special_of(path: str, entry: TreeEntry) -> Special:
    """Why an entry of Git is no regular file of a registry."""
    if entry.stage:
        return "unmerged"
    if entry.mode == SYMLINK:
        return "symlink"
    if entry.mode == SUBMODULE:
        return "submodule"
    if not is_regular(entry) or path in FOLDERS or impossible(path):
        return "other"
    return name_fault(path)


def is_regular(entry: TreeEntry) -> bool:
    """Whether the entry is a file, executable or not."""
    return entry.mode.startswith("100")


def readable(file: File | None) -> bool:
    """Whether `read` gives the file's bytes."""
    return file is not None and file.special in READABLE


def read_blobs(
    repo: Repo, files: Mapping[str, File], paths: Iterable[str], limit: int = READ_LIMIT
) -> Iterator[tuple[str, bytes]]:
    """The bytes of the regular files among `paths`, in order, through one Git process."""
    wanted = [path for path in paths if readable(files.get(path))]
    contents = repo.blobs((files[path].blob or "" for path in wanted), limit)
    return ((path, content) for path, (_, content) in zip(wanted, contents, strict=True))


def read_blob(repo: Repo, files: Mapping[str, File], path: str, limit: int = READ_LIMIT) -> bytes:
    """The bytes of one file; FileNotFoundError where there is no regular file."""
    for _, content in read_blobs(repo, files, (path,), limit):
        return content
    raise FileNotFoundError(path)

"""Digests of files that are no records: the annexes."""

from __future__ import annotations

import hashlib

from smartreg.gitio import blob_id
from smartreg.index import Index, load_values, question, store_values
from smartreg.trees import File, Tree, length

# GitHub refuses files of more than 100 MB.
LIMIT = 256 * 1024 * 1024


def digest_of(tree: Tree, file: File, index: Index) -> str | None:
    """The SHA-256 of a file's bytes in hexadecimal, computed once for each blob; None where there is no regular file,
    or one of more than `LIMIT` bytes."""
    if file.special:
        return None
    key = question("sha256", file.blob) if file.blob else ""
    known = load_values(index, "answer", (key,)).get(key) if key else None
    if known is not None:
        size, _, digest = known.decode("ascii").partition(":")
        if file.size is None or length(file.size) == int(size):
            return digest
    try:
        content = tree.read(file.path, LIMIT + 1)
    except FileNotFoundError:
        return None
    if len(content) > LIMIT:
        return None
    digest = hashlib.sha256(content).hexdigest()
    # Line ends may differ between the blob and the disk: only the blob itself is stored.
    if key and blob_id(content, tree.object_format) == file.blob:
        store_values(index, "answer", [(key, f"{len(content)}:{digest}".encode("ascii"))])
    return digest

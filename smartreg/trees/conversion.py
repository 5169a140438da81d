"""Whether Git may store other bytes than those on disk (line ends, keywords, filters, encodings).

If so, a file that Git calls clean need not hold the bytes of its blob.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from smartreg.core.files import read_regular
from smartreg.gitio import Converting, Repo
from smartreg.trees.tree import MAX_BYTES, READ_LIMIT, encode_path

_ATTRIBUTES = ".gitattributes"
# Outside of comments: set, or given a value; `-text` and `!text` convert nothing.
_LENGTH = re.compile(rb"(?m)^(?!\s*#).*\s(?:text|crlf|eol|ident)(?:[=\s]|\Z)")
_FILTER = re.compile(rb"(?m)^(?!\s*#).*\sfilter=")
_ENCODING = re.compile(rb"(?m)^(?!\s*#).*\sworking-tree-encoding=")
_SYSTEM = b"/etc/gitattributes"


class Conversion(NamedTuple):
    """What Git may do to some file: change its length (CRLF, `$Id$`); give it any other bytes, by a filter or an
    encoding; and whether by an encoding."""

    length: bool
    other: bool
    encoding: bool


def conversion(repo: Repo, paths: Iterable[str], settings: Converting, left_out: Collection[str] = ()) -> Conversion:
    """The conversion that settings and attributes require. `paths`: the files below the root; `left_out`: those that a
    sparse checkout leaves out."""
    files = _attribute_files(repo, [path for path in paths if path.endswith(_ATTRIBUTES)], settings)
    texts = [_text(file) for file in files]
    if left_out:
        texts += _find_omitted_texts(repo, [path for path in left_out if path.endswith(_ATTRIBUTES)])
    unknown = any(len(text) > MAX_BYTES for text in texts)
    encoding = unknown or any(map(_ENCODING.search, texts))
    return Conversion(
        settings.autocrlf or any(map(_LENGTH.search, texts)), encoding or any(map(_FILTER.search, texts)), encoding
    )


def _attribute_files(repo: Repo, inside: Iterable[str], settings: Converting) -> Iterator[bytes]:
    root = os.fsencode(repo.root)
    for path in inside:
        yield root + b"/" + encode_path(path)
    for folder in (repo.root, *repo.root.parents):
        yield os.fsencode(folder / _ATTRIBUTES)
        if folder == repo.top:
            break
    yield os.fsencode(repo.common_dir / "info" / "attributes")
    yield os.path.expanduser(os.fsencode(os.environ.get("XDG_CONFIG_HOME") or "~/.config") + b"/git/attributes")
    yield from (os.path.expanduser(encode_path(path)) for path in settings.attribute_files)
    yield _SYSTEM


def _find_omitted_texts(repo: Repo, inside: Iterable[str]) -> list[bytes]:
    """The texts of the attributes files that a sparse checkout leaves out: for these Git reads its index."""
    above = ("../" * steps + _ATTRIBUTES for steps in range(repo.prefix.count("/") + 1))
    entries = repo.index((*above, *inside)).values()
    return [text for _, text in repo.blobs((entry.blob for entry in entries if entry.is_skipped), READ_LIMIT)]


def _text(file: bytes) -> bytes:
    """The text of an attributes file; empty if it is none. Git follows links to those outside of the tree."""
    try:
        return read_regular(file, READ_LIMIT, follow=True)
    except OSError:
        return b""

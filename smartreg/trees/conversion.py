"""Whether Git may store other bytes than the disk holds (line ends, keywords, filters, encodings).

Where it may, a file that Git calls clean need not hold the bytes of its blob.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, TypeAlias

from smartreg.gitio import Repo
from smartreg.regular_file import read_regular
from smartreg.trees.tree import MAX_BYTES, READ_LIMIT, encoded

# `length`: conversions that cannot leave a file as long as it was (CRLF, `$Id$`); `any`: those that can.
Conversion: TypeAlias = Literal["none", "length", "any"]

_ATTRIBUTES = ".gitattributes"
# Outside of comments: set, or given a value; `-text` and `!text` convert nothing.
_LENGTH = re.compile(rb"(?m)^(?!\s*#).*\s(?:text|crlf|eol|ident)(?:[=\s]|\Z)")
_ANY = re.compile(rb"(?m)^(?!\s*#).*\s(?:filter|working-tree-encoding)=")
_SYSTEM = b"/etc/gitattributes"
_OFF = (b"false", b"no", b"off", b"0")


def conversion(repo: Repo, paths: Iterable[str], left_out: Collection[str] = ()) -> Conversion:
    """The gravest conversion that settings and attributes ask for. `paths`: the files that stand under the root;
    `left_out`: those that a sparse checkout leaves out."""
    asked = repo.git.start("config", "-z", "--get-regexp", r"^core\.(autocrlf|attributesfile)$")
    texts = [_text(file) for file in _attribute_files(repo, [path for path in paths if path.endswith(_ATTRIBUTES)])]
    # Without any such setting Git ends with an error.
    settings = [setting.split(b"\n", 1) for setting in asked.process.communicate()[0].split(b"\0") if b"\n" in setting]
    texts += [_text(os.path.expanduser(value)) for key, value in settings if key == b"core.attributesfile"]
    if left_out:
        texts += _texts_left_out(repo, [path for path in left_out if path.endswith(_ATTRIBUTES)])
    if any(len(text) > MAX_BYTES or _ANY.search(text) for text in texts):
        return "any"
    crlf = any(key == b"core.autocrlf" and value.lower() not in _OFF for key, value in settings)
    return "length" if crlf or any(_LENGTH.search(text) for text in texts) else "none"


def _attribute_files(repo: Repo, inside: Iterable[str]) -> Iterator[bytes]:
    root = os.fsencode(repo.root)
    for path in inside:
        yield root + b"/" + encoded(path)
    for folder in (repo.root, *repo.root.parents):
        yield os.fsencode(folder / _ATTRIBUTES)
        if folder == repo.top:
            break
    yield os.fsencode(repo.common_dir / "info" / "attributes")
    yield os.path.expanduser(os.fsencode(os.environ.get("XDG_CONFIG_HOME") or "~/.config") + b"/git/attributes")
    yield _SYSTEM


def _texts_left_out(repo: Repo, inside: Iterable[str]) -> list[bytes]:
    """What the attributes files say that a sparse checkout leaves out: there Git goes by its index."""
    above = ("../" * steps + _ATTRIBUTES for steps in range(repo.prefix.count("/") + 1))
    entries = repo.index((*above, *inside)).values()
    return [text for _, text in repo.blobs((entry.blob for entry in entries if entry.is_skipped), READ_LIMIT)]


def _text(file: bytes) -> bytes:
    """What an attributes file says; nothing when it is none. Git follows links to those outside of the tree."""
    try:
        return read_regular(file, READ_LIMIT, follow=True)
    except OSError:
        return b""

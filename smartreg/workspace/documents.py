"""The file behind an annex: copied below `registry/annexes/`, or there already, or on the web; with its digest.

The bytes of a file that the user names.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import slug
from smartreg.core.ssh_keys import fingerprint_of, without_comment
from smartreg.core.values import Json, Record
from smartreg.registry import FOLDER, Registry
from smartreg.workspace.workspace import Workspace


@contextmanager
def open_given(file: Path) -> Iterator[BinaryIO]:
    """A file or pipe that the user names, open for reading; UsageFault if it does not exist or cannot be read."""
    try:
        with file.open("rb") as stream:
            yield stream
    except IsADirectoryError:
        raise UsageFault(
            Message("{file} is a folder", file=file),
            Message("give a file in it"),
        ) from None
    except FileNotFoundError:
        raise UsageFault(Message("there is no file {file}", file=file)) from None
    except OSError as error:
        raise UsageFault(Message("cannot read {file}: {strerror}", file=file, strerror=error.strerror)) from None


def content_of(file: Path, most: int) -> bytes:
    """At most `most` bytes and one, of a file or of a pipe; UsageFault if it does not exist or cannot be read."""
    with open_given(file) as stream:
        return stream.read(most + 1)


def public_keys_of(file: Path) -> list[str]:
    """The SSH public keys in a file, without comments: one a line, perhaps after a name, as in allowed_signers.
    UsageFault for anything else."""
    text = content_of(file, _LARGEST_KEYS).decode("utf-8", "replace")
    if "PRIVATE KEY-----" in text:
        raise UsageFault(
            Message("{file} is a private key", file=file),
            Message("give the public one, {file}.pub; a private key is given to nobody", file=file),
        )
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    keys = [line if fingerprint_of(line) else line.partition(" ")[2] for line in lines]
    if not keys or not all(map(fingerprint_of, keys)):
        raise UsageFault(
            Message("{file} holds no SSH public key", file=file),
            Message("a line of it is like ssh-ed25519 AAAA…; ask the publisher for it"),
        )
    return list(map(without_comment, keys))


_LARGEST_KEYS = 1 << 16


def printable(name: str) -> str:
    """The name of a file as it can be shown and kept."""
    return "".join(char if char.isprintable() else "�" for char in unicodedata.normalize("NFC", name))


ANNEXES = f"{FOLDER}/annexes"
WEB = ("http://", "https://")
LIMIT = 50 * 1024 * 1024  # what hosts of Git repositories take without complaint
_DIGEST = re.compile(r"[0-9a-f]{64}")


class AttachedDocument(NamedTuple):
    """A document as records name it (`path`), its digest, and the file to write, if it is not there yet."""

    path: str
    sha256: str | None
    file: str | None = None
    writes: Mapping[str, bytes | None] = MappingProxyType({})

    def for_record(self, registry: Registry, record: Record) -> str:
        """The path by which this record names it: short where only this file can be meant."""
        relative = f"{record.file.rpartition('/')[0]}/{self.path}"
        taken = self.file is not None and relative != self.file and relative in registry.tree.files()
        return self.file or self.path if taken else self.path

    def fields(self, registry: Registry, record: Record) -> dict[str, Json]:
        """`path` and `sha256` as an annex of this record has them."""
        digest = {"sha256": self.sha256} if self.sha256 else {}
        return {"path": self.for_record(registry, record), **digest}


def document(workspace: Workspace, registry: Registry, source: str, sha256: str | None = None) -> AttachedDocument:
    """The document that `source` is: a web address, a file of the registry, or a file from elsewhere, which will be
    copied. UsageFault when it is none of these, or `sha256` is not its digest."""
    if sha256 is not None and not _DIGEST.fullmatch(sha256):
        raise UsageFault(
            Message("--sha256 takes 64 hexadecimal digits in lower case"),
            Message("sha256sum FILE prints them"),
        )
    if source.startswith(WEB):
        return AttachedDocument(source, sha256)
    content = _content(source)
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and sha256 != digest:
        raise UsageFault(
            Message("the file has a different digest: {digest}", digest=digest),
            Message("is it the file that was signed?"),
        )
    file = _inside(workspace.root, source)
    if file is not None:
        _refuse_uncommitted(workspace, file, content)
        return AttachedDocument(file.removeprefix(f"{FOLDER}/"), digest, file)
    file = f"{ANNEXES}/{_name(Path(source).name)}"
    present = registry.text_of(file)
    if present is not None and present != content:
        raise UsageFault(
            Message("{file} already holds something else", file=file),
            Message("give the file another name first"),
        )
    if present is not None:
        _refuse_uncommitted(workspace, file, content)
    return AttachedDocument(
        file.removeprefix(f"{FOLDER}/"), digest, file, {} if present is not None else {file: content}
    )


def _content(source: str) -> bytes:
    path = Path(source)
    if not path.is_file():
        raise UsageFault(
            Message("there is no file {source}", source=source),
            Message("give a file, or an address that begins with https://"),
        )
    content = content_of(path, LIMIT)
    if len(content) > LIMIT:
        raise UsageFault(
            Message("{source} is larger than {limit} MB", source=source, limit=LIMIT >> 20),
            Message("keep it elsewhere and give its address, with --sha256"),
        )
    return content


def _inside(root: Path, source: str) -> str | None:
    """Its path from the root when it lies in an `annexes/` folder of the registry; None otherwise."""
    try:
        inside = Path(os.path.abspath(source)).relative_to(root.absolute()).as_posix()
    except ValueError:
        return None
    return inside if inside.startswith(f"{FOLDER}/") and "/annexes/" in inside else None


def _refuse_uncommitted(workspace: Workspace, file: str, content: bytes) -> None:
    """Refuse a file that only this disk has: other clones of the commit would lack it."""
    try:
        committed = workspace.tree("HEAD").read(file, len(content) + 1)
    except (FileNotFoundError, UsageFault):
        committed = None
    if committed != content:
        raise StateFault(
            Message("{file} is not committed as it stands", file=file),
            Message(
                "commit it first: git add {file} && git commit; or give the file from elsewhere, and it is copied",
                file=file,
            ),
        )


def _name(name: str) -> str:
    """A file name without accents, spaces and capitals."""
    stem, dot, end = name.rpartition(".")
    return f"{slug(stem) or 'annexe'}.{slug(end)}" if dot and slug(end) else slug(name) or "annexe"

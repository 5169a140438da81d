"""The key of this user, kept outside of every repository, and its marks on what smartreg leaves beside Git.

Who unpacks or copies a folder with its `.git` owns every file in it: an owner proves nothing. What bears no mark of
this user for this very folder is not believed.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from contextlib import suppress

from smartreg.core.files import git_dir_around, read_regular

_LENGTH = 32  # bytes


def key_path() -> str:
    """Where the key is: in the user's folder of states (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return os.path.join(state if os.path.isabs(state) else os.path.expanduser("~/.local/state"), "smartreg", "key")


def mark(folder: str | os.PathLike[str], *parts: bytes) -> str | None:
    """The HMAC (SHA-256) of these parts and of the folder they are kept in: its real path, device and inode. None if no
    key can be kept, or only inside of the repository that the folder belongs to."""
    place = os.path.realpath(folder)
    key = None if _is_in_repository(place) else _read_key() or _make_key()
    if key is None:
        return None
    about = os.stat(place)
    marked = (os.fsencode(place), b"%d" % about.st_dev, b"%d" % about.st_ino, *parts)
    return hmac.digest(key, b"".join(b"%d:%b," % (len(part), part) for part in marked), "sha256").hex()


def is_marked(given: object, folder: str | os.PathLike[str], *parts: bytes) -> bool:
    """Whether the user's key gave this mark."""
    expected = mark(folder, *parts)
    return expected is not None and isinstance(given, str) and hmac.compare_digest(expected.encode(), given.encode())


def _is_in_repository(place: str) -> bool:
    """Whether the key would be in the repository, which could bring one with it. `place`: a folder in the Git
    directory."""
    around = git_dir_around(os.path.dirname(os.path.realpath(key_path())))
    return around is not None and place.startswith(os.path.realpath(around) + os.sep)


def _read_key() -> bytes | None:
    """The key, if it is a file that this user alone can read."""
    path = key_path()
    try:
        about = os.lstat(path)
        key = read_regular(path, _LENGTH + 1)
    except OSError:
        return None
    ours = about.st_uid == os.geteuid() and not stat.S_IMODE(about.st_mode) & 0o077
    return key if ours and len(key) == _LENGTH else None


def _make_key() -> bytes | None:
    """A new key, or the one that another process makes at the same moment; None if there is a file that is no key, or
    nothing can be written."""
    path = key_path()
    draft = f"{path}.{os.getpid()}.{secrets.token_hex(4)}"
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with open(file, "wb") as stream:
                stream.write(secrets.token_bytes(_LENGTH))
                stream.flush()
                os.fsync(file)
            os.link(draft, path)  # fails if there is one
        finally:
            os.unlink(draft)
    return _read_key()

"""Write a file that the user asked for: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from smartreg.errors import UsageFault
from smartreg.values import Words


def refuse_folder(path: Path) -> None:
    """UsageFault when there is a folder of that name, or none to put the file into."""
    if path.is_dir():
        raise UsageFault(Words(f"{path} is a folder", f"{path} est un dossier"))
    if not path.parent.is_dir():
        raise UsageFault(Words(f"there is no folder {path.parent}", f"il n'y a pas de dossier {path.parent}"))


def save(path: Path, content: bytes) -> None:
    """Write beside the destination, then rename onto it. A destination that is no regular file (a pipe, a device) is
    written directly. UsageFault when its folder does not exist or it is a folder itself."""
    refuse_folder(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(content)
        return
    try:
        _replace(path, content)
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, str(path)) from fault  # not the name of the file beside it


def _replace(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, _mode(path))
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those of a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

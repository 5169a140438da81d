"""Errors of the system while the registry is written, as StateFault."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from smartreg.core.errors import StateFault
from smartreg.core.files import NotRegular
from smartreg.core.messages import Message


@contextmanager
def translate_os_errors() -> Iterator[None]:
    """Turn an OSError of the block into a StateFault."""
    try:
        yield
    except OSError as fault:
        raise describe_os_error(fault) from fault


def describe_os_error(fault: OSError) -> StateFault:
    """A write that the system refuses, in our words."""
    if isinstance(fault, NotRegular):
        return StateFault(
            Message("{filename} is not what smartreg puts there; nothing was changed", filename=fault.filename),
            Message("look at it, and remove it"),
        )
    reasons = {
        errno.ENOSPC: Message("the disk is full"),
        errno.EDQUOT: Message("your disk quota is used up"),
        errno.EROFS: Message("the file system is read-only"),
        errno.EACCES: Message("you may not write here"),
        errno.EPERM: Message("you may not write here"),
    }
    why = reasons.get(fault.errno or 0, Message("the disk reports an error"))
    return StateFault(Message("the registry cannot be written: {why}; nothing was changed", why=why))

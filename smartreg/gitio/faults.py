"""Errors of the system while the registry is written, as StateFault."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from smartreg.core.errors import StateFault
from smartreg.core.files import NotRegular
from smartreg.core.values import Words


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
            Words(
                en=f"{fault.filename} is not what smartreg puts there; nothing was changed",
                fr=f"{fault.filename} n'est pas ce que smartreg met là ; rien n'a été modifié",
            ),
            Words(en="look at it, and remove it", fr="regardez-le, et supprimez-le"),
        )
    reasons = {
        errno.ENOSPC: Words(en="the disk is full", fr="le disque est plein"),
        errno.EDQUOT: Words(en="your disk quota is used up", fr="votre quota de disque est épuisé"),
        errno.EROFS: Words(en="the file system is read-only", fr="le système de fichiers est en lecture seule"),
        errno.EACCES: Words(en="you may not write here", fr="vous n'avez pas le droit d'écrire ici"),
        errno.EPERM: Words(en="you may not write here", fr="vous n'avez pas le droit d'écrire ici"),
    }
    why = reasons.get(fault.errno or 0, Words(en="the disk reports an error", fr="le disque signale une erreur"))
    return StateFault(
        Words(
            en=f"the registry cannot be written: {why.en}; nothing was changed",
            fr=f"le registre ne peut pas être écrit : {why.fr} ; rien n'a été modifié",
        )
    )

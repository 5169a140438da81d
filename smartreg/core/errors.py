"""Failures of the tool or its environment, each with the exit code that the user's shell sees.

A fault in the *data* is never an exception: it is a `Finding`. These are raised only if a command cannot do its work.
`hint` says what to do, on a separate line. Both texts come in English and French. `where`: the settings or schema file
that caused it.
"""

from __future__ import annotations

import errno

from smartreg.core.messages import SOURCE, Language, Text
from smartreg.core.values import Location


class SmartregError(Exception):
    """Base of all failures that are shown to the user as one message, never as a traceback."""

    exit_code = 70
    lang: Language = SOURCE  # of `str()`

    def __init__(self, message: Text, hint: Text | None = None, where: Location | None = None) -> None:
        super().__init__(message.in_(SOURCE))
        self.message = message
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        """The message, and on a second line what to do."""
        return "\n".join(words.in_(self.lang) for words in (self.message, self.hint) if words is not None)


class Refused(SmartregError):
    """Exit 1: the checks refuse a write or an import; its findings are shown."""

    exit_code = 1


class UsageFault(SmartregError):
    """Exit 2: wrong command line, unknown kind, id, revision, column or format, bad configuration, missing extra."""

    exit_code = 2


class StateFault(SmartregError):
    """Exit 3: state of the registry or of Git (no registry, no identity, merge in progress, lock held)."""

    exit_code = 3


class Cancelled(SmartregError):
    """Exit 130: cancelled by the user; nothing was changed."""

    exit_code = 130


class Interrupted(Cancelled):
    """Ctrl-C at a question."""


def is_out_of_memory(fault: BaseException) -> bool:
    """Whether the system gave no memory: to Python, to a library that is loaded, or to a process that is started."""
    no_room = isinstance(fault, OSError) and fault.errno == errno.ENOMEM
    unloadable = isinstance(fault, ImportError) and ("map segment" in str(fault) or "allocate memory" in str(fault))
    hidden = isinstance(fault, SystemError) and _is_memory_short()
    return isinstance(fault, MemoryError) or no_room or unloadable or hidden


def _is_memory_short() -> bool:
    """Whether the system refuses 32 MiB now: C code that gets no memory may return without saying why, which Python
    raises as a SystemError of no cause."""
    try:
        bytearray(32 << 20)
    except MemoryError:
        return True
    return False

"""The three standard streams, usable whatever state they were in when the run began."""

from __future__ import annotations

import io
import os
import sys


class _Diagnostics(io.FileIO):
    """Standard error: what cannot be written there is lost, and the run continues and ends as it would have."""

    def write(self, data: bytes) -> int:  # type: ignore[override]  # only its BufferedWriter calls it
        try:
            return super().write(data)
        except OSError:
            return len(data)


def open_standard_streams() -> None:
    """Make the three streams usable, also those that were closed by the process that started the run.

    A closed descriptor is taken by the null device, for the next file that is opened would get its number, and what is
    printed would be written into it. Opened the wrong way round, it refuses to read and to write as a closed one does:
    a lost answer is not a success.
    """
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free number: this one
    # A terminal in another encoding shows an escape for a character that it lacks, and the run goes on.
    lenient = "backslashreplace"
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors=lenient, closefd=False)
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=lenient)
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    raw = _Diagnostics(2, "w", closefd=False)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(raw), encoding, lenient, line_buffering=True)


def discard() -> None:
    """Flush the streams; discard what cannot be written, for Python would try again at exit and fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

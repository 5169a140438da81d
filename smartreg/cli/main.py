"""The entry point. What needs no library is answered here at once; the rest is handed to `run`.

Imports here are paid by every call, `--version` and Tab included: nothing beyond sys, os, io and gc.
"""

from __future__ import annotations

import gc
import io
import os
import sys

from smartreg import __version__

# Options that may stand before the command, as `git -C DIR` does, and whether a value follows.
LEADING = {
    "-C": True,
    "--directory": True,
    "-f": True,
    "--format": True,
    "-o": True,
    "--output": True,
    "--lang": True,
    "--color": True,
    "--json": False,
    "--no-input": False,
    "-q": False,
    "--quiet": False,
    "-v": False,
    "--verbose": False,
    "--debug": False,
}
HELP = ("-h", "--help", "help")
NOT_WRITTEN, INTERNAL, CANCELLED, PIPE_CLOSED = 3, 70, 130, 141


def main() -> None:
    """Run the command line and exit with its code."""
    gc.disable()  # one short run: nothing that it would free is worth the pauses
    open_standard_streams()
    try:
        code = dispatch(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        discard()
        code = PIPE_CLOSED
    except KeyboardInterrupt:  # before a command could tell it in the user's language
        sys.stderr.write("\nnote: cancelled; nothing was changed\n")
        code = CANCELLED
    except OSError:
        discard()
        sys.stderr.write("error: the answer could not be written\n")
        code = NOT_WRITTEN
    except Exception as fault:  # before a command could tell it in the user's language
        sys.stderr.write(f"error: smartreg {__version__} cannot start ({type(fault).__name__}); install it again\n")
        if "--debug" in sys.argv:
            raise
        code = INTERNAL
    _leave(code)


class _Diagnostics(io.FileIO):
    """Standard error: what cannot be written there is lost, and the run goes on and ends as it would have."""

    def write(self, data: bytes) -> int:  # type: ignore[override]  # only its BufferedWriter calls it
        try:
            return super().write(data)
        except OSError:
            return len(data)


def open_standard_streams() -> None:
    """Make the three streams usable, also those that were closed by whoever started the run.

    A closed descriptor is taken by the null device, for the next file that is opened would get its number, and what is
    printed would be written into it. Opened the wrong way round, it refuses to read and to write as a closed one does:
    an answer that is lost is no success.
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


def _leave(code: int) -> None:
    """End at once: taking 10 000 records apart one by one would cost a third of the time that adding one took."""
    sys.stderr.flush()
    os._exit(code)


def discard() -> None:
    """Write what is still unwritten; what cannot be goes nowhere, for Python would try again at exit and fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def dispatch(argv: list[str]) -> int:
    """Choose by the first words of the command line, importing only what they need. The exit code."""
    leading, rest = before_command(argv)
    if rest and rest[0] == "help":  # help COMMAND is COMMAND -h
        further, asked = before_command(rest[1:])
        if asked and asked[0] not in HELP:
            leading, rest = [*leading, *further], [*asked, "-h"]
    if not rest or rest[0] in HELP:
        from smartreg.cli.overview import overview

        sys.stdout.write(overview(argv, dict(os.environ)))
        return 0
    if rest[0] in ("--version", "version"):
        sys.stdout.write(f"smartreg {__version__}\n")
        return 0
    if rest[0] == "complete":
        from smartreg.cli.complete import complete

        sys.stdout.write(complete(rest[1:], dict(os.environ)))
        return 0
    from smartreg.cli.ahead import ahead

    question = ahead(rest[0], [*leading, *rest[1:]])
    from smartreg.cli.run import run

    return run(rest[0], leading, rest[1:], question)


def before_command(argv: list[str]) -> tuple[list[str], list[str]]:
    """The common options that stand before the command, and the rest."""
    position = 0
    while position < len(argv):
        name, equals, _value = argv[position].partition("=")
        if name not in LEADING:
            break
        position += 2 if LEADING[name] and not equals else 1
    return argv[:position], argv[position:]

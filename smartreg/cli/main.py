"""The entry point: usable standard streams, and an exit code in every case."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from smartreg import __version__
from smartreg.cli.streams import discard, open_standard_streams
from smartreg.core.errors import is_out_of_memory

NOT_WRITTEN, INTERNAL, CANCELLED, PIPE_CLOSED = 3, 70, 130, 141


def main() -> None:
    """Run the command line and exit with its code."""
    gc.disable()  # one short run: nothing that it would free is worth the pauses
    open_standard_streams()
    try:
        from smartreg.cli.run import run  # here, so that Ctrl-C and a broken installation are reported in a line

        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        discard()
        code = PIPE_CLOSED
    except KeyboardInterrupt:  # before a command could tell it in the user's language
        sys.stderr.write("\nnote: cancelled; nothing was changed\n")
        code = CANCELLED
    except Exception as fault:  # before a command could tell it in the user's language
        code = NOT_WRITTEN
        if is_out_of_memory(fault):
            _leave(code, b"error: not enough memory\n")
        elif isinstance(fault, OSError):
            discard()
            sys.stderr.write("error: could not write output\n")
        else:
            sys.stderr.write(f"error: smartreg {__version__} cannot start ({type(fault).__name__}); install it again\n")
            if "--debug" in sys.argv:
                raise
            code = INTERNAL
    _leave(code)


def _leave(code: int, last: bytes = b"") -> NoReturn:
    """End at once, whatever fails: taking 10 000 records apart one by one would cost a third of the time that adding
    one took. The last words are bytes, for which no memory is needed."""
    try:
        sys.stderr.flush()
        os.write(2, last)
    finally:
        os._exit(code)

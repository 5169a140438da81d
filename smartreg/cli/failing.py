"""Telling a failure: one message, and where it broke when somebody asks."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from smartreg.cli.console import Console
from smartreg.core.errors import SmartregError

DEBUG = "--debug"


def failed(fault: SmartregError, console: Console, words: Sequence[str]) -> int:
    """Tell it; the exit code. With `--debug` among the words, what lies behind it too."""
    console.fault(fault)
    if fault.__cause__ is not None:
        trace(fault.__cause__, words)
    return fault.exit_code


def trace(fault: BaseException, words: Sequence[str]) -> None:
    """The traceback, when the words ask for it."""
    if DEBUG in words:
        import traceback

        traceback.print_exception(fault, file=sys.stderr)

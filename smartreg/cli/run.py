"""Run a command line, and report every failure in one place, in the language of the run."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from smartreg import __version__
from smartreg.cli.ahead import SESSION, Ahead, look_ahead
from smartreg.cli.app import PROGRAM, program
from smartreg.cli.console import Console, print_trace, report_failure
from smartreg.cli.streams import discard
from smartreg.core.errors import Cancelled, SmartregError, StateFault, is_out_of_memory
from smartreg.core.files import read_regular
from smartreg.core.messages import DOMAIN, ELSEWHERE, Message, english_of

if TYPE_CHECKING:
    from smartreg.cli.session import Session

INTERNAL = 70
SETTINGS, READ_LIMIT = "smartreg.toml", 1 << 20
_COUNTRY = re.compile(rb"""^country[ \t]*=[ \t]*["']([A-Z]{2})["']""", re.MULTILINE)


def run(words: Sequence[str]) -> int:
    """Run a command line; the exit code."""
    ahead = look_ahead(words, os.environ)
    with english_of(_catalogue_of(ahead.folder)):
        return _run(words, ahead)


def _run(words: Sequence[str], ahead: Ahead) -> int:
    shared: dict[str, Any] = {}
    try:
        with program(ahead.lang).make_context(PROGRAM, list(words), obj=ahead) as ctx:
            shared = ctx.meta
            code = ctx.command.invoke(ctx)
        sys.stdout.flush()
        return int(code or 0)
    except typer.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as fault:
        session: Session | None = shared.get(SESSION)
        console = session.console if session else Console(ahead.lang)
        return _report(fault, console, debug=session is not None and session.common.debug)


NO_MEMORY = StateFault(
    Message("not enough memory"),
    Message("close other programs, or raise the limit (ulimit -v)"),
)


def _catalogue_of(folder: str) -> str:
    """The catalogue of English for the registry of a folder: that of other countries, where it is in one."""
    try:
        path = Path(folder).resolve()
        file = next((place / SETTINGS for place in (path, *path.parents) if os.path.lexists(place / SETTINGS)), None)
        text = read_regular(file, READ_LIMIT) if file is not None else b""
    except (OSError, RuntimeError):  # a loop of links: the command says so
        return DOMAIN
    country = _COUNTRY.search(text)  # nothing more of the settings is read before the command is known
    return DOMAIN if country is None or country[1] == b"FR" else ELSEWHERE


def _report(fault: BaseException, console: Console, *, debug: bool) -> int:
    """Report a failure on stderr; the exit code."""
    if isinstance(fault, Cancelled):
        console.note(fault.message)
        return fault.exit_code
    if isinstance(fault, (EOFError, KeyboardInterrupt)):
        console.note(Message("cancelled; nothing was changed"))
        return Cancelled.exit_code
    if is_out_of_memory(fault):
        fault = NO_MEMORY
    if isinstance(fault, SmartregError):
        return report_failure(fault, console, debug=debug)
    if isinstance(fault, OSError):
        console.fault(_system(fault))
        discard()
    else:
        console.fault(_internal(fault))
    if debug:
        print_trace(fault)
    return StateFault.exit_code if isinstance(fault, OSError) else INTERNAL


_SYSTEM = {
    errno.EACCES: Message("no permission"),
    errno.EPERM: Message("no permission"),
    errno.EROFS: Message("the disk is read-only"),
    errno.ENOSPC: Message("the disk is full"),
    errno.EDQUOT: Message("the disk quota is exceeded"),
    errno.EBADF: Message("a standard stream is closed"),
    errno.ENOENT: Message("it does not exist"),
    errno.EISDIR: Message("it is a folder"),
    errno.ENOTDIR: Message("part of its path is not a folder"),
    errno.ENAMETOOLONG: Message("the name is too long"),
}


def _system(fault: OSError) -> StateFault:
    code = errno.errorcode.get(fault.errno or 0, "?")
    why = _SYSTEM.get(fault.errno or 0) or Message("the system refused ({code})", code=code)
    return StateFault(Message("{file}: {why}", file=fault.filename, why=why) if fault.filename else why)


def _internal(fault: BaseException) -> SmartregError:
    return SmartregError(
        Message("internal error in smartreg {version} ({name})", version=__version__, name=type(fault).__name__),
        Message("run it again with --debug and send the maintainers what it prints; leave out what is confidential"),
    )

"""The one place that starts Git.

A *read* obeys nothing named by the repository, its attributes or the environment: no hook, no file-system monitor, no
filter, no pager, no network, no lock, no replace ref, no graft. A *write* runs as the user's own `git` would, with
hooks, signing and identity, but in this repository only.

Attributes name filters, and Git offers no way to ignore `.git/info/attributes`, so a read that compares files with the
index (`status`, `diff`) gets the names of all filters to disable (`Git.without`).
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import IO, NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.gitio.message import visible

NOT_STARTED = 127  # the exit code that shells use too

# The user's choice of configuration, and how far up to look for a repository: these cannot redirect a call.
_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"})
IDENTITY = frozenset(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE"))

_READ_ENV = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# Hooks inherit this environment: nothing here may change how the user's own Git calls in a hook behave.
# LANGUAGE=C gives untranslated messages without changing the character set that hooks work in.
_WRITE_ENV = {"LANGUAGE": "C", "GIT_NO_REPLACE_OBJECTS": "1"}

_NO_HOOKS = "core.hooksPath=" + os.devnull
_READ_CONFIG = (
    "safe.bareRepository=explicit",
    "protocol.allow=never",
    _NO_HOOKS,
    "core.fsmonitor=false",
    "core.trustctime=true",
    "core.checkStat=default",
    "core.quotePath=false",
    "core.warnAmbiguousRefs=true",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "log.follow=false",
    "log.abbrevCommit=false",
    "color.ui=false",
    "status.showStash=false",
    "log.showRoot=true",
    "advice.graftFileDeprecated=false",  # it would stand before what Git says of damage
)
_INERT_CONFIG = (*_READ_CONFIG, "core.attributesFile=" + os.devnull)
# Durable before we report success (R4). An automatic clean-up after the commit could outlive our lock. What Git looks
# at to see a change, and marking what it writes as never changing (core.ignoreStat), is not left to settings.
_WRITE_CONFIG = (
    "user.useConfigOnly=true",
    "core.fsync=committed,reference",
    "core.ignoreStat=false",
    "core.trustctime=true",
    "core.checkStat=default",
    "maintenance.auto=false",
    "gc.auto=0",
)
EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


# Nothing is ever fetched by a read.
INCOMPLETE = Message(
    "in a partial clone, fetch what is missing: git fetch --refetch --no-filter; in any other, look for damage: git "
    "fsck"
)
_MISSING = re.compile(r"unable to read|could not get|missing|bad object|lazy fetching disabled|not a tree")
_DEPTH = "maximum allowed tree depth"
_TOO_DEEP = Message(
    "a commit has folders in folders without end, or one that holds itself: look for damage (git fsck), or go back to "
    "a commit without them"
)
_SAY_MORE = Message("run `git fsck` and `git status` in this folder; they say more")


class GitFailed(StateFault):
    """Git exited with an error. `code` is its exit status, `said` its message without invisible characters."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(
            Message("Git could not do its work: {said}", said=said),
            INCOMPLETE if _MISSING.search(said) else _TOO_DEEP if _DEPTH in said else _SAY_MORE,
        )
        self.code = code
        self.said = said


class Running(NamedTuple):
    """A read in the background; `result` waits for it."""

    process: subprocess.Popen[bytes]

    def result(self, when_slow: Callable[[], None] | None = None) -> bytes:
        """Wait for its output. `when_slow` is called once it takes long, and may give up by raising."""
        out, err = _communicate(self.process, when_slow)
        if self.process.returncode:
            raise GitFailed(self.process.returncode, words_of(err))
        return out

    def answer(self) -> bytes | None:
        """Like `result`, without the line ending; None if Git exits with an error."""
        out, _ = self.process.communicate()
        return None if self.process.returncode else out.rstrip(b"\n")

    def stop(self) -> None:
        """End it; nobody needs its output."""
        _end(self.process)


class LoggedProcess(NamedTuple):
    """Like `Running`, with a file for Git's output."""

    process: subprocess.Popen[bytes]
    out: IO[bytes]

    def result(self, when_slow: Callable[[], None] | None = None) -> bytes:
        """Wait for its output, which may be long and is not cached: for the first call only."""
        err = b"" if self.process.returncode is not None else _communicate(self.process, when_slow)[1]
        if self.process.returncode:
            raise GitFailed(self.process.returncode, words_of(err))
        self.out.seek(0)
        return self.out.read()

    def close(self) -> None:
        """End it and drop its output."""
        if self.process.returncode is None:
            _end(self.process)
        self.out.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process whose output nobody needs. It is not read: there may be no memory for it."""
    with process:
        process.kill()


_PATIENCE = 3.0  # seconds; Git compares a million files with its index in this time


def _communicate(process: subprocess.Popen[bytes], when_slow: Callable[[], None] | None) -> tuple[bytes, bytes]:
    if when_slow is None:
        return process.communicate()
    try:
        return process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        try:
            when_slow()
        except BaseException:
            _end(process)
            raise
    return process.communicate()


class WriteLimit(NamedTuple):
    """How long a write may take that runs the user's programs (hooks, what signs), and what ends it before."""

    seconds: float
    ended: threading.Event


LIMIT: ContextVar[WriteLimit | None] = ContextVar("limit of writes", default=None)
"""That of writes in this thread; none in a terminal, where Ctrl-C ends them."""
_LAST_WORDS = 3.0  # seconds in which Git takes its lock files away


class TookTooLong(StateFault):
    """A write was ended that took longer than its limit."""

    def __init__(self) -> None:
        super().__init__(
            Message("no signature in time, or a hook took too long: nothing was written"),
            Message("try again, and touch the key or type the passphrase when it is asked for"),
        )


def _wait(process: subprocess.Popen[bytes], limit: WriteLimit) -> int | None:
    """The exit code of a process in a session of its own; None if it was ended, with all that it started."""
    give_up = time.monotonic() + limit.seconds
    while time.monotonic() < give_up and not limit.ended.is_set():
        with suppress(subprocess.TimeoutExpired):
            return process.wait(0.2)
    for number in (signal.SIGTERM, signal.SIGKILL) if os.name == "posix" else ():
        with suppress(OSError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LAST_WORDS)
    process.kill()
    process.wait()
    return None


class RunningWrite(NamedTuple):
    """A running command that changes the repository; its output goes to the file `output`. `limit`: that of its
    time."""

    process: subprocess.Popen[bytes]
    output: Path
    limit: WriteLimit | None = None

    def end(self) -> None:
        """Wait for it. Raises GitFailed if it was refused, TookTooLong if it was ended."""
        code = self.process.wait() if self.limit is None else _wait(self.process, self.limit)
        if code is None:
            raise TookTooLong
        if code:
            message = words_of(self.output.read_bytes()[:65536])
            raise GitFailed(code, message or (f"it was killed (signal {-code})" if code < 0 else f"exit code {code}"))


class Git(NamedTuple):
    """Git in the folder `cwd`; paths in arguments and answers are relative to it. `object_format`: sha1 or sha256.
    `disabled`: the filters that no read runs."""

    cwd: Path
    object_format: str = "sha1"
    disabled: tuple[str, ...] = ()

    def without(self, filters: tuple[str, ...]) -> Git:
        """The same, with these filters disabled."""
        return self._replace(disabled=filters)

    def start(self, *arguments: str, attributes: bool = False) -> Running:
        """Start a read. `attributes`: obey every attributes file, hence line endings and filters (only before a
        write)."""
        if attributes:
            return Running(_spawn(_command(_READ_CONFIG, arguments), self.cwd, _environment(_READ_ENV)))
        return Running(_spawn(_command(_INERT_CONFIG, arguments), self.cwd, self._without_attributes()))

    def about(self, command: Sequence[str], paths: Sequence[str]) -> Running:
        """Start a read that runs nothing and concerns `paths`, with the attributes and patterns that `git add` sees,
        including those outside the repository."""
        with anonymous_file(b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)) as listed:
            environment = _environment({**_READ_ENV, "GIT_LITERAL_PATHSPECS": "0"})  # unknown to `check-ignore`
            return Running(_spawn(_command(_READ_CONFIG, command), self.cwd, environment, _Streams(listed)))

    def start_into(self, out: IO[bytes], *arguments: str) -> LoggedProcess:
        """Start a read that prints into a file, so that it never waits for a reader."""
        command = _command(_INERT_CONFIG, arguments)
        return LoggedProcess(_spawn(command, self.cwd, self._without_attributes(), _Streams(stdout=out)), out)

    def _without_attributes(self) -> dict[str, str]:
        # GIT_ATTR_SOURCE is known from Git 2.41 on.
        quiet = {"GIT_ATTR_SOURCE": EMPTY_TREE[self.object_format], "GIT_ATTR_NOSYSTEM": "1"}
        return {**_environment(_READ_ENV), **quiet, **_environment_without(self.disabled)}

    def identity(self, name: str) -> Running:
        """Start asking whom `git commit` would name: GIT_AUTHOR_IDENT or GIT_COMMITTER_IDENT."""
        return Running(_spawn(_command(_WRITE_CONFIG, ("var", name)), self.cwd, _environment(_WRITE_ENV, IDENTITY)))

    def read(self, *arguments: str) -> bytes:
        """Git's output. Raises GitFailed if it exits with an error."""
        return self.start(*arguments).result()

    def line(self, *arguments: str) -> str | None:
        """The first line of Git's output; None if it exits with an error or prints nothing."""
        try:
            out = self.read(*arguments)
        except GitFailed:
            return None
        return text(out.split(b"\n", 1)[0]) or None

    def stream(self, *arguments: str, given: bytes | None = None, impatient: bool = False) -> Iterator[bytes]:
        """Git's output, in blocks, while it runs; `given` is its input. Raises GitFailed at the end if it broke off, so
        the output is never silently cut. If `impatient`, Git is ended once it says nothing for long, which is a fault,
        too."""
        with (
            anonymous_file(given or b"") as listed,
            anonymous_file() as errors,
            self._talk(arguments, errors, listed) as process,
        ):
            assert process.stdout is not None
            if impatient and os.name == "posix":  # elsewhere, nobody can wait for a pipe
                while select.select([process.stdout], [], [], _PATIENCE)[0]:
                    block = process.stdout.read1(1 << 16)  # type: ignore[attr-defined]  # of a buffered pipe
                    if not block:
                        break
                    yield block
                else:
                    raise _broken_off(arguments[0], errors)
            while block := process.stdout.read(1 << 16):
                yield block
            if process.wait():
                raise _broken_off(arguments[0], errors)

    @contextmanager
    def conversation(self, *arguments: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """An interactive read: (its input, its output). Stopped at the end of the block. GitFailed if Git ends or
        falls silent before: where the block finds no answer, it raises EOFError, with the object if known."""
        with anonymous_file() as errors, self._talk(arguments, errors) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                yield process.stdin, process.stdout
            except BrokenPipeError as end:  # Git's, not that of who reads our output
                raise _broken_off(arguments[0], errors) from end
            except EOFError as end:
                raise _broken_off(arguments[0], errors, *end.args) from end

    @contextmanager
    def _talk(
        self, arguments: Sequence[str], errors: IO[bytes], stdin: int | IO[bytes] = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[bytes]]:
        command, environment = _command(_INERT_CONFIG, arguments), self._without_attributes()
        streams = _Streams(stdin, stderr=errors)  # nobody reads them while it runs: a pipe could fill up and block it
        process = _spawn(command, self.cwd, environment, streams)
        try:
            yield process
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                with suppress(BrokenPipeError):
                    if pipe is not None:
                        pipe.close()
            process.wait()

    def write(self, arguments: Sequence[str], output: Path, *, hooks: bool, given: Path | None = None) -> None:
        """Run a command that changes the repository, inside `late_interrupt`: to its end, whatever happens to us.
        `given`: the file that it reads as standard input.

        Its messages go through the file `output`, not a pipe, because a hook may leave a program behind that keeps a
        pipe open. Raises GitFailed if Git, a hook or the signature refused.
        """
        config = _WRITE_CONFIG if hooks else (*_WRITE_CONFIG, _NO_HOOKS)
        _begin(_command(config, arguments), self.cwd, output, given, keeping=False).end()

    def begin(self, arguments: Sequence[str], output: Path, given: Path) -> RunningWrite:
        """Start a command like `write`, but one that starts none of the user's programs. If it outlives us, it holds
        our lock, so nobody undoes what it is about to finish."""
        return _begin(_command((*_WRITE_CONFIG, _NO_HOOKS), arguments), self.cwd, output, given, keeping=True)

    def talk_to_remote(self, arguments: Sequence[str], seconds: float) -> str:
        """What Git and the other side say to a command that speaks to another computer: with the user's own settings,
        credentials and hooks, and without a terminal, so that only an agent or a window can be asked for a passphrase.
        GitFailed if it is refused, or takes longer than `seconds`."""
        environment = _environment({**_WRITE_ENV, "GIT_TERMINAL_PROMPT": "0"})
        with anonymous_file() as out:
            streams = _Streams(stdout=out, stderr=subprocess.STDOUT)
            process = _spawn(_command(_WRITE_CONFIG, arguments), self.cwd, environment, streams, alone=True)
            limit = LIMIT.get()
            code = _wait(process, WriteLimit(seconds, limit.ended if limit else threading.Event()))
            if code is None:
                raise GitFailed(124, f"no answer after {seconds:.0f} seconds")
            out.seek(0)
            message = words_of(out.read(65536))
        if code:
            raise GitFailed(code, message or f"exit code {code}")
        return message


def _broken_off(command: str, errors: IO[bytes], oid: str = "") -> GitFailed:
    """What Git died of names the object that is missing or damaged; else it is in one of the errors before. Of a commit
    it cannot read, Git dies with words that name none, or the commit below which it is."""
    lines = words_of(os.pread(errors.fileno(), 65536, 0)).splitlines()
    starts = ("error: Could not read ", "fatal: ", "error: ")
    reasons = [line for start in starts for line in lines if line.startswith(start)]
    where, why = f" at {oid}" if oid else "", f": {reasons[0]}" if reasons else ""
    return GitFailed(128, f"`git {command}` broke off{where}, objects are missing or damaged{why}")


def anonymous_file(content: bytes = b"") -> IO[bytes]:
    """An unnamed file with `content`, in memory if the system supports it."""
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("smartreg"), "w+b")
    else:
        from tempfile import TemporaryFile

        file = TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.seek(0)
    return file


def text(raw: bytes) -> str:
    """Text of a path or name from Git; bytes that are not UTF-8 survive as lone surrogates, as `os.fsdecode` does."""
    return raw.decode("utf-8", "surrogateescape")


def words_of(raw: bytes) -> str:
    """The message of Git or a hook for display: at most 20 lines, no control characters."""
    lines = visible(raw.decode("utf-8", "replace")).replace("\t", " ").strip().split("\n")
    said = [line.rstrip() for line in lines if not line.startswith("hint:")]  # advice to the user of Git
    return "\n".join(said[:20])


def _environment(ours: dict[str, str], also_kept: frozenset[str] = frozenset()) -> dict[str, str]:
    kept = _KEPT | also_kept
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in kept}
    return inherited | ours


def _environment_without(filters: Sequence[str]) -> dict[str, str]:
    """The environment that disables these filters. Not `-c`: the name of a filter may contain `=`."""
    settings = [
        (f"filter.{name}.{key}", value)
        for name in filters
        for key, value in (("clean", ""), ("process", ""), ("required", "false"))
    ]
    environment = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


def _command(config: Sequence[str], arguments: Sequence[str]) -> list[str]:
    options = [part for setting in config for part in ("-c", setting)]
    return ["git", "--no-pager", *options, *arguments]


def _begin(command: list[str], cwd: Path, output: Path, given: Path | None, *, keeping: bool) -> RunningWrite:
    environment = _environment(_WRITE_ENV, IDENTITY)
    with open(output, "wb") as messages, open(given or os.devnull, "rb") as stdin:
        streams = _Streams(stdin, messages, messages, close_fds=not keeping)
        limit = None if keeping else LIMIT.get()
        return RunningWrite(_spawn(command, cwd, environment, streams, alone=limit is not None), output, limit)


class _Streams(NamedTuple):
    """A program's input and output; without `close_fds` it inherits what is marked as inheritable: our lock."""

    stdin: int | IO[bytes] = subprocess.DEVNULL
    stdout: int | IO[bytes] = subprocess.PIPE
    stderr: int | IO[bytes] = subprocess.PIPE
    close_fds: bool = True


_READING = _Streams()


def _spawn(
    command: list[str],
    cwd: Path,
    environment: dict[str, str],
    streams: _Streams = _READING,
    *,
    alone: bool = False,
) -> subprocess.Popen[bytes]:
    """`alone`: in a session of its own, without our terminal."""
    try:
        stdin, stdout, stderr, close = streams
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            close_fds=close,
            start_new_session=alone,
        )
    except ValueError:
        raise GitFailed(128, "a name holds a NUL character") from None
    except OSError:
        raise GitFailed(NOT_STARTED, "the program `git` cannot be started") from None

"""Limits on the process that reads a file with a library written in C: time, memory, size of files, and, where Linux
has Landlock, which files it may open, and no connections (TCP).

Other systems have fewer of these: macOS does not limit memory, Windows only the time that the caller gives.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CPU_SECONDS = 120
MEMORY = 3 << 30  # bytes of addresses: libraries reserve more than they use
FILE_SIZE = 256 << 20  # bytes of any file that is written
OPEN_FILES = 128

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same numbers on all processors that Linux runs on today
_PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 38
_EXECUTE, _READ_FILE, _READ_FOLDER = 1, 4, 8
_TCP = 3  # bind and connect
_HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}  # rights over files, by version
_LATEST = (1 << 16) - 1


class _Handled(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


@dataclass(frozen=True)
class Limits:
    """Seconds of processor time, bytes of addresses, bytes of any file that is written, open files."""

    cpu_seconds: int = CPU_SECONDS
    memory: int = MEMORY
    file_size: int = FILE_SIZE
    open_files: int = OPEN_FILES


def confine(folder: Path, also: Iterable[Path] = (), limits: Limits = Limits()) -> None:
    """Limit this process for good; it may write below `folder` alone, and read there, below the folders `also`, and
    where its programs lie."""
    for name, limit in (
        ("RLIMIT_CPU", limits.cpu_seconds),
        ("RLIMIT_AS", limits.memory),
        ("RLIMIT_FSIZE", limits.file_size),
        ("RLIMIT_NOFILE", limits.open_files),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # a system without it, or a lower one in force
            resource.setrlimit(getattr(resource, name), (limit, limit))
    if sys.platform == "linux":
        programs = {
            "/usr",
            "/lib",
            "/lib64",
            "/etc/ld.so.cache",
            "/dev",
            "/proc/self",
            "/sys/fs/cgroup",
            sys.prefix,
            sys.base_prefix,
        }
        _restrict(folder, {*programs, *filter(None, sys.path), *map(str, also)})


def _restrict(folder: Path, readable: Iterable[str]) -> None:
    """Landlock, as far as this kernel has it."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return
    everything = _HANDLED.get(version, _LATEST)
    handled = _Handled(everything, _TCP if version >= 4 else 0)
    rules = libc.syscall(_CREATE, ctypes.byref(handled), ctypes.sizeof(handled) if version >= 4 else 8, 0)
    if rules < 0:
        return
    reading = _EXECUTE | _READ_FILE | _READ_FOLDER
    for path, allowed in (*((path, reading) for path in readable), (str(folder), everything)):
        _allow(libc, rules, path, allowed)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.syscall(_RESTRICT, rules, 0)
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str, allowed: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return
    if not os.path.isdir(path):
        allowed &= _EXECUTE | _READ_FILE
    libc.syscall(_ADD, rules, _PATH_BENEATH, ctypes.byref(_Beneath(allowed, place)), 0)
    os.close(place)

"""Packages of npm, as tables of smartreg are made from: downloaded and proved by their digest, read packed or not."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path


def fetch(package: str, version: str, integrity: str, folder: Path) -> Path:
    """Download a package into `folder`; the path of the .tgz, whose SHA-512 in base64 is `integrity`."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed. Install it, or give the package with --package.")
    subprocess.run([npm, "pack", "--silent", f"{package}@{version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (packed,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if digest != integrity:
        sys.exit(f"{package} {version} has changed: its SHA-512 is {digest}.")
    return packed


def read_member(package: Path, name: str) -> bytes:
    """The bytes of a file in a .tgz or in an unpacked folder."""
    if package.is_dir():
        return (package / name).read_bytes()
    with tarfile.open(package) as archive:
        stream = archive.extractfile(f"package/{name}")
        if stream is None:
            sys.exit(f"{package}: {name} is not a file.")
        return stream.read()

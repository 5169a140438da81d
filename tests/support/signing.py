"""Keys of parties, and commits that are signed with them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Key:
    """An SSH key without a passphrase: its file, and the fingerprint that a party lists."""

    file: Path
    fingerprint: str


def new_key(folder: Path, name: str) -> Key:
    file = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)
    listing = subprocess.run(["ssh-keygen", "-lf", f"{file}.pub"], check=True, capture_output=True, text=True).stdout
    return Key(file, listing.split()[1])


@dataclass(frozen=True)
class Person:
    """Somebody who commits: the address, and the key that signs (None: nothing is signed)."""

    email: str
    key: Key | None = None

    def git(self, root: Path, *words: str) -> str:
        """Run Git as this person."""
        options = [("user.name", "A writer"), ("user.email", self.email), ("gpg.format", "ssh")]
        if self.key is not None:
            options += [("user.signingKey", str(self.key.file)), ("commit.gpgSign", "true")]
        config = [word for name, value in options for word in ("-c", f"{name}={value}")]
        done = subprocess.run(["git", *config, *words], cwd=root, check=True, capture_output=True, env=dict(os.environ))
        return done.stdout.decode().strip()

    def use(self, root: Path) -> None:
        """Let the settings of a clone be those of this person, who has a key."""
        assert self.key is not None
        with (root / ".git/config").open("a", encoding="utf-8") as config:
            config.write(f"[user]\n\temail = {self.email}\n\tsigningKey = {self.key.file}\n[gpg]\n\tformat = ssh\n")

    def commits(self, root: Path, files: Mapping[str, str | None], message: str = "change", *more: str) -> None:
        """Write (None: delete) files, and commit everything."""
        for path, text in files.items():
            if text is None:
                (root / path).unlink()
            else:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
        self.git(root, "add", "-A")
        self.git(root, "commit", "-q", "--allow-empty", "-m", message, *more)

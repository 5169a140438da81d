"""A registry that publishes: its remote, its key, its folder; and what the tests of releases look at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from signing import Key, new_key

from smartreg.core.ssh_keys import fingerprint_of
from smartreg.features.federation.publish import FirstSeen, Publication, Published, publish, renew, withdraw
from smartreg.release.reading import VerifiedRelease, fetch_from, read_release
from smartreg.workspace.output import output
from smartreg.workspace.workspace import open_workspace

ID = "8f14e45f-ceea-467f-a83c-1b1f0b6e1c2a"
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Mast",
    "x-kind": {"name": "mast", "noun": "mast", "folder": "masts", "label": ["name"], "position": ["location"]},
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "title": "Id", "pattern": "^[a-z][a-z0-9-]*$"},
        "name": {"type": "string", "title": "Name", "x-map": {"ngsi-ld": "name"}},
        "height": {"type": "number", "title": "Height"},
        "serial_number": {"type": "string", "title": "Serial number"},
        "visibility": {"enum": ["public", "partners", "internal"], "title": "Visibility", "default": "public"},
        "location": {
            "type": "object",
            "title": "Place",
            "properties": {"lon": {"type": "number"}, "lat": {"type": "number"}},
        },
    },
    "unevaluatedProperties": False,
}
MASTS = {
    "a": "id: a\nname: Mât A\nheight: 8\nserial_number: SECRET-1\n",
    "b": "id: b\nname: Mast B\n",
    "hidden": "id: hidden\nname: SECRET-2\nvisibility: internal\n",
}


def accept(_seen: FirstSeen) -> bool:
    return True


@dataclass(frozen=True)
class Publisher:
    """A registry at `root` with a remote, which signs with `key` and publishes into `folder`."""

    root: Path
    folder: Path
    key: Key

    def git(self, *words: str) -> str:
        return git(self.root, *words)

    def commits(self, files: Mapping[str, str | None], *, pushed: bool = False) -> str:
        """Write (None: delete) files of the registry, and commit everything."""
        for path, text in files.items():
            if text is None:
                (self.root / path).unlink()
            else:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "Change")
        if pushed:
            self.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
        return self.git("rev-parse", "HEAD")

    def adds(self, id: str, *, pushed: bool = False) -> str:
        return self.commits({f"registry/masts/{id}.yaml": f"id: {id}\nname: Mast {id}\n"}, pushed=pushed)

    def publication(self, now: datetime = NOW, confirm: Callable[[FirstSeen], bool] = accept) -> Publication:
        return Publication(output(f"{self.folder}/", self.root), now, confirm)

    def publishes(self, now: datetime = NOW, confirm: Callable[[FirstSeen], bool] = accept) -> Published:
        return publish(open_workspace(self.root), self.publication(now, confirm))

    def renews(self, now: datetime = NOW) -> Published:
        return renew(open_workspace(self.root), self.publication(now))

    def withdraws(self, serial: int, reason: str = "a name of a person") -> Published:
        return withdraw(open_workspace(self.root), self.publication(), serial, reason)

    def with_key(self, key: Key) -> Publisher:
        """The same, which from now on signs with another key."""
        self.git("config", "user.signingKey", f"{key.file}.pub")
        return replace(self, key=key)

    def clone(self, name: str) -> Publisher:
        """Another clone, with the same key and a folder of its own."""
        root = self.root.with_name(name)
        git(self.root.parent, "clone", "--quiet", self.git("remote", "get-url", "origin"), name)
        made = Publisher(root, root.with_name(f"{name}-public"), self.key)
        made.configure()
        return made

    def configure(self) -> None:
        settings = {"user.name": "A", "user.email": "a@example.org", "gpg.format": "ssh"}
        for name, value in {**settings, "user.signingKey": f"{self.key.file}.pub"}.items():
            self.git("config", name, value)

    @property
    def place(self) -> Path:
        """The folder of the registry's releases."""
        return self.folder / ID

    def reads(self, **how: object) -> VerifiedRelease:
        """What somebody reads who has the fingerprint of the key."""
        return read_release(fetch_from(self.folder), ID, [self.key.fingerprint], **how)  # type: ignore[arg-type]

    def manifest(self, serial: int) -> dict[str, object]:
        document: dict[str, object] = json.loads((self.place / f"{serial:06}/datapackage.json").read_bytes())
        return document


def git(folder: Path, *words: str) -> str:
    """What Git answers. It commits at `NOW`, or on the day of the test."""
    environ = {"GIT_AUTHOR_DATE": NOW.isoformat(), "GIT_COMMITTER_DATE": NOW.isoformat(), **os.environ}
    done = subprocess.run(["git", *words], cwd=folder, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def empty_publisher(folder: Path) -> Publisher:
    """A registry without a file, with a remote and a key."""
    root = folder / "registry"
    root.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "-b", "main", "remote.git")
    git(root, "init", "--quiet", "-b", "main")
    publisher = Publisher(root, folder / "public", new_key(folder, "key"))
    publisher.configure()
    publisher.git("remote", "add", "origin", str(folder / "remote.git"))
    return publisher


def make_publisher(folder: Path, *, settings: str = f'id = "{ID}"\nname = "Mâts"\n') -> Publisher:
    """A new registry of masts, pushed to a new remote."""
    publisher = empty_publisher(folder)
    files = {f"registry/masts/{id}.yaml": text for id, text in MASTS.items()}
    publisher.commits({"smartreg.toml": settings, "schemas/mast.schema.json": json.dumps(SCHEMA), **files})
    publisher.git("push", "--quiet", "-u", "origin", "main")
    return publisher


def copy_publisher(folder: Path, copy: Path) -> Publisher:
    """A copy of what `make_publisher` made, with its remote, key and releases."""
    shutil.copytree(folder, copy)
    key = Key(copy / "key", fingerprint_of((copy / "key.pub").read_text("utf-8")) or "")
    publisher = Publisher(copy / "registry", copy / "public", key)
    publisher.configure()
    publisher.git("remote", "set-url", "origin", str(copy / "remote.git"))
    return publisher

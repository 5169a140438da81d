"""A branch that means harm, looked at by every command that a reviewer or a pipeline runs on it.

Whatever it names leaves a mark when it runs, is asked for, or is written. Nothing but the commands may tell of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from crashes import Ended, git, run

SECONDS, MEMORY = 15.0, 700 << 20  # processor time and memory of one command
SECRET = "nobody outside of this computer may read this"
READS = (
    "validate",
    "validate --since main",
    "validate --since main --trust-head",
    "validate --since main --as-author",
    "validate --staged",
    "validate --at hostile",
    "diff main hostile",
    "diff main hostile -f markdown",
    "log",
    "blame party/istres",
    "status",
    "list party",
    "list party --at hostile",
    "show party/istres",
    "export -f csv -o {out}/csv",
    "export -f json --at hostile -o {out}/registry.json",
    "report -o {out}/report.html",
    "query 'SELECT count(*) FROM records'",
    "audit",
    "graph",
    "format --check",
    "doctor",
)


class Rehearsal:
    """A registry with a branch `hostile`, checked out, in a clone that knows the drivers which the branch names."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.folder, self.root = folder, folder / "clone"
        self.marks = folder / "marks"
        self.marks.mkdir()
        (folder / "secret.txt").write_text(SECRET, "utf-8")
        shutil.copy(base.parent / ".gitconfig", folder)
        git(base, "clone", "--quiet", str(base), str(self.root))
        self._configure()

    def _program(self, name: str, place: Path) -> str:
        """A program that leaves a mark named `name`, and passes on what it is given."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"#!/bin/sh\n: >'{self.marks}/{name}'\ncat 2>/dev/null\n", "utf-8")
        place.chmod(0o755)
        return str(place)

    def _configure(self) -> None:
        """The drivers that a branch can make act: they are configured, and only wait for somebody to name them."""
        for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv"):
            git(self.root, "config", key, self._program(key, self.folder / "bin" / key))
        for key in ("diff.evil.command", "merge.evil.driver", "core.pager", "core.sshCommand", "diff.external"):
            git(self.root, "config", key, self._program(key, self.folder / "bin" / key))
        git(self.root, "config", "protocol.ext.allow", "always")

    def arm(self, port: int, *, settings: bool) -> None:
        """Commit everything on the branch `hostile`, with the drivers away, and point the clone at what it brought.
        With `settings`, hostile settings and schemas too: many commands then stop at once."""
        git(self.root, "checkout", "--quiet", "-b", "hostile")
        files = {**self._files(), **(self._settings(port) if settings else {})}
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        for name in ("fsmonitor", "hooks/pre-commit", "hooks/post-checkout", "hooks/post-index-change"):
            self._program(f"in-tree-{name.replace('/', '-')}", self.root / "registry/tools" / name)
        os.symlink(self.folder / "secret.txt", self.root / "registry/parties/leak.yaml")
        os.symlink(self.folder, self.root / "registry/supports-elsewhere")
        os.symlink("/", self.root / "registry/annexes")
        bare = self.root / "registry/parties/bare"
        git(self.root, "init", "--quiet", "--bare", str(bare))
        git(bare, "config", "core.fsmonitor", self._program("bare-fsmonitor", self.root / "registry/tools/bare"))
        git(self.root, "-c", "core.attributesFile=/dev/null", "add", "--all", "--force", ":!.gitattributes")
        blob = git(self.root, "hash-object", "-w", "--no-filters", ".gitattributes").strip()
        link = git(self.root, "rev-parse", "HEAD").strip()
        for entry in (f"100644,{blob},.gitattributes", f"160000,{link},registry/networks/module"):
            git(self.root, "update-index", "--add", "--cacheinfo", entry)
        git(self.root, "commit", "--quiet", "--no-verify", "-m", "Hostile\n\nSmartreg-Op: add\n$(touch marks)")
        git(self.root, "config", "core.fsmonitor", "registry/tools/fsmonitor")
        git(self.root, "config", "core.hooksPath", "registry/tools/hooks")
        for mark in self.marks.iterdir():
            mark.unlink()

    def _settings(self, port: int) -> dict[str, str | bytes]:
        web = f"http://127.0.0.1:{port}"
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {"id": {"$ref": f"{web}/schema"}, "a": {"pattern": "^(a+)+$"}},
        }
        return {
            "smartreg.toml": 'name = "Evil"\nplugins = ["evil"]\n',
            "schemas/party.schema.json": json.dumps(schema),
        }

    def _files(self) -> dict[str, str | bytes]:
        shell = f"$(: >{self.marks}/shell)"
        module = f'[submodule "m"]\n\tpath = registry/networks/module\n\turl = ext::sh -c ":>{self.marks}/ext"\n'
        tag = f"id: istres\nname: !!python/object/apply:os.system [':>{self.marks}/tag']\n"
        return {
            ".gitattributes": "* filter=evil diff=evil merge=evil\n",
            ".gitmodules": module,
            "evil.py": f"open({str(self.marks / 'module')!r}, 'w')\n",
            "sitecustomize.py": f"open({str(self.marks / 'site')!r}, 'w')\n",
            "yaml.py": f"open({str(self.marks / 'yaml')!r}, 'w')\n",
            "registry/parties/istres.yaml": tag,
            f"registry/parties/{shell.replace('/', '%')}.yaml": f'id: x\nname: "{shell}"\n',
            "registry/parties/--output=marks.yaml": "id: y\n",
            "registry/parties/a\nb.yaml": "id: z\n",
            "registry/parties/escape.yaml": 'id: escape\nname: "\\e]0;owned\\a\\e[2J"\n',
            "registry/parties/bomb.yaml": "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)),
            "registry/parties/deep.yaml": "a: " + "[" * 100_000,
            "registry/parties/long.yaml": b"id: long\nname: " + b"x" * (6 << 20),
            "registry/parties/many.yaml": "\n".join(f"k{n}: {n}" for n in range(60_000)),
            "registry/parties/nul.yaml": b"id: nul\nname: a\0b\n",
            "registry/parties/utf16.yaml": "id: u\n".encode("utf-16"),
            "registry/flows/redos.yaml": f"id: redos\na: {'a' * 5000}!\n",
        }

    def look(self, line: str) -> list[str]:
        """Run one command; what is wrong with how it went."""
        before = self._state()
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        ended = run(self.root, line.format(out=out))
        wrong = [f"{name} ran or was asked for" for name in sorted(mark.name for mark in self.marks.iterdir())]
        wrong += self._told(ended, out)
        if self._state() != before:
            wrong.append("something was written")
        return [f"{line}: {what}" for what in wrong]

    def _told(self, ended: Ended, out: Path) -> Iterator[str]:
        said = ended.out + ended.err
        written = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
        if ended.code not in (0, 1, 2, 3):
            yield f"exit code {ended.code}: {ended.err[-300:]}"
        if "Traceback" in said:
            yield "a traceback"
        if SECRET in said or SECRET.encode() in written:
            yield "a file from elsewhere is shown"
        if "\x1b]" in said or "\x1b[2J" in said or "\a" in said:
            yield "the terminal is spoken to"
        if ended.seconds > SECONDS:
            yield f"{ended.seconds:.0f} s"
        if ended.memory > MEMORY:
            yield f"{ended.memory >> 20} MiB"

    def _state(self) -> tuple[str, ...]:
        """Git's index and refs, and every name around the clone; the cache in `.git/smartreg` is ours."""
        names = (
            str(path) for path in self.folder.rglob("*") if "smartreg" not in path.parts and "out" not in path.parts
        )
        index = (self.root / ".git/index").read_bytes().hex()[-40:]
        return (*sorted(names), index, (self.root / ".git/refs/heads/hostile").read_text())


@contextmanager
def listening(marks: Path) -> Iterator[int]:
    """A web server on this computer that leaves a mark when anything is asked for; its port."""

    class Marking(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (marks / "web").touch()
            self.send_error(404)

        def log_message(self, *_words: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Marking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def marked_by_git(rehearsal: Rehearsal) -> bool:
    """Whether the traps work: Git itself, asked without care, falls into one."""
    subprocess.run(["git", "diff", "main"], cwd=rehearsal.root, capture_output=True, check=False)
    subprocess.run(["git", "status"], cwd=rehearsal.root, capture_output=True, check=False)
    found = list(rehearsal.marks.iterdir())
    for mark in found:
        mark.unlink()
    return bool(found)

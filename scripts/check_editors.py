"""Check what an editor offers: run a real yaml-language-server (npm) on one record of each kind.

    python scripts/check_editors.py [--server PATH]

Without --server, npm installs it into a temporary folder; if npm cannot fetch it, nothing is check_kind, with a message
(exit 0). Exit 1 if a kind gets no completion, or no error for an unknown field.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smartreg.schema import Kind, bundled_files, read_schemas

NAME = "yaml-language-server"


class Editor:
    """The part of an editor that talks to a language server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process, self._number = process, 0
        self._seen: dict[str, list[Any]] = {}

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            if not line and self.process.poll() is not None:
                raise SystemExit("the language server exited")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._seen[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "id" in message and "method" in message:  # a request of the server, for settings: it gets none
            options = message.get("params", {}).get("items", ())
            self._send({"id": message["id"], "result": [None for _ in options] if options else None})
        return message

    def notify(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while (message := self._read()).get("id") != self._number or "method" in message:
            pass
        return message.get("result")

    def open(self, file: Path) -> None:
        about = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": file.read_text("utf-8")}
        self.notify("textDocument/didOpen", textDocument=about)

    def errors(self, file: Path) -> list[str]:
        while file.as_uri() not in self._seen:
            self._read()
        return [found["message"] for found in self._seen[file.as_uri()]]

    def completions(self, file: Path, line: int) -> set[str]:
        place = {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": 0}}
        found = self.request("textDocument/completion", **place) or {"items": []}
        return {item["label"] for item in found["items"]}


@contextmanager
def editor(server: Path, root: Path) -> Iterator[Editor]:
    command = [str(server), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        client = Editor(process)
        client.request("initialize", processId=None, rootUri=root.as_uri(), capabilities={})
        client.notify("initialized")
        settings = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}
        client.notify("workspace/didChangeConfiguration", settings=settings)
        yield client
        process.kill()


def install_server(folder: Path) -> Path | None:
    """Install the server with npm; None if that fails."""
    npm = shutil.which("npm")
    words = [npm or "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), NAME]
    if npm is None or subprocess.run(words, check=False).returncode:
        return None
    return folder / "node_modules/.bin" / NAME


def check_kind(client: Editor, root: Path, kind: Kind) -> str:
    """What is wrong with completion and errors for a kind; empty if nothing is."""
    folder = root / "registry" / kind.folder
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "x-1.yaml"
    modeline = f"# yaml-language-server: $schema=../../schemas/{kind.name}.schema.json"
    file.write_text(f"{modeline}\nid: x-1\nownr: nobody\n\n", "utf-8")
    client.open(file)
    offered, errors = client.completions(file, 3), client.errors(file)
    names = {field.path[0] for field in kind.fields} - {"id"}
    missing = sorted(names - offered)
    if missing:
        return f"not offered: {', '.join(missing)}"
    return "" if any("ownr" in message for message in errors) else f"no error for an unknown field: {errors}"


def main() -> int:
    parser = argparse.ArgumentParser(description="check records in an editor")
    parser.add_argument("--server", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        server = options.server or install_server(root / "npm")
        if server is None:
            print(f"skipped: npm cannot fetch {NAME}", file=sys.stderr)
            return 0
        (root / "schemas").mkdir()
        for name, text in bundled_files().items():
            (root / "schemas" / name).write_bytes(text)
        faults = {}
        with editor(server, root) as client:
            for kind in read_schemas(bundled_files()).kinds.values():
                faults[kind.name] = check_kind(client, root, kind)
                print(f"{kind.name:<14} {faults[kind.name] or 'completion and errors'}", flush=True)
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())

"""A registry that reads releases of others: one source, and one device that hangs on a pole of it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from published import ID, NOW, Publisher, lines_of, public

from smartreg.edit import Outcome, WriteOptions
from smartreg.features.federation.source_notes import SourceState
from smartreg.features.federation.sources import update
from smartreg.workspace.workspace import open_workspace

OPTIONS = WriteOptions(date(2026, 12, 1))
SENSOR = 'id: {id}\ntype: sensor\nowner: amp\nuse_cases: [noise]\nstatus: planned\nsupport: "{support}"\n'


@dataclass(frozen=True)
class Reader:
    """A registry with the source cd13, and one device on its pole ep-1."""

    root: Path

    @staticmethod
    def source(publisher: Publisher, more: str = "") -> str:
        keys = ", ".join(f'"{key}"' for key in publisher.keys or [public(publisher.key)])
        return f'[sources.cd13]\nid = "{ID}"\nurl = "../{publisher.folder.name}"\nkeys = [{keys}]\n{more}'

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commits(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "change")

    def updates(self, *words: str, options: WriteOptions = OPTIONS) -> tuple[Outcome | None, list[SourceState]]:
        return update(open_workspace(self.root), words, options, NOW)

    def refuses(self) -> str:
        """Why the update was refused, after which everything is as before but for the note in the lock."""
        kept = {path.name: path.read_bytes() for path in (self.root / "foreign").glob("cd13*")}
        _, (state,) = self.updates()
        assert {path.name: path.read_bytes() for path in (self.root / "foreign").glob("cd13*")} == kept
        assert self.git("status", "--porcelain") == ""
        return state.refused.why if state.refused is not None else ""

    def kept(self) -> dict[str, object]:
        """The id of each kept record with its status, or since when it is gone."""
        lines = lines_of(self.root / "foreign/cd13.jsonl")
        return {line["id"]: line["gone"] if "gone" in line else line["data"].get("status") for line in lines}


def new_reader(root: Path, publisher: Publisher) -> Reader:
    (root / "registry/equipment").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "-b", "main"], cwd=root, check=True)
    with open(root / ".git/config", "a", encoding="utf-8") as config:
        config.write("[user]\nname = Nina\nemail = nina@example.org\n[gc]\nauto = 0\n")
    reader = Reader(root)
    (root / "registry/equipment/noise-1.yaml").write_text(SENSOR.format(id="noise-1", support="cd13:ep-1"))
    reader.commits("smartreg.toml", reader.source(publisher))
    return reader

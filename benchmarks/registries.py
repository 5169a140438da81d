"""The generated registries, and the operations measured in them."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
from contextlib import closing
from functools import cached_property
from itertools import count
from pathlib import Path

import records as data_of
from chance import Chance
from framework import METROPOLE
from generate import commit_all, generate
from measure import BIN, run
from towns import SERVICES, TOWNS

from smartreg.core.values import Json
from smartreg.edit.record_text import new_text
from smartreg.schema import bundled_files, read_schemas

SMARTREG = str(BIN / "smartreg")
EQUIPMENT = read_schemas(bundled_files()).kinds["equipment"]
# The codes of faults that a schema can find, too.
SCHEMA_CODES = ("YML", "SCH", "REC103", "DAT505", "DAT507", "LIF601", "LIF603")
IN_COMMUNES = "SELECT commune, status, count(*) FROM equipment GROUP BY commune, status"
_NOTES = re.compile(r"(?m)^notes: .*$")


class Place:
    """A generated registry under Git."""

    def __init__(self, folder: Path, records: int, seed: int, faults: float = 0.0) -> None:
        self.folder, self.records = folder, records
        self.generated = generate(folder, records, seed, faults)
        commit_all(folder)
        # Both sides flush equally: Git is set to the safety of smartreg.
        run(["git", "config", "core.fsync", "committed,reference"], folder)
        self._numbers = count(1)
        self._pending = ""

    def smartreg(self, *words: str, expected: tuple[int, ...] = (0,)) -> str:
        return run([SMARTREG, *words], self.folder, expected)

    def git(self, *words: str) -> str:
        return run(["git", *words], self.folder)

    # -- checking ---------------------------------------------------------------------------------------------

    def validate(self) -> str:
        return self.smartreg("validate", expected=(0, 1))

    def validate_in_job(self) -> str:
        """The same as a CI service runs it."""
        return run(["env", "CI=true", SMARTREG, "validate"], self.folder, (0, 1))

    def validate_anew(self) -> str:
        """A cold check."""
        self.forget()
        return self.validate()

    def check_anew(self) -> None:
        """Check without an index, so that the next command is the first after that."""
        self.validate_anew()

    def find_faulty(self) -> set[str]:
        """The files in which smartreg finds faults that a schema can find, too."""
        found = json.loads(self.smartreg("validate", "--json", expected=(0, 1)))["findings"]
        return {one["file"] for one in found if one["code"].startswith(SCHEMA_CODES)}

    def status(self) -> str:
        return self.git("status", "--porcelain")

    def forget(self) -> None:
        """Delete the index, so that the next run is cold."""
        shutil.rmtree(self.folder / ".git" / "smartreg", ignore_errors=True)

    @cached_property
    def _first_run(self) -> str:
        return self.validate()

    def warm(self) -> None:
        """Validate once, so that the next run is warm."""
        assert self._first_run

    def touch(self) -> None:
        """Change a record, as an editor would."""
        number = next(self._numbers)
        self._note(self.generated.files["equipment"][number], f"edited, {number}")

    def touch_convention(self) -> None:
        """Change what no rule reads of a convention on which devices and flows hang."""
        self._note(self.generated.files["convention"][0], f"edited, {next(self._numbers)}")

    def _note(self, path: str, text: str) -> None:
        file = self.folder / path
        file.write_text(_NOTES.sub(f"notes: {json.dumps(text)}", file.read_text("utf-8")), "utf-8")

    def validate_since(self) -> None:
        """Check one new record in the working tree against HEAD, then delete it."""
        self.write_record()
        self.smartreg("validate", "--since", "HEAD")
        (self.folder / self._pending).unlink()

    # -- writing ---------------------------------------------------------------------------------------------

    def add_sensor(self) -> None:
        data = self._sensor()
        words = ["--use-case", SERVICES[0].id, "--measure", "noiseLevel", "--yes", "--no-input"]
        for name in ("id", "owner", "status", "support", "network", "installed_on", "dev_eui", "convention"):
            words += [f"--{name.replace('_', '-')}", str(data[name])]
        self.smartreg("add-sensor", *words)

    def write_record(self) -> None:
        """Write a new record into the working tree, as an editor would, for `bare_commit`."""
        data = self._sensor()
        self._pending = EQUIPMENT.path_of(data)
        (self.folder / self._pending).write_bytes(new_text(EQUIPMENT, data, self._pending))

    def bare_commit(self) -> None:
        self.git("add", self._pending)
        self.git("commit", "-q", "-m", "Add a sensor")

    def forget_and_write(self) -> None:
        self.forget()
        self.write_record()

    def _sensor(self) -> dict[str, Json]:
        number = next(self._numbers)
        hosts = [path for path in self.generated.files["support"] if f"/{TOWNS[0].insee_code}/" in path]
        host = Path(hosts[number % len(hosts)]).stem
        flow = data_of.Flow("", TOWNS[0], SERVICES[0], METROPOLE, lorawan=True)
        return data_of.sensor(Chance(number), flow, 9_000_000 + number, host, "installed")

    # -- reading ---------------------------------------------------------------------------------------------

    def complete(self) -> str:
        """Tab after the first letters of an id."""
        return self.smartreg("complete", "show", self._letters)

    @cached_property
    def _letters(self) -> str:
        return Path(self.generated.files["equipment"][0]).stem[:5]

    def export(self) -> None:
        target = str(self.folder.with_name(f"{self.folder.name}-tables"))
        self.smartreg("export", "-f", "csv", "--force", "-o", target)

    def query(self) -> str:
        """How many devices are in which state, in which commune."""
        return self.smartreg("query", IN_COMMUNES)

    def query_export(self) -> None:
        """The same query on an earlier SQLite export, after `git status`."""
        self.status()
        with closing(sqlite3.connect(self.database)) as base:
            base.execute(IN_COMMUNES).fetchall()

    @cached_property
    def database(self) -> Path:
        target = self.folder.with_name(f"{self.folder.name}.sqlite")
        self.smartreg("export", "-f", "sqlite", "-o", str(target))
        return target

    def write_rows(self) -> None:
        """Write the same rows from memory, without starting a program."""
        for path, rows in self.rows.items():
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)

    @cached_property
    def rows(self) -> dict[Path, list[list[str]]]:
        """The rows of each table, by the file to write them to."""
        self.export()
        tables, again = (self.folder.with_name(f"{self.folder.name}-{word}") for word in ("tables", "rows"))
        again.mkdir()
        return {
            again / table.name: list(csv.reader(table.open(encoding="utf-8", newline="")))
            for table in sorted(tables.glob("*.csv"))
        }

    def report(self) -> Path:
        """Write the page of the registry; its path."""
        page = self.folder.with_name(f"{self.folder.name}.html")
        self.smartreg("report", "-f", "html", "-o", str(page))
        return page

    @cached_property
    def commits(self) -> tuple[str, str]:
        """Two commits, the second of which changes one record in a hundred, as a script would, and nothing that was
        edited before."""
        self.git("commit", "-q", "-a", "--allow-empty", "-m", "Edited before")
        old = self.git("rev-parse", "HEAD").strip()
        for path in self.generated.files["equipment"][-self.records // 100 :]:
            self._note(path, "reviewed")
        self.git("commit", "-q", "-a", "-m", "Review")
        return old, self.git("rev-parse", "HEAD").strip()

    def diff(self) -> str:
        return self.smartreg("diff", *self.commits)

    def git_diff(self) -> str:
        return self.git("diff", "--stat", *self.commits)

"""The tools that smartreg is compared with, and which files each finds faulty."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from measure import BIN, ENVIRONMENT, run

PYTHON = str(BIN / "python")
# rfc3987-syntax makes every import of jsonschema a second slower. An installation of check-jsonschema alone does not
# include it, so it is hidden here.
_WITHOUT = "import sys; sys.modules['rfc3987_syntax'] = None"
CHECK_JSONSCHEMA = (PYTHON, "-c", f"{_WITHOUT}; from check_jsonschema import main; main(prog_name='check-jsonschema')")
AJV = ("ajv-cli@5.0.0", "ajv-formats@2.1.1")

Files = Mapping[str, Sequence[str]]


def check_jsonschema(folder: Path, files: Files, *options: str) -> Iterator[str]:
    """Its output for each kind; it checks one schema at a time."""
    for kind, some in files.items():
        words = ["--schemafile", f"schemas/{kind}.schema.json", *some]
        yield run([*CHECK_JSONSCHEMA, *options, *words], folder, (0, 1))


def faulty_by_check_jsonschema(folder: Path, files: Files) -> set[str]:
    found: set[str] = set()
    for text in check_jsonschema(folder, files, "--output-format", "json"):
        report = json.loads(text)
        found |= {Path(one["filename"]).as_posix() for one in report.get("errors", ())}
        found |= {Path(one["filename"]).as_posix() for one in report.get("parse_errors", ())}
    return found


class Ajv:
    """ajv-cli, installed with npm in a folder of its own. It resolves references by `$id`, so the schemas get one."""

    def __init__(self, place: Path, schemas: Path) -> None:
        self._place = place
        for file in schemas.glob("*.schema.json"):
            about = {**json.loads(file.read_text("utf-8")), "$id": file.name}
            (place / file.name).write_text(json.dumps(about), "utf-8")

    @classmethod
    def install(cls, place: Path, schemas: Path) -> Ajv | None:
        """None if npm is missing or cannot fetch it."""
        if shutil.which("npm") is None or shutil.which("node") is None:
            return None
        words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), *AJV]
        done = subprocess.run(words, env=ENVIRONMENT, check=False, capture_output=True)
        return None if done.returncode else cls(place, schemas)

    def validate(self, folder: Path, kinds: Sequence[str]) -> Iterator[str]:
        """Its output for each kind."""
        modules = self._place / "node_modules"
        form = ["--spec=draft2020", "--strict=false", "--errors=line", "-c", str(modules / "ajv-formats")]
        for kind in kinds:
            given = ["-s", str(self._place / f"{kind}.schema.json"), "-r", str(self._place / "common.schema.json")]
            data = ["-d", f"registry/{folder_of(self._place, kind)}/**/*.yaml"]
            yield run([str(modules / ".bin" / "ajv"), "validate", *form, *given, *data], folder, (0, 1))

    def find_faulty(self, folder: Path, files: Files) -> set[str]:
        lines = (line for text in self.validate(folder, list(files)) for line in text.splitlines())
        valid = {line.removesuffix(" valid") for line in lines if line.endswith(" valid")}
        return {file for some in files.values() for file in some} - valid


def folder_of(place: Path, kind: str) -> str:
    """The folder of a kind, according to its schema."""
    about = json.loads((place / f"{kind}.schema.json").read_text("utf-8"))
    return str(about["x-kind"]["folder"])

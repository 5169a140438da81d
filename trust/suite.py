"""Second opinions: the JSON Schema Test Suite (2020-12), other implementations of check digits, and
`git merge-file`."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from stdnum import imei
from stdnum.fr import siren, siret

from smartreg.core.errors import SmartregError
from smartreg.domain.numbers import luhn as ours
from smartreg.edit.merge import Versions, merge_texts
from smartreg.gitio.merge_file import LineMerger
from smartreg.schema import read_schemas
from smartreg.yamlio import read

SOURCE = "jsonschema==4.25.1"  # its source distribution contains the suite (MIT)
ASSERTED = "is only an annotation by default"  # but we promise to assert formats
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def fetch_suite(folder: Path) -> list[Path]:
    """The files of the suite; none if they cannot be downloaded."""
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("jsonschema-*.tar.gz")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-binary", "jsonschema", "-d", str(folder), SOURCE]
        subprocess.run(command, capture_output=True, check=False)
    for archive in folder.glob("jsonschema-*.tar.gz"):
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return sorted(folder.glob("jsonschema-*/json/tests/draft2020-12/*.json"))


def verdicts(files: list[Path]) -> Iterator[tuple[str, bool | None]]:
    """Each test of the suite, and whether our verdict agrees; None if we refuse the schema."""
    for file in files:
        for group in json.loads(file.read_text("utf-8")):
            accepts = _checker(group["schema"])
            for test in group["tests"]:
                name = f"{file.stem}: {group['description']}: {test['description']}"
                valid = test["valid"] and not name.endswith(ASSERTED)
                yield name, None if accepts is None else accepts({"id": "x", "a": test["data"]}) == valid


def _checker(schema: Any) -> Any:
    """Our check of `{"id": …, "a": …}` against a schema of the suite; None if it is refused, or only works at the top
    level."""
    text = json.dumps(schema)
    inner = (
        {key: value for key, value in schema.items() if key not in ("$schema", "$defs")}
        if isinstance(schema, dict)
        else schema
    )
    defs = {"$defs": schema["$defs"]} if isinstance(schema, dict) and "$defs" in schema else {}
    if '"$ref": "#/' in text.replace('"$ref": "#/$defs/', "") or '"$ref": "#"' in text:
        return None
    fields = {"id": {"type": "string"}, "a": inner}
    whole = {"$schema": DIALECT, "type": "object", "required": ["id"], "properties": fields, **defs}
    try:
        judge = read_schemas({"pole.schema.json": json.dumps(whole).encode()}).judges["pole"]
        judge.accepts({})
    except SmartregError:
        return None
    return judge.accepts


def check_digits(count: int, seed: int = 1) -> Iterator[tuple[str, bool]]:
    """Random numbers as long as a SIREN, a SIRET and an IMEI, and whether python-stdnum, our check and Luhn agree."""
    random = Random(seed)
    for length, theirs in ((9, siren.is_valid), (14, siret.is_valid), (15, imei.is_valid)):
        for _ in range(count):
            number = "".join(random.choices("0123456789", k=length))
            if length == 14 and number.startswith("356000000"):
                continue  # La Poste has a rule of its own
            sound = _luhn(number) and (length != 14 or _luhn(number[:9]))  # a SIRET begins with a SIREN
            yield number, sound == bool(theirs(number)) and _luhn(number) == ours(number)


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def merges(count: int, seed: int = 1) -> Iterator[tuple[str, str | None]]:
    """Two people change fields of one text, one per line: what is wrong with our merge, if anything. It must be clean
    if no field was changed by both, and agree with Git's own merge wherever that one is clean."""
    random, merger = Random(seed), LineMerger(Path())
    for number in range(count):
        base = {f"field_{letter}": str(random.randrange(3)) for letter in "abcdefgh"}
        ours, theirs = ({**base, **_change_fields(base, random)} for _ in range(2))
        texts = Versions(*(_lines(data) for data in (base, ours, theirs)))
        git, found = merger.merge(*texts), merge_texts(texts, None, merger)
        crossed = any(ours[key] != base[key] != theirs[key] != ours[key] for key in base)
        wanted = {key: ours[key] if ours[key] != base[key] else theirs[key] for key in base}
        merged = read(found.text, "").data if found.clean else None
        wrong = None
        if found.clean == crossed:
            wrong = "clean, though one field was changed by both" if crossed else "not clean, though no field clashes"
        elif found.clean and merged != wanted:
            wrong = "clean, but neither side wrote this"
        elif git.clean and found.text != git.text:
            wrong = "Git merges it differently"
        yield f"merge {number} of seed {seed}: {texts}", wrong


def _change_fields(base: dict[str, str], random: Random) -> dict[str, str]:
    return {key: str(random.randrange(3, 6)) for key in random.sample(sorted(base), random.randint(1, 3))}


def _lines(data: dict[str, str]) -> bytes:
    return "".join(f'{key}: "{value}"\n' for key, value in data.items()).encode()

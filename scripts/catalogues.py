"""Read the catalogues of translations, and compile them to what `gettext` loads: `python scripts/catalogues.py`.

The build of a wheel does the same (`hatch_build.py`); nothing but the standard library is needed.
"""

from __future__ import annotations

import ast
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LOCALE = Path(__file__).parents[1] / "smartreg" / "locale"


class Entry(NamedTuple):
    """One sentence: its context, English (one, or one and many), and its translations, one a form of the plural."""

    context: str | None
    one: str
    many: str | None
    texts: tuple[str, ...]
    fuzzy: bool = False

    @property
    def key(self) -> str:
        """What `gettext` looks up."""
        english = self.one if self.many is None else f"{self.one}\0{self.many}"
        return english if self.context is None else f"{self.context}\4{english}"


def read_catalogue(text: str) -> Iterator[Entry]:
    """The entries of a `.po` file, its header first; not those that are no longer used (`#~`)."""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields: dict[str, str] = {}
        field, fuzzy = "", False
        for line in block.splitlines():
            if not line or line.startswith("#"):
                fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
                continue
            if not line.startswith('"'):
                field, _, line = line.partition(" ")
            fields[field] = fields.get(field, "") + ast.literal_eval(line)
        if "msgid" in fields:
            texts = tuple(value for name, value in fields.items() if name.startswith("msgstr"))
            yield Entry(fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural"), texts, fuzzy)


def compiled(text: str) -> bytes:
    """The `.mo` file of a `.po` file: sorted keys, their texts, offsets of both. Unsure translations (fuzzy) and empty
    ones are left out."""
    entries = [entry for entry in read_catalogue(text) if all(entry.texts) and not entry.fuzzy]
    pairs = sorted((entry.key.encode(), "\0".join(entry.texts).encode()) for entry in entries)
    keys, texts = ([pair[side] + b"\0" for pair in pairs] for side in (0, 1))
    header, table = 28, 8 * len(pairs)
    places, start = [], header + 2 * table
    for item in (*keys, *texts):
        places.append(struct.pack("<II", len(item) - 1, start))
        start += len(item)
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), header, header + table, 0, header + 2 * table)
    return b"".join((head, *places, *keys, *texts))


def compile_all(folder: Path = LOCALE) -> None:
    """Write the `.mo` file beside each catalogue of a folder."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        source.with_suffix(".mo").write_bytes(compiled(source.read_text("utf-8")))


if __name__ == "__main__":
    compile_all(*map(Path, sys.argv[1:]))

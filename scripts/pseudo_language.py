"""Make a language that no human speaks, in which every sentence of smartreg can be recognized: `[!! ŝéñţéñçé !!]`.

`python scripts/pseudo_language.py FOLDER`, then `SMARTREG_LOCALE=FOLDER smartreg --lang xx …`: what reads as English
comes from data, or from no catalogue.
"""

from __future__ import annotations

import re
import string
import sys
from pathlib import Path

from catalogues import LOCALE, Entry, compile_all, read_catalogue

NAME = "xx"
_ACCENTS = str.maketrans(string.ascii_letters, "áƀćđéƒĝĥíĵķļɱñóþɋŕŝţúṽŵẋýžÁƁĆĐÉƑĜĤÍĴĶĻṀÑÓÞɊŔŜŢÚṼŴẊÝŽ")
_KEPT = re.compile(r"(\{\{|\}\}|\{\w*\})")


def pseudo(text: str, *, filled: bool) -> str:
    """A text in that language; the values of a template are kept."""
    parts = _KEPT.split(text) if filled else [text]
    accented = "".join(part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in parts)
    return f"[!! {accented} !!]" if re.search("[a-zA-Z]{2}", text) else accented


def make_catalogue(folder: Path, name: str = NAME) -> None:
    """Write that language's catalogue, with the sentences of the French one, and compile it. `name`: another language
    in whose place it stands, for what says everything in English and French."""
    entries = read_catalogue((LOCALE / "fr" / "LC_MESSAGES" / "smartreg.po").read_text("utf-8"))
    header = "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=n != 1;\\n"
    blocks = [f'msgid ""\nmsgstr "{header}"']
    blocks += [_block(entry) for entry in entries if entry.one]
    source = folder / name / "LC_MESSAGES" / "smartreg.po"
    source.parent.mkdir(parents=True)
    source.write_text("\n\n".join(blocks) + "\n", "utf-8")
    compile_all(folder)


def _block(entry: Entry) -> str:
    filled = re.search(r"\{\w+\}", entry.one) is not None
    one, *many = (_quoted(pseudo(text, filled=filled)) for text in (entry.one, entry.many) if text is not None)
    lines = [f"msgctxt {_quoted(entry.context)}"] if entry.context is not None else []
    lines.append(f"msgid {_quoted(entry.one)}")
    if not many or entry.many is None:
        return "\n".join([*lines, f"msgstr {one}"])
    return "\n".join([*lines, f"msgid_plural {_quoted(entry.many)}", f"msgstr[0] {one}", f"msgstr[1] {many[0]}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


if __name__ == "__main__":
    make_catalogue(Path(sys.argv[1]))

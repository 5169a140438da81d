"""The format of the index: all its tables at a glance, and the fingerprint of the program that wrote it.

A change here needs another `FORMAT`: a file of another format is made anew.

`about` says what the file is and describes, by name; `build` is the fingerprint of the program that wrote it, `origin`
the mark of the user's key for this file in this folder.
`text` has what texts say, by blob id, and `answer` what was worked out of whole states, by a digest of the
question. `page` has the rows of the state that is described, of what was found in it (see `pages`), and of its
tables (see `images`). `commits`, `file_history` and `commit_changes` have the history: see `history`.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache

FORMAT = 6

LAYOUT = """
CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB, sum BLOB) WITHOUT ROWID;
CREATE TABLE text (name TEXT, value BLOB, sum BLOB);
CREATE UNIQUE INDEX text_by_name ON text (name);
CREATE TABLE answer (name TEXT, value BLOB, sum BLOB);
CREATE UNIQUE INDEX answer_by_name ON answer (name);
CREATE TABLE page (kind TEXT, number INTEGER, content BLOB);
CREATE UNIQUE INDEX page_by_number ON page (kind, number);
CREATE TABLE commits (oid TEXT PRIMARY KEY, content BLOB, sum BLOB) WITHOUT ROWID;
CREATE TABLE file_history (name BLOB PRIMARY KEY, content BLOB, sum BLOB) WITHOUT ROWID;
CREATE TABLE commit_changes (oid TEXT, part INTEGER, parts INTEGER, records BLOB, records_sum BLOB, fields BLOB,
    fields_sum BLOB, PRIMARY KEY (oid, part)) WITHOUT ROWID;
"""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def table_names() -> set[str]:
    """The names of the tables in the layout."""
    return {words.split()[0] for words in LAYOUT.split("CREATE TABLE ")[1:]}


def statements() -> list[str]:
    """The statements of the layout, as SQLite keeps them."""
    return [text.strip() for text in LAYOUT.split(";") if text.strip()]


@cache
def build_fingerprint() -> str:
    """A digest that changes with the files of smartreg, its libraries or Python."""
    found = hashlib.sha256(sys.version.encode())
    for line in (*_files(_PACKAGE), *_libraries()):
        found.update(line.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif not entry.name.endswith(".md"):  # manual pages: nothing is derived from them
                about = entry.stat()
                yield f"{entry.path}\0{about.st_size}\0{about.st_mtime_ns}\n"


def _libraries() -> Iterator[str]:
    """The folders of installed packages: they change whenever a package is installed, removed or upgraded."""
    for place in sys.path:
        if place.endswith("-packages") and os.path.isdir(place):
            yield f"{place}\0{os.stat(place).st_mtime_ns}\n"

"""The format of the index: all its tables at a glance, and the fingerprint of the program that wrote it.

A change here needs another `FORMAT`: a file of another format is made anew. The tables of kinds, whose columns depend
on the schemas, are created by `tables/`: their names are generated, too (`KIND_TABLE`). The table of words is created
where SQLite has trigrams (`WORDS`).
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from functools import cache

FORMAT = 7

LAYOUT = """
-- What the file is (`origin`, `build`), and what the rows of other tables were derived with.
CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- What texts say, by blob; what was worked out of whole states, by a digest of the question. Both are JSON.
CREATE TABLE text (name TEXT, value TEXT);
CREATE UNIQUE INDEX text_by_name ON text (name);
CREATE TABLE answer (name TEXT, value TEXT);
CREATE UNIQUE INDEX answer_by_name ON answer (name);

-- The files of the working tree. `state` tells what is in one: a blob, or a blob and a length (blob:length) where Git
-- converts line ends; `?` if it is unknown, NULL for a file that is gone. `linked`, `checked`, `tabled` and `worded`:
-- the state of which links and values, findings, rows of tables, and words are those that are stored; NULL for none.
-- They are out of date where they differ from `state`.
CREATE TABLE file (no INTEGER PRIMARY KEY, folder TEXT, name TEXT, id TEXT, state TEXT, linked TEXT, checked TEXT,
    tabled TEXT, worded TEXT);
CREATE UNIQUE INDEX file_by_path ON file (folder, name);
CREATE INDEX file_by_id ON file (id) WHERE state IS NOT NULL;
CREATE INDEX file_by_folder ON file (folder) WHERE id IS NOT NULL AND state IS NOT NULL;
CREATE INDEX file_gone ON file (no) WHERE state IS NULL;
CREATE INDEX file_unlinked ON file (no) WHERE linked IS NOT state;
CREATE INDEX file_unchecked ON file (no) WHERE checked IS NOT state;
CREATE INDEX file_untabled ON file (folder) WHERE tabled IS NOT state;
CREATE INDEX file_unworded ON file (no) WHERE worded IS NOT state;
-- Each folder, with its times and inode when its names were read; NULL if it may have changed unnoticed since.
CREATE TABLE folder (path TEXT PRIMARY KEY, ctime INTEGER, mtime INTEGER, inode TEXT) WITHOUT ROWID;
-- The files that differ from HEAD, with its blob; NULL if it has none.
CREATE TABLE dirty (path TEXT PRIMARY KEY, head TEXT) WITHOUT ROWID;

-- What names an id; what has a value in a field that rules look up (`kind.field`), or in a cell of the grid.
CREATE TABLE link (target TEXT, file INTEGER, PRIMARY KEY (target, file)) WITHOUT ROWID;
CREATE INDEX link_by_file ON link (file);
CREATE TABLE value (field TEXT, value TEXT, file INTEGER, PRIMARY KEY (field, value, file)) WITHOUT ROWID;
CREATE INDEX value_by_file ON value (file);

-- The findings in each file, before waivers, selection and severities.
CREATE TABLE finding (file TEXT, n INTEGER, rule TEXT, severity TEXT, fixable INTEGER, value TEXT,
    PRIMARY KEY (file, n)) WITHOUT ROWID;

-- The history, which does not depend on what is checked out: see `history`.
CREATE TABLE commits (oid TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID;
CREATE TABLE file_history (name BLOB PRIMARY KEY, content TEXT) WITHOUT ROWID;
CREATE TABLE commit_changes (oid TEXT, part INTEGER, parts INTEGER, records BLOB, fields BLOB,
    PRIMARY KEY (oid, part)) WITHOUT ROWID;

-- Values of records that do not fit the type of their column: the table, the column, and the number of the record.
CREATE TABLE odd (owner TEXT, name TEXT, no INTEGER);
-- The files of records without rows, because they cannot be read.
CREATE TABLE unread (file BLOB PRIMARY KEY) WITHOUT ROWID;
"""

_COLUMN = r"[a-z]\w*(?: (?:INTEGER PRIMARY KEY|INTEGER|TEXT|REAL|BLOB))?"
KIND_TABLE = (
    rf"CREATE TABLE k\d+(?:l\d+)?(?:p\d+)? \({_COLUMN}(?:, {_COLUMN})*(?:, PRIMARY KEY \(no, n\)\) WITHOUT ROWID|\))"
    r"|CREATE UNIQUE INDEX k\d+_by_id ON k\d+ \(c0, file\)"
)
"""The statements that may have created what the layout does not have."""

WORDS = "CREATE VIRTUAL TABLE words USING fts5(text, tokenize='trigram', detail='none')"
"""By what people search for records: the text of each file that has one, by its number. Created when somebody first
searches, where SQLite has FTS5 with trigrams."""
WORDS_TABLE = (
    rf"{re.escape(WORDS)}|CREATE TABLE 'words_(?:data|idx|content|docsize|config)'\([\w ,()]+\)(?: WITHOUT ROWID)?"
)
"""The statements that create it, and the tables in which FTS5 keeps it."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def statements() -> list[str]:
    """The statements of the layout, as SQLite keeps them."""
    plain = re.sub(r"(?m)^--.*$", "", LAYOUT)
    return [text.strip() for text in plain.split(";") if text.strip()]


@cache
def build_fingerprint() -> str:
    """A digest that changes with the files of smartreg, its libraries or Python."""
    digest = hashlib.sha256(sys.version.encode())
    for line in (*_files(_PACKAGE), *_libraries()):
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


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

"""All tables of the index at a glance. A change here needs another `FORMAT`: a file of another format is made anew.

`about` says what the file is and describes, by name; `build` is the fingerprint of the program that wrote it. `text`
has what texts say, by blob id, and `answer` what was worked out of whole states, by a digest of the question. `page`
has the rows of the state that is described, of what was found in it (see `pages`), and of its tables (see `images`).
`commits`, `file_history` and `commit_changes` have the history: see `history`.
"""

from __future__ import annotations

FORMAT = 3

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

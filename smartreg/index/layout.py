"""All tables of the index at a glance. A change here needs another `FORMAT`: a file of another format is made anew."""

from __future__ import annotations

FORMAT = 2

# `about`: what a file is and describes, by name; `build` is the fingerprint of the program that wrote it.
# `commits`, `file_history`, `commit_changes`: the history, as `index/history.py` stores it.
LAYOUT = """
CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE commits (oid TEXT PRIMARY KEY, content BLOB, sum BLOB) WITHOUT ROWID;
CREATE TABLE file_history (name BLOB PRIMARY KEY, content BLOB, sum BLOB) WITHOUT ROWID;
CREATE TABLE commit_changes (oid TEXT, part INTEGER, parts INTEGER, records BLOB, records_sum BLOB, fields BLOB,
    fields_sum BLOB, PRIMARY KEY (oid, part)) WITHOUT ROWID;
"""

"""All tables of the index at a glance. A change here needs another `FORMAT`: a file of another format is made anew."""

from __future__ import annotations

FORMAT = 1

# `about`: what a file is and describes, by name; `build` is the fingerprint of the program that wrote it.
LAYOUT = """
CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
"""

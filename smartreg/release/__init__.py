"""Releases: signed, numbered, immutable copies of the public view of a registry, as static files that any web site or
folder serves. The format, the tree of records, and how a reader verifies what it was given.

Nothing here knows a registry: what is published belongs to `features/federation/publish.py`, what a reader keeps to the
room of the reader.
"""

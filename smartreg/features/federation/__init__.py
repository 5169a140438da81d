"""Registries that read each other: what `publish` makes of one, and what `source` keeps of the others. The format of a
release and how a reader verifies it are in `release/`; what a reference to another registry means,
`registry/abroad.py` says.

Open first: `publish.py`, `release_content.py`; `sources.py`.
"""

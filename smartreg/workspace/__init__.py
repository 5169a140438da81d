"""A clone at work: where a command runs and what it reads there, and what several wings need to do: add a record, set
fields, take a file as an annex, write a file for the user. Plain values in, values out; no printing, no environment.

What one wing alone needs stays there. Open first: `workspace.py` (the root, the repository, the registry in each of its
states, and `write`), then `add.py` and `set_.py`; `output.py` says where a user's files may go.
"""

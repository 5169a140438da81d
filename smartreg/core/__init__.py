"""The values used everywhere: records, findings, errors, both languages; and escaping, suggestions, work on two cores.

Imports no other room, and is all that `--version` and `-h` load below `cli/`: code that knows the meaning of a record
or a file format, or runs Git, never belongs here.
"""

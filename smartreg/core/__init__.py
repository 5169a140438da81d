"""What everything is made of: values, findings, errors, both languages, escaping, suggestions, work on two cores.

Depends on nothing of ours, and is all that `--version` and `-h` load below `cli/`: what knows a record's meaning or a
file format, or runs Git, never belongs here.
"""

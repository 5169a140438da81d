"""What everything is made of: values, findings, errors, both languages, escaping, suggestions, work on two cores.

Depends on nothing of ours. What knows a record's meaning, a file format or Git never belongs here.
"""

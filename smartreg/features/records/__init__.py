"""Records as people work with them: added, changed, shown, listed, found, and their history; and the start of the desk.
What other wings need of this too (a new record's values, a set field) is in `workspace/` and `asking/`.

Open first: `command/` (the commands), `page/` (their pages).
"""

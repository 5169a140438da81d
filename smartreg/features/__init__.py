"""The wings: each a folder with everything of its subject: the work, `command.py` (what a terminal is shown), `page.py`
(the desk), reporters, SQL. They are ordered: a wing imports the spine and the wings below it in the contract of
`pyproject.toml`, never one above. What several wings need goes below them all: `workspace/`, `asking/`, `wording/`.

Open first: `cli/catalogue.py`, by which commands are found, and `web/catalogue.py`, by which pages are.
"""

"""The pages, one module a subject: each has `PAGES`, which `app.find_pages` collects.

A page reads what was asked, calls `commands/`, and returns a template with values. It computes nothing of its own.
"""

MENU = ("/", "/records", "/add", "/import", "/changes", "/coverage", "/map", "/bilan")
"""The order of the pages that all others lead to."""

"""The pages, one module a subject: each has `PAGES`, and stands in `web/catalogue.py`.

A page reads what was asked, calls `commands/`, and returns a template with values. It computes nothing of its own.
"""

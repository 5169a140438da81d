"""Questions in SQL: the tables of the registry, and those made when a statement names them, read in a copy that nobody
can write. No table is made for a format here (`tables/`, `exporters/`), and nothing writes to the registry.

Open first: `query.py` (from a statement to an answer), `guard.py` (what a statement may do), `virtual_tables.py`.
"""

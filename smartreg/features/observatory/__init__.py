"""The observatory: the releases of many registries as one set of tables, in a common core of columns that `core.json`
describes, and the figures that are asked of them, the same SQL for every engine.

Nothing here knows the registry of the reader, its settings file or Git: which releases there are, and where the tables
lie, `features/observatory/build.py` says. No library reads a release or a table but in a process that is confined
(`confined.py`), or in Spark, which is somebody else's.
"""

"""A merge of Git brought to its end: what `merge-driver` does when both branches changed a record, and `resolve`, at a
terminal or the desk, for what is left. How two versions of a record are merged is a matter of `edit/merge/`.

Open first: `merge_driver.py`, `resolve.py`, `rename_in_merge.py`; the questions are in `conflicts.py`.
"""

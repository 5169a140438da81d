"""Who may change what: commits of a branch, their authors, and the owners of what they change; who agreed to what."""

from smartreg.authors.agreements import Agreement, Change, agreement
from smartreg.authors.commits import doings
from smartreg.authors.judging import judge_authors
from smartreg.authors.writers import Writers, speaks_for

__all__ = ["Agreement", "Change", "Writers", "agreement", "doings", "judge_authors", "speaks_for"]

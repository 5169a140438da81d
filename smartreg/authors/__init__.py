"""Who may change what: commits of a branch, their authors, and the owners of what they change."""

from smartreg.authors.judging import judge_authors
from smartreg.authors.writers import speaks_for

__all__ = ["judge_authors", "speaks_for"]

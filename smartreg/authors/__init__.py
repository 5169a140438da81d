"""Who may change what: commits of a branch, their authors, and the owners of what they change."""

from smartreg.authors.judging import judge_authors

__all__ = ["judge_authors"]

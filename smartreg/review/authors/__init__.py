"""Who may change what: commits of a branch, their authors, and the owners of what they change; who agreed to what."""

from smartreg.review.authors.agreements import MISSING, Agreement, MergedChange, agreement, decision
from smartreg.review.authors.judging import Sides, change_of, check_authors
from smartreg.review.authors.writers import AuthoredCommit, Writers, authored_commits, speaks_for

__all__ = [
    "MISSING",
    "Agreement",
    "AuthoredCommit",
    "MergedChange",
    "Sides",
    "Writers",
    "agreement",
    "authored_commits",
    "change_of",
    "check_authors",
    "decision",
    "speaks_for",
]

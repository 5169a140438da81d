"""Who may change what: commits of a branch, their authors, and the owners of what they change; who agreed to what."""

from smartreg.review.authors.agreements import Agreement, MergedChange, agreement
from smartreg.review.authors.commits import Doing, doings
from smartreg.review.authors.judging import Sides, change_of, check_authors
from smartreg.review.authors.wording import MISSING, decision
from smartreg.review.authors.writers import Writers, speaks_for

__all__ = [
    "MISSING",
    "Agreement",
    "Doing",
    "MergedChange",
    "Sides",
    "Writers",
    "agreement",
    "change_of",
    "check_authors",
    "decision",
    "doings",
    "speaks_for",
]

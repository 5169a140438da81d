"""Who may change what: commits of a branch, their authors, and the owners of what they change; who agreed to what."""

from smartreg.review.authors.agreements import Agreement, MergedChange, agreement
from smartreg.review.authors.commits import AuthoredCommit, FileStep, authored_commits, steps_of_merge
from smartreg.review.authors.findings import MISSING, decision
from smartreg.review.authors.merged_contents import MergedContents
from smartreg.review.authors.permissions import Sides, change_of, check_authors
from smartreg.review.authors.writers import Writers, speaks_for

__all__ = [
    "MISSING",
    "Agreement",
    "AuthoredCommit",
    "FileStep",
    "MergedChange",
    "MergedContents",
    "Sides",
    "Writers",
    "agreement",
    "authored_commits",
    "change_of",
    "check_authors",
    "decision",
    "speaks_for",
    "steps_of_merge",
]
